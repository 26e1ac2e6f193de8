package admin_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/audit"
	"github.com/optgate/optgate/internal/optgate"
)

// TestEveryChangeIsNoted makes each kind of change once and looks for it in the
// log.
func TestEveryChangeIsNoted(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.person("vera", optgate.Viewer)
	w.publish(shop())
	b := w.signedIn()
	const site = "/admin/sites/shop"
	b.post(site+"/categories/analytics", url.Values{"on": {"0"}})
	b.post("/admin/people/invite", url.Values{"role": {"editor"}})
	b.post("/admin/people/vera/reset", nil)
	b.post("/admin/people/vera/role", url.Values{"role": {"auditor"}})
	b.post("/admin/people/vera/remove", nil)
	b.post("/admin/account/new-token", url.Values{"token-name": {"export"}, "days": {"1"}, "scope": {"records:read"}})
	b.post("/admin/new-site", url.Values{"site": {"second"}, "name": {"Second"}, "origin": {"https://second.example"}, "language": {"en"}, "controller": {"Shop Ltd"}})
	b.post("/admin/sign-out", nil)

	var got []string
	entries, err := w.store.Audit(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		got = append([]string{strings.Join([]string{e.User, e.Action, string(e.Site), e.Subject, e.Before, e.After}, "|")}, got...)
	}
	want := []string{
		"mara|sign in||||by password",
		"mara|publish|shop|category analytics switched off|revision 1|revision 2: Category “analytics” switched off.",
		"mara|invite||||editor",
		"mara|make a reset link||vera||",
		"mara|change a role||vera|viewer|auditor",
		"mara|remove a user||vera|auditor|",
		"mara|make an API token||export||read and export records, until 2026-11-24",
		"mara|create a site|second|||Second",
		"mara|sign out||||",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the log says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if n, err := audit.Verify(t.Context(), w.store); n != len(want) || err != nil {
		t.Errorf("Verify = %d, %v", n, err)
	}
}

func TestAuditPage(t *testing.T) {
	w := newWorld(t)
	w.user()
	b := w.signedIn()
	log := audit.Log{Store: w.store, Now: w.clock}
	for i := range 120 {
		e := optgate.AuditEntry{User: "ann", Action: "publish", Site: "shop", After: "<script>alert(1)</script>"}
		if i == 3 {
			e = optgate.AuditEntry{User: "bob", Action: "erase", Reason: "asked by letter"}
		}
		if err := log.Note(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name, query string
		fits        bool
	}{
		{"its day", "from=2026-11-23&to=2026-11-23", true},
		{"a later day", "from=2026-11-24", false},
		{"an earlier day", "to=2026-11-22", false},
		{"a day that is none", "from=soon", true},
		{"an action in the reader's language", "action=Ver%C3%B6ffentlicht", true},
		{"a site in capitals", "site=SHOP", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b.header.Set("Accept-Language", "de")
			defer b.header.Del("Accept-Language")
			if p := b.get("/admin/audit?" + tt.query); strings.Contains(p.body, "<code>shop</code>") != tt.fits {
				t.Errorf("%s shows entries: %t, want %t", tt.query, !tt.fits, tt.fits)
			}
		})
	}
	p := b.get("/admin/audit")
	wantText(t, p, "&lt;script&gt;alert(1)")
	wantText(t, p, "/admin/audit?before=72")
	if strings.Contains(p.body, "bob") {
		t.Error("the first page shows an old entry")
	}
	p = b.get("/admin/audit?user=bob")
	wantText(t, p, "Reason: asked by letter")
	if strings.Contains(p.body, "<span class=\"tag-id\">ann") || strings.Contains(p.body, "Older") {
		t.Error("the filter shows more than bob's only entry")
	}
	wantText(t, b.get("/admin/audit?user=nobody"), "Nothing like this.")
	wantText(t, b.get("/admin/audit?before=x"), "Older entries")

	p = b.get("/admin/audit.jsonl")
	wantStatus(t, "the download", p, http.StatusOK)
	lines := 0
	for scan := bufio.NewScanner(strings.NewReader(p.body)); scan.Scan(); lines++ {
		var e optgate.AuditEntry
		if err := json.Unmarshal(scan.Bytes(), &e); err != nil {
			t.Fatalf("line %d: %v", lines+1, err)
		}
		if e.Seq == 1 && !e.Follows(optgate.AuditGenesis()) {
			t.Error("the first entry cannot be checked from the file")
		}
	}
	if lines != 122 {
		t.Errorf("the download has %d entries, want 122", lines)
	}
}

// What Optgate notes by itself is told in German; what is kept, and what people
// wrote, stays as it is.
func TestAuditIsToldInGerman(t *testing.T) {
	w := newWorld(t)
	w.user()
	b := w.signedIn()
	log := audit.Log{Store: w.store, Now: w.clock}
	for _, test := range []struct {
		entry  optgate.AuditEntry
		en, de string
	}{
		{optgate.AuditEntry{Action: "sign in", After: "by password and code"}, "with password and code", "mit Passwort und Code"},
		{optgate.AuditEntry{Action: "confirm who it is", After: "by passkey"}, "with passkey", "mit Passkey"},
		{optgate.AuditEntry{Action: "invite", After: "owner"}, ">owner<", ">Eigentümer<"},
		{optgate.AuditEntry{Action: "change a role", Before: "viewer", After: "auditor", Reason: "the provider says so"}, "Reason: the provider says so", "Grund: der Anbieter sagt es so"},
		{optgate.AuditEntry{Action: "change a role", Before: "viewer", After: "auditor"}, "From viewer to auditor", "Von Betrachter zu Prüfer"},
		{optgate.AuditEntry{Action: "lose access", Before: "editor", Reason: "the provider gives no role"}, "Reason: the provider gives no role", "Grund: der Anbieter gibt keine Rolle"},
		{optgate.AuditEntry{Action: "publish", Before: "revision 1", After: "revision 2: Category “analytics” switched off."}, "From revision 1 to revision 2: Category “analytics” switched off.", "Von Revision 1 zu Revision 2: Kategorie „analytics“ ausgeschaltet."},
		{optgate.AuditEntry{Action: "merge the draft", Before: "on revision 1", After: "on revision 2: Order of tags changed."}, "From revision 1 to revision 2: Order of tags changed.", "Von Revision 1 zu Revision 2: Reihenfolge: Tags geändert."},
		{optgate.AuditEntry{Action: "change a group", Before: "version 1", After: "version 2"}, "From version 1 to version 2", "Von Version 1 zu Version 2"},
		{optgate.AuditEntry{Action: "change the draft", After: "Order of tags changed."}, "Order of tags changed.", "Reihenfolge: Tags geändert."},
		{optgate.AuditEntry{Action: "make a reset link", Before: "2 sessions, second step", After: "kept: passkey Mine, API token export"}, "Ended: 2 sessions, second step</p><p class=\"meta\">Kept: passkey Mine, API token export", "Beendet: 2 Sitzungen, zweiter Schritt</p><p class=\"meta\">Behalten: Passkey Mine, API-Token export"},
		{optgate.AuditEntry{Action: "end a session of somebody", Before: "1 session"}, "Before: 1 session", "Vorher: 1 Sitzung"},
		{optgate.AuditEntry{Action: "use a recovery code", After: "9 left"}, ">9 left<", ">noch 9<"},
		{optgate.AuditEntry{Action: "make an API token", After: "read sites and numbers, erase records, until 2026-11-24"}, "read sites and numbers, erase records, until", "Websites und Zahlen lesen, Nachweise löschen, bis 24. November 2026"},
		{optgate.AuditEntry{Action: "resume", Before: "paused by ann since 2026-11-24T10:00:00Z"}, "Before: paused by ann since", "Vorher: angehalten von ann seit 24. November 2026"},
		{optgate.AuditEntry{Action: "erase records", Before: "records: 3", Reason: "the provider says so"}, "Before: records: 3", "Vorher: Nachweise: 3"},
		{optgate.AuditEntry{Action: "erase records", Reason: "the provider says so"}, "Reason: the provider says so", "Grund: the provider says so"},
		{optgate.AuditEntry{Action: "change the draft", Subject: "texts"}, ">texts<", ">Texte<"},
		{optgate.AuditEntry{Action: "change the draft", Subject: "group shops: service ads removed"}, ">group shops: service ads removed<", ">Gruppe shops: Dienst ads entfernt<"},
		{optgate.AuditEntry{Action: "change the draft", Subject: "undo: tag pixel"}, ">taken back: tag pixel<", ">zurückgenommen: Tag pixel<"},
		{optgate.AuditEntry{Action: "change the draft", Subject: "category analytics switched off"}, "switched off", "ausgeschaltet"},
		{optgate.AuditEntry{Action: "pause", Subject: "Functional"}, ">Functional<", ">Funktional<"},
		{optgate.AuditEntry{Action: "resume", Subject: "tag pixel"}, ">tag pixel<", ">Tag pixel<"},
		{optgate.AuditEntry{Action: "pause", Subject: "Own Things"}, ">Own Things<", ">Own Things<"},
		{optgate.AuditEntry{Action: "discard the draft", Subject: "group shops"}, ">group shops<", ">Gruppe shops<"},
		{optgate.AuditEntry{Action: "create a site", After: "owner"}, ">owner<", ">owner<"},
		{optgate.AuditEntry{Action: "invite", After: "by hand, 07 left"}, "by hand, 07 left", "by hand, 07 left"},
	} {
		test.entry.User = "bob"
		if err := log.Note(t.Context(), test.entry); err != nil {
			t.Fatal(err)
		}
		for lang, want := range map[string]string{"en": test.en, "de": test.de} {
			b.header.Set("Accept-Language", lang)
			first, _, _ := strings.Cut(b.get("/admin/audit?user=bob").body, "</li>")
			if !strings.Contains(first, want) {
				_, entry, _ := strings.Cut(first, `<li class="tag">`)
				t.Errorf("%s of %q in %s is %s, want %s", test.entry.Action, test.entry.Before+test.entry.After, lang, entry, want)
			}
		}
	}
}
