package e2e_test

import (
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// Where there is room, the pages of a site are one row, on a phone no more than
// three, and the fields of a form
// in one row are equally high.
func TestRowsAreRows(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	p := browser.New(t, browser.Options{})
	signIn(p, w, "")
	for _, german := range []bool{false, true} {
		if german {
			speakGerman(p)
		}
		p.Goto(w.admin("sites/tiertime/history"))
		var rows int
		p.Viewport(320, 700, 0)
		if p.Eval(`new Set([...document.querySelectorAll(".site-nav a")].map((a) => a.getBoundingClientRect().top)).size`, &rows); rows > 3 {
			t.Errorf("German %t: on a phone the pages of a site are in %d rows, want at most three", german, rows)
		}
		var wide bool
		if p.Eval(`[...document.querySelectorAll(".site-nav a")].some((a) => a.getBoundingClientRect().right > a.closest("ul").getBoundingClientRect().right)`, &wide); wide {
			t.Errorf("German %t: on a phone a page's name stands beyond the others", german)
		}
		p.Viewport(1280, 800, 0)
		if p.Eval(`new Set([...document.querySelectorAll(".site-nav a")].map((a) => a.getBoundingClientRect().top)).size`, &rows); rows != 1 {
			t.Errorf("German %t: the pages of a site are in %d rows, want one", german, rows)
		}
		p.Goto(w.admin("audit"))
		if p.Eval(`new Set([...document.querySelectorAll(".filters input")].map((i) => i.getBoundingClientRect().height)).size`, &rows); rows != 1 {
			t.Errorf("German %t: the fields of the audit log's filter have %d heights, want one", german, rows)
		}
	}
}
