package gatetest_test

import (
	"maps"
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// pausable returns a stand with something of each kind that waits for functional
// or for marketing.
func pausable(t *testing.T, head string) *stand {
	s := newStand(t, "")
	s.page("/", `<!doctype html><html lang="en"><head>`+head+`<script src="/og/gate.js"></script><title>t</title></head><body>`+
		`<img data-gate="functional" data-src="{third}/functional.gif" alt=""><img data-gate="marketing" data-src="{third}/marketing.gif" alt="">`+
		`<script type="text/plain" data-gate="marketing" data-src="{third}/marketing.js"></script>`+
		`<iframe id="g" data-gate="functional marketing" data-src="{third}/both" title="Both" width="300" height="150"></iframe>`+
		`<script>window.heard = []; optgate.when("marketing").then(() => heard.push("when"))</script></body></html>`)
	return s
}

// forget forgets what the third party heard.
func (s *stand) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = nil
}

// resume ends every pause.
func (s *stand) resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.config, "z")
}

var marketingPaused = map[string]int{"marketing": 1}

// What is paused loads for nobody. Her answer stays, and so does what she is asked.
func TestPaused(t *testing.T) {
	s := pausable(t, "")
	s.precede(signal(t, "google", []any{map[string]string{"ad_storage": "marketing", "functionality_storage": "functional"}}))
	s.set("z", marketingPaused)
	p := s.visit()
	p.Click("#og-accept")
	got := s.wantPosts(1)[0]
	if want := map[string]bool{"functional": true, "marketing": true}; got.Action != "accept_all" || !maps.Equal(got.Choices, want) {
		t.Errorf("got decision %+v, want %v accepted: the pause is not hers", got, want)
	}
	for range 2 {
		p.WaitFor(`performance.getEntriesByType("resource").some((e) => e.name.includes("/placeholders.js") && e.responseEnd)`)
		settle(p)
		s.wantCalls("/functional.gif")
		var state struct {
			Cookie                       string
			Page                         map[string]bool
			Allows, Functional, Resolved bool
			Frame                        string
		}
		p.Eval(`({cookie: document.cookie, page: optgate.choices, allows: optgate.allows("marketing"), functional: optgate.allows("functional"),
			resolved: heard.length > 0, frame: document.querySelector("#g").contentDocument.body.textContent})`, &state)
		if state.Allows || !state.Functional || state.Resolved {
			t.Errorf("got marketing allowed: %t, functional: %t, marketing promised: %t; want only functional", state.Allows, state.Functional, state.Resolved)
		}
		if want := map[string]bool{"functional": true}; !maps.Equal(state.Page, want) {
			t.Errorf("the page is told %v, want %v", state.Page, want)
		}
		if state.Frame != "" {
			t.Errorf("the frame offers %q, want nothing: no answer lets it load", state.Frame)
		}
		wantTold(t, p, "dataLayer", `["consent","default",{"ad_storage":"denied","functionality_storage":"denied"}]`,
			`["consent","update",{"ad_storage":"denied","functionality_storage":"granted"}]`)
		p.Eval(`optgate.open()`, nil)
		p.WaitFor(`document.querySelector("#og-preferences").open && document.querySelector("[name=og-marketing]").checked`)
		p.Press("\x1b")
		s.forget()
		p.Reload()
	}

	s.resume()
	s.forget()
	p.Reload()
	s.wantCalls("/both", "/functional.gif", "/marketing.gif", "/marketing.js")
	p.WaitFor(`heard.length && optgate.choices.marketing`)
	s.wantPosts(1)
}

// Whatever is decided meanwhile keeps the answer about what is paused.
func TestDecisionsWhilePaused(t *testing.T) {
	object := `<script>Object.defineProperty(Navigator.prototype, "globalPrivacyControl", {value: true})</script>`
	for _, tt := range []struct {
		name, head, call string
		want             map[string]bool
	}{
		{"a page adds to what it is told", "", `optgate.set({...optgate.choices, functional: false})`, map[string]bool{"functional": false, "marketing": true}},
		{"a page names what is paused", "", `optgate.set({marketing: false})`, map[string]bool{"functional": true, "marketing": false}},
		{"a withdrawal", "", `optgate.withdraw()`, map[string]bool{"functional": false, "marketing": false}},
		{"everything, against an objection that she overruled", object, `optgate.acceptAll()`, map[string]bool{"functional": true, "marketing": true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := pausable(t, tt.head)
			s.set("g", map[string]int{"marketing": 1})
			s.set("z", marketingPaused)
			p := browser.New(t, browser.Options{})
			p.Goto(s.site.URL + "/")
			p.Eval(`optgate.set({functional: true, marketing: true})`, nil)
			s.wantPosts(1)
			p.Eval(tt.call, nil)
			if got := s.wantPosts(2)[1]; !maps.Equal(got.Choices, tt.want) {
				t.Errorf("got %v, want %v", got.Choices, tt.want)
			}
		})
	}
}
