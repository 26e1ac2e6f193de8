package e2e_test

import (
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// The panel speaks the page's language, whatever the browser's is, from the
// banner to the record.
func TestLanguages(t *testing.T) {
	w := newWorld(t)
	for i, c := range []struct{ page, lang, dir, reject, accept, control string }{
		{"", "en", "ltr", "Reject all", "Accept all", "Privacy choices"},
		{"de", "de", "ltr", "Alle ablehnen", "Alle akzeptieren", "Datenschutz-Einstellungen"},
		{"ar", "ar", "rtl", "رفض الكل", "قبول الكل", "خيارات الخصوصية"},
	} {
		t.Run(c.lang, func(t *testing.T) {
			p := browser.New(t, browser.Options{Language: "fr-FR"})
			p.Goto(w.at("tiertime", c.page))
			p.WaitFor(`document.querySelector("#og-panel")`)
			var got struct{ Reject, Accept, Lang, Dir, Text string }
			p.Eval(`(() => {
				const panel = document.querySelector("#og-panel"), label = (id) => document.querySelector(id).innerText;
				return {Reject: label("#og-reject"), Accept: label("#og-accept"), Lang: panel.lang, Dir: getComputedStyle(panel).direction, Text: panel.innerText};
			})()`, &got)
			if got.Reject != c.reject || got.Accept != c.accept || got.Lang != c.lang || got.Dir != c.dir {
				t.Errorf("got %+v, want %+v", got, c)
			}
			if c.lang != "en" && strings.Contains(got.Text, "cookies") {
				t.Errorf("the banner is not all in %s: %s", c.lang, got.Text)
			}
			decide(p, "#og-reject")
			if record := w.recorded("tiertime", i+1)[i]; record.Language != c.lang {
				t.Errorf("got a record in %s, want %s", record.Language, c.lang)
			}
			var control struct {
				Text string
				Left bool
			}
			p.Eval(`(() => {
				const el = document.querySelector("#og-open"), box = el.getBoundingClientRect();
				return {Text: el.textContent, Left: box.left < innerWidth - box.right};
			})()`, &control)
			if control.Text != c.control || control.Left != (c.dir == "ltr") {
				t.Errorf("got the control %+v, want %q at the start of a line, %s", control, c.control, c.dir)
			}
			p.Click("#og-open")
			p.WaitFor(`getComputedStyle(document.querySelector("#og-preferences")).direction === "` + c.dir + `"`)
		})
	}
}

// From right to left, the switch is on the left and the close button too.
func TestPreferencesFromRightToLeft(t *testing.T) {
	w := newWorld(t)
	p := browser.New(t, browser.Options{})
	p.Goto(w.at("tiertime", "ar"))
	p.Click("#og-customise")
	for _, what := range []string{"#og-c-analytics", ".og-close"} {
		p.WaitFor(`(() => {
			const box = document.querySelector("#og-preferences ` + what + `").getBoundingClientRect(), all = document.querySelector("#og-preferences").getBoundingClientRect();
			return box.left - all.left < all.right - box.right;
		})()`)
	}
}
