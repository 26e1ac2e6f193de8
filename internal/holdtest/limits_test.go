package holdtest_test

import (
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// docs/site-owner.md says what gets through, and what of it the browser's own
// policy stops; if a browser or the code learns to hold one, the text changes.
func TestWhatGetsThrough(t *testing.T) {
	cases := []struct {
		name, code        string
		known, thirdParty bool // does it get through?
	}{
		{"location of an empty frame", `document.body.appendChild(document.createElement("iframe")).contentWindow.location = U`, true, false},
		{"import of an address put together", `const u = ["https:", "", U.slice(8)].join("/"); import(u).catch(() => 0)`, true, false},
		{"import within eval", `(0, eval)("imp" + "ort(" + JSON.stringify(U) + ").catch(() => 0)")`, true, false},
		{"style that is measured at once", `const p = document.body.appendChild(document.createElement("p")); p.style.backgroundImage = "url(" + U + ")"; p.offsetWidth; getComputedStyle(p).backgroundImage; document.body.offsetWidth`, true, false},
		{"sandboxed frame that hides its address", `const f = document.createElement("iframe"); f.sandbox = "allow-scripts"; f.srcdoc = "<script>new Image().src = ['https:', '', '" + U.slice(8) + "'].join('/')</" + "script>"; document.body.append(f)`, true, false},
		{"shared worker of the site", `new SharedWorker("/shared.js?" + U)`, true, true},
	}
	for _, c := range cases {
		for hold, want := range map[optgate.Hold]bool{optgate.HoldKnown: c.known, optgate.HoldThirdParty: c.thirdParty} {
			t.Run(c.name+"/"+hold.String(), func(t *testing.T) {
				s := newStand(t, siteOf(hold))
				s.script("shared.js", javaScript(`fetch(location.search.slice(1), {mode: "no-cors"})`))
				s.Answer(shop+"code.js", "text/javascript", `{ const U = "https://cdn.tracker.test/x"; `+c.code+` }`)
				s.page("", `<script src="/code.js"></script>`)
				s.visit()
				if got := len(s.Requests("tracker.test")) > 0; got != want {
					t.Errorf("gets through: got %v, want %v", got, want)
				}
			})
		}
	}
}
