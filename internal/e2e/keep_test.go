package e2e_test

import (
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// Whatever form was typed into, a link that leads away from it asks first; what
// was saved does not.
func TestFormsGuardWhatIsTyped(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	p := browser.New(t, browser.Options{})
	signIn(p, w, "")
	for _, tt := range []struct{ path, field string }{
		{"new-site", "#f-name"},
		{"new-group", "#f-name"},
		{"sites/tiertime/new-service", "#f-name"},
		{"sites/tiertime/services/ads", "#f-name"},
		{"sites/tiertime/new-tag", "#f-id"},
		{"sites/tiertime/tags/ads-pixel", "#f-src"},
	} {
		p.Goto(w.admin(tt.path))
		p.WaitFor("!(" + unsaved + ")")
		fill(p, tt.field, "x y")
		p.WaitFor(unsaved)
		discard(p)
	}
	p.Goto(w.admin("sites/tiertime/new-tag"))
	p.Click("[data-edit] .actions .button")
	p.WaitFor(`document.querySelector("#faults") && ` + unsaved)
}

// Somebody who uses the keyboard goes on where she was after a button that is
// gone once it was pressed, or cannot be pressed again.
func TestTheFocusStaysWhereItWas(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	p := browser.New(t, browser.Options{})
	signIn(p, w, "sites/tiertime")
	const inMarketing = `#category-marketing :is(.switch, .pause button)`
	p.Eval(`document.querySelector("#category-marketing .pause button").focus()`, nil)
	p.Press("\r")
	p.WaitFor(`document.querySelector(".note.paused") && document.activeElement.matches("` + inMarketing + `")`)
	p.Eval(`document.querySelector(".note.paused button").focus()`, nil)
	p.Press("\r")
	p.WaitFor(`!document.querySelector(".note.paused") && document.activeElement.id === "page"`)

	p.Goto(w.admin("sites/tiertime/categories"))
	p.Eval(`document.querySelector("#down-functional").focus()`, nil)
	p.Press("\r")
	p.WaitFor(`document.querySelectorAll(".rows > li")[2].id === "category-functional" && document.activeElement.id === "down-functional"`)
	p.Press("\r")
	p.WaitFor(`document.querySelectorAll(".rows > li")[3].id === "category-functional" && document.activeElement.id === "up-functional"`)
}

// An address that leads nowhere is answered inside the admin, in which the
// section that it is of is marked.
func TestAMistypedAddressStaysInTheAdmin(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	p := browser.New(t, browser.Options{})
	signIn(p, w, "")
	p.Goto(w.admin("sites/nowhere"))
	p.WaitFor(`document.querySelector("h1").textContent === "Page not found" && document.querySelector(".top-nav [aria-current=true]").textContent === "Sites"`)
	p.Click(`main a[href="/admin/"]`)
	p.WaitFor(`document.querySelector("h1").textContent === "Sites" && document.querySelector(".top-nav [aria-current=page]")`)
}

// The heads of tables are read as words on a phone, not letter by letter.
func TestTablesOnAPhone(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	must(t, "write answers", writeAnswers(t.Context(), w.store, "tiertime"))
	for _, lang := range []string{"en", "de"} {
		p := browser.New(t, browser.Options{Width: 320, Height: 640, Language: lang})
		signIn(p, w, "sites/tiertime/overview?period=90d")
		var tall []string
		p.Eval(`[...document.querySelectorAll(".split th")].filter((th) => th.getBoundingClientRect().height > 80).map((th) => th.textContent)`, &tall)
		if len(tall) > 0 {
			t.Errorf("in %s these heads take more than three lines: %q", lang, tall)
		}
	}
}
