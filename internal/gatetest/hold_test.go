package gatetest_test

import (
	"maps"
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

const film = `<style>body > iframe { width: 480px; height: 270px; border: 3px solid; }</style>` +
	`<iframe id="f" data-gate="functional" data-src="{third}/film" title="A film" width="10"></iframe><p id="after">after</p>`

// words is what the document of the frame f says.
const words = "document.querySelector('#f').contentDocument.body.innerText"

// in returns an expression for an element in the document of the frame f.
func in(selector string) string {
	return "document.querySelector('#f').contentDocument.querySelector('" + selector + "')"
}

// held waits until the frame f has its placeholder.
func held(p *browser.Page) { p.WaitFor(in("#og-hold")) }

func TestPlaceholder(t *testing.T) {
	s := newStand(t, film)
	s.known = []service{{Category: "functional", ID: "tube", Name: "Tube", Hosts: []string{"localhost"}}}
	p := s.visit()
	held(p)
	p.WaitFor(words + `.replace(/\s+/g, " ").trim() === "From \u2068Tube (localhost)\u2069, needs Functional. Once Always Functional"`)
	p.WaitFor("document.querySelector('#f').contentDocument.documentElement.lang === 'en'")
	p.WaitFor("getComputedStyle(" + in("#og-hold") + ").color === 'rgb(1, 2, 3)'")
	settle(p)
	s.wantCalls()
	const box = "JSON.stringify([f.getBoundingClientRect(), after.getBoundingClientRect()])"
	var before, after string
	p.Eval(box, &before)
	p.Eval(in("[data-og-once]")+".click()", nil)
	s.wantCalls("/film")
	p.Eval(box, &after)
	if before != after {
		t.Errorf("the page moved from %s to %s", before, after)
	}
	p.WaitFor("document.activeElement === f && !document.cookie && localStorage.length === 0 && document.querySelector('#og-panel')")
	if n := len(s.posts()); n != 0 {
		t.Errorf("allowing once recorded %d decisions, want none", n)
	}

	// A no takes it back, and it can be allowed again.
	p.Eval("optgate.rejectAll()", nil)
	s.wantPosts(1)
	held(p)
	p.Eval(in("[data-og-always]")+".click()", nil)
	got := s.wantPosts(2)[1]
	if got.Action != "save" || got.Source != "placeholder" || !maps.Equal(got.Choices, map[string]bool{"functional": true, "marketing": false}) {
		t.Errorf("got decision %+v, want functional alone, by the placeholder", got)
	}
	s.wantCalls("/film", "/film")
	p.WaitFor("document.querySelector('#f').contentDocument === null")
}

// Frames that come later, by a script or out of the server's configuration, and
// pages on which nothing is asked.
func TestPlaceholdersForLaterFrames(t *testing.T) {
	s := newStand(t, `<div id="place"></div><div id="own"><p>note</p></div>`)
	s.set("t", []map[string]any{
		{"c": "functional", "k": 3, "u": "{third}/served", "q": "#place", "n": "Served"},
		{"c": "functional", "k": 3, "u": "{third}/never", "q": "#own", "n": "Never"},
	})
	p := s.visit()
	p.WaitFor("document.querySelector('#place iframe').contentDocument.querySelector('#og-hold') && own.innerText === 'note'")
	p.Click("#og-reject")
	s.wantPosts(1)
	p.Reload()
	p.WaitFor("document.querySelector('#place iframe').contentDocument.querySelector('#og-hold')")
	p.Eval(`place.remove()`, nil)
	p.Eval(`document.body.insertAdjacentHTML("beforeend", '<iframe id="f" data-gate="functional" data-src="`+s.third()+`/late"></iframe>')`, nil)
	held(p)
	settle(p)
	s.wantCalls()
	p.Eval("optgate.acceptAll()", nil)
	s.wantCalls("/late", "/never")
	// A frame that was released before the panel's script came goes back too.
	p.Reload()
	p.Eval(`document.body.insertAdjacentHTML("beforeend", '<iframe id="f" data-gate="functional" data-src="`+s.third()+`/again"></iframe>')`, nil)
	p.WaitFor("f.src && place.firstChild.src")
	p.Eval("window.same = 1; optgate.withdraw()", nil)
	held(p)
	p.WaitFor("window.same && document.querySelector('#place iframe').contentDocument.querySelector('#og-hold')")
}

// A page on which nothing is asked and only the server has a frame.
func TestPlaceholderOfAServersFrameAlone(t *testing.T) {
	for _, c := range []struct {
		name, html, choice string
		loads              int
	}{
		{"with its place", `<div id="place"></div>`, "functional:0,marketing:0", 1},
		{"without its place", ``, "functional:0,marketing:0", 0},
		{"allowed", `<div id="place"></div><iframe data-gate="functional" data-src="{third}/f"></iframe>`, "functional:1,marketing:0", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t, c.html)
			s.set("t", []map[string]any{{"c": "functional", "k": 3, "u": "{third}/served", "q": "#place", "n": "Served"}, {"c": "marketing", "k": 0, "u": "{third}/p"}})
			s.put("/first", "")
			p := browser.New(t, browser.Options{})
			p.Goto(s.site.URL + "/first")
			p.WaitFor("document.querySelector('#og-panel')")
			p.Eval(`document.cookie = "og=1.7." + Math.floor(Date.now() / 1e3) + ".`+c.choice+`;path=/"`, nil)
			before := s.asked("GET /og/placeholders.js")
			p.Goto(s.site.URL + "/")
			p.WaitFor("document.querySelector('#og-open')")
			settle(p)
			if c.loads > 0 {
				p.WaitFor("document.querySelector('#place iframe').contentDocument.querySelector('#og-hold')")
			}
			if n := loads(p, "placeholders"); n != c.loads {
				t.Errorf("the placeholders were loaded %d times (%d before), want %d", n, before, c.loads)
			}
			if n := loads(p, "panel") + loads(p, "preferences"); n != 0 {
				t.Errorf("%d other pieces were loaded, want none", n)
			}
		})
	}
}

