package admin_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/optgate"
)

// answered records a click on "Reject all" in the banner.
func (w *world) answered() *optgate.Record {
	w.t.Helper()
	panels, err := w.store.Panels(w.t.Context(), "shop", 1)
	if err != nil {
		w.t.Fatal(err)
	}
	r := optgate.Record{
		ID: ulid.MustNew(ulid.Timestamp(w.clock()), ulid.DefaultEntropy()).String(), Site: "shop", Visitor: ulid.Make().String(), Revision: 1, Language: "en",
		Action: optgate.RejectAll, Source: "banner", At: w.clock(),
		Choices: optgate.Choices{optgate.Functional: false, optgate.Analytics: false, optgate.Marketing: false},
	}
	for _, p := range panels {
		content, err := w.store.Panel(w.t.Context(), p.Hash)
		if err != nil {
			w.t.Fatal(err)
		}
		if p.Language == "en" && strings.HasPrefix(string(content), "<style>") {
			r.Panel = p.Hash
		}
	}
	if _, _, err := w.store.Append(w.t.Context(), r); err != nil {
		w.t.Fatal(err)
	}
	return &r
}

// looks returns what the audit log says about looks at records.
func (w *world) looks() []optgate.AuditEntry {
	w.t.Helper()
	all, err := w.store.Audit(w.t.Context(), 0, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	var looks []optgate.AuditEntry
	for _, e := range all {
		if e.Action == "look at records" {
			looks = append(looks, e)
		}
	}
	return looks
}

const recordsPath = "/admin/sites/shop/records"

func TestRecords(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	r := w.answered()
	b := w.signedIn()
	wantText(t, b.get("/admin/sites/shop"), `href="`+recordsPath+`"`)
	for _, named := range []string{r.ID, r.Visitor} {
		p := b.post(recordsPath, url.Values{"record": {" " + named}, "reason": {"access request 4711"}})
		for _, want := range []string{"“Reject all”, in the banner", r.ID, r.Visitor, `<iframe sandbox=""`, "og-panel"} {
			wantText(t, p, want)
		}
		if policy := p.header.Get("Content-Security-Policy"); !strings.Contains(policy, "style-src 'self' 'sha256-") || strings.Contains(policy, "unsafe") {
			t.Errorf("got policy %s, want the panel's styles by their hashes", policy)
		}
	}
	looks := w.looks()
	if len(looks) != 2 || looks[0].Reason != "access request 4711" || looks[0].User != userName || looks[0].Site != "shop" || len(looks[0].Subject) != 64 {
		t.Errorf("got %+v, want both looks with who, where, about whom and why", looks)
	}
	for _, id := range []string{r.ID, r.Visitor} {
		if strings.Contains(w.log(), id) {
			t.Errorf("the server's log has %s", id)
		}
	}
}

func TestRecordsThatAreNotShown(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	r := w.answered()
	b := w.signedIn()
	for _, tt := range []struct {
		name, record, reason string
		status               int
		want                 string
	}{
		{"no reason", r.ID, " ", http.StatusUnprocessableEntity, "it is noted in the audit log"},
		{"nothing named", "", "why", http.StatusUnprocessableEntity, "is neither the id"},
		{"no such record", ulid.Make().String(), "why", http.StatusOK, "Nothing found."},
		{"a receipt cut short", "eyJhbGciOiJFZERTQSJ9.eyJ", "why", http.StatusUnprocessableEntity, "is neither the id"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := b.post(recordsPath, url.Values{"record": {tt.record}, "reason": {tt.reason}})
			if p.status != tt.status || strings.Contains(p.body, r.Visitor) {
				t.Errorf("got %d, want %d and nothing of the visitor", p.status, tt.status)
			}
			wantText(t, p, tt.want)
		})
	}
	if looks := w.looks(); len(looks) != 0 {
		t.Errorf("got looks %+v, want none", looks)
	}
}

// muteTrail cannot write.
type muteTrail struct{ optgate.AuditStore }

func (muteTrail) AppendAudit(context.Context, optgate.AuditEntry) error {
	return errors.New("disk full")
}

// No look without a note of it.
func TestNoLookWithoutANote(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	r := w.answered()
	b := w.signedIn()
	w.admin.Trail = muteTrail{w.store}
	p := b.post(recordsPath, url.Values{"record": {r.ID}, "reason": {"why"}})
	if p.status != http.StatusInternalServerError || strings.Contains(p.body, r.Visitor) {
		t.Errorf("got %d %s, want 500 and nothing of the visitor", p.status, p.body)
	}
}
