package gatetest_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// objecting returns a stand that honours Global Privacy Control for marketing,
// with a page whose browser has the signal as given.
func objecting(t *testing.T, signal string) *stand {
	s := newStand(t, "")
	s.set("g", map[string]int{"marketing": 1})
	s.page("/", `<!doctype html><html lang="en"><head>`+
		`<script>Object.defineProperty(Navigator.prototype, "globalPrivacyControl", {get: () => `+signal+`, configurable: true})</script>`+
		`<script src="/og/gate.js"></script><title>t</title></head><body>`+probes+`<iframe data-gate="marketing" data-src="{third}/frame" title="A film"></iframe></body></html>`)
	return s
}

// Everything at once does not allow what the browser objects to; the visitor's
// own click on just that does.
func TestGlobalPrivacyControl(t *testing.T) {
	both, rest := map[string]bool{"functional": true, "marketing": true}, map[string]bool{"functional": true, "marketing": false}
	tests := []struct {
		name, signal   string
		do             func(p *browser.Page)
		action, source string
		choices        map[string]bool
	}{
		{"accept", "true", func(p *browser.Page) { p.Click("#og-accept") }, "save", "banner", rest},
		{"accept in the preferences", "true", func(p *browser.Page) {
			p.Click("#og-customise")
			p.Click("dialog [data-og-accept]")
		}, "save", "preferences", rest},
		{"accept by the API", "true", func(p *browser.Page) { p.Eval("optgate.acceptAll()", nil) }, "save", "api", rest},
		{"the switch", "true", func(p *browser.Page) {
			p.Click("#og-customise")
			p.Click("[name=og-marketing]")
			p.Click("#og-save")
		}, "save", "preferences", map[string]bool{"functional": false, "marketing": true}},
		{"by the API, by name", "true", func(p *browser.Page) { p.Eval("optgate.set({functional: true, marketing: true})", nil) }, "save", "api", both},
		{"reject", "true", func(p *browser.Page) { p.Click("#og-reject") }, "reject_all", "banner", map[string]bool{"functional": false, "marketing": false}},
		{"a page that takes the signal away", "true", func(p *browser.Page) {
			p.Eval("void Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {value: false})", nil)
			p.Eval("optgate.acceptAll()", nil)
		}, "save", "api", rest},
		{"no signal", "false", func(p *browser.Page) { p.Click("#og-accept") }, "accept_all", "banner", both},
		{"something else than the signal", "'1'", func(p *browser.Page) { p.Click("#og-accept") }, "accept_all", "banner", both},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := objecting(t, tt.signal)
			p := s.visit()
			p.WaitFor("document.querySelector('#og-panel')")
			var said bool
			p.Eval("!document.querySelector('#og-panel [data-og-gpc]').hidden", &said)
			if want := tt.signal == "true"; said != want {
				t.Errorf("got it said that the signal is honoured: %v, want %v", said, want)
			}
			tt.do(p)
			got := s.wantPosts(1)[0]
			if got.Action != tt.action || got.Source != tt.source || !maps.Equal(got.Choices, tt.choices) {
				t.Errorf("got %s by %s with %v, want %s by %s with %v", got.Action, got.Source, got.Choices, tt.action, tt.source, tt.choices)
			}
			settle(p)
			want := []string{"/essential.gif"}
			if tt.choices["functional"] {
				want = append(want, "/functional.gif")
			}
			if tt.choices["marketing"] {
				want = append(want, "/marketing.gif", "/frame")
			}
			if tt.choices["functional"] && tt.choices["marketing"] {
				want = append(want, "/both.gif")
			}
			s.wantCalls(want...)
		})
	}
}

// The signal grants nothing and takes back nothing that was allowed by name; it
// is said in the preferences, and a held frame offers no yes for good.
func TestGlobalPrivacyControlAfterAnAnswer(t *testing.T) {
	for _, tt := range []struct {
		name, pairs string
		marketing   bool
	}{
		{"an own yes stays", "functional:0,marketing:1", true},
		{"a no stays", "functional:0,marketing:0", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := objecting(t, "true")
			s.page("/other", "")
			p := browser.New(t, browser.Options{})
			p.Goto(s.site.URL + "/other")
			p.Eval(fmt.Sprintf(`document.cookie = "og=1.7.%d.%s"`, time.Now().Unix(), tt.pairs), nil)
			p.Goto(s.site.URL + "/")
			settle(p)
			if tt.marketing {
				s.wantCalls("/essential.gif", "/marketing.gif", "/frame")
			} else {
				s.wantCalls("/essential.gif")
				p.WaitFor("frames[0].document.querySelector('[data-og-once]')")
				var always bool
				if p.Eval("!!frames[0].document.querySelector('[data-og-always]')", &always); always {
					t.Error("the held frame offers a yes for good, want it only in the preferences")
				}
			}
			p.Eval("optgate.open()", nil)
			p.WaitFor("document.querySelector('#og-preferences')?.open && !document.querySelector('#og-preferences [data-og-gpc]').hidden")
			p.Click("dialog [data-og-accept]")
			if got := s.wantPosts(1)[0]; got.Action != "save" || got.Choices["marketing"] != tt.marketing || !got.Choices["functional"] {
				t.Errorf("got %+v, want functional allowed and marketing as it was, %v", got, tt.marketing)
			}
		})
	}
}

// A banner that asks again about what the browser objects to is no switch for it.
func TestGlobalPrivacyControlWhenAskedAgain(t *testing.T) {
	s := objecting(t, "true")
	s.set("e", map[string]int{"marketing": 5})
	s.page("/other", "")
	p := browser.New(t, browser.Options{})
	p.Goto(s.site.URL + "/other")
	p.Eval(fmt.Sprintf(`document.cookie = "og=1.4.%d.functional:1,marketing:1"`, time.Now().Unix()), nil)
	p.Goto(s.site.URL + "/")
	p.WaitFor("document.querySelector('#og-panel [data-og-part=marketing]:not([hidden])')")
	p.Click("#og-accept")
	got, want := s.wantPosts(1)[0], map[string]bool{"functional": true, "marketing": false}
	if got.Action != "save" || !maps.Equal(got.Choices, want) {
		t.Errorf("got %s with %v, want save with %v", got.Action, got.Choices, want)
	}
}
