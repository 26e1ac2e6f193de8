package gatetest_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// Marketing changed materially in revision 5: only answers from before that are
// asked for again, and only the yes among them is taken back.
func TestAsksAgainAboutWhatIsNew(t *testing.T) {
	const tags = `<script type="text/plain" data-gate="functional" data-src="{third}/functional.js"></script>` +
		`<script type="text/plain" data-gate="marketing" data-src="{third}/marketing.js"></script>`
	for _, tt := range []struct {
		name, cookie string
		asked        bool
		loads        []string
		answers      string
	}{
		{"yes from before", "1.4.%d.functional:1,marketing:1", true, []string{"/functional.js"}, `{"functional":true}`},
		{"no from before", "1.4.%d.functional:1,marketing:0", true, []string{"/functional.js"}, `{"functional":true,"marketing":false}`},
		{"yes to the change", "1.5.%d.functional:1,marketing:1", false, []string{"/functional.js", "/marketing.js"}, `{"functional":true,"marketing":true}`},
		{"no to the change", "1.5.%d.functional:0,marketing:0", false, nil, `{"functional":false,"marketing":false}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStand(t, tags)
			s.page("/empty", "<!doctype html><title>t</title>")
			s.set("e", map[string]int{"marketing": 5})
			p := browser.New(t, browser.Options{})
			p.Goto(s.site.URL + "/empty")
			p.Eval(fmt.Sprintf(`document.cookie = "og=%s;path=/"`, fmt.Sprintf(tt.cookie, time.Now().Unix()-60)), nil)
			p.Goto(s.site.URL + "/")
			settle(p)
			if tt.asked {
				p.WaitFor(`document.querySelector("#og-panel")`)
			}
			s.wantCalls(tt.loads...)
			var got string
			p.Eval(`JSON.stringify(optgate.choices)`, &got)
			if got != tt.answers {
				t.Errorf("got %s, want %s", got, tt.answers)
			}
			if !tt.asked {
				if got := s.asked("GET /og/panel.js"); got != 0 {
					t.Errorf("asked again: the panel was loaded %d times", got)
				}
				return
			}
			p.Click("#og-accept")
			s.wantCalls("/functional.js", "/marketing.js")
			p.Reload()
			settle(p)
			if p.Eval(`!!document.querySelector("#og-panel")`, &tt.asked); tt.asked {
				t.Error("asked again after the answer to the latest revision")
			}
		})
	}
}

// Revision 5 changes marketing for earlier visitors only later, and brings a
// category and a tag: until then they are asked nothing, keep what they allowed,
// and the new tag does not load for them. New visitors are asked at once.
func TestScheduledWaitsForEarlierVisitors(t *testing.T) {
	const page = `<script type="text/plain" data-gate="marketing" data-src="{third}/marketing.js"></script>`
	for _, tt := range []struct {
		name, cookie string // empty: a new visitor
		asked        bool
		loads        []string
	}{
		{"yes from before", "1.4.%d.functional:1,marketing:1", false, []string{"/marketing.js", "/old"}},
		{"no from before", "1.4.%d.functional:1,marketing:0", false, nil},
		{"yes to the change", "1.5.%d.functional:1,marketing:1,video:1", false, []string{"/fresh", "/marketing.js", "/old"}},
		{"new", "", true, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStand(t, page)
			s.page("/empty", "<!doctype html><title>t</title>")
			s.set("c", []string{"functional", "marketing", "video"})
			s.set("w", map[string]int{"marketing": 5, "video": 5})
			s.set("t", []map[string]any{{"c": "marketing", "k": 0, "u": "{third}/old"}, {"c": "marketing", "k": 0, "u": "{third}/fresh", "r": 5}})
			p := browser.New(t, browser.Options{})
			p.Goto(s.site.URL + "/empty")
			if tt.cookie != "" {
				p.Eval(fmt.Sprintf(`document.cookie = "og=%s;path=/"`, fmt.Sprintf(tt.cookie, time.Now().Unix()-60)), nil)
			}
			p.Goto(s.site.URL + "/")
			settle(p)
			s.wantCalls(tt.loads...)
			if !tt.asked {
				if got := s.asked("GET /og/panel.js"); got != 0 {
					t.Errorf("asked before the time: the panel was loaded %d times", got)
				}
				p.Eval(`optgate.set({functional: true, marketing: true, video: true})`, nil)
			} else {
				p.WaitFor(`document.querySelector("#og-panel")`)
				p.Click("#og-accept")
			}
			s.wantCalls("/fresh", "/marketing.js", "/old")
		})
	}
}

// If only a part is asked again, the first layer speaks about that alone, and
// its buttons leave the other answers as they are.
func TestAPartAskedAgain(t *testing.T) {
	for _, tt := range []struct {
		name, cookie string
		since        map[string]int
		says, button string
		action       string
		choices      map[string]bool
	}{
		{"no to the part", "1.4.%d.functional:1,marketing:1", map[string]int{"marketing": 5}, "Again: marketing.", "#og-reject", "save", map[string]bool{"functional": true, "marketing": false}},
		{"yes to the part", "1.4.%d.functional:0,marketing:0", map[string]int{"marketing": 5}, "Again: marketing.", "#og-accept", "save", map[string]bool{"functional": false, "marketing": true}},
		{"a part without an answer", "1.7.%d.functional:1", nil, "Again: marketing.", "#og-reject", "save", map[string]bool{"functional": true, "marketing": false}},
		{"all", "1.4.%d.functional:1,marketing:1", map[string]int{"functional": 5, "marketing": 5}, "All.", "#og-reject", "reject_all", map[string]bool{"functional": false, "marketing": false}},
		{"a part without words", "1.4.%d.functional:1,marketing:1", map[string]int{"functional": 5}, "All.", "#og-reject", "reject_all", map[string]bool{"functional": false, "marketing": false}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStand(t, "")
			s.page("/empty", "<!doctype html><title>t</title>")
			s.set("e", tt.since)
			p := browser.New(t, browser.Options{})
			p.Goto(s.site.URL + "/empty")
			p.Eval(fmt.Sprintf(`document.cookie = "og=%s;path=/"`, fmt.Sprintf(tt.cookie, time.Now().Unix()-60)), nil)
			p.Goto(s.site.URL + "/")
			p.WaitFor(`document.querySelector("#og-panel")`)
			var says string
			p.Eval(`[...document.querySelectorAll("#og-panel :is(p, span)")].filter((el) => !el.hidden).map((el) => el.textContent).join(" ")`, &says)
			if says != tt.says {
				t.Errorf("the first layer says %q, want %q", says, tt.says)
			}
			p.Click(tt.button)
			if got := s.wantPosts(1)[0]; got.Action != tt.action || !maps.Equal(got.Choices, tt.choices) || got.Source != "banner" {
				t.Errorf("got %s by the %s of %v, want %s of %v", got.Action, got.Source, got.Choices, tt.action, tt.choices)
			}
			p.WaitFor(`!document.querySelector("#og-panel")`)
		})
	}
}
