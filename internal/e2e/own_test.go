package e2e_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/browser"
)

// Without JavaScript a visitor sees her records, reads a receipt, and erases all.
func TestOwnRecordsWithoutScripts(t *testing.T) {
	w := newWorld(t)
	p := browser.New(t, browser.Options{NoScript: true})
	p.Goto(w.options.SiteOrigin["tiertime"] + "/s/tiertime/preferences?lang=en")
	p.WaitFor(`document.querySelector("form") && !document.querySelector("#og-own")`)
	p.Click("[name=og-analytics]")
	p.Click("[value=save]")
	p.WaitFor(`document.querySelectorAll(".decisions li").length === 1`)
	p.Click("[value=reject_all]")
	p.WaitFor(`[...document.querySelectorAll(".decisions li b")].map((b) => b.textContent).join() === "Reject all,Save choices"`)
	w.recorded("tiertime", 2)
	lookAt(t, p, "own records")

	p.Click(`a[href^="receipt"]`)
	p.WaitFor(`document.querySelector("textarea")`)
	lookAt(t, p, "receipt form")
	paste(p, "not a receipt")
	p.Click("form button")
	p.WaitFor(`document.querySelector("[role=alert]")`)
	lookAt(t, p, "no receipt")
	paste(p, receiptOf(t, w, p))
	p.Click("form button")
	p.WaitFor(`document.querySelector("[role=status]") && document.querySelector(".category b").textContent === "Reject all"`)
	lookAt(t, p, "receipt")

	p.Click("footer .links a")
	p.WaitFor(`document.querySelector("#og-own")`)
	p.Click(`a[href^="preferences/erase"]`)
	p.WaitFor(`document.querySelector("form[action^=erase]")`)
	lookAt(t, p, "erase")
	if n := len(w.records("tiertime")); n != 2 {
		t.Fatalf("the question left %d records, want both", n)
	}
	p.Click("form button")
	p.WaitFor(`document.querySelector("[role=status]")?.textContent.includes("Records erased: 2.") && !document.querySelector("#og-own")`)
	lookAt(t, p, "erased")
	if n := len(w.records("tiertime")); n != 0 {
		t.Errorf("%d records are left, want none", n)
	}
	if got := p.Cookies(); len(got) > 0 {
		t.Errorf("%d cookies stay", len(got))
	}
	entries, _, err := w.store.Scan(t.Context(), "tiertime", "", 10)
	must(t, "read the ledger", err)
	if last := entries[len(entries)-1]; last.Erasure == nil || last.Erasure.Reason != optgate.ErasedByVisitor {
		t.Errorf("the ledger ends with %+v, want the note of an erasure by the visitor", last)
	}
}

// lookAt checks a page of a browser without scripts in every look: axe-core is
// the only script that runs.
func lookAt(t *testing.T, p *browser.Page, what string) {
	t.Helper()
	p.Scripts(true)
	checkLooks(t, p, what)
	p.Scripts(false)
}

// paste puts a text into the page's text area, instead of what is there.
func paste(p *browser.Page, text string) {
	p.Eval(`document.querySelector("textarea").value = `+strconv.Quote(text), nil)
}

// receiptOf returns the receipt of the newest decision of a page's visitor.
func receiptOf(t *testing.T, w *world, p *browser.Page) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.options.SiteOrigin["tiertime"]+"/s/tiertime/choices", nil)
	must(t, "ask for the records", err)
	for _, c := range p.Cookies() {
		request.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	response, err := http.DefaultClient.Do(request)
	must(t, "get the records", err)
	defer func() { _ = response.Body.Close() }()
	var own struct{ Records []struct{ Receipt string } }
	must(t, "read the records", json.NewDecoder(response.Body).Decode(&own))
	if len(own.Records) == 0 {
		t.Fatal("the visitor has no records")
	}
	return own.Records[len(own.Records)-1].Receipt
}
