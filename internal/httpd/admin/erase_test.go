package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/keys"
	"github.com/optgate/optgate/internal/ledger"
	"github.com/optgate/optgate/internal/optgate"
)

const erasePath = recordsPath + "/erase"

func TestEraseAVisitorsRecords(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	r, other := w.answered(), w.answered()
	b := w.signedIn()
	shown := b.post(recordsPath, url.Values{"record": {r.ID}, "reason": {"why"}})
	wantText(t, shown, `action="`+erasePath+`"`)

	asked := b.post(erasePath, url.Values{"visitor": {r.Visitor}})
	wantStatus(t, "the question", asked, http.StatusOK)
	wantText(t, asked, ", 1 record, will be gone for good")
	silent := b.post(erasePath, url.Values{"visitor": {r.Visitor}, "confirmed": {"1"}, "reason": {" "}})
	wantStatus(t, "without a reason", silent, http.StatusUnprocessableEntity)
	wantText(t, silent, "it is noted in the audit log")
	if entries, err := w.store.Records(t.Context(), "shop", r.Visitor); err != nil || len(entries) != 1 {
		t.Fatalf("Records = %d, %v; want the one that nobody confirmed to erase", len(entries), err)
	}

	wantStatus(t, "confirmed", b.post(erasePath, url.Values{"visitor": {r.Visitor}, "confirmed": {"1"}, "reason": {"request 4711"}}), http.StatusSeeOther)
	wantText(t, b.get(recordsPath), "Erased: 1 of this visitor’s records")
	if entries, err := w.store.Records(t.Context(), "shop", r.Visitor); err != nil || len(entries) != 0 {
		t.Errorf("Records = %d, %v; want none", len(entries), err)
	}
	if entries, err := w.store.Records(t.Context(), "shop", other.Visitor); err != nil || len(entries) != 1 {
		t.Errorf("Records of another visitor = %d, %v; want hers", len(entries), err)
	}
	all, _, err := w.store.Scan(t.Context(), "shop", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	noted := false
	for _, e := range all {
		noted = noted || e.Erasure != nil && e.Erasure.Reason == optgate.ErasedByAdmin
	}
	if !noted {
		t.Error("the ledger does not note that an admin erased")
	}
	trail, err := w.store.Audit(t.Context(), 0, 1)
	if err != nil || len(trail) != 1 {
		t.Fatalf("Audit = %v, %v", trail, err)
	}
	if e := trail[0]; e.Action != "erase records" || e.Subject != keys.VisitorHash(r.Visitor) || e.Reason != "request 4711" || e.User != userName || e.Before != "records: 1" {
		t.Errorf("got the entry %+v, want who erased, whose, how many and why", e)
	}
	if strings.Contains(w.log(), r.Visitor) {
		t.Error("the server's log has the visitor's id")
	}
	wantStatus(t, "again", b.post(erasePath, url.Values{"visitor": {r.Visitor}, "confirmed": {"1"}, "reason": {"x"}}), http.StatusSeeOther)
	wantText(t, b.get(recordsPath), "Nothing was erased")
	wantStatus(t, "no visitor", b.post(erasePath, url.Values{"visitor": {"<script>"}, "confirmed": {"1"}, "reason": {"x"}}), http.StatusSeeOther)
}

// Nothing is erased without a note of it.
func TestNoErasureWithoutANote(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	r := w.answered()
	b := w.signedIn()
	w.admin.Trail = muteTrail{w.store}
	wantStatus(t, "erase", b.post(erasePath, url.Values{"visitor": {r.Visitor}, "confirmed": {"1"}, "reason": {"why"}}), http.StatusInternalServerError)
	if entries, err := w.store.Records(t.Context(), "shop", r.Visitor); err != nil || len(entries) != 1 {
		t.Errorf("Records = %d, %v; want it to be there", len(entries), err)
	}
}

// An auditor looks, and cannot erase.
func TestAnAuditorErasesNothing(t *testing.T) {
	w := newWorld(t)
	w.person("otto", optgate.Auditor)
	w.publish(shop())
	r := w.answered()
	b := w.browser()
	b.signIn("otto", userWord)
	shown := b.post(recordsPath, url.Values{"record": {r.ID}, "reason": {"why"}})
	wantText(t, shown, "Its place in the chain is proved.")
	if strings.Contains(shown.body, erasePath) {
		t.Error("the page offers an auditor to erase")
	}
	wantStatus(t, "erase", b.post(erasePath, url.Values{"visitor": {r.Visitor}, "confirmed": {"1"}, "reason": {"why"}}), http.StatusForbidden)
	if entries, err := w.store.Records(t.Context(), "shop", r.Visitor); err != nil || len(entries) != 1 {
		t.Errorf("Records = %d, %v; want it to be there", len(entries), err)
	}
}

// A receipt is checked before anything is shown by it, and what is shown is
// proved up to what the newest checkpoint signed.
func TestRecordsByReceipt(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	r := w.answered()
	entry, err := w.store.Current(t.Context(), "shop", r.Visitor)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := w.ring.Sign(keys.Receipt{Record: *r, Link: entry.Link})
	if err != nil {
		t.Fatal(err)
	}
	b := w.signedIn()
	look := func(receipt string) page {
		return b.post(recordsPath, url.Values{"record": {receipt}, "reason": {"why"}})
	}
	p := look(signed[:80] + "\r\n " + signed[80:])
	for _, want := range []string{"The receipt is genuine", "Its place in the chain is proved.", "No checkpoint has signed it yet.", entry.Chain.String(), r.Visitor} {
		wantText(t, p, want)
	}
	if _, err := ledger.TakeCheckpoint(t.Context(), w.store, w.ring, "shop", w.clock()); err != nil {
		t.Fatal(err)
	}
	wantText(t, look(signed), "The checkpoint of 23 November 2026, 12:00 UTC, signed by this installation, covers it.")
	for range 3 {
		w.answered()
	}

	stranger, err := keys.Open(t.Context(), newWorld(t).store, w.clock)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := stranger.Sign(keys.Receipt{Record: *r, Link: entry.Link})
	if err != nil {
		t.Fatal(err)
	}
	for name, receipt := range map[string]string{"of another installation": foreign, "with another signature": signed[:len(signed)-8] + "AAAAAAAA"} {
		p := look(receipt)
		wantStatus(t, name, p, http.StatusUnprocessableEntity)
		wantText(t, p, "it was forged or altered")
		if strings.Contains(p.body, r.Visitor) {
			t.Errorf("%s: the page names the visitor", name)
		}
	}
	if p := b.post(recordsPath, url.Values{"record": {ulid.Make().String()}, "reason": {"why"}}); strings.Contains(p.body, "The receipt is genuine") {
		t.Error("an id is taken for a genuine receipt")
	}
}
