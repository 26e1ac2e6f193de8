package e2e_test

import (
	"fmt"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// retype replaces what is in a field.
func retype(p *browser.Page, selector, text string) {
	p.Click(selector)
	p.Eval(fmt.Sprintf("document.querySelector(%q).select()", selector), nil)
	p.Press(text)
}

// previewHas reports whether the preview shows a colour on a good part of it. The
// frame's document belongs to no origin, so that nothing but its picture can be
// looked at.
func previewHas(t *testing.T, p *browser.Page, want color.RGBA) bool {
	t.Helper()
	path := filepath.Join(t.TempDir(), "page.png")
	p.Screenshot(path)
	f, err := os.Open(path)
	must(t, "open the picture", err)
	defer func() { _ = f.Close() }()
	picture, err := png.Decode(f)
	must(t, "read the picture", err)
	var window struct{ Left, Top, Right, Bottom float64 }
	p.Eval(`document.querySelector(".preview-window").getBoundingClientRect().toJSON()`, &window)
	const enough = 1000 // of its pixels; the swatch beside the form is not among them
	found := 0
	for y := int(window.Top); y < int(window.Bottom); y++ {
		for x := int(window.Left); x < int(window.Right); x++ {
			if color.RGBAModel.Convert(picture.At(x, y)) == want {
				found++
			}
		}
	}
	return found > enough
}

var plum = color.RGBA{0x7a, 0x1f, 0xa2, 0xff}

// unsaved asks a page whether a click on a link would be held up.
const unsaved = `!dispatchEvent(new Event("beforeunload", {cancelable: true}))`

// discard lets what was typed into a form go; without it the page would ask
// before the next one comes, and nobody would answer.
func discard(p *browser.Page) {
	p.Eval(`document.querySelector("form[data-edit]").dispatchEvent(new Event("submit"))`, nil)
}

// An editor changes look and words, sees them while typing, publishes them, and a
// visitor sees the same.
func TestLookAndTextsAreEdited(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	p := browser.New(t, browser.Options{})
	p.Viewport(1280, 1000, 0)
	signIn(p, w, "sites/tiertime")
	p.Click(`.site-nav a[href$="/look"]`)
	p.WaitFor(`document.querySelector(".site-nav [aria-current=page]").textContent === "Look"`)
	p.WaitFor("!(" + unsaved + ")")
	retype(p, "#f-accent", "#ffee00")
	p.WaitFor(`document.querySelector("[data-contrast=light]").textContent === "1.2 – cannot be seen"`)
	retype(p, "#f-accent", "#zz")
	p.WaitFor(`document.querySelector("[data-contrast=light]").textContent === "not readable as a colour"`)
	retype(p, "#f-accent", "#7a1fa2")
	p.WaitFor(`document.querySelector("[data-contrast=light]").textContent === "8.3 – good"`)
	p.WaitFor(unsaved)
	eventually(t, "the preview shows the new accent", func() bool { return previewHas(t, p, plum) })
	p.Click("[value=corner]")
	p.Click(".form .actions .button")
	p.WaitFor(`document.querySelector("#flash").textContent.includes("Look saved")`)
	p.WaitFor("!(" + unsaved + ")")

	p.Click(`.site-nav a[href$="/texts"]`)
	p.WaitFor(`document.querySelector("#f-title")`)
	fill(p, "#f-title", "Cookies at Tiertime")
	p.WaitFor(`document.querySelector(".preview-window iframe").name !== "preview" && document.querySelectorAll(".preview-window iframe").length === 1`)
	p.Click(".form .actions .button")
	p.WaitFor(`document.querySelector("#flash").textContent.includes("Texts saved")`)
	if got := len(w.records("tiertime")); got != 0 {
		t.Errorf("the preview left %d records, want none", got)
	}
	publishDraft(p)
	if got := uncaught(p); len(got) > 0 {
		t.Errorf("got errors in the admin: %q", got)
	}

	visitor := visit(t, w)
	var seen struct {
		Title, Accent string
		Width         float64
	}
	visitor.Eval(`({
		Title: document.querySelector("#og-title").textContent,
		Accent: getComputedStyle(document.querySelector("#og-accept")).backgroundColor,
		Width: document.querySelector("#og-panel").getBoundingClientRect().width,
	})`, &seen)
	if seen.Title != "Cookies at Tiertime" || seen.Accent != "rgb(122, 31, 162)" || seen.Width > 500 {
		t.Errorf("the visitor sees %+v, want the new title and accent on a card in the corner", seen)
	}
}

// Without scripts a button shows in the preview what is typed, and saves nothing.
func TestPreviewWithoutScripts(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	p := browser.New(t, browser.Options{NoScript: true})
	p.Viewport(1280, 1000, 0)
	signIn(p, w, "sites/tiertime/look")
	retype(p, "#f-accent", "#7a1fa2")
	p.Click("[data-show]")
	eventually(t, "the preview shows the new accent", func() bool { return previewHas(t, p, plum) })
	draft, err := w.store.Draft(t.Context(), "tiertime")
	must(t, "read the draft", err)
	if draft.IsOpen() {
		t.Errorf("the draft has %+v, want none", draft.Config.Theme)
	}
	p.Goto(w.admin("sites/tiertime/categories"))
	p.Click(`[aria-label="Move Marketing up"]`)
	p.WaitFor(`document.querySelectorAll(".rows > li")[2].id === "category-marketing"`)
}
