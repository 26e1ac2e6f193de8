package e2e_test

import (
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/browser"
)

// A site for children switches off all that it could ask about: nobody is asked
// anything, in no place, and nothing loads.
func TestASiteForChildren(t *testing.T) {
	w := newWorld(t)
	c := w.config("tiertime")
	for i := range c.Categories {
		c.Categories[i].Off = c.Categories[i].ID != optgate.Essential
	}
	w.publish(c)
	p := browser.New(t, browser.Options{})
	for _, page := range []string{"", "video", "forum"} {
		p.Goto(w.at("tiertime", page))
		p.WaitFor(bannerGone)
		w.receivesOnly(p)
		var frames int
		if p.Eval(`document.querySelectorAll("iframe[src], iframe[srcdoc]").length`, &frames); frames > 0 {
			t.Errorf("/%s offers to load something", page)
		}
	}

	const buttons = `document.querySelectorAll("#og-accept, #og-reject, [data-og-accept], [data-og-reject], #og-save, form button").length`
	p.Click("#og-open")
	p.WaitFor("document.querySelector('#og-preferences')?.open")
	checkLooks(t, p, "preferences without a question")
	var n int
	if p.Eval(buttons, &n); n > 0 {
		t.Errorf("the preferences have %d buttons to answer by, want none", n)
	}
	p.Press("\x1b")
	p.WaitFor("!document.querySelector('#og-preferences').open && document.activeElement.id === 'og-open'")

	p.Goto(w.options.SiteOrigin["tiertime"] + "/s/tiertime/preferences")
	checkLooks(t, p, "the page without a question")
	var text string
	p.Eval("document.querySelector('main').innerText", &text)
	if p.Eval(buttons, &n); n > 0 {
		t.Errorf("the page has %d buttons to answer by, want none: %s", n, text)
	}
	if len(w.records("tiertime")) > 0 {
		t.Error("something was recorded")
	}
}
