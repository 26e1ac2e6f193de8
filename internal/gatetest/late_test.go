package gatetest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// waits is a script that waits for the page in every way, without a look at how
// far the page is, and notes what it heard where.
const waits = `
	const note = (name) => function (e) {
		const where = this === document ? "document" : this === window ? "window" : "object";
		(window.ran ||= []).push(name + " " + e.type + " " + where);
	};
	document.addEventListener("DOMContentLoaded", note("listener"));
	window.addEventListener("DOMContentLoaded", note("listener"));
	addEventListener("load", note("listener"), {capture: true, passive: true});
	window.addEventListener("load", {handleEvent: note("listener")}, false);
	document.addEventListener("readystatechange", function (e) { if (document.readyState === "complete") note("listener").call(this, e) });
	document.addEventListener("DOMContentLoaded", () => window.addEventListener("load", note("listener of a listener")));
	document.body.onload = note("property of body");
	{ const before = window.onload; window.onload = function (e) { before.call(this, e); note("property").call(this, e) } }
	document.onreadystatechange = function (e) { if (document.readyState === "complete") note("property").call(this, e) };
	// Nothing of this is about the page.
	new XMLHttpRequest().addEventListener("load", note("foreign"));
	document.createElement("img").addEventListener("load", note("foreign"));
	document.addEventListener("og-own", note("own"));
	document.dispatchEvent(new Event("og-own"));`

var heard = []string{
	"own og-own document",
	"listener DOMContentLoaded window", "listener DOMContentLoaded document",
	"listener readystatechange document", "property readystatechange document",
	"listener load window", "listener load object", "listener of a listener load window", "property of body load window", "property load window",
}

// The site's own handlers, of every kind; none but waits for the whole time.
const own = `<script>
	window.mine = [];
	for (const t of [document, window]) for (const n of ["DOMContentLoaded", "readystatechange", "load", "pageshow"]) t.addEventListener(n, () => mine.push(n));
	window.onload = () => mine.push("onload");
	document.onreadystatechange = () => mine.push("onreadystatechange");
</script>`

// A released script that waits for the page still runs, once, and the site's own
// handlers hear nothing again.
func TestScriptsThatWaitForThePage(t *testing.T) {
	for _, c := range []struct{ name, html string }{
		{"inline", `<script type="text/plain" data-gate="marketing">{` + waits + `}</script>`},
		{"external", `<script type="text/plain" data-gate="marketing" data-src="{third}/waits.js"></script>`},
		{"async", `<script type="text/plain" data-gate="marketing" async data-src="{third}/waits.js"></script>`},
		{"in a template", `<template data-gate="marketing"><script>{` + waits + `}</script></template>`},
		{"module", `<script type="text/plain" data-type="module" data-gate="marketing">` + waits + `</script>`},
		{"external module", `<script type="text/plain" data-type="module" data-gate="marketing" data-src="{third}/waits.js"></script>`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t, own+c.html)
			s.script("/waits.js", "{"+waits+"}")
			p := s.visit()
			p.WaitFor("document.querySelector('#og-panel') && mine.includes('pageshow')")
			var before, after []string
			p.Eval("mine", &before)
			p.Eval("optgate.acceptAll()", nil)
			p.WaitFor("window.ran?.includes('property load window')")
			// A later script does not make it hear twice.
			p.Eval(`document.body.insertAdjacentHTML("beforeend", '<script type="text/plain" data-gate="marketing" id="later">addEventListener("load", () => window.later = 1)<\/script>')`, nil)
			p.WaitFor("window.later")
			settle(p)
			got := ran(p)
			position := func(s string) int { return slices.Index(heard, s) }
			slices.SortStableFunc(got, func(a, b string) int { return position(a) - position(b) })
			if !slices.Equal(got, heard) {
				t.Errorf("heard\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(heard, "\n"))
			}
			p.Eval("mine", &after)
			if len(after) != len(before) {
				t.Errorf("the site's own handlers heard %q again", after[len(before):])
			}
		})
	}
}

