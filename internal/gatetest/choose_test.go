package gatetest_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/testkit/browser"
)

const probes = `<img data-gate="functional" data-src="{third}/functional.gif"><img data-gate="marketing" data-src="{third}/marketing.gif">` +
	`<img data-gate="essential" data-src="{third}/essential.gif"><img data-gate="nonsense" data-src="{third}/nonsense.gif">` +
	`<img data-gate="functional, marketing" data-src="{third}/both.gif">`

// Nothing but the gate and the panel is fetched before a decision, and nothing
// is stored.
func TestBeforeADecision(t *testing.T) {
	s := newStand(t, probes)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	settle(p)
	s.wantCalls("/essential.gif")
	var stored string
	p.Eval("document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)", &stored)
	if stored != "{}{}" || len(p.Cookies()) != 0 {
		t.Errorf("stored %q and cookies %v, want nothing", stored, p.Cookies())
	}
	for _, r := range p.Requests() {
		path := strings.TrimPrefix(r.URL, s.site.URL)
		if !slices.Contains([]string{"/", "/og/gate.js", "/og/panel.js?lang=en&v=abc", s.third() + "/essential.gif", "/sentinel", "/favicon.ico"}, path) {
			t.Errorf("unexpected request %v", r)
		}
	}
	var first bool
	p.Eval("document.body.querySelector('#og-panel') !== null && !document.querySelector('#og-open') && !document.querySelector('#og-preferences')", &first)
	if !first {
		t.Error("want the banner, without the control and the preferences")
	}
}

// The pieces are those of a later revision than the gate, which came from a
// cache: which panel it was cannot be said of the gate's revision.
func TestDecisionInALaterPanel(t *testing.T) {
	s := newStand(t, probes)
	s.shown = `{8:"00112233445566778899aabbccddeeff"}`
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Click("#og-accept")
	if got := s.wantPosts(1)[0]; got.Revision != 7 || got.Source != "banner" || got.Panel != "" {
		t.Errorf("got %+v, want an answer to revision 7 without a panel", got)
	}
}

func TestDecisions(t *testing.T) {
	all := []string{"/essential.gif", "/functional.gif", "/marketing.gif", "/both.gif"}
	cases := []struct {
		name           string
		do             func(p *browser.Page)
		action, source string
		choices        map[string]bool
		calls          []string
	}{
		{"accept", func(p *browser.Page) { p.Click("#og-accept") }, "accept_all", "banner", map[string]bool{"functional": true, "marketing": true}, all},
		{"reject", func(p *browser.Page) { p.Click("#og-reject") }, "reject_all", "banner", map[string]bool{"functional": false, "marketing": false}, all[:1]},
		{"a click by a script", func(p *browser.Page) { p.Eval("document.querySelector('#og-reject').click()", nil) }, "reject_all", "banner", map[string]bool{"functional": false, "marketing": false}, all[:1]},
		{"save one", func(p *browser.Page) {
			p.Click("#og-customise")
			p.Click("[name=og-functional]")
			p.Click("#og-save")
		}, "save", "preferences", map[string]bool{"functional": true, "marketing": false}, all[:2]},
		{"accept in the preferences", func(p *browser.Page) {
			p.Click("#og-customise")
			p.Click("dialog [data-og-accept]")
		}, "accept_all", "preferences", map[string]bool{"functional": true, "marketing": true}, all},
		{"by the API", func(p *browser.Page) { p.Eval("optgate.set({marketing: true})", nil) }, "save", "api", map[string]bool{"functional": false, "marketing": true}, []string{"/essential.gif", "/marketing.gif"}},
		{"accept by the API", func(p *browser.Page) { p.Eval("optgate.acceptAll()", nil) }, "accept_all", "api", map[string]bool{"functional": true, "marketing": true}, all},
		{"withdraw by the API", func(p *browser.Page) { p.Eval("optgate.withdraw()", nil) }, "withdraw", "api", map[string]bool{"functional": false, "marketing": false}, all[:1]},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t, probes)
			p := s.visit()
			p.WaitFor("document.querySelector('#og-panel')")
			c.do(p)
			got := s.wantPosts(1)[0]
			if got.Action != c.action || got.Source != c.source || !maps.Equal(got.Choices, c.choices) || got.Revision != 7 || got.Language != "en" {
				t.Errorf("got decision %+v, want %s by %s with %v", got, c.action, c.source, c.choices)
			}
			if want := map[bool]string{false: "00112233445566778899aabbccddeeff"}[c.source == "api"]; got.Panel != want {
				t.Errorf("got panel %q of a decision by %s, want %q", got.Panel, c.source, want)
			}
			for _, id := range []string{got.ID, got.Visitor} {
				if _, err := ulid.ParseStrict(id); err != nil {
					t.Errorf("id %q: %v", id, err)
				}
			}
			if got.contentType != "application/json" {
				t.Errorf("got content type %q, want application/json", got.contentType)
			}
			settle(p)
			s.wantCalls(c.calls...)
			p.WaitFor("!document.querySelector('#og-panel') && !document.querySelector('#og-preferences').open && document.querySelector('#og-open').offsetWidth > 24")
			p.WaitFor("localStorage.length === 0")

			// The choice holds: no banner, no panel, the same tags.
			p.Reload()
			settle(p)
			s.wantCalls(append(slices.Clone(c.calls), c.calls...)...)
			p.WaitFor("!document.querySelector('#og-panel') && document.querySelector('#og-open')")
			if n := s.asked("GET /og/panel.js"); n != 1 {
				t.Errorf("the panel was fetched %d times, want 1", n)
			}
		})
	}
}

