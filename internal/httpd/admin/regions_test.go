package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// Regions are typed as lists, a field for each rule, and published with a warning.
func TestRegionsAreEdited(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	form := w.siteForm(url.Values{"regions.opt-out": {"us-ca,  CA-QC"}, "regions.none": {"US\t*"}, "regions.opt-in": {"US-NY JP"}})
	wantStatus(t, "the form", b.post("/admin/sites/shop/settings", form), http.StatusSeeOther)
	want := shop()
	want.Regions = map[optgate.Region]optgate.RegionRule{
		"US-CA": "opt-out", "CA-QC": "opt-out", "US": "none", "*": "none", "US-NY": "opt-in", "JP": "opt-in",
	}
	if got := w.edited(); got.Hash() != want.Hash() {
		t.Errorf("the draft has %v, want %v", got.Regions, want.Regions)
	}
	page := b.get("/admin/sites/shop/settings")
	for _, value := range []string{`value="CA-QC US-CA"`, `value="* US"`, `value="JP US-NY"`} {
		if !strings.Contains(page.body, value) {
			t.Errorf("the form has no %s", value)
		}
	}
	wantText(t, b.get("/admin/sites/shop/publish"), "In CA-QC, US-CA, *, US nobody is asked first: all loads until a visitor objects.")
	wantText(t, b.get("/admin/sites/shop/publish"), "This server is not told where visitors are (--region-header)")
	wantText(t, b.get("/admin/sites/shop/publish"), "Region “US-CA” added: “opt-out”")
	wantStatus(t, "none again", b.post("/admin/sites/shop/settings", w.siteForm(nil)), http.StatusSeeOther)
	if w.draft().IsOpen() {
		t.Errorf("empty lists left %v", w.draft().Config.Regions)
	}
}

// Where consent is the law nobody can take it away by this form.
func TestRegionsRefuse(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	for _, tt := range []struct{ field, typed, says string }{
		{"regions.opt-out", "US DE", "“DE” is opt-in: in the EU, the EEA, the United Kingdom and Switzerland nothing may load before it is allowed"},
		{"regions.none", "CH", "“CH” is opt-in"},
		{"regions.opt-out", "UK", "“UK” is written GB"},
		{"regions.opt-in", "California", "“CALIFORNIA” is no region of ISO 3166"},
		{"regions.opt-out", `"><script>`, "is no region of ISO 3166"},
	} {
		t.Run(tt.field+" "+tt.typed, func(t *testing.T) {
			r := b.post("/admin/sites/shop/settings", w.siteForm(url.Values{tt.field: {tt.typed}}))
			wantStatus(t, tt.typed, r, http.StatusUnprocessableEntity)
			wantText(t, r, tt.says)
			if strings.Contains(r.body, "><script>") && strings.Contains(tt.typed, "script") {
				t.Error("what was typed is markup now")
			}
			if w.draft().IsOpen() {
				t.Error("it was saved")
			}
		})
	}
	r := b.post("/admin/sites/shop/settings", w.siteForm(url.Values{"regions.opt-out": {"US"}, "regions.none": {"US"}}))
	wantStatus(t, "two lists", r, http.StatusUnprocessableEntity)
	wantText(t, r, "“US” stands in two lists. It is one of opt-in, opt-out, none")
}
