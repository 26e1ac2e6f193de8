package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A group is published from a day on, as a site is: until then earlier answers
// hold on every site of it.
func TestPublishAGroupFromADay(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publishGroup()
	b := w.signedIn()
	done(t, "a look", b.post(groupPath+"/look", w.seenGroup(look("#7a1fa2"))))
	wantNoText(t, b.get(groupPath+"/publish"), "From a day on")

	done(t, "a service", b.post(groupPath+"/new-service", w.seenGroup(url.Values{
		"id": {"chat"}, "name": {"Chat"}, "category": {"functional"}, "provider": {"Chat Inc"},
	})))
	wantText(t, b.get(groupPath+"/publish"), "From a day on")
	b.header.Set("Accept-Language", "de")
	wantText(t, b.get(groupPath+"/publish"), "Besucher werden erneut gefragt nach functional")
	b.header.Del("Accept-Language")
	before := w.group("shops").Version
	for _, tt := range []struct{ date, says string }{
		{"", "Date is a day"}, {"2026-11-23", "Date is over"}, {"2031-01-01", "Date is more than two years ahead"},
	} {
		p := b.post(groupPath+"/publish", w.seenGroup(url.Values{"when": {"date"}, "date": {tt.date}, "note": {"Kept"}}))
		wantStatus(t, tt.date, p, http.StatusUnprocessableEntity)
		wantText(t, p, tt.says)
		wantText(t, p, `value="Kept"`)
		wantText(t, p, `value="date" checked`)
	}
	if got := w.group("shops").Version; got != before {
		t.Fatalf("the group has version %d, want %d: nothing was to be published", got, before)
	}
	done(t, "a day to come", b.post(groupPath+"/publish", w.seenGroup(url.Values{"when": {"date"}, "date": {"2026-12-24"}})))
	want := time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC)
	if got := w.latest(); got.Number != 2 || !got.Effective.Equal(want) || got.Later["functional"].Revision != 2 {
		t.Errorf("got revision %d, effective %v, later %v; want earlier visitors asked about functional from %v on", got.Number, got.Effective, got.Later, want)
	}
}

// What Optgate wrote into the history is told in the reader's language, what
// somebody wrote is left as it is.
func TestNotesInTheReadersLanguage(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publishGroup()
	b := w.signedIn()
	done(t, "a switch", b.post("/admin/sites/shop/categories/analytics", url.Values{"on": {"0"}}))
	if got := w.latest().Note; got != "category analytics switched off" {
		t.Errorf("the note is %q", got)
	}
	done(t, "going back", b.post("/admin/sites/shop/history/1/roll-back", url.Values{"revision": {"2"}}))
	done(t, "a look", b.post(groupPath+"/look", w.seenGroup(look("#7a1fa2"))))
	done(t, "publishing the group", b.post(groupPath+"/publish", w.seenGroup(url.Values{})))
	done(t, "leaving", b.post(groupPath+"/leave", url.Values{"site": {"shop"}, "revision": {"4"}}))
	r := w.latest()
	c := r.Config.Clone()
	c.RecordDays = 400
	if _, err := w.registry.Publish(t.Context(), c, r.Number, "lee", "Statistics off for good"); err != nil {
		t.Fatal(err)
	}

	english := b.get("/admin/sites/shop/history")
	wantTexts(t, english, "Analytics switched off", "back to revision 1", "as the group shops says in version 3", "out of the group shops", "Statistics off for good")
	b.do(http.MethodPost, "/admin/language", url.Values{"language": {"de"}})
	german := b.get("/admin/sites/shop/history")
	wantTexts(t, german, "Statistik ausgeschaltet", "zurück zu Revision 1", "wie die Gruppe shops in Version 3 sagt", "aus der Gruppe shops", "Statistics off for good")
	wantText(t, b.get("/admin/sites/shop/history/3"), "zurück zu Revision 1")
	audit := b.get("/admin/audit")
	wantTexts(t, audit, "analytics ausgeschaltet", "zurück zu Revision 1")
	if strings.Contains(german.body, "back to revision") {
		t.Error("a note is English")
	}
}
