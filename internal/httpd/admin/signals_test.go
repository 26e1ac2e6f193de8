package admin_test

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/optgate/optgate/internal/optgate"
)

// editForm returns what a browser would send of the form with the id "edit".
func editForm(t *testing.T, p page) url.Values {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(p.body))
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{}
	for f := range doc.Descendants() {
		if f.Data != "form" || attribute(f, "id") != "edit" {
			continue
		}
		for n := range f.Descendants() {
			box := attribute(n, "type") == "checkbox" || attribute(n, "type") == "radio"
			switch {
			case n.Data == "input" && (!box || has(n, "checked")):
				form.Add(attribute(n, "name"), attribute(n, "value"))
			case n.Data == "textarea" && n.FirstChild != nil:
				form.Add(attribute(n, "name"), n.FirstChild.Data)
			case n.Data == "option" && has(n, "selected"):
				form.Add(attribute(n.Parent, "name"), attribute(n, "value"))
			}
		}
	}
	if len(form) == 0 {
		t.Fatal("the page has no such form")
	}
	return form
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func everySignal() optgate.Signals {
	return optgate.Signals{
		Google: &optgate.GoogleSignal{
			Mode: optgate.GoogleAdvanced, Regions: []string{"DE", "US-CA"}, WaitForUpdate: 500, Redaction: true, URLPassthrough: true,
			Map: optgate.SignalMap{optgate.Marketing: {"ad_storage"}, optgate.Essential: {"functionality_storage"}},
		},
		Microsoft: &optgate.VendorSignal{Category: optgate.Analytics}, Clarity: &optgate.WordsSignal{}, Meta: &optgate.MetaSignal{LimitedDataUse: true},
		TikTok: &optgate.VendorSignal{}, Pinterest: &optgate.VendorSignal{}, Matomo: &optgate.MatomoSignal{Cookies: true, Remember: true},
		WordPress: &optgate.WordsSignal{Map: optgate.SignalMap{optgate.Marketing: {"marketing"}}}, DataLayer: true,
	}
}

// TestFormsLeaveWhatTheyShow sends each form as its page has it, whatever a site
// says: that changes nothing.
func TestFormsLeaveWhatTheyShow(t *testing.T) {
	full := shop()
	radius := 3
	full.Signals, full.GPC = everySignal(), optgate.GPC{Categories: []optgate.CategoryID{optgate.Marketing, optgate.Analytics}}
	full.Theme = optgate.Theme{Accent: "#1a56db", Radius: &radius, Position: optgate.Centre, Logo: "https://shop.example/l.svg"}
	full.Texts = []optgate.Texts{{Language: "en", Title: "\"Cookies\"", Body: "One.\nTwo."}}
	full.Categories[1].Title = optgate.Text{"en": "Extras", "fr": "Plus"}
	full.Policy = optgate.Policy{URL: optgate.Text{"en": "https://shop.example/p", "fr": "https://shop.example/f"}, Effective: "2027-01-31"}
	full.ChoiceDays, full.RecordDays, full.Hold = 100, 200, optgate.HoldThirdParty
	full.Cookie = optgate.Cookie{Name: "c", Domain: "shop.example", Path: "/"}
	off := shop()
	off.GPC, off.Theme.Position, off.Signals = optgate.GPC{Off: true, Categories: []optgate.CategoryID{optgate.Analytics}}, optgate.Bar, optgate.Signals{Google: &optgate.GoogleSignal{Map: optgate.SignalMap{optgate.Essential: {}}}}
	for name, c := range map[string]*optgate.Config{"with all": full, "with little": shop(), "with nothing told": off} {
		for _, path := range []string{"look", "texts?lang=en", "texts?lang=de", "settings", "signals"} {
			t.Run(path+" "+name, func(t *testing.T) {
				w := newWorld(t)
				w.user()
				w.publish(c)
				b := w.signedIn()
				form := editForm(t, b.get("/admin/sites/shop/"+path))
				wantStatus(t, "the form", b.post("/admin/sites/shop/"+path, form), http.StatusSeeOther)
				if w.draft().IsOpen() {
					t.Errorf("it changed %v", optgate.Diff(c, w.edited()))
				}
			})
		}
	}
}

// What is said of Global Privacy Control is true of regions that are not asked first, too.
func TestPrivacyControlByRegion(t *testing.T) {
	const first, objection = "Nothing loads before an answer", "not asked first it is an objection"
	for _, tt := range []struct {
		name, want, not string
		regions         map[optgate.Region]optgate.RegionRule
	}{
		{"all are asked first", first, objection, nil},
		{"some are not", objection, first, map[optgate.Region]optgate.RegionRule{"US-CA": optgate.OptOut}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.user()
			c := shop()
			c.Regions = tt.regions
			w.publish(c)
			p := w.signedIn().get("/admin/sites/shop/signals")
			wantText(t, p, tt.want)
			wantNoText(t, p, tt.not)
		})
	}
}

