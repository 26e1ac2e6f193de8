package admin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

// publishGroup makes the shop a site of a group that says all but what the shop
// is and how long an answer holds.
func (w *world) publishGroup() {
	w.t.Helper()
	settings := *shop()
	settings.Site, settings.Name, settings.Origins = "", "", nil
	g, err := w.registry.PutGroup(w.t.Context(), optgate.Group{ID: "shops", Settings: settings})
	if err != nil {
		w.t.Fatal(err)
	}
	own := &optgate.Own{Says: optgate.Config{
		Site: "shop", Group: "shops", Name: "The Shop", Origins: []string{"https://shop.example"}, ChoiceDays: 30,
	}}
	if _, err := w.registry.Publish(w.t.Context(), own.Resolve(&g.Settings), 0, "lee", "", publish.Says(own)); err != nil {
		w.t.Fatal(err)
	}
}

// putGroup makes a group of that id, which says what the shop does.
func (w *world) putGroup(id optgate.GroupID) optgate.Group {
	w.t.Helper()
	settings := *shop()
	settings.Site, settings.Name, settings.Origins = "", "Shops", nil
	g, err := w.registry.PutGroup(w.t.Context(), optgate.Group{ID: id, Settings: settings})
	if err != nil {
		w.t.Fatal(err)
	}
	return g
}

// group returns a group as it is stored.
func (w *world) group(id optgate.GroupID) optgate.Group {
	w.t.Helper()
	g, err := w.registry.Group(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return g
}

// A site's page says what comes from its group. What is edited is the site's own
// once it is published, and all else is inherited as before.
func TestSiteOfAGroup(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publishGroup()
	b := w.signedIn()
	const mark = `<span class="inherited">inherited</span>`
	marks := func(want int) {
		t.Helper()
		p := b.get("/admin/sites/shop")
		wantText(t, p, `In the group <a href="/admin/groups/shops"><code>shops</code></a>`)
		wantText(t, p, "<summary>2 settings are inherited, too</summary>")
		wantText(t, p, `<dt><a href="/admin/sites/shop/settings">Settings</a></dt><dd>Company or person</dd>`)
		wantText(t, p, `<dt><a href="/admin/sites/shop/texts">Texts</a></dt><dd>Languages</dd>`)
		if got := strings.Count(p.body, mark) - 1; got != want { // one is in what explains it
			t.Errorf("got %d items marked as inherited, want %d", got, want)
		}
	}
	marks(7) // four categories, two services, one tag

	wantStatus(t, "a switch", b.post("/admin/sites/shop/categories/analytics", url.Values{"on": {"0"}}), http.StatusSeeOther)
	marks(6)
	wantStatus(t, "a removal", b.post("/admin/sites/shop/tags/pixel/remove", w.seen(url.Values{})), http.StatusSeeOther)
	if got := w.latest().Own; len(got.Without) != 0 || !got.IsOwn("categories.analytics") {
		t.Errorf("got %+v, want the category alone to be the site's own until the draft is published", got)
	}
	wantStatus(t, "publishing", b.post(publishPath, w.seen(url.Values{})), http.StatusSeeOther)
	marks(5)
	got := w.latest()
	if !slices.Equal(got.Own.Without, []string{"tags.pixel"}) || len(got.Own.Says.Categories) != 1 || len(got.Own.Says.Services) != 0 || got.Own.Says.ChoiceDays != 30 {
		t.Errorf("got %+v, want one category and the days as its own, and to do without the tag", got.Own)
	}

	wantStatus(t, "switching back", b.post("/admin/sites/shop/categories/analytics", url.Values{"on": {"1"}}), http.StatusSeeOther)
	marks(6)
}

// Every setting that a site inherits is told in the words of its form.
func TestInheritedSettingsHaveTheirNames(t *testing.T) {
	w := newWorld(t)
	w.user()
	settings := *shop()
	settings.Site, settings.Name, settings.Origins = "", "", nil
	settings.Controller.Address, settings.Controller.Contact = "1 High Street", "privacy@shop.example"
	settings.Policy = optgate.Policy{URL: optgate.Text{"en": "https://shop.example/privacy"}, Effective: "2026-01-31"}
	settings.ChoiceDays, settings.RecordDays, settings.Hold = 90, 365, optgate.HoldKnown
	settings.Texts = []optgate.Texts{{Language: "en", Title: "Cookies"}}
	radius := 3
	settings.Theme = optgate.Theme{Accent: "#1a56db", Radius: &radius, Position: optgate.Corner, Logo: "https://shop.example/logo.svg"}
	settings.GPC.Categories = []optgate.CategoryID{optgate.Analytics}
	settings.Regions = map[optgate.Region]optgate.RegionRule{"BR": optgate.OptIn}
	settings.Signals = optgate.Signals{
		Google: &optgate.GoogleSignal{}, Microsoft: &optgate.VendorSignal{}, Clarity: &optgate.WordsSignal{}, Meta: &optgate.MetaSignal{}, TikTok: &optgate.VendorSignal{},
		Pinterest: &optgate.VendorSignal{}, Matomo: &optgate.MatomoSignal{}, WordPress: &optgate.WordsSignal{}, DataLayer: true,
	}
	g, err := w.registry.PutGroup(t.Context(), optgate.Group{ID: "shops", Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	own := &optgate.Own{Says: optgate.Config{Site: "shop", Group: "shops", Name: "The Shop", Origins: []string{"https://shop.example"}}}
	r, err := w.registry.Publish(t.Context(), own.Resolve(&g.Settings), 0, "lee", "", publish.Says(own))
	if err != nil {
		t.Fatal(err)
	}
	inherited := 0
	for item := range r.Inherited() {
		if item.Subject == "setting" || item.Subject == "texts" {
			inherited++
		}
	}
	b := w.signedIn()
	for lang, want := range map[string]string{"en": "%d settings are inherited, too", "de": "Auch %d Einstellungen sind geerbt"} {
		b.header.Set("Accept-Language", lang)
		wantText(t, b.get("/admin/sites/shop"), fmt.Sprintf(want, inherited))
	}
}

// A site of no group has no word about groups on its page.
func TestSiteOfNoGroup(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	if body := w.signedIn().get("/admin/sites/shop").body; strings.Contains(body, `class="inherited"`) || strings.Contains(body, "In the group") {
		t.Error("got words about a group")
	}
}
