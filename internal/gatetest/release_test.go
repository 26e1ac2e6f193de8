package gatetest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// ran returns what the page's scripts noted, in order.
func ran(p *browser.Page) []string {
	var got []string
	p.Eval("window.ran || []", &got)
	return got
}

// Sites let comments have links with any data attribute.
func TestMarkedLinksLeadNowhere(t *testing.T) {
	s := newStand(t, `<a id="a" data-gate="essential" data-href="javascript:window.ran=['a']">a</a>`+
		`<map><area id="b" data-gate="essential" data-href="javascript:window.ran=['b']"></map>`)
	p := s.visit()
	p.WaitFor("!document.querySelector('[data-gate]')")
	var led bool
	if p.Eval("document.querySelector('#a').href !== '' || document.querySelector('#b').href !== ''", &led); led {
		t.Error("a marked link was given an address")
	}
}

// A place that is no selector stops neither the tags behind it nor the
// recording.
func TestPlaceThatIsNoSelector(t *testing.T) {
	s := newStand(t, "")
	s.set("t", []map[string]any{
		{"c": "marketing", "k": 3, "u": "{third}/frame", "q": "#video >", "n": "A film"},
		{"c": "marketing", "k": 0, "u": "{third}/pixel"},
	})
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Eval("optgate.acceptAll()", nil)
	s.wantPosts(1)
	s.wantCalls("/pixel")
}

// Each kind of element, marked, does nothing before and its work after.
func TestEachKindOfElement(t *testing.T) {
	cases := []struct {
		name, html string
		calls      []string // of the third party
		after      string   // true on the page once all is done
	}{
		{"inline script", `<script type="text/plain" data-gate="marketing" data-gate-service="x" id="s">(window.ran ||= []).push(document.currentScript.id)</script>`, nil, `ran.join() === "s" && document.querySelector("#s").dataset.gateService === "x"`},
		{"external script", `<script type="text/plain" data-gate="marketing" data-src="{third}/a.js" id="s" crossorigin referrerpolicy="no-referrer"></script>`, []string{"/a.js"}, `ran.join() === "a.js" && document.querySelector("#s").crossOrigin === "anonymous" && document.querySelector("#s").referrerPolicy === "no-referrer"`},
		{"script with src", `<script type="text/plain" data-gate="marketing" src="{third}/a.js"></script>`, []string{"/a.js"}, `ran.join() === "a.js"`},
		{"wrong integrity", `<script type="text/plain" data-gate="marketing" data-src="{third}/a.js" crossorigin integrity="sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="></script><script type="text/plain" data-gate="marketing">window.after = 1</script>`, []string{"/a.js"}, `window.after && !window.ran`},
		{"module", `<script type="text/plain" data-type="module" data-gate="marketing">(window.ran ||= []).push(String(import.meta.url === location.href))</script>`, nil, `ran.join() === "true"`},
		{"external module", `<script type="text/plain" data-type="module" data-gate="marketing" data-src="{third}/a.js"></script>`, []string{"/a.js"}, `ran.join() === "a.js"`},
		{"image", `<img data-gate="marketing" data-src="{third}/i.gif">`, []string{"/i.gif"}, ""},
		{"image set", `<img data-gate="marketing" data-srcset="{third}/i.gif 1x">`, []string{"/i.gif"}, ""},
		{"iframe", `<iframe data-gate="marketing" data-src="{third}/f"></iframe>`, []string{"/f"}, ""},
		{"style sheet", `<link rel="stylesheet" data-gate="marketing" data-href="{third}/c.css">`, []string{"/c.css"}, ""},
		{"video", `<video data-gate="marketing" data-src="{third}/v.mp4" preload="auto"></video>`, []string{"/v.mp4"}, ""},
		{"audio", `<audio data-gate="marketing" data-src="{third}/v.mp3" preload="auto"></audio>`, []string{"/v.mp3"}, ""},
		{"embed", `<embed data-gate="marketing" data-src="{third}/e">`, []string{"/e"}, ""},
		{"object", `<object data-gate="marketing" data-src="{third}/o"></object>`, []string{"/o"}, ""},
		{"template", `<p id="before"></p><template data-gate="marketing"><p id="in"><img src="{third}/t.gif"></p><script src="{third}/a.js"></script><script>ran.push("after")</script><script type="application/json" id="j">{}</script></template>`, []string{"/a.js", "/t.gif"}, `ran.join() === "a.js,after" && before.nextElementSibling.id === "in" && document.querySelector("#j").type === "application/json"`},
		{"marks inside a template", `<template data-gate="functional"><img data-gate="marketing" data-src="{third}/t.gif"></template>`, []string{"/t.gif"}, ""},
		{"categories with a comma and spaces", `<img data-gate=" functional,  marketing " data-src="{third}/i.gif">`, []string{"/i.gif"}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t, c.html)
			p := s.visit()
			p.WaitFor("document.querySelector('#og-panel')")
			settle(p)
			s.wantCalls()
			if got := ran(p); len(got) != 0 {
				t.Fatalf("ran before the decision: %q", got)
			}
			p.Eval("optgate.acceptAll()", nil)
			s.wantCalls(c.calls...)
			if c.after != "" {
				p.WaitFor(c.after)
			}
			// A second decision releases nothing again.
			p.Eval("optgate.acceptAll()", nil)
			s.wantPosts(2)
			settle(p)
			s.wantCalls(c.calls...)
			if c.after != "" {
				p.WaitFor(c.after)
			}
		})
	}
}

