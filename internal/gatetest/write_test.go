package gatetest_test

import (
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// What a released script writes stands in its place, whatever it is, in whatever
// parts; scripts that it writes run in order, before those behind it.
func TestWhatReleasedScriptsWrite(t *testing.T) {
	const after = `<script type="text/plain" data-gate="marketing">(window.ran ||= []).push("after")</script><p id="end">end</p>`
	for _, c := range []struct{ name, html, code, want string }{
		{
			"inline", `<p id="w">a<script type="text/plain" data-gate="marketing">document.write("<b id=x>", "b", "</b>c"); document.writeln("d"); (window.ran ||= []).push(x.textContent)</script>e</p>`, "",
			`w.textContent.replace(/document.*\)/, "") === "abcd\ne" && ran.join() === "b,after"`,
		}, {
			"external", `<p id="w">a<script type="text/plain" data-gate="marketing" data-src="{third}/w.js"></script>e</p>`, `document.write("<b id=x>b</b>c"); (window.ran ||= []).push(x.textContent)`,
			`w.textContent === "abce" && ran.join() === "b,after"`,
		}, {
			"async", `<p id="w">a<script type="text/plain" data-gate="marketing" async data-src="{third}/w.js"></script>e</p>`, `document.write("<b>b</b>c<script>ran.push('written')<\/script>")`,
			`w.textContent.startsWith("abc") && ran.join() === "after,written"`,
		}, {
			"in parts that end anywhere", `<div id="w"><script type="text/plain" data-gate="marketing" data-src="{third}/w.js"></script></div>`,
			`for (const part of ["<di", "v id=x><ul><l", "i>1<", "li>2</ul>&am", "p;</d", "iv><scr", "ipt>window.ran = [x.", "textContent]</scr", "ipt><i>z</i>"]) document.write(part)`,
			`w.querySelectorAll("#x > ul > li").length === 2 && w.querySelector("i") && ran.join() === "12&,after"`,
		}, {
			"scripts", `<div id="w"><script type="text/plain" data-gate="marketing" data-src="{third}/w.js"></script></div>`,
			`document.write('<div><script src="{third}/slow.js"><\/script></div><script>ran.push(document.currentScript.id)<\/script>'.replace("<script>", "<script id=one>")); document.write('<script src="{third}/two.js"><\/script><script>ran.push("three")<\/script>')`,
			`ran.join() === "slow.js,one,two.js,three,after"`,
		}, {
			"scripts from an inline one", `<div id="w"><script type="text/plain" data-gate="marketing">document.write('<script src="{third}/slow.js"><\/script><script>ran.push("one")<\/script>')</script></div>`, "",
			`ran.join() === "slow.js,one,after"`,
		}, {
			"scripts that write", `<div id="w"><script type="text/plain" data-gate="marketing" data-src="{third}/w.js"></script></div>`,
			`document.write('1<script src="{third}/w2.js"><\/script>4')`,
			`w.textContent.replace(/\S+\(.*\)/, "") === "1234" && ran.join() === "w2,after"`,
		}, {
			"what runs nothing", `<div id="w"><script type="text/plain" data-gate="marketing" data-src="{third}/w.js"></script></div>`,
			`document.write('<script type="application/json" id=x>{"a":1}<\/script><template id=y><script>ran.push("template")<\/script></template>'); window.ran = []`,
			`JSON.parse(x.text).a === 1 && x.type === "application/json" && y.content.firstChild && ran.join() === "after"`,
		}, {
			"from a template", `<template data-gate="marketing"><p id="w">a<script>document.write("b")</script>c</p></template>`, "",
			`w.innerText === "abc"`,
		}, {
			"opened and closed", `<p id="w">a<script type="text/plain" data-gate="marketing">document.open(); document.write("b"); document.close()</script>c</p>`, "",
			`w.innerText === "abc"`,
		}, {
			"by itself, later", `<p id="w">a<script type="text/plain" data-gate="marketing">setTimeout(() => document.write("b<i>i</i>"))</script>c</p>`, "",
			`w.innerText === "ac" && document.querySelector("#w ~ * i") && document.body.innerText.includes("bi")`,
		}, {
			"once the page has loaded", `<p id="w">a<script type="text/plain" data-gate="marketing">addEventListener("load", () => document.write("b<i>i</i>"))</script>c</p>`, "",
			`w.innerText === "ac" && document.querySelector("#w ~ * i") && document.body.innerText.includes("bi")`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t, `<p id="first">first</p>`+c.html+after)
			s.script("/w.js", c.code)
			s.script("/w2.js", `document.write("23"); window.ran = ["w2"]`)
			p := s.visit()
			p.WaitFor("document.querySelector('#og-panel') && document.readyState === 'complete'")
			check := func() {
				t.Helper()
				p.WaitFor("window.end && window.first && document.readyState === 'complete' && window.ran?.includes('after')")
				// An async script may come last of all, and nothing more may come then.
				p.WaitFor(c.want)
				settle(p)
				var ok bool
				if p.Eval(c.want, &ok); !ok {
					var html string
					p.Eval("(window.w || document.body).outerHTML + ' ran ' + window.ran", &html)
					t.Errorf("%s is not so: %s", c.want, html)
				}
				if p.Eval("!!(window.end && window.first && document.querySelector('#og-open'))", &ok); !ok {
					t.Error("the page was blanked")
				}
			}
			p.Eval("optgate.acceptAll()", nil)
			check()
			// Who comes again has it while the page is read.
			s.wantPosts(1)
			p.Reload()
			check()
		})
	}
}

