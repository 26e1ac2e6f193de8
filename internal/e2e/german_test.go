package e2e_test

import (
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// speakGerman chooses German at the foot of the page.
func speakGerman(p *browser.Page) {
	p.Click(".foot [value=de]")
	p.WaitFor(`document.documentElement.lang === "de" && document.querySelector(".foot [value=en]")`)
}

// Somebody chooses German before she signs in, changes a text and publishes it,
// and a visitor reads it.
func TestTheAdminInGerman(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	p := browser.New(t, browser.Options{NoScript: true})
	p.Goto(w.admin("sign-in?next=/admin/sites/tiertime/texts?lang=de"))
	speakGerman(p)
	p.WaitFor(`location.search.includes("next=") && document.querySelector("h1").textContent === "Anmelden"`)
	signIn(p, w, "sites/tiertime/texts?lang=de")
	p.WaitFor(`document.querySelector("h1").textContent === "Texte"`)
	fill(p, "#f-title", "Ihre Entscheidung bei Tiertime")
	p.Click(".form .actions .button")
	p.WaitFor(`document.querySelector("#flash").textContent.includes("noch nicht veröffentlicht")`)
	p.Click(`.draft-bar a[href$="/publish"]`)
	p.WaitFor(`document.querySelector("h1").textContent === "Veröffentlichen" && document.querySelector(".changes").textContent.includes("geändert zu „Ihre Entscheidung bei Tiertime“, war leer.")`)
	p.Click(`form[action$="/publish"] .button`)
	p.WaitFor(`document.querySelector("#flash").textContent.includes("Veröffentlicht als Revision 2")`)

	visitor := browser.New(t, browser.Options{})
	visitor.Goto(w.at("tiertime", "de"))
	visitor.WaitFor(`document.querySelector("#og-title") && document.querySelector("#og-title").textContent === "Ihre Entscheidung bei Tiertime"`)
}

// German words are longer: no page may need to be scrolled sideways for them.
func TestGermanPagesFit(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	must(t, "write answers", writeAnswers(t.Context(), w.store, "tiertime"))
	p := browser.New(t, browser.Options{})
	p.Goto(w.admin("sign-in"))
	speakGerman(p)
	signIn(p, w, "")
	for _, path := range []string{
		"", "account", "new-site", "people", "audit", "groups", "new-group", "sites/tiertime", "sites/tiertime/overview", "sites/tiertime/check",
		"sites/tiertime/new-tag", "sites/tiertime/services/ads", "sites/tiertime/look", "sites/tiertime/texts?lang=de", "sites/tiertime/signals",
		"sites/tiertime/settings", "sites/tiertime/categories", "sites/tiertime/preview", "sites/tiertime/records", "sites/tiertime/history",
		"sites/tiertime/publish",
	} {
		p.Goto(w.admin(path))
		p.WaitFor(`document.documentElement.lang === "de"`)
		for _, width := range []int{1280, 320} {
			p.Viewport(width, 800, 0)
			var wide int
			if p.Eval("document.documentElement.scrollWidth", &wide); wide > width {
				t.Errorf("admin/%s is %d pixels wide in a window of %d", path, wide, width)
			}
			checkAxe(t, p, "admin/"+path)
		}
	}
}
