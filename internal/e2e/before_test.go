package e2e_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/browser"
)

// askedOf returns the paths that a page requested of Optgate, and all that it
// requested of anybody else than its own host and the third party settled.
func askedOf(p *browser.Page, w *world, site optgate.SiteID) (own, foreign []string) {
	for _, r := range p.Requests() {
		u, err := url.Parse(r.URL)
		must(w.t, "parse an address", err)
		switch {
		case u.Scheme == "data" || strings.HasPrefix(u.Path, "/"+settled+"/"):
		case u.Scheme+"://"+u.Host != w.options.SiteOrigin[site]:
			foreign = append(foreign, r.URL)
		case strings.HasPrefix(u.Path, "/s/"):
			own = append(own, strings.TrimPrefix(u.Path, "/s/"+string(site)+"/"))
		}
	}
	return own, foreign
}

// stored is a script that returns the names of all that a page keeps.
const stored = `(async () => [
	...document.cookie.split("; ").filter(Boolean),
	...Object.keys(localStorage), ...Object.keys(sessionStorage),
	...(await indexedDB.databases()).map((db) => db.name), ...await caches.keys(),
	...(await navigator.serviceWorker.getRegistrations()).map((r) => r.scope),
])()`

func TestNothingBeforeTheChoice(t *testing.T) {
	w := newWorld(t)
	for _, site := range []optgate.SiteID{"tiertime", "cetus3d"} {
		for _, page := range []string{"", "de", "ar", "store", "video", "forum", "policy"} {
			t.Run(string(site)+"/"+page, func(t *testing.T) {
				p := browser.New(t, browser.Options{})
				p.Goto(w.at(site, page))
				p.WaitFor(`document.querySelector("#og-panel").getBoundingClientRect().height > 50`)
				w.settle(p)

				if got := w.received(); len(got) > 0 {
					t.Errorf("third parties got %q, want nothing", got)
				}
				own, foreign := askedOf(p, w, site)
				if len(foreign) > 0 {
					t.Errorf("the page asked %q of others, want nothing", foreign)
				}
				// The policy embeds the declaration, which has a style sheet.
				own = slices.DeleteFunc(own, func(path string) bool {
					return page == "policy" && (path == "declaration" || strings.HasPrefix(path, "static/"))
				})
				slices.Sort(own)
				want := []string{"gate.js"} // which brings the first layer, in the browser's language
				if page == "de" || page == "ar" {
					want = append(want, "panel.js")
				}
				if page == "video" || page == "forum" {
					want = append(want, "placeholders.js") // a held frame is in view
				}
				if !slices.Equal(own, want) {
					t.Errorf("the page asked %q of Optgate, want %q", own, want)
				}
				if cookies := p.Cookies(); len(cookies) > 0 {
					t.Errorf("got cookies %+v, want none", cookies)
				}
				var kept []string
				if p.Eval(stored, &kept); len(kept) > 0 {
					t.Errorf("the page keeps %q, want nothing", kept)
				}
				if n := len(w.records(site)); n > 0 {
					t.Errorf("got %d records, want none", n)
				}
			})
		}
	}
}

// The banner covers a part of the page and blocks none of it.
func TestThePageIsUsableBehindTheBanner(t *testing.T) {
	w := newWorld(t)
	p := browser.New(t, browser.Options{})
	p.Goto(w.at("tiertime", ""))
	p.WaitFor(`document.querySelector("#og-panel")`)
	p.Click(`nav a[href$="/store"]`)
	p.WaitFor(`location.pathname.endsWith("/store") && document.querySelector("#og-panel")`)
	p.Click("[data-add]")
	p.WaitFor(`document.querySelector("[data-basket]").textContent === "1"`)
	// The last link of the page can be scrolled out from under the banner.
	p.Eval(`scrollTo(0, document.documentElement.scrollHeight)`, nil)
	p.WaitFor(`(() => {
		const link = document.querySelector(".langs a:last-child"), box = link.getBoundingClientRect();
		return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2) === link;
	})()`)
	w.receivesOnly(p)
}