// Dependent scripts run in the order of the document, however slow the first is,
// and one that fails holds up nothing.
func TestScriptsRunInOrder(t *testing.T) {
	s := newStand(t, `
		<script type="text/plain" data-gate="marketing">(window.ran ||= []).push("first")</script>
		<script type="text/plain" data-gate="marketing" data-src="{third}/slow.js"></script>
		<script type="text/plain" data-gate="marketing" data-src="{third}/fast.js"></script>
		<script type="text/plain" data-gate="marketing" async data-src="{third}/async.js"></script>
		<script type="text/plain" data-gate="marketing">ran.push("needs both")</script>
		<script type="text/plain" data-gate="marketing" async data-src="{third}/needs-inline.js"></script>
		<script type="text/plain" data-gate="marketing" data-src="{third}/missing.js"></script>
		<script type="text/plain" data-gate="marketing" nomodule data-src="{third}/old.js"></script>
		<script type="text/plain" data-gate="marketing" defer data-src="{third}/last.js"></script>
		<script type="text/plain" data-gate="marketing">ran.push("end")</script>`)
	release := s.hold("/slow.js")
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Click("#og-accept")
	p.WaitFor("window.ran?.includes('async.js')")
	s.until("what waits is fetched beside the slow one", func() bool {
		return slices.Contains(s.calls(), "/fast.js") && slices.Contains(s.calls(), "/needs-inline.js")
	})
	if got, want := ran(p), []string{"first", "async.js"}; !slices.Equal(got, want) {
		t.Errorf("ran %q while the first was loading, want %q", got, want)
	}
	release()
	p.WaitFor("window.ran.includes('end') && window.ran.includes('needs-inline.js')")
	got := ran(p)
	if at := slices.Index(got, "needs-inline.js"); at < slices.Index(got, "needs both") {
		t.Errorf("ran %q, want what an async script was given before it", got)
	}
	got = slices.DeleteFunc(got, func(name string) bool { return name == "needs-inline.js" })
	if want := []string{"first", "async.js", "slow.js", "fast.js", "needs both", "last.js", "end"}; !slices.Equal(got, want) {
		t.Errorf("ran %q, want %q", got, want)
	}
}

// Who withdraws while scripts wait in line stops those that have not begun, also
// in the moment until the page starts anew.
func TestWithdrawalStopsWhatWaits(t *testing.T) {
	s := newStand(t, `
		<script type="text/plain" data-gate="marketing" data-src="{third}/slow.js"></script>
		<script type="text/plain" data-gate="marketing">sessionStorage.late = 1</script>`)
	replied := make(chan struct{})
	reply := sync.OnceFunc(func() { close(replied) })
	t.Cleanup(reply)
	release := s.hold("/slow.js")
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Click("#og-accept")
	s.wantCalls("/slow.js")
	s.wantPosts(1)
	s.answer(func(w http.ResponseWriter, _ *http.Request, _ string) {
		<-replied
		w.WriteHeader(http.StatusCreated)
	})
	p.Eval("window.same = 1; addEventListener('pagehide', () => sessionStorage.ran = window.ran)", nil)
	p.Eval("optgate.withdraw()", nil)
	release()
	p.WaitFor("!window.same && document.readyState === 'complete' && document.querySelector('#og-open')")
	reply()
	p.WaitFor("sessionStorage.ran === 'slow.js' && !sessionStorage.late")
	p.Eval("document.body.insertAdjacentHTML('beforeend', '<img data-gate=marketing data-src=\""+s.third()+"/after.gif\">')", nil)
	settle(p)
	s.wantCalls("/slow.js")
	if got := ran(p); len(got) != 0 {
		t.Errorf("ran %q after the withdrawal, want nothing", got)
	}
}