func TestSignalsAreEdited(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	form := editForm(t, b.get("/admin/sites/shop/signals"))
	for name, value := range map[string]string{
		"google": "1", "google.mode": "advanced", "google.regions": "de, us-ca", "google.wait_for_update": "500", "google.ads_data_redaction": "1",
		"google.url_passthrough": "1", "google.map.ad_storage": "marketing", "google.map.ad_user_data": "", "google.map.ad_personalization": "",
		"google.map.analytics_storage": "", "google.map.functionality_storage": "essential", "google.map.personalization_storage": "",
		"microsoft": "1", "microsoft.category": "analytics", "clarity": "1", "meta": "1", "meta.limited_data_use": "1", "tiktok": "1", "pinterest": "1",
		"matomo": "1", "matomo.cookies": "1", "matomo.remember": "1", "datalayer": "1",
		"wordpress": "1", "wordpress.map.functional": "", "wordpress.map.preferences": "", "wordpress.map.statistics": "", "wordpress.map.statistics-anonymous": "",
		"gpc.analytics": "1",
	} {
		form.Set(name, value)
	}
	wantStatus(t, "the form", b.post("/admin/sites/shop/signals", form), http.StatusSeeOther)
	got := w.edited()
	if want := everySignal(); !reflect.DeepEqual(got.Signals, want) {
		t.Errorf("signals are %+v, want %+v", got.Signals, want)
	}
	if got := got.GPC.String(); got != "analytics, marketing" {
		t.Errorf("Global Privacy Control is about %s", got)
	}
	form = editForm(t, b.get("/admin/sites/shop/signals"))
	for _, name := range []string{"gpc", "google", "microsoft", "clarity", "meta", "tiktok", "pinterest", "matomo", "wordpress", "datalayer"} {
		form.Del(name)
	}
	wantStatus(t, "nobody is told", b.post("/admin/sites/shop/signals", form), http.StatusSeeOther)
	if got := w.edited(); !reflect.DeepEqual(got.Signals, optgate.Signals{}) || !got.GPC.Off {
		t.Errorf("signals are %+v, the control %+v, want none", got.Signals, got.GPC)
	}
	form = editForm(t, b.get("/admin/sites/shop/signals"))
	form.Set("clarity", "1")
	form.Set("clarity.map.ad_Storage", "")
	form.Set("clarity.map.analytics_Storage", "")
	wantStatus(t, "a vendor who is never granted anything", b.post("/admin/sites/shop/signals", form), http.StatusSeeOther)
	for _, word := range w.edited().Signals.ClarityWords() {
		if word.Category != "" {
			t.Errorf("%s is decided by %s", word.Word, word.Category)
		}
	}
}

func TestSignalsRefuse(t *testing.T) {
	const script = `"><script>alert(1)</script>`
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	for _, test := range []struct{ vendor, field, typed, at, says string }{
		{"google", "google.mode", script, "google-mode", "Mode is one of basic, advanced."},
		{"google", "google.regions", script, "google-regions", "Regions is a region such as DE or US-CA."},
		{"google", "google.wait_for_update", "10001", "google-wait_for_update", "The time that Google waits is 0 to 10000 milliseconds."},
		{"google", "google.map.ad_storage", script, "google", "is not one of this site"},
		{"google", "google.map.ad_storage", "essential", "google", "is not essential: visitors have to be asked"},
		{"microsoft", "microsoft.category", "essential", "microsoft-category", "Microsoft Advertising is not essential"},
		{"meta", "meta.category", script, "meta-category", "is not one of this site"},
		{"clarity", "clarity.map.ad_Storage", "nothing", "clarity", "is not one of this site"},
	} {
		t.Run(test.field+" "+test.typed, func(t *testing.T) {
			form := editForm(t, b.get("/admin/sites/shop/signals"))
			form.Set(test.vendor, "1")
			form.Set(test.field, test.typed)
			p := b.post("/admin/sites/shop/signals", form)
			wantStatus(t, "the form", p, http.StatusUnprocessableEntity)
			wantText(t, p, escaped(test.says))
			wantText(t, p, `href="#f-`+test.at+`"`)
			wantOwnScriptsOnly(t, p)
			if w.draft().IsOpen() {
				t.Error("something was saved")
			}
		})
	}
}
