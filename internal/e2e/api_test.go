package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/browser"
)

// A page that speaks with the gate from before it loads to the erased record.
func TestBrowserAPI(t *testing.T) {
	w := newWorld(t)
	w.pages.HandleFunc("GET /api", serveHTML(`<!doctype html><html lang="en"><head><title>Page</title><link rel=icon href="data:,">
		<script>
			window.heard = [];
			window.optgate = window.optgate || [];
			optgate.push(() => heard.push("queued: " + typeof optgate.allows));
			optgate.push(() => { throw new Error("of the page") });
			optgate.push(() => {
				for (const name of ["ready", "change", "open", "close"]) optgate.on(name, (choices) => heard.push(name + ": " + JSON.stringify(choices)));
				for (const category of ["essential", "marketing"]) optgate.when(category).then(() => heard.push("when: " + category));
			});
			for (const name of ["ready", "change"]) document.addEventListener("optgate:" + name, (event) => heard.push("DOM " + name + ": " + JSON.stringify(event.detail)));
		</script>
		<script src="/s/tiertime/gate.js"></script></head><body></body></html>`))
	p := browser.New(t, browser.Options{})
	p.Goto(w.options.SiteOrigin["tiertime"] + "/api")
	p.WaitFor(`document.querySelector("#og-panel")`)
	hears := func(want ...string) {
		t.Helper()
		w.settle(p)
		var got []string
		p.Eval(`heard.splice(0).sort()`, &got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("the page heard %q, want %q", got, want)
		}
	}
	is := func(expression string) {
		t.Helper()
		var got bool
		if p.Eval(expression, &got); !got {
			t.Errorf("not so: %s", expression)
		}
	}
	hears("queued: function", "ready: null", "DOM ready: null", "when: essential")
	is(`optgate.choices === null && optgate.revision === 1 && optgate.version === "test"`)
	is(`optgate.allows("essential") && !optgate.allows("marketing") && !optgate.allows("__proto__")`)
	is(`optgate.record().then((r) => r === null)`)
	if got := uncaught(p); len(got) > 0 {
		t.Errorf("got errors %q, want a page's own mistake as a warning", got)
	}

	p.Eval(`optgate.open()`, nil)
	p.WaitFor(`document.querySelector("#og-preferences").open`)
	hears("open: null")
	p.Press(escape)
	p.WaitFor(`!document.querySelector("#og-preferences").open`)
	hears("close: null")

	answers := func(yes string) string {
		return fmt.Sprintf(`{"functional":%t,"analytics":%t,"marketing":%t}`,
			strings.Contains(yes, "f"), strings.Contains(yes, "a"), strings.Contains(yes, "m"))
	}
	changed := func(yes string, more ...string) {
		t.Helper()
		p.WaitFor(`heard.some((what) => what.startsWith("change"))`)
		hears(append(more, "change: "+answers(yes), "DOM change: "+answers(yes))...)
		is(`JSON.stringify(optgate.choices) === '` + answers(yes) + `'`)
	}
	p.Eval(`optgate.rejectAll()`, nil)
	changed("")
	p.Eval(`optgate.withdraw()`, nil)
	changed("")
	p.Eval(`optgate.set({analytics: true})`, nil)
	changed("a")
	is(`optgate.allows("analytics") && !optgate.allows("functional")`)
	is(`(() => { try { optgate.set({unheard: true}) } catch (error) { return error instanceof TypeError } })()`)
	is(`(() => { optgate.choices.marketing = true; return !optgate.allows("marketing") })()`)
	p.Eval(`optgate.acceptAll()`, nil)
	changed("fam", "when: marketing")

	for i, r := range w.recorded("tiertime", 4) {
		checkRecord(t, r, []optgate.Action{optgate.RejectAll, optgate.Withdraw, optgate.Save, optgate.AcceptAll}[i], "api",
			[][]optgate.CategoryID{nil, nil, {"analytics"}, {"functional", "analytics", "marketing"}}[i]...)
	}
	p.WaitFor(`!Object.keys(localStorage).some((key) => key.startsWith("og."))`) // the last answer has arrived
	is(`optgate.record().then((r) => r.action === "accept_all" && r.receipt.split(".").length === 3 && r.expires > r.at)`)
	is(`fetch("/s/tiertime/choices", {method: "DELETE"}).then((r) => r.json()).then((r) => r.erased === 4)`)
	if cookies, records := ownCookies(p), w.records("tiertime"); len(cookies) > 0 || len(records) > 0 {
		t.Errorf("after erasing: got cookies %+v and records %+v, want none", cookies, records)
	}
}
