package gatetest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// A shadow root that the page names counts like the document, from the call on;
// one that it does not name stays as it is.
func TestShadowRoots(t *testing.T) {
	s := newStand(t, `<div id="host"></div><div id="other"></div><script>
		const parts = '<img data-gate="marketing" data-src="{third}/NAME.gif"><template data-gate="marketing"><img src="{third}/NAME-template.gif"></template>';
		for (const host of [window.host, other]) host.attachShadow({mode: "open"}).innerHTML = parts.replaceAll("NAME", host.id);
		const script = Object.assign(document.createElement("script"), {type: "text/plain", text: "(window.ran ||= []).push('inline')"});
		script.dataset.gate = "marketing";
		host.shadowRoot.append(script);
	</script>`)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Eval("optgate.observe(host.shadowRoot); optgate.observe(host.shadowRoot)", nil)
	settle(p)
	s.wantCalls()
	p.Eval("optgate.acceptAll()", nil)
	s.wantCalls("/host.gif", "/host-template.gif")
	p.WaitFor("window.ran?.join() === 'inline'")
	p.Eval(`host.shadowRoot.firstChild.insertAdjacentHTML("afterend", '<b><img data-gate="functional" data-src="`+s.third()+`/later.gif"></b>')`, nil)
	s.wantCalls("/host.gif", "/host-template.gif", "/later.gif")
	settle(p)
	s.wantCalls("/host.gif", "/host-template.gif", "/later.gif")
}

// A call made before the gate has loaded, or while the page is rendered ahead,
// counts too.
func TestAShadowRootOfBefore(t *testing.T) {
	s := newStand(t, "")
	s.page("/", `<!doctype html><html lang="en"><head><script>
		window.optgate = [() => optgate.observe(early)];
		window.early = document.createElement("div").attachShadow({mode: "closed"});
		early.innerHTML = '<img data-gate="essential" data-src="{third}/e.gif"><img data-gate="marketing" data-src="{third}/m.gif">';
	</script><script src="/og/gate.js"></script></head><body></body></html>`)
	p := s.visit()
	s.wantCalls("/e.gif")
	p.WaitFor("document.querySelector('#og-panel')")
	p.Eval("optgate.acceptAll()", nil)
	s.wantCalls("/e.gif", "/m.gif")
}

// A template in a template keeps its own mark, and one without stays inert.
func TestTemplatesInTemplates(t *testing.T) {
	s := newStand(t, `<template data-gate="functional">
			<p id="outer">outer</p><script>(window.ran ||= []).push("outer")</script>
			<template data-gate="marketing"><p id="inner">inner</p><script>ran.push("inner")</script><img src="{third}/inner.gif"></template>
			<template id="inert"><img src="{third}/inert.gif"><script>ran.push("inert")</script></template>
			<script src="{third}/a.js"></script><script>ran.push("end")</script>
		</template>`)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Eval("optgate.set({functional: true})", nil)
	p.WaitFor("window.ran?.join() === 'outer,a.js,end' && window.outer && !window.inner")
	settle(p)
	s.wantCalls("/a.js")
	p.Eval("optgate.set({marketing: true})", nil)
	s.wantCalls("/a.js", "/inner.gif")
	p.WaitFor("ran.join() === 'outer,a.js,end,inner' && outer.nextElementSibling.nextElementSibling === inner")
	p.Eval("document.body.append(inert.content.cloneNode(true))", nil)
	s.wantCalls("/a.js", "/inner.gif", "/inert.gif")
}

// A released script knows itself, as in any page, and finds itself once.
func TestAScriptKnowsItself(t *testing.T) {
	const code = `(window.ran ||= []).push(document.currentScript.id + ":" + document.currentScript.dataset.key + ":" +
		(!document.currentScript.src || [...document.scripts].filter((s) => s.src === document.currentScript.src).length))`
	s := newStand(t, `
		<script type="text/plain" data-gate="marketing" id="inline" data-key="k">`+code+`</script>
		<script type="text/plain" data-gate="marketing" id="external" data-key="k" data-src="{third}/self.js"></script>
		<script type="text/plain" data-gate="marketing" id="src" data-key="k" src="{third}/self2.js"></script>
		<template data-gate="marketing"><script id="template" data-key="k">`+code+`</script><script id="template2" data-key="k" src="{third}/self3.js"></script></template>
		<script type="text/plain" data-gate="marketing" nomodule data-src="{third}/old.js"></script>
		<script type="text/plain" data-gate="marketing" src="{third}/once.js"></script>`)
	for _, path := range []string{"/self.js", "/self2.js", "/self3.js"} {
		s.script(path, code)
	}
	s.script("/once.js", `if (![...document.scripts].some((s) => s !== document.currentScript && s.src === document.currentScript.src)) ran.push("once")`)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Eval("optgate.acceptAll()", nil)
	p.WaitFor("window.ran?.includes('once')")
	got := ran(p)
	want := []string{"inline:k:true", "external:k:1", "src:k:1", "template:k:true", "template2:k:1", "once"}
	if !slices.Equal(got, want) {
		t.Errorf("ran %q, want %q", got, want)
	}
}

