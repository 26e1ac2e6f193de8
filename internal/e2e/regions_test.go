package e2e_test

import (
	"io"
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/optgate/optgate/internal/evidence"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/browser"
)

// from makes every request come from a region, as the proxy of an operator says;
// what browsers say of that themselves is replaced. It is called before any page is
// opened, and returns what moves the visitors that follow.
func (w *world) from(region string) (move func(region string)) {
	var now atomic.Value
	now.Store(region)
	w.server.RegionHeaders = []string{"X-Visitor-Region"}
	inner := w.front.optgate
	w.front.optgate = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Visitor-Region", now.Load().(string))
		inner.ServeHTTP(rw, r)
	})
	return func(region string) { now.Store(region) }
}

// outside returns a world in which California is opt-out and Japan has no banner.
func outside(t *testing.T, region string) *world {
	w := newWorld(t)
	c := w.config("tiertime")
	c.Regions = map[optgate.Region]optgate.RegionRule{"US-CA": optgate.OptOut, "JP": optgate.NoBanner}
	w.publish(c)
	w.from(region)
	return w
}

// object clicks the button of the notice and waits for what follows.
func object(p *browser.Page) {
	p.Eval("window.before = true", nil)
	p.Click("#og-panel [data-og-reject]")
	p.WaitFor("!window.before && " + bannerGone)
}

// An editor names a region. There all loads at once, one click objects, trackers
// stop, and the record proves what was shown; everybody else is asked first.
func TestTheAdminNamesARegion(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	move := w.from("US-CA")
	admin := browser.New(t, browser.Options{})
	signIn(admin, w, "sites/tiertime/settings")
	fill(admin, "[name='regions.opt-out']", "us-ca fr")
	admin.Press("\r")
	admin.WaitFor(`document.querySelector("[name='regions.opt-out']").getAttribute("aria-invalid") === "true"`)
	checkLooks(t, admin, "the settings with a region that is refused")
	admin.Eval(`document.querySelector("[name='regions.opt-out']").value = ""`, nil)
	fill(admin, "[name='regions.opt-out']", "us-ca")
	admin.Press("\r")
	admin.WaitFor(`document.querySelector("#flash").textContent.includes("saved")`)
	publishDraft(admin)

	p := browser.New(t, browser.Options{})
	p.Goto(w.at("tiertime", ""))
	p.WaitFor(`document.querySelector("#og-panel [data-og-reject]")`)
	w.receivesOnly(p, everythingOnce...)
	var cookies string
	if p.Eval("document.cookie", &cookies); strings.Contains(cookies, "og=") || len(w.records("tiertime")) > 0 {
		t.Errorf("got cookies %q and records before she did anything", cookies)
	}
	w.forget()
	object(p)
	w.receivesOnly(p)
	r := w.recorded("tiertime", 1)[0]
	site, _ := w.registry.Published("tiertime")
	if want := (optgate.Choices{"functional": false, "analytics": false, "marketing": false}); r.Action != optgate.RejectAll || !maps.Equal(r.Choices, want) || r.Panel != site.Shown["en"].Notice {
		t.Errorf("got %+v, want all refused on the notice %s", r, site.Shown["en"].Notice)
	}
	sources := evidence.Sources{Ledger: w.store, Panels: w.store, Revision: w.registry.Revision}
	found, err := sources.Find(t.Context(), "tiertime", r.ID)
	must(t, "find the record", err)
	if shown := found.Decisions[0].Frames()[0].Document; !strings.Contains(shown, "Do Not Sell or Share My Personal Information") || strings.Contains(shown, `id="og-accept"`) {
		t.Error("the evidence does not show the notice")
	}

	for _, region := range []string{"DE", "US-TX", "XX", ""} {
		move(region)
		w.forget()
		other := browser.New(t, browser.Options{})
		other.Goto(w.at("tiertime", ""))
		other.WaitFor(`document.querySelector("#og-panel #og-accept")`)
		w.receivesOnly(other)
	}
	w.recorded("tiertime", 1)
}

// With no banner all loads, the control is there, and by it she objects.
func TestARegionWithoutBanner(t *testing.T) {
	w := outside(t, "JP")
	p := browser.New(t, browser.Options{})
	p.Goto(w.at("tiertime", ""))
	p.WaitFor(bannerGone)
	w.receivesOnly(p, everythingOnce...)
	p.Click("#og-open")
	p.WaitFor(`document.querySelector("#og-preferences")?.open && document.querySelectorAll("#og-preferences :checked").length === 3`)
	checkLooks(t, p, "preferences where nobody is asked")
	w.forget()
	p.Eval("window.same = 1", nil)
	p.Click("#og-preferences [data-og-reject]")
	w.recorded("tiertime", 1)
	// Scripts that ran are stopped by a fresh page alone.
	p.WaitFor(`!window.same && document.readyState === "complete" && ` + bannerGone + ` && !document.querySelector("#og-preferences")?.open`)
	w.receivesOnly(p)
}

// A browser's own objection holds from the first request on, is said and recorded.
func TestABrowserObjects(t *testing.T) {
	w := outside(t, "US-CA")
	w.pages.HandleFunc("/objecting", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(rw, `<!doctype html><html lang="en"><head><title>t</title>`+
			`<script>Object.defineProperty(Navigator.prototype, "globalPrivacyControl", {get: () => true})</script>`+
			`<script src="/s/tiertime/gate.js"></script></head><body><main><h1>A page</h1></main></body></html>`)
	})
	p := browser.New(t, browser.Options{})
	p.Goto(w.options.SiteOrigin["tiertime"] + "/objecting")
	r := w.recorded("tiertime", 1)[0]
	if want := (optgate.Choices{"marketing": false}); r.Source != "gpc" || r.Action != optgate.Save || !maps.Equal(r.Choices, want) {
		t.Errorf("got %+v, want marketing refused by the signal, and nothing said of the rest", r)
	}
	p.WaitFor(`document.querySelector("#og-panel [data-og-gpc]:not([hidden])")`)
	w.receivesOnly(p, "stats.example/pixel.gif", "stats.example/view.gif")
	checkLooks(t, p, "the notice with the signal")
}

func TestAxeOnTheNotice(t *testing.T) {
	w, s := outside(t, "US-CA"), newShots(t)
	for _, page := range []string{"", "de", "ar"} {
		p := browser.New(t, browser.Options{})
		p.Goto(w.at("tiertime", page))
		p.WaitFor(`document.querySelector("#og-panel [data-og-reject]")`)
		checkLooks(t, p, "notice /"+page)
		if page == "" {
			s.take(t, p, "notice-desktop-light.png")
		}
		p.Viewport(390, 844, 0)
		if page == "de" {
			p.Media(browser.Media{Dark: true})
			s.take(t, p, "notice-phone-dark.png")
			p.Media(browser.Media{})
		}
		p.Viewport(1280, 800, 0)
		p.Click("#og-panel [data-og-close]")
		p.WaitFor(bannerGone + ` && document.activeElement.id === "og-open"`)
		checkLooks(t, p, "closed /"+page)
	}
}
