package admin_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/pagecheck"
)

// website serves a page of a site, and returns its origin.
func (w *world) website(html string) string {
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/og/gate.js" {
			_, _ = rw.Write(w.admin.Gate("shop"))
			return
		}
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(rw, html)
	}))
	w.t.Cleanup(s.Close)
	return s.URL
}

// at publishes the shop at an origin.
func (w *world) at(origin string) {
	w.t.Helper()
	c := shop()
	c.Origins = []string{origin}
	w.publish(c)
}

func TestCheck(t *testing.T) {
	const evil = `"><img src=x onerror=alert(1)>`
	for _, c := range []struct {
		name, html string
		want       []string
	}{
		{"as it should be", `<head><script src="/og/gate.js"></script></head>`, []string{"All is well", "The gate is there"}},
		{"by the server's own address", `<head><script src="https://optgate.example/s/shop/gate.js"></script></head>`, []string{"The gate is there"}},
		{"nothing there", `<head></head>`, []string{"1 thing to change.", "The gate is not on this page", "&lt;script src=&#34;https://optgate.example/s/shop/gate.js&#34;&gt;"}},
		{"what is not marked", `<head><script src="/og/gate.js"></script><script src="https://static.hotjar.com/c/hotjar-1.js?sv=6"></script></head>`, []string{
			"Not marked: Hotjar", "data-src=&#34;https://static.hotjar.com/c/hotjar-1.js?sv=6&#34;",
		}},
		{"hostile words", `<head><script src="/og/gate.js" type='` + evil + `'></script></head><i data-gate='` + evil + `'></i><img src='https://stats.example/` + evil + `'>`, []string{
			"&lt;img", "This site has no category",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.user()
			origin := w.website(c.html)
			w.at(origin)
			b := w.signedIn()
			wantText(t, b.get("/admin/sites/shop/check"), `value="`+origin+`/"`)
			p := b.post("/admin/sites/shop/check", url.Values{"address": {origin + "/a page"}})
			wantStatus(t, "the check", p, http.StatusOK)
			wantOwnScriptsOnly(t, p)
			for _, want := range c.want {
				wantText(t, p, want)
			}
		})
	}
}

// What is refused is said at the field, what was typed stays, and who may not
// change sites makes this server fetch nothing.
func TestCheckRefuses(t *testing.T) {
	w := newWorld(t)
	w.user()
	fetched := false
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { fetched = true }))
	t.Cleanup(s.Close)
	w.at("https://shop.example")
	b := w.signedIn()
	for _, address := range []string{"", s.URL, "http://169.254.169.254/latest", "ftp://shop.example", "https://u:p@shop.example/", "shop.example:22"} {
		p := b.post("/admin/sites/shop/check", url.Values{"address": {address}})
		wantStatus(t, address, p, http.StatusUnprocessableEntity)
		wantText(t, p, `id="f-address-fault"`)
		wantText(t, p, `value="`+address+`"`)
	}
	w.at(s.URL)
	w.admin.Pages = &pagecheck.Fetcher{}
	wantStatus(t, "a listed origin of this machine, where that is off", b.post("/admin/sites/shop/check", url.Values{"address": {s.URL}}), http.StatusUnprocessableEntity)
	w.admin.Pages = &pagecheck.Fetcher{Loopback: true}
	w.person("vera", optgate.Viewer)
	viewer := w.browser()
	viewer.signIn("vera", userWord)
	wantStatus(t, "a viewer", viewer.post("/admin/sites/shop/check", url.Values{"address": {s.URL}}), http.StatusForbidden)
	if fetched {
		t.Error("the page was fetched")
	}
}

func TestCheckIsLimited(t *testing.T) {
	w := newWorld(t)
	w.user()
	origin := w.website("<p>")
	w.at(origin)
	b := w.signedIn()
	last := page{}
	for range 11 {
		last = b.post("/admin/sites/shop/check", url.Values{"address": {origin}})
	}
	wantStatus(t, "the eleventh in a row", last, http.StatusUnprocessableEntity)
	wantText(t, last, "wait a few seconds")
}

func TestNewSiteFromItsPage(t *testing.T) {
	w := newWorld(t)
	w.user()
	b := w.signedIn()
	p := b.post("/admin/new-site/look", url.Values{"name": {"The Shop"}, "origin": {"www.my-shop.co.uk/start?x=1"}})
	wantStatus(t, "without looking", p, http.StatusOK)
	for _, want := range []string{`value="https://www.my-shop.co.uk"`, `value="my-shop"`, `value="en"`, `value="The Shop"`} {
		wantText(t, p, want)
	}
	wantText(t, p, `href="/admin/new-site?name=The+Shop&amp;origin=https%3A%2F%2Fwww.my-shop.co.uk"`)
	wantText(t, b.get("/admin/new-site?name=The+Shop&origin=x.example"), `value="The Shop"`)
	wantText(t, b.get("/admin/new-site?name=The+Shop&origin=x.example"), `value="x.example"`)
	p = b.post("/admin/new-site/look", url.Values{"name": {"Inside"}, "origin": {w.server.URL}, "look": {"1"}})
	wantStatus(t, "a page that may not be fetched", p, http.StatusOK)
	wantText(t, p, "The page was not looked at")
	p = b.post("/admin/new-site/look", url.Values{"origin": {"https://"}})
	wantStatus(t, "nothing", p, http.StatusUnprocessableEntity)
	wantText(t, p, `id="f-name-fault"`)
	wantText(t, p, `id="f-origin-fault"`)
}

func TestNewSiteWithServices(t *testing.T) {
	w := newWorld(t)
	w.user()
	b := w.signedIn()
	form := url.Values{
		"site": {"shop"}, "name": {"The Shop"}, "origin": {"https://shop.example"}, "language": {"de, en"}, "controller": {"Shop Ltd"},
		"category": {"analytics"}, "found": {"matomo", "hotjar", "stripe", "../x"}, "service": {"matomo", "stripe", "made-up"},
	}
	p := b.post("/admin/new-site", form)
	wantStatus(t, "a new site", p, http.StatusSeeOther)
	if got, want := p.header.Get("Location"), "/admin/sites/shop/check"; got != want {
		t.Errorf("it leads to %q, want %q", got, want)
	}
	c := w.config()
	var ids []string
	for _, s := range c.Services {
		ids = append(ids, s.ID)
	}
	if got, want := strings.Join(ids, " "), "matomo stripe"; got != want {
		t.Errorf("services are %q, want %q", got, want)
	}
	if len(c.Asked()) != 1 || c.Asked()[0] != optgate.Analytics || strings.Join(c.Languages, " ") != "de en" {
		t.Errorf("it asks about %v in %v, want analytics in de and en", c.Asked(), c.Languages)
	}
	wantText(t, b.get("/admin/sites/shop/check"), "The Shop is ready")

	form.Set("site", "")
	p = b.post("/admin/new-site", form)
	wantStatus(t, "without an id", p, http.StatusUnprocessableEntity)
	wantText(t, p, `value="matomo" checked`)
	if strings.Contains(p.body, `value="hotjar" checked`) {
		t.Error("a tick came back that was taken out")
	}

	form.Set("site", "french")
	form.Set("origin", "https://fr.example")
	form.Set("language", "fr")
	wantStatus(t, "in French", b.post("/admin/new-site", form), http.StatusSeeOther)
	wantText(t, b.get("/admin/sites/french/check"), "Add by hand, with a reason in fr: Stripe.")
}