// The banner is gone when the click is done; what it allows runs only after the
// browser could paint that.
func TestTheBannerGoesInTheSameTask(t *testing.T) {
	s := newStand(t, `<script type="text/plain" data-gate="marketing">window.ran = ["heavy"]</script>`)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	var got struct{ Banner, Ran bool }
	p.Eval(`(async () => {
		document.querySelector("#og-accept").click();
		const Banner = !!document.querySelector("#og-panel");
		for (let i = 0; i < 10; i++) await null;
		return {Banner, Ran: !!window.ran};
	})()`, &got)
	if got.Banner || got.Ran {
		t.Errorf("got %+v at once after the click, want neither", got)
	}
	p.WaitFor("window.ran")
}

func TestTheCookieIsWrittenAtOnce(t *testing.T) {
	s := newStand(t, "")
	s.answer(func(w http.ResponseWriter, _ *http.Request, _ string) { w.WriteHeader(http.StatusServiceUnavailable) })
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	var jar string
	p.Eval(`(() => { document.querySelector("#og-accept").click(); return document.cookie })()`, &jar)
	at := time.Now().Unix()
	var revision, unix int
	if n, err := fmt.Sscanf(jar, "og=1.%d.%d.functional:1,marketing:1", &revision, &unix); n != 2 || err != nil || revision != 7 || int64(unix) < at-5 || int64(unix) > at+5 {
		t.Errorf("got cookie %q at %d", jar, at)
	}
	c := p.Cookies()[0]
	if days := (c.Expires - float64(at)) / 1e6; c.Path != "/" || c.SameSite != "Lax" || days < 0.99 || days > 1.01 {
		t.Errorf("got cookie %+v, want path /, SameSite Lax, lifetime a million seconds", c)
	}
}

// What is in the browser decides what the gate makes of it.
func TestReadingTheChoice(t *testing.T) {
	now := time.Now().Unix()
	value := func(at int64, pairs string) string { return fmt.Sprintf("1.7.%d.%s", at, pairs) }
	cases := []struct {
		name  string
		jar   []string // cookies, as a script would write them
		asks  bool
		calls []string
	}{
		{"nothing", nil, true, nil},
		{"yes", []string{"og=" + value(now, "functional:1,marketing:1")}, false, []string{"/f", "/m"}},
		{"yes and no", []string{"og=" + value(now, "functional:1,marketing:0")}, false, []string{"/f"}},
		{"a category was added", []string{"og=" + value(now, "functional:1")}, true, []string{"/f"}},
		{"expired", []string{"og=" + value(now-1000001, "functional:1,marketing:1")}, true, nil},
		{"garbage", []string{"og=1.7.x"}, true, nil},
		{"the name at the end of another", []string{"xog=" + value(now, "functional:1,marketing:1")}, true, nil},
		{"two: the newest wins", []string{"og=" + value(now-5, "functional:1,marketing:1"), "og=" + value(now, "functional:0,marketing:1") + ";path=/p"}, false, []string{"/m"}},
		{"two: the newest wins, the other way round", []string{"og=" + value(now, "functional:0,marketing:1"), "og=" + value(now-5, "functional:1,marketing:1") + ";path=/p"}, false, []string{"/m"}},
		{"two: the broken one is ignored", []string{"og=" + value(now-5, "functional:1,marketing:1"), "og=1;path=/p"}, false, []string{"/f", "/m"}},
	}
	s := newStand(t, "")
	s.put("/p/", `<img data-gate="functional" data-src="{third}/f"><img data-gate="marketing" data-src="{third}/m">`)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s.mu.Lock()
			s.heard = nil
			s.mu.Unlock()
			p := browser.New(t, browser.Options{})
			p.Goto(s.site.URL + "/")
			for _, cookie := range c.jar {
				p.Eval(fmt.Sprintf("document.cookie = %q", cookie), nil)
			}
			p.Goto(s.site.URL + "/p/")
			settle(p)
			if c.asks {
				p.WaitFor("document.querySelector('#og-panel')")
			} else {
				p.WaitFor("document.querySelector('#og-open') && !document.querySelector('#og-panel')")
			}
			s.t = t
			s.wantCalls(c.calls...)
		})
	}
}

