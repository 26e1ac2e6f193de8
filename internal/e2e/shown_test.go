package e2e_test

import (
	"strings"
	"testing"
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
}