// The page's own code writes as ever, before, between and behind what is
// released.
func TestWhatThePageWrites(t *testing.T) {
	s := newStand(t, `
		<p>a<script>document.write("<b>b</b>")</script>c</p>
		<script type="text/plain" data-gate="marketing">(window.ran ||= []).push("released")</script>
		<p>d<script>document.write("<b>e</b>", "f"); document.writeln("<scr" + "ipt>document.write('g')</scr" + "ipt>"); (window.ran ||= []).push("own")</script>h</p>`)
	p := s.accepted()
	p.WaitFor("document.readyState === 'complete' && window.ran?.sort().join() === 'own,released'")
	p.WaitFor("[...document.querySelectorAll('body > p')].map((e) => e.innerText).join('|').replace(/\\s/g, '') === 'abc|defgh'")
	p.Eval("document.open(); document.write('<p>another page'); document.close()", nil)
	p.WaitFor("document.body.innerText.startsWith('another page')")
}

// A script that a released one without the page's nonce would write gets in by
// the gate as little as by the browser.
func TestWrittenScriptsUnderAStrictPolicy(t *testing.T) {
	s := newStand(t, "")
	s.page("/", `<!doctype html><html lang="en"><head><script nonce="abc" src="/og/gate.js"></script></head><body>
		<script type="text/plain" data-gate="essential" nonce="abc">window.ran = []; document.write('<p id=w>written</p><scr' + 'ipt src="{third}/smuggled.js"></scr' + 'ipt><scr' + 'ipt nonce=abc>ran.push("nonced")</scr' + 'ipt>')</script></body></html>`)
	s.header.Set("Content-Security-Policy", "script-src 'nonce-abc' 'strict-dynamic'")
	p := s.visit()
	p.WaitFor("window.ran?.includes('nonced') && window.w")
	settle(p)
	s.wantCalls()

	// Where text may not become markup, the page is at least not blanked.
	s.header.Set("Content-Security-Policy", "script-src 'nonce-abc' 'strict-dynamic'; require-trusted-types-for 'script'; trusted-types optgate")
	p = browser.New(t, browser.Options{})
	p.Goto(s.site.URL + "/")
	p.WaitFor("document.querySelector('#og-panel') && window.ran")
	settle(p)
	s.wantCalls()
}