// What is past is said after the scripts before which it would have been said,
// and in the order of a page.
func TestTheOrderOfWhatIsPast(t *testing.T) {
	s := newStand(t, `
		<script type="text/plain" data-gate="marketing">window.ran = []; addEventListener("load", () => ran.push("load")); addEventListener("DOMContentLoaded", () => ran.push("read"))</script>
		<script type="text/plain" data-gate="marketing" data-src="{third}/slow.js"></script>
		<script type="text/plain" data-gate="marketing">ran.push("end")</script>`)
	release := s.hold("/slow.js")
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel') && document.readyState === 'complete'")
	p.Eval("optgate.acceptAll()", nil)
	s.wantCalls("/slow.js")
	if got := ran(p); len(got) != 0 {
		t.Errorf("ran %q while a script was loading, want nothing", got)
	}
	release()
	p.WaitFor("window.ran.includes('load')")
	if got, want := ran(p), []string{"slow.js", "end", "read", "load"}; !slices.Equal(got, want) {
		t.Errorf("ran %q, want %q", got, want)
	}
}

// For who comes again, scripts are released while the page is read, and some of
// what they wait for is still to come.
func TestScriptsThatWaitWhileThePageLoads(t *testing.T) {
	s := newStand(t, own+`<script type="text/plain" data-gate="marketing">{`+waits+`}</script>`+
		`<script type="text/plain" data-gate="marketing" data-src="{third}/slow.js"></script>`)
	s.script("/slow.js", `document.addEventListener("DOMContentLoaded", () => ran.push("slow read")); addEventListener("load", () => ran.push("slow loaded"))`)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Eval("optgate.acceptAll()", nil)
	p.WaitFor("window.ran?.includes('slow loaded')")
	release := s.hold("/slow.js")
	p.Begin(s.site.URL + "/")
	p.WaitFor("mine.includes('DOMContentLoaded')")
	release()
	p.WaitFor("ran.includes('slow loaded')")
	settle(p)
	got, want := ran(p), slices.Concat(heard, []string{"slow read", "slow loaded"})
	if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("heard %q, want %q", got, want)
	}
	var mine []string
	p.Eval("mine.sort()", &mine)
	if want := "DOMContentLoaded,DOMContentLoaded,load,onload,pageshow,readystatechange,readystatechange"; !strings.HasPrefix(strings.Join(mine, ","), "DOMContentLoaded") {
		t.Errorf("the site heard %q, want %s", mine, want)
	}
}

// What the page's own code adds once all is past, it adds in vain, as ever.
func TestOwnHandlersThatComeLate(t *testing.T) {
	s := newStand(t, `<script type="text/plain" data-gate="marketing" data-src="{third}/a.js"></script>`)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel') && document.readyState === 'complete'")
	p.Eval("optgate.acceptAll()", nil)
	p.WaitFor("window.ran")
	p.Eval(`addEventListener("load", () => window.wrong = 2); document.addEventListener("DOMContentLoaded", () => window.wrong = 3)`, nil)
	p.Eval(`document.body.append(Object.assign(document.createElement("script"), {text: "addEventListener('load', () => window.wrong = 4)"}))`, nil)
	p.Eval(`document.body.insertAdjacentHTML("beforeend", '<script type="text/plain" data-gate="marketing">ran.push("b")<\/script>')`, nil)
	p.WaitFor("ran.includes('b')")
	settle(p)
	var wrong int
	if p.Eval("window.wrong || 0", &wrong); wrong != 0 {
		t.Errorf("handler %d of the page was called, want none", wrong)
	}
}

