package e2e_test

import (
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// button is what a visitor sees of one.
type button struct {
	Width, Height, FontSize, Weight float64
	Font, Text, Radius, Border      string
	Ink, Fill                       [3]float64 // red, green, blue, 0 to 255
	Contrast                        float64
}

// buttonsOf is a script that measures some buttons. A button without a fill of
// its own has that of the first thing behind it.
const buttonsOf = `((...selectors) => selectors.map((selector) => {
	const el = document.querySelector(selector), style = getComputedStyle(el), box = el.getBoundingClientRect();
	const rgba = (colour) => (colour.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
	const opaque = (node) => { const c = rgba(getComputedStyle(node).backgroundColor); return c[3] === undefined || c[3] === 1 ? c.slice(0, 3) : opaque(node.parentElement) };
	const luminance = (colour) => colour.map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
	const ink = rgba(style.color).slice(0, 3), fill = opaque(el), [light, dark] = [luminance(ink), luminance(fill)].sort((a, b) => b - a);
	return {
		Width: box.width, Height: box.height, FontSize: parseFloat(style.fontSize), Weight: +style.fontWeight, Font: style.fontFamily,
		Text: el.innerText, Radius: style.borderRadius, Border: style.border, Ink: ink, Fill: fill, Contrast: (light + 0.05) / (dark + 0.05),
	};
}))`

// The law wants it as easy to refuse as to allow (R8): the two buttons differ in
// nothing but their words, on each layer.
func TestRejectAndAcceptAreEqual(t *testing.T) {
	w := newWorld(t)
	for _, page := range []string{"", "de", "ar"} {
		for _, site := range []struct {
			id      string
			options browser.Options
		}{{"tiertime", browser.Options{}}, {"cetus3d", browser.Options{}}, {"tiertime", browser.Options{Width: 320, Height: 568}}} {
			for _, dark := range []bool{false, true} {
				p := browser.New(t, site.options)
				p.Media(browser.Media{Dark: dark})
				address := w.at("tiertime", page)
				if site.id == "cetus3d" {
					address = w.at("cetus3d", page)
				}
				p.Goto(address)
				p.WaitFor(`document.querySelector("#og-panel")`)
				checkParity(t, p, "#og-reject", "#og-accept")
				p.Click("#og-customise")
				p.WaitFor(`document.querySelector("#og-preferences").open && document.getAnimations().length === 0`)
				checkParity(t, p, "#og-preferences [data-og-reject]", "#og-preferences [data-og-accept]")
			}
		}
	}
}

// checkParity compares the two buttons as they are on the page.
func checkParity(t *testing.T, p *browser.Page, reject, accept string) {
	t.Helper()
	var both [2]button
	p.Eval(buttonsOf+"(`"+reject+"`, `"+accept+"`)", &both)
	r, a := both[0], both[1]
	t.Logf("%-12s %-16s %.0fx%.0f px, %g px, weight %g, contrast %.1f and %.1f", r.Text, a.Text, r.Width, r.Height, r.FontSize, r.Weight, r.Contrast, a.Contrast)
	if r.Width != a.Width || r.Height != a.Height || r.Font != a.Font || r.FontSize != a.FontSize || r.Weight != a.Weight || r.Radius != a.Radius || r.Border != a.Border {
		t.Errorf("the buttons differ: %+v and %+v", r, a)
	}
	if r.Contrast < 4.5 || a.Contrast < 4.5 {
		t.Errorf("got contrast %.1f of %s and %.1f of %s, want at least 4.5", r.Contrast, r.Text, a.Contrast, a.Text)
	}
	const least = 63 // of 255: what people see as another colour
	for i := range 3 {
		if diff := max(r.Ink[i]-a.Ink[i], a.Ink[i]-r.Ink[i]); diff >= least {
			t.Errorf("the words differ by %g in a colour channel, want less than %d", diff, least)
		}
		if diff := max(r.Fill[i]-a.Fill[i], a.Fill[i]-r.Fill[i]); diff >= least {
			t.Errorf("the fills differ by %g in a colour channel, want less than %d", diff, least)
		}
	}
	if r.Text == "" || a.Text == "" {
		t.Error("a button says nothing")
	}
}
