package admin_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// historyWorld has a shop whose revision 2 has a new provider and whose
// revision 3 has another name.
func historyWorld(t *testing.T) (*world, *browser) {
	t.Helper()
	w := newWorld(t)
	w.user()
	w.publish(shop())
	c := w.config()
	c.Services[1].Provider = "More Ads Inc"
	w.publish(c)
	c = w.config()
	c.Name = "The Store"
	w.publish(c)
	return w, w.signedIn()
}

func TestHistory(t *testing.T) {
	_, b := historyWorld(t)
	wantText(t, b.get("/admin/sites/shop"), `href="/admin/sites/shop/history"`)
	p := b.get("/admin/sites/shop/history")
	wantStatus(t, "history", p, http.StatusOK)
	for _, want := range []string{
		"Site: name changed from “The Shop” to “The Store”.", "by lee", `href="/admin/sites/shop/history/1"`,
		"Service “Adverts” (marketing): provider changed from “Ads Inc” to “More Ads Inc”.", "Asks: the data goes to another recipient.",
	} {
		wantText(t, p, want)
	}
	if older := b.get("/admin/sites/shop/history?before=3"); strings.Contains(older.body, "The Shop” to") || !strings.Contains(older.body, "More Ads Inc") {
		t.Errorf("before revision 3 are 2 and 1, got\n%s", older.body)
	}
}

func TestCompare(t *testing.T) {
	_, b := historyWorld(t)
	p := b.get("/admin/sites/shop/compare?from=3&to=1")
	wantText(t, p, "provider changed from “More Ads Inc” to “Ads Inc”")
	wantText(t, p, "name changed from “The Store” to “The Shop”")
	wantText(t, b.get("/admin/sites/shop/compare?from=2&to=2"), "They say the same.")
	for _, query := range []string{"", "?from=1&to=9", "?from=x&to=1", "?from=0&to=1"} {
		wantStatus(t, query, b.get("/admin/sites/shop/compare"+query), http.StatusNotFound)
	}
}

func TestRollBack(t *testing.T) {
	w, b := historyWorld(t)
	const path = "/admin/sites/shop/history/1"
	b.header.Set("Accept-Language", "de")
	wantText(t, b.get(path), "Besucher werden erneut gefragt nach marketing.")
	b.header.Del("Accept-Language")
	page := b.get(path)
	wantText(t, page, "provider changed from “More Ads Inc” to “Ads Inc”")
	wantText(t, page, "Visitors will be asked again about marketing.")

	// Somebody publishes between the look and the click.
	c := w.config()
	c.Name = "The Shoppe"
	w.publish(c)
	late := b.post(path+"/roll-back", url.Values{"revision": {"3"}})
	wantStatus(t, "rolled back over another's change", late, http.StatusConflict)
	wantText(t, late, "lee published revision 4")
	wantText(t, late, "from “The Shoppe” to “The Shop”")
	if got := w.latest(); got.Number != 4 {
		t.Fatalf("revision %d was published", got.Number)
	}

	p := b.post(path+"/roll-back", url.Values{"revision": {hidden(late.body, "revision")}})
	wantStatus(t, "rolled back", p, http.StatusSeeOther)
	wantText(t, b.get(p.header.Get("Location")), "The site says again what revision 1 said. Published as revision 5. Visitors will be asked again about Marketing.")
	first, err := w.registry.Revision(t.Context(), "shop", 1)
	if err != nil {
		t.Fatal(err)
	}
	got := w.latest()
	if got.Number != 5 || got.Hash != first.Hash || got.Author != userName || got.Note != "back to revision 1" {
		t.Errorf("got revision %d by %s, note %q, the same content: %t", got.Number, got.Author, got.Note, got.Hash == first.Hash)
	}
	again := b.post(path+"/roll-back", url.Values{"revision": {"5"}})
	wantText(t, b.get(again.header.Get("Location")), "Revision 5 already says what revision 1 said.")
	wantText(t, b.get(path), "This is what is published now.")
	for _, gone := range []string{"9", "0", "x"} {
		wantStatus(t, gone, b.post("/admin/sites/shop/history/"+gone+"/roll-back", url.Values{"revision": {"5"}}), http.StatusNotFound)
	}
}

// What was right when it was published may not be so today.
func TestRollBackToWhatCannotBe(t *testing.T) {
	w, b := historyWorld(t)
	c := w.config()
	c.Cookie.Name = "mine"
	w.publish(c)
	other := shop()
	other.Site, other.Cookie.Name = "other", "mine"
	other.Origins = []string{"https://elsewhere.example"}
	w.publish(other)
	c = w.config()
	c.Cookie.Name, c.Origins = "", []string{"https://shop.example"}
	w.publish(c)
	moved := other.Clone()
	moved.Origins = []string{"https://shop.example"}
	w.publish(moved)
	number := w.latest().Number
	p := b.post("/admin/sites/shop/history/4/roll-back", url.Values{"revision": {"5"}})
	wantStatus(t, "a cookie that another site took", p, http.StatusUnprocessableEntity)
	wantText(t, p, "cookie.name")
	if got := w.latest().Number; got != number {
		t.Errorf("revision %d was published", got)
	}
}

// After a material change the message says whom it asks.
func TestMaterialChangeIsTold(t *testing.T) {
	w, b := historyWorld(t)
	form := w.seen(url.Values{
		"id": {"map"}, "name": {"Map"}, "category": {"functional"}, "provider": {"Maps Ltd"},
		"purpose.en": {"Shows a map."}, "purpose.de": {"Zeigt eine Karte."},
	})
	wantStatus(t, "new service", b.post("/admin/sites/shop/new-service", form), http.StatusSeeOther)
	p := b.post("/admin/sites/shop/publish", w.seen(url.Values{}))
	wantText(t, b.get(p.header.Get("Location")), "Published as revision 4. Visitors will be asked again about Functional.")
	if got := w.latest().Since; got["functional"] != 4 || got["marketing"] != 2 {
		t.Errorf("got %v, want functional changed in 4 and marketing in 2", got)
	}
	if i := slices.IndexFunc(w.latest().Config.Services, func(s optgate.Service) bool { return s.ID == "map" }); i < 0 {
		t.Error("the service is not there")
	}
}
