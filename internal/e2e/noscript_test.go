package e2e_test

import (
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/browser"
)

// Without JavaScript nothing is released, and the form page does what banner
// and preferences do.
func TestWithoutScripts(t *testing.T) {
	w := newWorld(t)
	p := browser.New(t, browser.Options{NoScript: true})
	for _, page := range []string{"", "video", "forum"} {
		p.Goto(w.at("tiertime", page))
		if _, foreign := askedOf(p, w, "tiertime"); len(foreign) > 0 {
			t.Errorf("%q: the page asked %q of others, want nothing", page, foreign)
		}
	}
	p.Goto(w.at("tiertime", "policy"))
	p.Click(`main a[href$="/preferences"]`)
	p.WaitFor(`document.querySelector("form") && document.querySelectorAll("[type=checkbox]:checked").length === 0`)
	p.Click("[name=og-analytics]")
	p.Click("[value=save]")
	p.WaitFor(`location.search.includes("saved=1") && document.querySelector("[role=status]") && document.querySelector("time")`)
	p.WaitFor(`[...document.querySelectorAll("[type=checkbox]:checked")].map((box) => box.name).join() === "og-analytics"`)
	checkRecord(t, w.recorded("tiertime", 1)[0], optgate.Save, "form", "analytics")
	if got, want := choiceCookie(t, p), "analytics:1,functional:0,marketing:0"; got != want {
		t.Errorf("got cookie %s, want %s", got, want)
	}

	p.Click("[value=reject_all]")
	p.WaitFor(`location.search.includes("saved=1") && document.querySelectorAll("[type=checkbox]:checked").length === 0`)
	records := w.recorded("tiertime", 2)
	checkRecord(t, records[1], optgate.RejectAll, "form")
	if records[0].Visitor != records[1].Visitor {
		t.Error("the two records are of two visitors")
	}
	p.Goto(w.at("tiertime", ""))
	if got := w.received(); len(got) > 0 {
		t.Errorf("third parties got %q, want nothing", got)
	}

	// Her choice holds when scripts are on again: the cookie is the same.
	tab := p.Tab()
	tab.Scripts(true)
	tab.Goto(w.at("tiertime", ""))
	tab.WaitFor(bannerGone)
	w.receivesOnly(tab)
}
