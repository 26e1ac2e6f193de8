package e2e_test

import (
	"encoding/json"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/browser"
	"github.com/optgate/optgate/internal/testkit/redistest"
)

// sentOnce fails the test unless all that the page sent is one and the same
// decision, tried at least min times. It returns its id.
func sentOnce(t *testing.T, w *world, min int) string {
	t.Helper()
	bodies := w.front.sent()
	if len(bodies) < min {
		t.Fatalf("got %d tries, want at least %d", len(bodies), min)
	}
	for _, body := range bodies {
		if body != bodies[0] {
			t.Errorf("got a try with %s, want the same as the first, %s", body, bodies[0])
		}
	}
	var decision struct{ ID string }
	must(t, "read a decision", json.Unmarshal([]byte(bodies[0]), &decision))
	return decision.ID
}

// tried waits until the page sent n decisions.
func tried(t *testing.T, w *world, n int) {
	t.Helper()
	eventually(t, "the page has tried", func() bool { return len(w.front.sent()) >= n })
}

// Optgate is gone at the click. The site's pages go on, with the gate from the
// browser's cache, and with what she was about to use: that is fetched when she
// comes near the buttons.
func TestOptgateIsDownAtTheClick(t *testing.T) {
	w := newWorld(t)
	p := visit(t, w)
	p.Eval(`document.querySelector("#og-accept").focus()`, nil)
	p.WaitFor(`["preferences.js", "scripts.js"].every((piece) => performance.getEntriesByType("resource").some(({name, responseEnd}) => name.includes(piece) && responseEnd))`)
	w.front.fail(requestsLost)
	decide(p, "#og-accept")
	w.receivesOnly(p, everythingOnce...)
	w.forget()
	p.Reload()
	p.WaitFor(bannerGone)
	w.receivesOnly(p, everythingOnce...)
	tried(t, w, 2)
	if n := len(w.records("tiertime")); n > 0 {
		t.Fatalf("got %d records while nothing reaches Optgate", n)
	}

	w.front.fail(none)
	p.Reload() // the next page view sends it at once
	record := w.recorded("tiertime", 1)[0]
	checkRecord(t, record, optgate.AcceptAll, "banner", "functional", "analytics", "marketing")
	p.WaitFor(`!Object.keys(localStorage).some((key) => key.startsWith("og"))`)
	if id := sentOnce(t, w, 3); id != record.ID {
		t.Errorf("got record %s, want %s", record.ID, id)
	}
	w.recorded("tiertime", 1)
}

// Without a reload the page itself tries again.
func TestThePageTriesAgain(t *testing.T) {
	w := newWorld(t)
	p := visit(t, w)
	w.front.fail(requestsLost)
	decide(p, "#og-reject")
	tried(t, w, 2)
	w.front.fail(none)
	record := w.recorded("tiertime", 1)[0]
	checkRecord(t, record, optgate.RejectAll, "banner")
	if id := sentOnce(t, w, 3); id != record.ID {
		t.Errorf("got record %s, want %s", record.ID, id)
	}
	w.receivesOnly(p)
}

// The record was stored and the answer lost: the second try stores nothing.
func TestTheAnswerIsLost(t *testing.T) {
	w := newWorld(t)
	p := visit(t, w)
	w.front.fail(answersLost)
	decide(p, "#og-reject")
	w.recorded("tiertime", 1)
	tried(t, w, 2)
	w.front.fail(none)
	p.WaitFor(`!Object.keys(localStorage).some((key) => key.startsWith("og"))`)
	sentOnce(t, w, 3)
	w.recorded("tiertime", 1)
}

// The store is down: gate, panel and the choice in the browser work all the
// same, and no page of the admin breaks before its form is sent.
func TestTheStoreIsDown(t *testing.T) {
	redis := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	w := newReplica(t, redis.URL(), nil)
	redis.Kill()
	p := visit(t, w)
	decide(p, "#og-reject")
	w.receivesOnly(p)
	p.Reload()
	p.WaitFor(bannerGone)
	tried(t, w, 1)
	admin := browser.New(t, browser.Options{})
	admin.Goto(w.admin("sign-in"))
	admin.WaitFor(`document.querySelector("[type=password]")`)

	must(t, "restart Redis", redis.Restart())
	record := w.recorded("tiertime", 1)[0]
	if id := sentOnce(t, w, 1); id != record.ID {
		t.Errorf("got record %s, want %s", record.ID, id)
	}
	w.receivesOnly(p)
}
