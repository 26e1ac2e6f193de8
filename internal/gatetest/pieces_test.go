package gatetest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// returning opens the site's page for a visitor who answered before, in the
// words of the choice cookie.
func (s *stand) returning(choices string) *browser.Page {
	s.t.Helper()
	s.page("/before", "<!doctype html><title>t</title>")
	p := browser.New(s.t, browser.Options{})
	p.Goto(s.site.URL + "/before")
	p.Eval(fmt.Sprintf(`document.cookie = "og=1.7.%d.%s;path=/"`, time.Now().Unix(), choices), nil)
	p.Goto(s.site.URL + "/")
	p.WaitFor("document.querySelector('#og-open')")
	settle(p)
	return p
}

// wantPieces fails the test unless the page loaded these pieces and no others.
func wantPieces(t *testing.T, p *browser.Page, want string) {
	t.Helper()
	var got string
	p.Eval(`performance.getEntriesByType("resource").map((e) => e.name.match(/og\/(p\w+)\.js/)?.[1]).filter(Boolean).sort().join()`, &got)
	if got != want {
		t.Errorf("the page loaded %q, want %q", got, want)
	}
}

// Each piece comes when it is needed and not before.
func TestPiecesComeWhenNeeded(t *testing.T) {
	const held = `<iframe id="f" data-gate="functional" data-src="{third}/f"></iframe>`
	const far = `<div style="height:9000px"></div>` + held
	for _, c := range []struct {
		name, html string
		choices    string // nothing: a new visitor
		do         func(p *browser.Page)
		want       string
	}{
		{"a new visitor", "", "", nil, "panel"},
		{"who points at the first layer", "", "", func(p *browser.Page) { point(p, "#og-panel") }, "panel,preferences"},
		{"whose focus comes to it", "", "", func(p *browser.Page) { p.Press(kb.Tab) }, "panel,preferences"},
		{"a returning visitor", "", "functional:0,marketing:1", nil, ""},
		{"who points at the control", "", "functional:0,marketing:0", func(p *browser.Page) { point(p, "#og-open") }, "preferences"},
		{"whose focus comes to the control", "", "functional:0,marketing:0", func(p *browser.Page) { p.Press(kb.Tab) }, "preferences"},
		{"who opens the preferences", "", "functional:0,marketing:0", func(p *browser.Page) { p.Eval("optgate.open()", nil) }, "panel,preferences"},
		{"who meets a held frame", held, "functional:0,marketing:0", nil, "placeholders"},
		{"who meets it further down", far, "functional:0,marketing:0", nil, ""},
		{"who scrolls to it", far, "functional:0,marketing:0", func(p *browser.Page) { p.Eval("f.scrollIntoView()", nil) }, "placeholders"},
		{"whose frames are allowed", held, "functional:1,marketing:0", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t, c.html)
			var p *browser.Page
			if c.choices != "" {
				p = s.returning(c.choices)
			} else {
				p = s.visit()
				p.WaitFor("document.querySelector('#og-panel')")
				settle(p)
			}
			if c.do != nil {
				c.do(p)
				settle(p)
			}
			p.WaitFor(`performance.getEntriesByType("resource").filter((e) => e.name.includes("/og/p")).length >= ` + fmt.Sprint(count(c.want)))
			wantPieces(t, p, c.want)
		})
	}
}

// count returns how many names a list has.
func count(list string) int {
	n := 0
	for i, r := range list {
		if i == 0 || r == ',' {
			n++
		}
	}
	return n
}

// point lets the pointer enter an element, as the browser would tell it.
func point(p *browser.Page, selector string) {
	p.Eval(`(() => {
		const el = document.querySelector("`+selector+`");
		el.dispatchEvent(new PointerEvent("pointerover", {bubbles: true}));
		el.dispatchEvent(new PointerEvent("pointerenter"));
	})()`, nil)
}

// A click that comes before the preferences is not lost, and does not keep the
// other buttons from answering.
func TestAClickBeforeThePreferences(t *testing.T) {
	s := newStand(t, "")
	arrive := s.hold("/og/preferences.js")
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Click("#og-customise")
	settle(p)
	p.WaitFor("!document.querySelector('#og-preferences')")
	arrive()
	p.WaitFor("document.querySelector('#og-preferences').open && document.activeElement.dataset.ogHeading === ''")
}