// A cookie of the same name on a parent domain does not make the banner come
// again, even if it claims to be younger.
func TestStraysOnParentDomains(t *testing.T) {
	s := newStand(t, "")
	p := browser.New(t, browser.Options{})
	p.Goto(s.host("a.shop.localhost") + "/")
	p.WaitFor("document.querySelector('#og-panel')")
	p.Eval(fmt.Sprintf("document.cookie = 'og=1.7.%d.functional:1;domain=shop.localhost;path=/'", time.Now().Unix()+1000), nil)
	p.Click("#og-reject")
	s.wantPosts(1)
	s.until("only the gate's own cookie is left", func() bool {
		got := p.Cookies()
		return len(got) == 1 && strings.Contains(got[0].Value, "functional:0") && got[0].Domain == "a.shop.localhost"
	})
	p.Reload()
	p.WaitFor("document.querySelector('#og-open')")
	settle(p)
	p.WaitFor("!document.querySelector('#og-panel')")
}

// A stray that the gate cannot take away, as it lies on another path, loses
// against the visitor's answer even if a wrong clock made it.
func TestStraysOnOtherPaths(t *testing.T) {
	s := newStand(t, "")
	s.put("/p/", "")
	p := s.visit()
	p.Eval(fmt.Sprintf("document.cookie = 'og=1.7.%d.functional:1;path=/p'", time.Now().Unix()+1000), nil)
	p.Goto(s.site.URL + "/p/")
	p.WaitFor("document.querySelector('#og-panel') && optgate.allows('functional')")
	p.Eval("optgate.rejectAll()", nil)
	s.wantPosts(1)
	p.Reload()
	p.WaitFor("document.querySelector('#og-open') && !optgate.allows('functional')")
}

// Toggles are drafts; Esc and Close save nothing; the focus goes where it came
// from; the state is told.
func TestPreferences(t *testing.T) {
	s := newStand(t, `<main><button id="own" data-og-open>Cookies</button></main>`)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	focus := func(selector string) {
		t.Helper()
		p.WaitFor("document.activeElement === document.querySelector('" + selector + "')")
	}
	p.Eval("document.querySelector('#og-customise').focus()", nil)
	p.Press(kb.Enter)
	focus("[data-og-heading]")
	p.WaitFor("document.querySelector('[data-og-state]').hidden")
	p.Click("[name=og-functional]")
	p.Press(kb.Escape)
	p.WaitFor("!document.querySelector('#og-preferences').open")
	focus("#og-customise")
	p.Press(kb.Enter)
	p.WaitFor("document.querySelector('#og-preferences').open && !document.querySelector('[name=og-functional]').checked")
	p.Click("[name=og-marketing]")
	p.Click("[data-og-close]")
	focus("#og-customise")
	settle(p)
	if got := s.posts(); len(got) != 0 {
		t.Fatalf("drafts were sent: %+v", got)
	}

	// Save from the banner: what opened the dialog is gone.
	p.Press(kb.Enter)
	focus("[data-og-heading]")
	p.Click("[name=og-marketing]")
	p.Click("#og-save")
	focus("#og-open")
	p.WaitFor("[...document.querySelectorAll('[role=status]')].some((e) => e.textContent === 'Saved.' && e.offsetParent !== undefined && e.isConnected)")
	if got := s.wantPosts(1)[0].Choices; !maps.Equal(got, map[string]bool{"functional": false, "marketing": true}) {
		t.Errorf("got %v, want marketing only", got)
	}

	// Opened again, by the site's own button: the state as it is.
	p.Click("#own")
	focus("[data-og-heading]")
	p.WaitFor(`!document.querySelector("[data-og-state]").hidden && document.querySelector("[name=og-marketing]").checked && !document.querySelector("[name=og-functional]").checked`)
	p.WaitFor(`document.querySelector("[data-og-when]").textContent === new Date().toLocaleDateString("en", {dateStyle: "long"})`)
	p.Press(kb.Escape)
	focus("#own")
}

// Whoever decides by keys on the banner is not thrown to the top of the page.
func TestFocusAfterAKeyOnTheBanner(t *testing.T) {
	s := newStand(t, "<a href=/>link</a>")
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Press(kb.Tab)
	p.WaitFor("document.activeElement.id === 'og-reject'")
	p.Press(kb.Enter)
	p.WaitFor("document.activeElement.id === 'og-open'")
}