// No mark turns an address that is code into code that runs.
func TestAddressesThatAreCode(t *testing.T) {
	const code = `javascript:top.ran=['bad']`
	var html strings.Builder
	for _, tag := range []string{"iframe", "embed", "object", "img", "video"} {
		for _, address := range []string{code, " JavaScript:top.ran=['bad']", "java&#9;scr&#10;ipt:top.ran=['bad']", "&#1;javascript&#13;:top.ran=['bad']"} {
			html.WriteString("<" + tag + ` data-gate="essential" data-src="` + address + `"></` + tag + ">")
		}
	}
	s := newStand(t, html.String()+`<iframe data-gate="essential" data-src="{third}/javascript:frame"></iframe><img data-gate="essential" data-srcset="{third}/1.gif 1x, {third}/2.gif 9x">`)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel') && !document.querySelector('[data-gate]')")
	settle(p)
	s.wantCalls("/javascript:frame", "/1.gif")
	if got := ran(p); len(got) > 0 {
		t.Errorf("ran %q", got)
	}
}

// Nor does a visitor who allows a held frame once.
func TestAHeldFrameWithAnAddressThatIsCode(t *testing.T) {
	s := newStand(t, `<iframe id="f" data-gate="marketing" data-src="javascript:top.ran=['bad']"></iframe>`)
	p := s.visit()
	p.WaitFor("f.contentDocument?.querySelector('[data-og-once]')")
	p.Eval("f.contentDocument.querySelector('[data-og-once]').click()", nil)
	p.WaitFor("!f.hasAttribute('data-gate')")
	settle(p)
	if got := ran(p); len(got) > 0 {
		t.Errorf("ran %q", got)
	}
}

// A page that swaps what it shows, with every way to add a tag.
func TestWaysToAddATag(t *testing.T) {
	s := newStand(t, `<main id="app"></main><script>
		window.tag = (path) => {
			const s = document.createElement("script");
			s.type = "text/plain"; s.dataset.gate = "marketing"; s.dataset.src = "{third}/" + path;
			return s;
		};
		window.add = (n) => {
			app.append(tag("append" + n + ".js"));
			app.insertAdjacentHTML("beforeend", tag("html" + n + ".js").outerHTML);
			app.append(tag("clone" + n + ".js").cloneNode());
			app.append(document.createRange().createContextualFragment("<div>" + tag("range" + n + ".js").outerHTML + "</div>"));
			const old = app.appendChild(document.createElement("div"));
			old.outerHTML = tag("outer" + n + ".js").outerHTML;
			const inline = tag("");
			delete inline.dataset.src;
			inline.text = "(window.ran ||= []).push('inline" + n + "')";
			app.prepend(inline);
			const moved = app.appendChild(tag("moved" + n + ".js"));
			app.prepend(moved);
		};
	</script>`)
	p := s.visit()
	p.WaitFor("document.querySelector('#og-panel')")
	p.Eval("add(1)", nil)
	settle(p)
	s.wantCalls()
	want := func(n string) []string {
		var all []string
		for _, name := range []string{"append", "clone", "html", "moved", "outer", "range"} {
			all = append(all, "/"+name+n+".js")
		}
		return all
	}
	p.Eval("optgate.acceptAll()", nil)
	s.wantCalls(want("1")...)
	p.WaitFor("window.ran?.length === 7")
	if got, want := ran(p), []string{"moved1.js", "inline1", "append1.js", "html1.js", "clone1.js", "range1.js", "outer1.js"}; !slices.Equal(got, want) {
		t.Errorf("ran %q, want the order of the document, %q", got, want)
	}
	p.Eval("app.replaceChildren(); ran.length = 0; add(2)", nil)
	s.wantCalls(slices.Concat(want("1"), want("2"))...)
	p.WaitFor("ran.length === 7")
	// What was moved, put away and put back runs no second time.
	p.Eval("const all = [...app.children]; app.replaceChildren(); app.append(...all)", nil)
	settle(p)
	s.wantCalls(slices.Concat(want("1"), want("2"))...)
	if got := ran(p); len(got) != 7 {
		t.Errorf("ran %q, want each once", got)
	}
}

// What a template of a stranger's smuggles in gets no trust from the gate,
// whatever type of script it is.
func TestSmuggledTypes(t *testing.T) {
	var html strings.Builder
	for _, attributes := range []string{``, `type=""`, `type="text/ecmascript"`, `type="Text/JavaScript"`, `type="text/jscript"`, `type="text/livescript"`, `type="module"`, `type="MODULE"`, `data-og-was="essential"`, `language="javascript1.5"`} {
		html.WriteString(`<script ` + attributes + `>(window.ran ||= []).push(document.currentScript ? document.currentScript.outerHTML : "module")</script>`)
	}
	s := newStand(t, "")
	s.header.Set("Content-Security-Policy", "script-src 'nonce-abc' 'strict-dynamic'")
	s.page("/", `<!doctype html><html lang="en"><head><script nonce="abc" src="/og/gate.js"></script></head><body><template data-gate="essential">`+html.String()+`<p id="done"></p></template></body></html>`)
	p := browser.New(t, browser.Options{})
	p.Goto(s.site.URL + "/")
	p.WaitFor("window.done && document.querySelector('#og-panel')")
	settle(p)
	if got := ran(p); len(got) > 0 {
		t.Errorf("ran %q, want nothing", got)
	}
}