func TestAnAnswerBeforeThePreferences(t *testing.T) {
	s := newStand(t, `<img data-gate="marketing" data-src="{third}/m.gif">`)
	s.known = kept
	arrive := s.hold("/og/preferences.js")
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Eval("document.cookie = 'look=1'", nil)
	p.Click("#og-accept")
	s.wantPosts(1)
	s.wantCalls("/m.gif")
	p.WaitFor("!document.querySelector('#og-panel')")
	p.Eval("optgate.rejectAll()", nil)
	s.wantPosts(2)
	// What was refused is cleared as soon as there is what clears.
	p.WaitFor("document.cookie.includes('look=')")
	arrive()
	p.WaitFor("!document.cookie.includes('look=')")
	p.WaitFor("document.querySelector('[role=status]').textContent === 'Saved. Cleared.'")
}

// Preferences that do not come are replaced by the page that works without.
func TestPreferencesThatDoNotCome(t *testing.T) {
	s := newStand(t, `<script>window.open = (url) => { window.opened = url }</script>`)
	s.breaks("preferences", true)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Click("#og-customise")
	p.WaitFor(`new URL(window.opened).pathname === "/og/preferences" && new URL(opened).searchParams.get("lang") === "en"`)
	s.breaks("preferences", false)
	p.Click("#og-customise")
	p.WaitFor("document.querySelector('#og-preferences').open")
}

// What was chosen in one tab holds in the others within a second.
func TestOtherTabsFollow(t *testing.T) {
	s := newStand(t, `<img data-gate="marketing" data-src="{third}/m.gif">`)
	first := s.visit()
	first.WaitFor("document.querySelector('#og-panel')")
	second := first.Tab()
	second.Goto(s.site.URL + "/")
	second.WaitFor("document.querySelector('#og-panel')")
	// No event but the one between tabs may tell it.
	second.Eval(`addEventListener("visibilitychange", (e) => e.stopImmediatePropagation(), true); window.changed = []; optgate.on("change", (c) => { changed.push(c.marketing); window.at ||= Date.now() })`, nil)
	var clicked, followed float64
	first.Eval("(optgate.acceptAll(), Date.now())", &clicked)
	second.WaitFor("!document.querySelector('#og-panel') && optgate.allows('marketing')")
	if second.Eval("window.at", &followed); followed-clicked > 1000 {
		t.Errorf("followed after %v ms, want at most a second", followed-clicked)
	}
	s.wantCalls("/m.gif", "/m.gif")
	first.Eval("optgate.withdraw()", nil)
	second.WaitFor("optgate.choices.marketing === false && changed.join() === 'true,false'")
	if got := len(s.wantPosts(2)); got != 2 {
		t.Errorf("got %d decisions, want each from its own tab only", got)
	}
}

// The focus never falls to the body, wherever the control is.
func TestFocusAfterTheBanner(t *testing.T) {
	const gate = `<!doctype html><html lang="en"><head><script src="/og/gate.js" data-og-control="none"></script></head><body><a href="/">link</a>`
	for _, c := range []struct{ name, html, want string }{
		{"the site's own way back", gate + `<button id="hidden" data-og-open hidden>a</button><button id="own" data-og-open>Cookies</button>`, "own"},
		{"no way back", gate, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t, "")
			s.page("/", c.html)
			p := s.visit()
			p.WaitFor("document.querySelector('#og-panel')")
			p.Press(kb.Tab)
			p.WaitFor("document.activeElement.id === 'og-reject'")
			p.Press(kb.Enter)
			p.WaitFor("!document.querySelector('#og-panel')")
			p.WaitFor("document.activeElement !== document.body && document.activeElement.id === '" + c.want + "'")
		})
	}
}

// Nor does it while the rest of the page is still on its way.
func TestFocusWhileThePageLoads(t *testing.T) {
	s := newStand(t, "")
	s.page("/", `<!doctype html><html lang="en"><head><script src="/og/gate.js"></script></head><body><p>first</p><script src="{third}/slow.js"></script><p id="last">last</p>`)
	arrive := s.hold("/slow.js")
	p := browser.New(t, browser.Options{})
	p.Begin(s.site.URL + "/")
	p.WaitFor("document.querySelector('#og-panel') && document.readyState === 'loading'")
	p.Press(kb.Tab)
	p.WaitFor("document.activeElement.id === 'og-reject'")
	p.Press(kb.Enter)
	p.WaitFor("document.activeElement.id === 'og-open'")
	arrive()
	p.WaitFor("document.querySelector('#last') && document.readyState === 'complete' && document.activeElement.id === 'og-open'")
}
