package gatetest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// quiet fails the test if the page's console has an error that nobody caught.
func quiet(t *testing.T, p *browser.Page) {
	t.Helper()
	for _, m := range p.Console() {
		if strings.HasPrefix(m, "uncaught") {
			t.Errorf("got %q", m)
		}
	}
}

// A page that the browser kept as it was follows what was decided on the next
// one.
func TestAPageThatWasKept(t *testing.T) {
	s := newStand(t, `<script>window.kept = 1; addEventListener("pageshow", (e) => window.persisted = e.persisted)</script><img data-gate="marketing" data-src="{third}/m.gif"><a id="two" href="/two">two</a>`)
	s.put("/two", "two")
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Eval("window.kept = 2", nil)
	p.Click("#two")
	p.WaitFor("location.pathname === '/two' && document.querySelector('#og-panel')")
	p.Click("#og-accept")
	s.wantPosts(1)
	p.Eval("history.back()", nil)
	p.WaitFor("location.pathname === '/' && window.kept === 2 && window.persisted")
	p.WaitFor("!document.querySelector('#og-panel') && optgate.allows('marketing')")
	s.wantCalls("/m.gif")
	quiet(t, p)
}

// A gate that comes later than it should still does its work.
func TestAGateThatComesLate(t *testing.T) {
	const body = `<script type="text/plain" data-gate="marketing">(window.ran ||= []).push("inline"); addEventListener("load", () => ran.push("loaded"))</script>` +
		`<script type="text/plain" data-gate="marketing" data-src="{third}/a.js"></script><img data-gate="essential" data-src="{third}/e.gif">`
	for _, c := range []struct{ name, html string }{
		{"async", `<script async src="/og/gate.js"></script>` + body},
		{"defer", `<script defer src="/og/gate.js"></script>` + body},
		{"at the end", body + `<script src="/og/gate.js"></script>`},
		{"after all has loaded", body + `<script>addEventListener("load", () => setTimeout(() => document.head.append(Object.assign(document.createElement("script"), {src: "/og/gate.js"}))))</script>`},
		{"twice, in different ways", `<script async src="/og/gate.js"></script>` + body + `<script defer src="/og/gate.js"></script>`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t, "")
			s.page("/", `<!doctype html><html lang="en"><head><script>window.optgate = [() => optgate.on("ready", () => window.ready = 1)]</script></head><body>`+c.html+`</body></html>`)
			p := s.visit()
			p.WaitFor("document.querySelector('#og-panel') && window.ready && document.readyState === 'complete'")
			s.wantCalls("/e.gif")
			p.Click("#og-accept")
			s.wantPosts(1)
			p.WaitFor("window.ran?.join() === 'inline,a.js,loaded'")
			s.wantCalls("/a.js", "/e.gif")
			p.Reload()
			p.WaitFor("window.ran?.includes('a.js') && ran.includes('loaded') && document.querySelector('#og-open') && !document.querySelector('#og-panel')")
			s.until("all is loaded again", func() bool { return len(s.calls()) == 4 })
			quiet(t, p)
		})
	}
}

// In a frame the gate is a gate of its own: of the same site, the choice is the
// same; in a sandbox, where nothing can be kept, it holds for the frame.
func TestInAFrame(t *testing.T) {
	t.Run("same origin", func(t *testing.T) {
		s := newStand(t, `<iframe id="inner" src="/inner"></iframe>`)
		s.put("/inner", `<img data-gate="marketing" data-src="{third}/inner.gif">`)
		p := s.visit()
		p.WaitFor("document.querySelector('#og-panel') && inner.contentDocument.querySelector('#og-panel')")
		settle(p)
		s.wantCalls()
		p.Click("#og-accept")
		s.wantPosts(1)
		p.Eval("inner.contentDocument.dispatchEvent(new Event('visibilitychange'))", nil)
		p.WaitFor("!inner.contentDocument.querySelector('#og-panel') && inner.contentWindow.optgate.allows('marketing')")
		s.wantCalls("/inner.gif")
		quiet(t, p)
	})
	t.Run("sandboxed", func(t *testing.T) {
		s := newStand(t, "")
		s.page("/", `<!doctype html><script>addEventListener("message", (e) => window.said = e.data)</script><iframe sandbox="allow-scripts" src="/inner"></iframe>`)
		s.put("/inner", `<img data-gate="marketing" data-src="{third}/inner.gif"><script>
			const look = setInterval(() => {
				if (!document.querySelector("#og-panel")) return;
				clearInterval(look);
				optgate.on("change", (choices) => parent.postMessage(choices, "*"));
				document.querySelector("#og-accept").click();
			}, 5);
		</script>`)
		p := s.visit()
		p.WaitFor("window.said?.marketing === true")
		s.wantCalls("/inner.gif")
		quiet(t, p)
	})
}

