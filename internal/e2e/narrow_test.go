package e2e_test

import (
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// fits is a script that says what is wrong with how an element is laid out: it
// must lie within the window, nothing may scroll sideways, and whatever can be
// pressed in it must be at least 24 pixels wide and high (WCAG 2.2, 2.5.8, which
// excuses links within a sentence).
const fits = `((selector) => {
	const root = document.documentElement, el = document.querySelector(selector), box = el.getBoundingClientRect(), wrong = [];
	if (root.scrollWidth > innerWidth) wrong.push("the page is " + root.scrollWidth + " wide");
	if (box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > innerHeight) wrong.push("outside: " + JSON.stringify(box));
	for (const part of el.querySelectorAll("*"))
		if (part.scrollWidth > part.clientWidth && getComputedStyle(part).overflowX !== "visible") wrong.push(part.outerHTML.slice(0, 60) + " scrolls sideways");
	for (const target of el.querySelectorAll("a, button, input, summary")) {
		const {width, height} = target.getBoundingClientRect();
		if (width && !(target.localName === "a" && target.closest("p")) && (width < 24 || height < 24)) wrong.push(target.outerHTML.slice(0, 60) + " is " + width + "x" + height);
	}
	return wrong;
})`

func TestNarrowAndZoomed(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name    string
		options browser.Options
	}{
		{"320 px", browser.Options{Width: 320, Height: 568}},
		{"320 px and low", browser.Options{Width: 320, Height: 256}},
		{"200 % zoom", browser.Options{Width: 640, Height: 400, Scale: 2}},
		{"400 % zoom", browser.Options{Width: 320, Height: 200, Scale: 4}},
	} {
		for _, page := range []string{"", "de", "ar"} {
			t.Run(c.name+"/"+page, func(t *testing.T) {
				check := func(p *browser.Page, selector string) {
					t.Helper()
					var wrong []string
					if p.Eval(fits+`("`+selector+`")`, &wrong); len(wrong) > 0 {
						t.Errorf("%s: %q", selector, wrong)
					}
				}
				p := browser.New(t, c.options)
				p.Goto(w.at("tiertime", page))
				p.WaitFor(`document.querySelector("#og-panel")`)
				check(p, "#og-panel")
				p.Click("#og-customise")
				p.WaitFor(`document.activeElement.id === "og-heading" && document.querySelector("#og-preferences").getAnimations().length === 0`)
				p.Eval(`document.querySelectorAll("#og-preferences details").forEach((d) => d.open = true)`, nil)
				check(p, "#og-preferences")
				p.Click("[name=og-marketing]") // in reach, and not under something
				p.WaitFor(`document.querySelector("[name=og-marketing]").checked`)
				p.Click("#og-preferences [data-og-reject]")
				p.WaitFor(bannerGone)
				check(p, "#og-open")
			})
		}
	}
}
