package gatetest_test

import "testing"

// With a first visit the gate brings the first layer, which then needs no request
// of its own and is the same.
func TestBroughtFirstLayer(t *testing.T) {
	s := newStand(t, probes)
	s.bring("en")
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	if n := s.asked("GET /og/panel.js"); n != 0 {
		t.Errorf("got %d requests for the first layer, which the gate brought", n)
	}
	p.Click("#og-accept")
	s.wantCalls("/both.gif", "/essential.gif", "/functional.gif", "/marketing.gif")
	got := s.wantPosts(1)[0]
	if got.Action != "accept_all" || got.Source != "banner" || got.Panel != "00112233445566778899aabbccddeeff" {
		t.Errorf("got %+v, want what was shown and answered", got)
	}
	p.WaitFor("document.querySelector('#og-open')")
}

// Whoever answered is not asked again by a gate from the browser's cache that
// brings the first layer; what it brought records what she answers later.
func TestBroughtInVain(t *testing.T) {
	s := newStand(t, probes)
	s.bring("en")
	p := s.returning("functional:0,marketing:0")
	var asked bool
	if p.Eval("!!document.querySelector('#og-panel')", &asked); asked {
		t.Error("asked again")
	}
	p.Eval("optgate.acceptAll()", nil)
	s.wantPosts(1)
	if n := s.asked("GET /og/panel.js"); n != 0 {
		t.Errorf("got %d requests for what records, which the gate brought", n)
	}
}

// The server cannot know the page's language.
func TestBroughtInAnotherLanguage(t *testing.T) {
	s := newStand(t, probes)
	s.set("l", map[string]string{"en": "Privacy choices", "de": "Datenschutz"})
	s.bring("de")
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	if n := s.asked("GET /og/panel.js"); n != 1 {
		t.Errorf("got %d requests for the first layer in the page's language, want 1", n)
	}
}
