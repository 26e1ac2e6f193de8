package gatetest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// What she refused holds on where nobody would ask her again, however old it is;
// what she allowed does not. Where she is to be asked, she is asked again.
func TestAnObjectionDoesNotLapse(t *testing.T) {
	for _, tt := range []struct {
		name, region, choices string
		want                  []string
		asked                 bool
	}{
		{"objected to all", "US-CA", "functional:0,marketing:0", []string{"/essential.gif"}, false},
		{"objected to some", "US-CA", "functional:1,marketing:0", []string{"/essential.gif", "/functional.gif"}, false},
		{"asked again", "DE", "functional:1,marketing:0", []string{"/essential.gif"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := elsewhere(t, "", "")
			s.region = says(fmt.Sprintf(`{"region":%q}`, tt.region))
			s.page("/before", "<!doctype html><title>t</title>")
			p := browser.New(t, browser.Options{})
			p.Goto(s.site.URL + "/before")
			// An answer of this stand holds for a million seconds.
			p.Eval(fmt.Sprintf(`document.cookie = "og=1.7.%d.%s;path=/"`, time.Now().Unix()-2_000_000, tt.choices), nil)
			p.Goto(s.site.URL + "/")
			s.until("the region is asked for", func() bool { return s.asked("GET /og/region") > 0 })
			p.WaitFor(fmt.Sprintf("!!document.querySelector('#og-accept') === %t && heard.length > 0", tt.asked))
			settle(p)
			s.wantCalls(tt.want...)
			s.wantPosts(0)
		})
	}
}

// A browser keeps an objection for more than a year, whatever an answer's time is.
func TestAnObjectionIsKept(t *testing.T) {
	s := elsewhere(t, "", "")
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel [data-og-reject]')")
	p.Click("#og-reject")
	s.wantPosts(1)
	year := float64(time.Now().AddDate(1, 0, 0).Unix())
	for _, c := range p.Cookies() {
		if c.Name == "og" && c.Expires < year {
			t.Errorf("the choice is kept until %s, want more than a year", time.Unix(int64(c.Expires), 0))
		}
	}
}
