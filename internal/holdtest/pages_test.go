package holdtest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// serveOwn serves what testdata/pages.js asks of its own site.
func (s stand) serveOwn() {
	for path, answer := range map[string][2]string{
		"own.js":        {"text/javascript", "window.ownRan = (window.ownRan || 0) + 1"},
		"own.txt":       {"text/plain", "own"},
		"own.events":    {"text/event-stream", "data: own\n\n"},
		"framed":        {"text/html", "<script>framed = 1</script>"},
		"own-import.js": {"text/javascript", "self.imported = 'imported'"},
		"own-worker.js": {"text/javascript", `importScripts("own-import.js");
			onmessage = async (e) => postMessage([e.data, location.href, await (await fetch("own.txt")).text(), imported].join(" "))`},
		"own-module.js": {"text/javascript", `onmessage = (e) => postMessage([e.data, self.name, import.meta.url].join(" "))`},
		"own-shared.js": {"text/javascript", `let n = 0; onconnect = (e) => { const p = e.ports[0]; p.onmessage = (e) => p.postMessage(e.data + ++n) }`},
	} {
		s.Answer(shop+path, answer[0], answer[1])
	}
	s.Handle(shop+"missing.gif", http.NotFoundHandler())
}

// A page without trackers does not notice that others would be held, and neither
// does its console.
func TestPagesAreAsTheyWere(t *testing.T) {
	for _, hold := range []optgate.Hold{optgate.HoldOff, optgate.HoldKnown, optgate.HoldThirdParty} {
		t.Run(hold.String(), func(t *testing.T) {
			s := newStand(t, siteOf(hold))
			s.serveOwn()
			s.Answer(shop+"pages.js", "text/javascript; charset=utf-8", testdata(t, "pages.js"))
			s.page("", `<p>a</p><script src="/pages.js"></script>`)
			p := s.visit()
			quiet := len(p.Console())
			var faults []string
			p.Eval(`(async () => {
				const faults = [];
				for (const [name, check] of checks)
					try {
						const late = new Promise((done) => setTimeout(done, 5000, "no answer"));
						const got = await Promise.race([check(), late]);
						if (got !== true) faults.push(name + ": " + got);
					} catch (e) { faults.push(name + ": " + e); }
				return faults;
			})()`, &faults)
			for _, fault := range faults {
				t.Error(fault)
			}
			if quiet > 0 {
				t.Errorf("got console %q of a quiet page, want nothing", p.Console())
			}
		})
	}
}

// What is held answers as if it were loading.
func TestHeldThingsReadAsTheyWereSet(t *testing.T) {
	const address = "https://cdn.tracker.test/a?b=1"
	cases := []struct{ name, code string }{
		{"image", `i = new Image(); i.src = U; i.src === U && i.getAttribute("src") === U && i.hasAttribute("src") && !i.onerror`},
		{"script", `s = document.createElement("script"); s.src = U; document.head.append(s); s.src === U && s.getAttribute("src") === U && s.type === "" && s.parentNode === document.head`},
		{"frame", `f = document.createElement("iframe"); f.src = U; f.src === U`},
		{"without a scheme", `i = new Image(); i.src = "//cdn.tracker.test/a?b=1"; i.src === U && i.getAttribute("src") === "//cdn.tracker.test/a?b=1"`},
		{"srcset", `i = new Image(); i.srcset = U + " 2x"; i.srcset === U + " 2x"`},
		{"link", `l = document.createElement("link"); l.rel = "stylesheet"; l.href = U; document.head.append(l); l.href === U`},
		{"taken back", `i = new Image(); i.src = U; i.removeAttribute("src"); i.src === "" && !i.hasAttribute("src")`},
		{"set to another", `i = new Image(); i.src = U; i.src = "/own.gif"; i.src === location.origin + "/own.gif" && i.getAttribute("src") === "/own.gif"`},
	}
	s := newStand(t, siteOf(optgate.HoldKnown))
	s.page("", "")
	p := s.visit()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var ok bool
			p.Eval(fmt.Sprintf(`(() => { let i, s, f, l; const U = %q; return eval(%q) })()`, address, c.code), &ok)
			if !ok {
				t.Errorf("got otherwise: %s", c.code)
			}
		})
	}
	p.Eval("optgate.acceptAll()", nil)
	s.Idle(p)
	for _, r := range s.Requests("tracker.test") {
		if !strings.HasSuffix(r.URL, "?b=1") {
			t.Errorf("asked for %s", r.URL)
		}
	}
}
