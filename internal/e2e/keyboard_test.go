package e2e_test

import (
	"slices"
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

const (
	tab    = "\t"
	enter  = "\r"
	space  = " "
	escape = "\x1b"
)

// focused is a script that names what has the focus.
const focused = `(() => { const el = document.activeElement; return el.id ? "#" + el.id : el.closest("#og-panel") ? "link" : el.localName + "." + el.className })()`

// focus returns what has the focus.
func focus(p *browser.Page) string {
	var name string
	p.Eval(focused, &name)
	return name
}

// tabTo presses the tab key until something has the focus.
func tabTo(t *testing.T, p *browser.Page, want string) {
	t.Helper()
	for range 40 {
		p.Press(tab)
		if focus(p) == want {
			return
		}
	}
	t.Fatalf("40 tabs do not lead to %s; the last one was %s", want, focus(p))
}

// The banner comes first, is no trap, and lets nothing that has the focus hide
// behind it.
func TestTabOrder(t *testing.T) {
	w := newWorld(t)
	p := visit(t, w)
	var got []string
	for range 5 {
		p.Press(tab)
		got = append(got, focus(p))
	}
	if want := []string{"link", "#og-reject", "#og-accept", "#og-customise", "a.skip"}; !slices.Equal(got, want) {
		t.Errorf("got order %q, want %q", got, want)
	}
	var covered []string
	for range 20 {
		var name string
		p.Eval(`(() => {
			const el = document.activeElement, box = el.getBoundingClientRect(), panel = document.querySelector("#og-panel").getBoundingClientRect();
			const inside = box.top >= panel.top && box.bottom <= panel.bottom && box.left >= panel.left && box.right <= panel.right;
			return el !== document.body && !el.closest("#og-panel") && inside ? el.outerHTML.slice(0, 80) : "";
		})()`, &name)
		if name != "" {
			covered = append(covered, name)
		}
		p.Press(tab)
	}
	if len(covered) > 0 {
		t.Errorf("the banner covers what has the focus: %q", covered)
	}
	w.receivesOnly(p)
}

func TestKeysOnTheBanner(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ name, button, key string }{
		{"reject by Enter", "#og-reject", enter}, {"reject by Space", "#og-reject", space},
		{"accept by Enter", "#og-accept", enter}, {"accept by Space", "#og-accept", space},
		{"customise by Enter", "#og-customise", enter}, {"customise by Space", "#og-customise", space},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.forget()
			p := visit(t, w)
			tabTo(t, p, c.button)
			p.Press(c.key)
			switch c.button {
			case "#og-reject":
				p.WaitFor(bannerGone)
				w.receivesOnly(p)
			case "#og-accept":
				p.WaitFor(bannerGone)
				w.receivesOnly(p, everythingOnce...)
			case "#og-customise":
				p.WaitFor(`document.querySelector("#og-preferences:modal") && document.activeElement.id === "og-heading"`)
				p.Press(escape)
				p.WaitFor(`!document.querySelector("#og-preferences").open`)
				if got := focus(p); got != c.button {
					t.Errorf("after Esc: got the focus on %s, want it on %s", got, c.button)
				}
				w.receivesOnly(p)
				return
			}
			if got, want := focus(p), "#og-open"; got != want {
				t.Errorf("after the choice: got the focus on %s, want it on %s", got, want)
			}
		})
	}
}

// In the preferences every switch and button is reached and worked by keys, the
// page behind is not, and what was saved is said.
func TestKeysInThePreferences(t *testing.T) {
	w := newWorld(t)
	p := visit(t, w)
	decide(p, "#og-reject")
	tabTo(t, p, "#og-open")
	p.Press(space)
	p.WaitFor(`document.activeElement.id === "og-heading"`)
	var seen []string
	for range 40 {
		p.Press(tab)
		var place string
		p.Eval(`document.activeElement.closest("#og-preferences") ? "" : document.activeElement.outerHTML.slice(0, 80)`, &place)
		// The browser's own controls come in between, where the body has the focus.
		if place != "" && place[:5] != "<body" {
			t.Fatalf("the focus left the dialog, for %s", place)
		}
		seen = append(seen, focus(p))
	}
	for _, want := range []string{"#og-c-functional", "#og-c-analytics", "#og-c-marketing", "#og-save", "summary."} {
		if !slices.Contains(seen, want) {
			t.Errorf("the tab key does not reach %s: %q", want, seen)
		}
	}
	tabTo(t, p, "#og-c-analytics")
	p.Press(space)
	p.WaitFor(`document.querySelector("#og-c-analytics").checked`)
	tabTo(t, p, "#og-save")
	p.Press(enter)
	p.WaitFor(`!document.querySelector("#og-preferences").open && document.activeElement.id === "og-open"`)
	p.WaitFor(`[...document.querySelectorAll("[role=status]")].some((el) => el.textContent.trim() && el.getClientRects().length)`)
	w.receivesOnly(p, analyticsLoads...)

	// A site's own button opens them too, and gets the focus back.
	p.Eval(`document.querySelector("footer [data-og-open]").focus()`, nil)
	p.Press(enter)
	p.WaitFor(`document.activeElement.id === "og-heading"`)
	p.Press(escape)
	p.WaitFor(`document.activeElement === document.querySelector("footer [data-og-open]")`)
}
