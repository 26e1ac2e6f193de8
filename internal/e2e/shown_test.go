package e2e_test

import (
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// The record of a click names what was on the page: its words are those that the
// visitor saw, in her language.
func TestARecordLeadsToWhatWasShown(t *testing.T) {
	w := newWorld(t)
	visitor := visit(t, w)
	var title string
	visitor.Eval(`document.querySelector("#og-title").textContent`, &title)
	decide(visitor, "#og-reject")
	record := w.recorded("tiertime", 1)[0]
	content, err := w.store.Panel(t.Context(), record.Panel)
	must(t, "read the panel of the record", err)
	if !strings.Contains(string(content), title) || !strings.Contains(string(content), `lang="`+record.Language+`"`) {
		t.Errorf("got %.200q, want the panel with the title %q in %s", content, title, record.Language)
	}

	w.addUser()
	admin := browser.New(t, browser.Options{})
	signIn(admin, w, "sites/tiertime/records")
	fill(admin, "[name=record]", record.ID)
	fill(admin, "[name=reason]", "she asks for it")
	admin.Click("main form button")
	admin.WaitFor(`document.querySelector(".evidence iframe")?.srcdoc.includes("og-panel")`)
	var heading string
	if admin.Eval(`document.querySelector(".evidence h2").textContent`, &heading); heading != "“Reject all”, in the banner, the first layer" {
		t.Errorf("got %q, want what was clicked", heading)
	}
}
