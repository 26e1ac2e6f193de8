package e2e_test

import (
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// lookUp looks for a record on the records page of Tiertime.
func lookUp(p *browser.Page, w *world, named string) {
	p.Goto(w.admin("sites/tiertime/records"))
	fill(p, "[name=record]", named)
	fill(p, "[name=reason]", "erasure request 4711")
	p.Click(".records button")
	p.WaitFor(`document.querySelector(".evidence, .empty-line")`)
}

// An owner finds a visitor's record, sees that its place in the chain is proved,
// and erases it on her request; then nobody finds it.
func TestTheAdminErasesAVisitorsRecords(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	visitor := visit(t, w)
	decide(visitor, "#og-accept")
	record := w.recorded("tiertime", 1)[0]
	p := browser.New(t, browser.Options{})
	signIn(p, w, "")
	lookUp(p, w, record.ID)
	p.WaitFor(`document.querySelector(".proof").textContent.includes("Its place in the chain is proved.")`)
	checkLooks(t, p, "a record with its proof")
	p.Click(`[action$="/records/erase"] button`)
	p.WaitFor(`document.querySelector("h1").textContent.startsWith("Erase")`)
	p.Click(".button-danger")
	p.WaitFor(`document.querySelector("#faults")`)
	checkLooks(t, p, "erasing without a reason")
	fill(p, "[name=reason]", "erasure request 4711")
	p.Click(".button-danger")
	p.WaitFor(`document.querySelector("#flash").textContent.includes("Erased: 1")`)
	if left := w.records("tiertime"); len(left) != 0 {
		t.Errorf("got %d records, want none", len(left))
	}
	lookUp(p, w, record.ID)
	p.WaitFor(`document.querySelector(".empty-line").textContent.includes("Nothing found")`)
}