func TestFramesWithoutPlaceholder(t *testing.T) {
	for _, c := range []struct{ name, html string }{
		{"opted out", `<iframe id="f" data-og-placeholder="none" data-gate="functional" data-src="{third}/f"></iframe>`},
		{"a category that is not asked", `<iframe id="f" data-gate="functional analytics" data-src="{third}/f"></iframe>`},
		{"no address", `<iframe id="f" data-gate="functional" data-src="http://["></iframe>`},
		{"a document of its own", `<iframe id="f" data-gate="functional" data-src="{third}/f" srcdoc="own"></iframe>`},
		{"sandboxed", `<iframe id="f" data-gate="functional" data-src="{third}/f" sandbox="allow-scripts"></iframe>`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t, c.html+`<iframe id="last" data-gate="functional" data-src="{third}/last"></iframe>`)
			p := s.visit()
			p.WaitFor("last.contentDocument.querySelector('#og-hold')")
			settle(p)
			p.WaitFor("!document.querySelector('#f').contentDocument?.querySelector('#og-hold')")
			s.wantCalls()
		})
	}
}

// The buttons are reached and pressed by keys alone, under a strict policy too.
func TestPlaceholderByKeys(t *testing.T) {
	s := newStand(t, "")
	s.header.Set("Content-Security-Policy", "default-src 'none'; script-src 'nonce-abc' 'strict-dynamic'; frame-src *; connect-src 'self'; require-trusted-types-for 'script'; trusted-types optgate")
	s.page("/", `<!doctype html><html lang="en"><head><script nonce="abc" src="/og/gate.js"></script></head><body><button id="start">start</button>`+
		`<iframe id="f" data-gate="functional" data-src="{third}/film" title="A film"></iframe></body></html>`)
	p := s.visit()
	held(p)
	p.WaitFor("getComputedStyle(" + in("#og-hold") + ").color === 'rgb(1, 2, 3)'")
	p.Eval("start.focus()", nil)
	p.Press("\t")
	p.WaitFor("document.activeElement === f && " + in("[data-og-once]:focus"))
	p.Press("\r")
	s.wantCalls("/film")
}
