package admin_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// siteForm is what the form of the shop's settings sends, with changes.
func (w *world) siteForm(changes url.Values) url.Values {
	w.t.Helper()
	form := w.seen(url.Values{
		"name": {"The Shop"}, "origins": {"https://shop.example"}, "controller.name": {"Shop Ltd"}, "hold": {"off"},
	})
	maps.Copy(form, changes)
	return form
}

func TestSettingsAreEdited(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	wantStatus(t, "nothing changed", b.post("/admin/sites/shop/settings", w.siteForm(nil)), http.StatusSeeOther)
	if w.draft().IsOpen() {
		t.Fatalf("a form that was left as it was changed %+v", w.draft().Config)
	}
	form := w.siteForm(url.Values{
		"name": {"Our Shop"}, "origins": {" https://shop.example\r\nhttps://www.shop.example "}, "controller.address": {"1 High Street"},
		"controller.contact": {"dpo@shop.example"}, "policy.url.de": {"https://shop.example/datenschutz"}, "policy.effective": {"2027-01-31"},
		"choice_days": {"90"}, "record_days": {"365"}, "cookie.name": {"choice"}, "cookie.domain": {"shop.example"}, "cookie.path": {"/"}, "hold": {"known"},
	})
	wantStatus(t, "the form", b.post("/admin/sites/shop/settings", form), http.StatusSeeOther)
	want := shop()
	want.Name, want.Origins = "Our Shop", []string{"https://shop.example", "https://www.shop.example"}
	want.Controller = optgate.Controller{Name: "Shop Ltd", Address: "1 High Street", Contact: "dpo@shop.example"}
	want.Policy = optgate.Policy{URL: optgate.Text{"de": "https://shop.example/datenschutz"}, Effective: "2027-01-31"}
	want.ChoiceDays, want.RecordDays, want.Hold = 90, 365, optgate.HoldKnown
	want.Cookie = optgate.Cookie{Name: "choice", Domain: "shop.example", Path: "/"}
	if got := w.edited(); got.Hash() != want.Hash() {
		t.Errorf("the draft has %+v, want %+v", got, want)
	}
	wantText(t, b.get("/admin/sites/shop/settings"), "Settings saved. It is not published yet.")
}

// TestSettingsRefuse checks that each fault is told at its field, with what was
// typed, and that nothing is saved.
func TestSettingsRefuse(t *testing.T) {
	const script = `"><script>alert(1)</script>`
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	for _, test := range []struct{ field, typed, says string }{
		{"name", "", "Name is required."},
		{"name", strings.Repeat("x", 500), "Name is longer than 200 bytes."},
		{"name", "a\x07b", "Name holds a control character."},
		{"origins", "", "Origins are required"},
		{"origins", "https://shop.example/path", "Origin “https://shop.example/path” has more than an origin"},
		{"origins", "https://shop.example\nhttp://shop.example", "Origin “http://shop.example” is http: only loopback hosts may be"},
		{"origins", "https://*.example", "Origin “https://*.example” names no host"},
		{"origins", script, "is an origin such as https://www.example.com"},
		{"controller.name", " ", "Company or person is required."},
		{"controller.address", strings.Repeat("y", 2500), "Address is longer than 2000 bytes."},
		{"controller.contact", "javascript:alert(1)", "Contact is an address that begins with https://"},
		{"policy.url.en", "javascript:alert(1)", "The policy’s address, English, is an address that begins with https://"},
		{"policy.url.de", "https://me:word@shop.example/", "The policy’s address, German, holds a user name or password"},
		{"policy.effective", "31.1.2027", "In force from is a date"},
		{"choice_days", "401", "The number of days that an answer holds is 1 to 400"},
		{"choice_days", "a year", "The number of days that an answer holds is 1 to 400"},
		{"record_days", "10", "The number of days that records are kept is at least 180"},
		{"record_days", "99999999999999999999", "The number of days that records are kept is at least 180"},
		{"cookie.name", "og; Path=/", "The cookie’s name is 1 to 80 letters"},
		{"cookie.domain", "other.example", "The cookie’s domain other.example does not cover"},
		{"cookie.path", "/;x", "The cookie’s path is a path"},
		{"hold", script, "What is held is one of known, third-party, off."},
		{"hold", "", "What is held is one of known, third-party, off."},
	} {
		t.Run(test.field+" "+test.says, func(t *testing.T) {
			p := b.post("/admin/sites/shop/settings", w.siteForm(url.Values{test.field: {test.typed}}))
			wantStatus(t, "the form", p, http.StatusUnprocessableEntity)
			wantText(t, p, escaped(test.says))
			wantText(t, p, `href="#f-`+strings.ReplaceAll(test.field, ".", "-")+`"`)
			if test.field != "hold" {
				wantText(t, p, escaped(strings.TrimSpace(test.typed)))
			}
			wantOwnScriptsOnly(t, p)
			if w.draft().IsOpen() {
				t.Error("something was saved")
			}
		})
	}
}

// Names that are words, whatever they look like, are shown as they are.
func TestHostileNames(t *testing.T) {
	for _, typed := range []string{`<script>alert(1)</script>`, "The \u202epohS", `" onmouseover="alert(1)`, "{{.}}"} {
		w := newWorld(t)
		w.user()
		w.publish(shop())
		b := w.signedIn()
		form := w.siteForm(url.Values{"name": {typed}, "controller.name": {typed}, "controller.address": {typed}})
		wantStatus(t, typed, b.post("/admin/sites/shop/settings", form), http.StatusSeeOther)
		for _, path := range []string{"", "/settings", "/look", "/texts", "/signals", "/categories", "/preview", "/publish"} {
			p := b.get("/admin/sites/shop" + path)
			wantStatus(t, path, p, http.StatusOK)
			wantOwnScriptsOnly(t, p)
		}
		wantNoScripts(t, b.get("/admin/sites/shop/preview/frame?preview-view=preferences"))
		wantText(t, b.get("/admin/sites/shop/settings"), "<bdi>"+escaped(typed)+"</bdi>")
	}
}