// A decision by the API releases what the page has, also where no panel is shown
// that would go away.
func TestReleaseWithoutThePanel(t *testing.T) {
	s := newStand(t, `<img data-gate="marketing" data-src="{third}/m.gif">`)
	p := s.visit()
	p.Eval("optgate.rejectAll()", nil)
	s.wantPosts(1)
	p.Reload()
	p.WaitFor("document.readyState === 'complete' && document.querySelector('#og-open')")
	p.Eval("optgate.acceptAll()", nil)
	s.wantCalls("/m.gif")
}

// Tags that a script adds, and marks that it adds, count as those of the page;
// so do those of a body that a framework swaps.
func TestWhatIsAddedLater(t *testing.T) {
	s := newStand(t, `<div id="app"></div>`)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	add := func(path string) string {
		return fmt.Sprintf(`app.insertAdjacentHTML("beforeend", '<img data-gate="marketing" data-src="%s%s">')`, s.third(), path)
	}
	p.Eval(add("/early.gif"), nil)
	settle(p)
	s.wantCalls()
	p.Click("#og-accept")
	s.wantCalls("/early.gif")
	p.WaitFor("[...document.querySelectorAll('[role=status]')].some((e) => e.textContent)")
	p.Eval(add("/late.gif"), nil)
	s.wantCalls("/early.gif", "/late.gif")
	p.Eval(fmt.Sprintf(`(() => {
		const s = document.createElement("script");
		s.type = "text/plain"; s.dataset.src = "%s/attr.js";
		s.id = "late"; app.append(s);
	})()`, s.third()), nil)
	p.Eval(`late.dataset.gate = "marketing"`, nil)
	p.WaitFor("window.ran?.join() === 'attr.js'")
	p.Eval(`document.body = document.createElement("body")`, nil)
	p.WaitFor("document.querySelectorAll('body #og-open').length === 1")
	p.Eval(fmt.Sprintf(`document.body.innerHTML = '<img data-gate="marketing" data-src="%s/swap.gif">'`, s.third()), nil)
	p.WaitFor("document.querySelectorAll('body #og-open').length === 1")
	s.wantCalls("/attr.js", "/early.gif", "/late.gif", "/swap.gif")
}

func TestTheBannerSurvivesASwappedBody(t *testing.T) {
	s := newStand(t, "")
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Eval(`document.body = document.createElement("body")`, nil)
	p.WaitFor("document.querySelector('body #og-panel')")
	p.Click("#og-customise")
	p.WaitFor("document.querySelector('body #og-preferences').open")
	p.Click("dialog [data-og-reject]")
	if got := s.wantPosts(1)[0].Action; got != "reject_all" {
		t.Errorf("got %s, want reject_all", got)
	}
}

// An extension that removes the banner wins, instead of hanging the page.
func TestTheBannerIsNotPutBackForEver(t *testing.T) {
	s := newStand(t, `<script>
		window.fights = 0;
		new MutationObserver(() => { const e = document.querySelector("#og-panel"); if (e) { fights++; e.remove() } }).observe(document, {childList: true, subtree: true});
	</script>`)
	p := s.visit()
	p.WaitFor("window.fights > 1")
	settle(p)
	p.WaitFor("!document.querySelector('#og-panel')")
}

