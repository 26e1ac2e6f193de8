package e2e_test

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/browser"
)

// serveHTML returns a handler of one page.
func serveHTML(html string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(rw, html)
	}
}

// The page is at localhost, Optgate at 127.0.0.1: to browsers these are two
// sites, between which no cookie of the server's comes to be.
func TestOptgateOnAnotherSite(t *testing.T) {
	w := newWorld(t)
	l := listen(t)
	_, port, err := net.SplitHostPort(l.Addr().String())
	must(t, "read an address", err)
	origin, optgateURL := "http://localhost:"+port, w.options.SiteOrigin["tiertime"]+"/s/tiertime/"
	serve(t, l, serveHTML(fmt.Sprintf(`<!doctype html><html lang="en"><head><script src="%sgate.js"></script>`+
		`<link rel=icon href="data:,"><title>Page</title></head><body><p>Page</p></body></html>`, optgateURL)))
	config := w.config("tiertime")
	config.Origins = append(config.Origins, origin)
	w.publish(config)

	p := browser.New(t, browser.Options{})
	p.Goto(origin)
	p.WaitFor(`document.querySelector("#og-panel")`)
	w.settle(p)
	if cookies := p.Cookies(); len(cookies) > 0 {
		t.Errorf("got cookies %+v before the choice, want none", cookies)
	}
	decide(p, "#og-accept")
	record := w.recorded("tiertime", 1)[0]
	checkRecord(t, record, optgate.AcceptAll, "banner", "functional", "analytics", "marketing")
	serverTags := slices.DeleteFunc(slices.Clone(everythingOnce), func(s string) bool {
		return s == "stats.example/tag.js" || s == "ads.example/view.gif"
	})
	serverTags = slices.Delete(serverTags, slices.Index(serverTags, "stats.example/pixel.gif"), slices.Index(serverTags, "stats.example/pixel.gif")+1)
	w.receivesOnly(p, serverTags...)

	var kept struct{ Cookie, Storage string }
	p.Eval(`({Cookie: document.cookie.match(/og_[^;]*/)[0], Storage: localStorage["og.tiertime"]})`, &kept)
	// Cetus3D is at localhost, too, so the choice has a name of its own here.
	name := w.config("tiertime").CookieName()
	if !strings.HasPrefix(kept.Cookie, name+"=1.2.") || kept.Storage != record.Visitor {
		t.Errorf("the page keeps %+v, want a cookie %s of revision 2 and the visitor id %s", kept, name, record.Visitor)
	}
	if cookies := ownCookies(p); len(cookies) != 1 || name == "og" {
		t.Errorf("got cookies %+v, want %s alone", cookies, name)
	}
	p.Reload()
	p.WaitFor(bannerGone)
	var id string
	if p.Eval(`optgate.record().then((r) => r.id)`, &id); id != record.ID {
		t.Errorf("optgate.record() is %s, want %s", id, record.ID)
	}

	// A page of another origin cannot ask for her record, even with her id.
	ask := `fetch(%q, {method: %q, headers: {"optgate-visitor": %q}}).then((r) => r.json(), () => ({failed: true}))`
	var answer struct {
		Erased int
		Failed bool
	}
	p.Eval(fmt.Sprintf(ask, optgateURL+"choices", "DELETE", record.Visitor), &answer)
	if left := w.records("tiertime"); answer.Erased != 1 || len(left) > 0 {
		t.Errorf("erasing: got %+v and %d records left, want 1 erased and none left", answer, len(left))
	}
	stranger := listen(t)
	serve(t, stranger, serveHTML("<!doctype html><title>Stranger</title>"))
	p.Goto("http://" + strings.Replace(stranger.Addr().String(), "127.0.0.1", "localhost", 1))
	p.Eval(fmt.Sprintf(ask, optgateURL+"choices", "GET", record.Visitor), &answer)
	if !answer.Failed {
		t.Error("a stranger's page may read choices")
	}
}

// The strictest policy that R68 names. What breaks it, the page is told.
func TestStrictContentSecurityPolicy(t *testing.T) {
	w := newWorld(t)
	page := serveHTML(fmt.Sprintf(`<!doctype html><html lang="en"><head>
		<script nonce="n0nce">window.broken = []; addEventListener("securitypolicyviolation", (e) => broken.push(e.violatedDirective + " " + e.blockedURI + " " + e.sample))</script>
		<script nonce="n0nce" src="/s/tiertime/gate.js"></script><title>Page</title><link rel=icon href="data:,">
		<script nonce="n0nce" type="text/plain" data-gate="analytics">document.documentElement.dataset.trusted = "ran"</script>
		<script type="text/plain" data-gate="analytics">document.documentElement.dataset.smuggled = "ran"</script>
		<script nonce="n0nce" type="text/plain" data-gate="analytics" data-src="%s/stats.example/tag.js"></script>
		</head><body><p>Page</p></body></html>`, w.options.ThirdParty))
	w.pages.HandleFunc("GET /strict", func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Security-Policy", "script-src 'nonce-n0nce' 'strict-dynamic'; style-src 'self'; require-trusted-types-for 'script'; "+
			"connect-src 'self'; object-src 'none'; base-uri 'none'")
		page(rw, r)
	})
	p := browser.New(t, browser.Options{})
	p.Goto(w.options.SiteOrigin["tiertime"] + "/strict")
	p.WaitFor(`document.querySelector("#og-panel")`)
	var style struct{ Position, Display, Fill string }
	p.Eval(`(() => {
		const panel = getComputedStyle(document.querySelector("#og-panel")), button = getComputedStyle(document.querySelector("#og-accept"));
		return {Position: panel.position, Display: panel.display, Fill: button.backgroundColor};
	})()`, &style)
	if style.Position != "fixed" || style.Display != "flex" || style.Fill == "rgba(0, 0, 0, 0)" {
		t.Errorf("the banner has no style: %+v", style)
	}
	p.Click("#og-customise")
	p.WaitFor(`document.querySelector("#og-preferences:modal")`)
	p.Click("#og-preferences [data-og-accept]")
	p.WaitFor(bannerGone)
	p.WaitFor(`document.documentElement.dataset.trusted === "ran" && document.documentElement.dataset.retarget === "ran" && document.documentElement.dataset.stats === "ran"`)
	w.settle(p)
	checkRecord(t, w.recorded("tiertime", 1)[0], optgate.AcceptAll, "preferences", "functional", "analytics", "marketing")
	var smuggled string
	if p.Eval(`document.documentElement.dataset.smuggled || ""`, &smuggled); smuggled != "" {
		t.Error("a script without the page's nonce ran")
	}
	if got := w.received(); !slices.Contains(got, "stats.example/view.gif") {
		t.Errorf("third parties got %q, want the server's inline tag to have run too", got)
	}
	var broken []string
	if p.Eval(`broken`, &broken); len(broken) > 0 {
		t.Errorf("the page's policy was broken: %q", broken)
	}
}