// A script that is released while the page says that it has loaded takes nothing
// from the page's own handlers that have yet to hear it.
func TestAReleaseAmongTheHandlersOfLoad(t *testing.T) {
	s := newStand(t, `<script>
		window.mine = [];
		for (const [target, type] of [[document, "DOMContentLoaded"], [document, "readystatechange"], [window, "load"]])
			target.addEventListener(type, () => {
				const script = document.createElement("script");
				Object.assign(script.dataset, {gate: "essential", src: "{third}/" + type + ".js"});
				script.type = "text/plain";
				const inline = document.createElement("script");
				inline.dataset.gate = "essential";
				Object.assign(inline, {type: "text/plain", text: "(window.ran ||= []).push('" + type + "')"});
				document.body.append(script, inline);
			});
		document.onreadystatechange = () => mine.push(document.readyState);
		document.addEventListener("DOMContentLoaded", () => mine.push("read"));
		window.onload = () => mine.push("onload");
		addEventListener("load", () => mine.push("load"));
	</script>`)
	p := s.visit()
	p.WaitFor("window.ran?.filter((s) => s === 'load').length === 1 && ran.includes('load.js')")
	settle(p)
	var got string
	if p.Eval("mine.join()", &got); got != "interactive,read,complete,onload,load" {
		t.Errorf("the page's own handlers heard %s", got)
	}
}

// A script behind one that has to wait is fetched meanwhile, and runs in its turn.
func TestFetchedAhead(t *testing.T) {
	s := newStand(t, `
		<script type="text/plain" data-gate="marketing" data-src="{third}/slow.js"></script>
		<script type="text/plain" data-gate="marketing">ran.push("inline")</script>
		<script type="text/plain" data-gate="marketing" data-src="{third}/fast.js"></script>`)
	release := s.hold("/slow.js")
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Eval("optgate.acceptAll()", nil)
	s.wantCalls("/fast.js", "/slow.js")
	release()
	p.WaitFor("window.ran?.length === 3")
	if got, want := ran(p), []string{"slow.js", "inline", "fast.js"}; !slices.Equal(got, want) {
		t.Errorf("ran %q, want %q", got, want)
	}
	s.wantCalls("/fast.js", "/slow.js")
}

// Without what runs scripts, none runs and all else is released; it is asked for
// again when the visitor looks again, and not over and over.
func TestScriptsWithoutTheirPiece(t *testing.T) {
	s := newStand(t, `<script type="text/plain" data-gate="marketing" data-src="{third}/a.js"></script><img data-gate="marketing" data-src="{third}/i.gif">`)
	s.breaks("scripts", true)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Eval("optgate.acceptAll()", nil)
	s.wantCalls("/i.gif")
	s.wantPosts(1)
	p.Eval("document.body.append(document.createElement('p'))", nil)
	settle(p)
	if got := s.asked("GET /og/scripts.js"); got != 1 {
		t.Errorf("the piece was asked for %d times, want once", got)
	}
	s.breaks("scripts", false)
	p.Eval("document.dispatchEvent(new Event('visibilitychange'))", nil)
	s.wantCalls("/a.js", "/i.gif")
}

// Handlers of a script's own end count wherever the page put them; those of
// another are no business of it.
func TestHandlersOfScripts(t *testing.T) {
	s := newStand(t, `
		<script type="text/plain" data-gate="marketing" data-src="{third}/a.js" id="a" onload="note('attribute', this)"></script>
		<script type="text/plain" data-gate="marketing" data-src="{third}/missing.js" id="b" onerror="note('attribute', this)"></script>
		<script>
			window.notes = [];
			window.note = (how, script) => notes.push(how + " " + script.id);
			const c = document.createElement("script");
			c.type = "text/plain"; c.dataset.gate = "marketing"; c.dataset.src = "{third}/c.js"; c.id = "c";
			c.onload = function () { note("property", this) };
			for (const s of [document.querySelector("#a"), document.querySelector("#b"), c]) for (const e of ["load", "error"]) s.addEventListener(e, function () { note("listener " + e, this) });
			document.body.append(c);
		</script>`)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Eval("optgate.acceptAll()", nil)
	p.WaitFor("notes.length > 5")
	settle(p)
	var got []string
	p.Eval("notes.sort()", &got)
	want := []string{"attribute a", "attribute b", "listener error b", "listener load a", "listener load c", "property c"}
	if !slices.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
	}
}

// accepted opens the site's page for a visitor who accepted before.
func (s *stand) accepted() *browser.Page {
	s.t.Helper()
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Eval("optgate.acceptAll()", nil)
	s.until("the decision is recorded", func() bool { return len(s.posts()) > 0 })
	p.Reload()
	return p
}