// A script that arrives in parts runs whole.
func TestAScriptInParts(t *testing.T) {
	s := newStand(t, "")
	now := make(chan struct{})
	finish := sync.OnceFunc(func() { close(now) })
	t.Cleanup(finish)
	s.site.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/parts" {
			s.serveSite(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><script src="/og/gate.js"></script><script>optgate.acceptAll()</script>%s<script type="text/plain" data-gate="marketing">window.parts = ["one"`, strings.Repeat("<p>filler</p>", 2000))
		http.NewResponseController(w).Flush()
		<-now
		fmt.Fprint(w, `, "two"]</script><p>end`)
	})
	p := browser.New(t, browser.Options{})
	p.Begin(s.site.URL + "/parts")
	p.WaitFor(`document.querySelectorAll("p").length > 1999 && document.querySelector("script[type='text/plain']")`)
	finish()
	p.WaitFor(`window.parts?.join() === "one,two"`)
	if got := p.Console(); len(got) != 0 {
		t.Errorf("got console %q, want nothing", got)
	}
}

func TestServerTags(t *testing.T) {
	s := newStand(t, `<div id="video"><p>off</p></div>`)
	s.set("t", []map[string]any{
		{"c": "marketing", "k": 0, "u": "{third}/pixel.gif"},
		{"c": "marketing", "k": 1, "u": "{third}/tag.js"},
		{"c": "marketing", "k": 2, "b": "ran.push('inline')"},
		{"c": "functional", "k": 3, "u": "{third}/frame", "q": "#video", "n": "A film"},
		{"c": "functional", "k": 3, "u": "{third}/later", "q": "#later", "n": "Later"},
		{"c": "functional", "k": 3, "u": "{third}/never", "q": "#nowhere", "n": "Never"},
	})
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	settle(p)
	s.wantCalls()
	p.Click("#og-accept")
	s.wantCalls("/frame", "/pixel.gif", "/tag.js")
	p.WaitFor("ran.join() === 'tag.js,inline' && document.querySelector('#video iframe').title === 'A film'")
	p.Eval(`document.body.insertAdjacentHTML("beforeend", "<div id=later></div>")`, nil)
	s.wantCalls("/frame", "/later", "/pixel.gif", "/tag.js")
}

// An unknown category stays blocked and is said once.
func TestUnknownCategories(t *testing.T) {
	s := newStand(t, `<img data-gate="nonsense" data-src="{third}/1"><img data-gate="nonsense" data-src="{third}/2"><img data-gate data-src="{third}/3"><img data-gate="marketing nonsense" data-src="{third}/4"><img data-gate="constructor" data-src="{third}/5">`)
	p := s.visit()
	p.Eval("optgate.acceptAll()", nil)
	s.wantPosts(1)
	settle(p)
	s.wantCalls()
	var warnings []string
	for _, m := range p.Console() {
		if strings.Contains(m, `"nonsense"`) {
			warnings = append(warnings, m)
		}
	}
	if len(warnings) != 1 || !strings.HasPrefix(warnings[0], "warning:") {
		t.Errorf("got warnings %q, want one", warnings)
	}
}

const nonced = `<!doctype html><html lang="en"><head><script nonce="abc" src="/og/gate.js"></script></head><body>
	<script type="text/plain" data-gate="marketing" nonce="abc">(window.ran ||= []).push("inline")</script>
	<script type="text/plain" data-gate="marketing" nonce="abc" data-src="{third}/a.js"></script>
	<script type="text/plain" data-gate="marketing">ran.push("smuggled inline")</script>
	<script type="text/plain" data-gate="marketing" data-src="{third}/smuggled.js"></script>
	<script type="text/plain" data-gate="essential" nonce="wrong" data-src="{third}/wrong.js"></script>
	<template data-gate="marketing"><script src="{third}/smuggled2.js"></script><script nonce="abc">ran.push("template")</script></template>
	<script type="text/plain" data-gate="marketing" nonce="abc">ran.push("end")</script></body></html>`

// Under strict policies the gate works, shows its panel with its looks, hands on
// the nonce that an element carries, and gives none to those without.
func TestStrictPolicies(t *testing.T) {
	for _, c := range []struct{ name, policy string }{
		{"strict-dynamic and Trusted Types", "default-src 'none'; script-src 'nonce-abc' 'strict-dynamic'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types optgate"},
		{"nonce only", "script-src 'nonce-abc'; style-src 'self'; connect-src 'self'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t, "")
			s.header.Set("Content-Security-Policy", c.policy)
			s.page("/", nonced)
			s.set("t", []map[string]any{{"c": "marketing", "k": 2, "b": "(window.ran ||= []).push('server')"}})
			p := s.visit()
			p.WaitFor("getComputedStyle(document.querySelector('#og-panel')).position === 'fixed'")
			settle(p)
			s.wantCalls()
			p.Click("#og-accept")
			p.WaitFor("window.ran?.includes('template') && ran.includes('end') && ran.includes('server')")
			settle(p)
			s.wantCalls("/a.js")
			for _, name := range ran(p) {
				if strings.Contains(name, "smuggled") {
					t.Errorf("%s ran", name)
				}
			}
			p.WaitFor("getComputedStyle(document.querySelector('#og-open')).position === 'fixed'")
		})
	}
}

// A gate that the policy allows by its address hands on the nonces of others.
func TestANonceThatTheGateHasNot(t *testing.T) {
	s := newStand(t, `<script type="text/plain" data-gate="essential" nonce="abc">window.ran = ["own nonce"]</script><script type="text/plain" data-gate="essential">ran.push("none")</script>`)
	s.header.Set("Content-Security-Policy", "script-src 'self' 'nonce-abc'")
	p := s.visit()
	p.WaitFor("window.ran")
	settle(p)
	if got := ran(p); len(got) != 1 {
		t.Errorf("ran %q, want only the one with a nonce", got)
	}
}

// Without the page's leave for its policy, the gate stays shut and harmless.
func TestTrustedTypesWithoutLeave(t *testing.T) {
	s := newStand(t, `<script type="text/plain" data-gate="essential" data-src="{third}/a.js"></script>`)
	s.header.Set("Content-Security-Policy", "require-trusted-types-for 'script'; trusted-types other")
	p := s.visit()
	settle(p)
	s.wantCalls()
	for _, m := range p.Console() {
		if strings.HasPrefix(m, "uncaught") {
			t.Errorf("got %q", m)
		}
	}
}