// Whatever libraries have done to the language and to the console, before the
// gate or after it, a no stays a no and a yes becomes a yes.
func TestWhatLibrariesOverride(t *testing.T) {
	const patches = `
		for (const name of ["some", "every", "includes", "indexOf", "reduce"]) Array.prototype[name] = function () { return true };
		Array.prototype.toJSON = String.prototype.toJSON = () => "x";
		Array.prototype.extra = Object.prototype.extra = String.prototype.extra = function () {};
		Array.from = Object.entries = Object.values = undefined;
		Object.prototype.marketing = true;`
	for _, c := range []struct{ name, before, after string }{
		{"before the gate", patches, ""},
		{"after the gate", "", patches},
		{"a Promise of the page's own", `window.Promise = class extends Promise { then(...all) { return super.then(...all) } }`, ""},
		{"a Promise of the page's own, later", "", `window.Promise = class extends Promise { then(...all) { return super.then(...all) } }`},
		{"a console that throws", `console.warn = console.error = () => { throw new Error("console") }`, ""},
		{"no console", "", `window.console = undefined`},
		{"fetch and timers that throw", "", `window.fetch = window.XMLHttpRequest = () => { throw new Error("fetch") }`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t, "")
			s.page("/", `<!doctype html><html lang="en"><head><script>`+c.before+`</script><script src="/og/gate.js"></script><script>`+c.after+`</script></head><body>`+
				`<img data-gate="marketing" data-src="{third}/m.gif"><img data-gate="functional" data-src="{third}/f.gif"><img data-gate="nonsense" data-src="{third}/n.gif">`+
				`<script type="text/plain" data-gate="functional">(window.ran ||= []).push("inline"); document.write("<b id=w>w</b>")</script></body></html>`)
			p := s.visit()
			p.WaitFor("document.readyState === 'complete' && document.querySelector('#og-panel')")
			s.wantCalls()
			p.Eval("optgate.set({functional: true})", nil)
			s.wantCalls("/f.gif")
			if got := s.wantPosts(1)[0].Choices; got["marketing"] || !got["functional"] {
				t.Errorf("recorded %v", got)
			}
			p.WaitFor("!document.querySelector('#og-panel') && window.ran && window.w && !optgate.allows('marketing')")
		})
	}
}

// A clock that is wrong neither loops the banner nor makes a no a yes.
func TestAWrongClock(t *testing.T) {
	for _, c := range []struct {
		name  string
		ahead time.Duration
		asks  bool // again, once the clock is right
	}{
		{"years ahead", 3 * 365 * 24 * time.Hour, false},
		{"hours behind", -5 * time.Hour, false},
		{"in 1970", -time.Duration(time.Now().Unix()-1000) * time.Second, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t, "")
			clock := fmt.Sprintf(`<script>if (!sessionStorage.right) { const now = Date.now; Date.now = () => now() + %d }</script>`, c.ahead.Milliseconds())
			s.page("/", `<!doctype html><html lang="en"><head>`+clock+`<script src="/og/gate.js"></script></head><body><img data-gate="marketing" data-src="{third}/m.gif"></body></html>`)
			p := s.visit()
			p.WaitFor("document.querySelector('#og-panel')")
			p.Click("#og-reject")
			s.wantPosts(1)
			p.WaitFor("localStorage.length === 0") // or the next page would send it once more
			p.Reload()
			settle(p)
			p.WaitFor("document.querySelector('#og-open') && !document.querySelector('#og-panel') && optgate.choices.marketing === false")
			p.Eval("sessionStorage.right = 1", nil)
			p.Reload()
			settle(p)
			if c.asks {
				p.WaitFor("document.querySelector('#og-panel')")
				p.Click("#og-reject")
				s.wantPosts(2)
				p.WaitFor("localStorage.length === 0")
				p.Reload()
				settle(p)
			}
			p.WaitFor("document.querySelector('#og-open') && !document.querySelector('#og-panel') && optgate.choices.marketing === false")
			s.wantCalls()
		})
	}
}

// Where the browser itself refuses cookies and storage to a page, a choice holds
// for the page, and recording it does not wait for a place to keep it.
func TestStorageThatTheBrowserRefuses(t *testing.T) {
	s := newStand(t, "")
	s.header = http.Header{"Content-Security-Policy": {"sandbox allow-scripts"}}
	s.put("/", `<img data-gate="marketing" data-src="{third}/m.gif">`)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Click("#og-accept")
	s.wantCalls("/m.gif")
	s.wantPosts(1)
	p.WaitFor("!document.querySelector('#og-panel') && optgate.allows('marketing')")
	p.Reload()
	p.WaitFor("document.querySelector('#og-panel') && !optgate.allows('marketing')")
	quiet(t, p)
}
