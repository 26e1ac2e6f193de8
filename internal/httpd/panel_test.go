package httpd_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// shown returns the panels that the site shows in a language.
func (k *kit) shown(lang string) (panel, page string) {
	k.t.Helper()
	site, ok := k.reg.Published("shop")
	if !ok {
		k.t.Fatal("the site is not published")
	}
	return site.Shown[lang].Panel, site.Shown[lang].Page
}

// records returns all records of the site.
func (k *kit) records() []optgate.Record {
	k.t.Helper()
	entries, _, err := k.store.Inner.Scan(k.t.Context(), "shop", "", 10000)
	if err != nil {
		k.t.Fatal(err)
	}
	var records []optgate.Record
	for _, e := range entries {
		if e.Record != nil {
			records = append(records, *e.Record)
		}
	}
	return records
}

// A record names what was shown, and what was shown is there.
func TestRecordsNameThePanel(t *testing.T) {
	k := newKit(t)
	inEnglish, _ := k.shown("en")
	d := answer(newID(), newID())
	d["panel"] = inEnglish
	if r := k.decide(encode(t, d)); r.StatusCode != http.StatusCreated {
		t.Fatalf("got %s %s, want 201", r.Status, read(t, r))
	}
	records := k.records()
	if len(records) != 1 || records[0].Panel != inEnglish {
		t.Fatalf("got records %+v, want one of panel %s", records, inEnglish)
	}
	if content, err := k.store.Panel(t.Context(), inEnglish); err != nil || !strings.Contains(string(content), `id="og-panel"`) {
		t.Errorf("the panel is %.60q, %v; want the banner", content, err)
	}
}

func TestPostChoicesRefusesPanel(t *testing.T) {
	k := newKit(t)
	inEnglish, _ := k.shown("en")
	inGerman, _ := k.shown("de")
	for name, panel := range map[string]any{
		"in another language": inGerman, "never shown": optgate.PanelHash([]byte("x")),
		"cut short": inEnglish[:12], "in capitals": strings.ToUpper(inEnglish),
	} {
		d := answer(newID(), newID())
		d["panel"] = panel
		t.Run(name, func(t *testing.T) { k.wantProblem(k.decide(encode(t, d)), http.StatusUnprocessableEntity, "panel") })
	}
	d := answer(newID(), newID())
	d["panel"] = 7
	k.wantProblem(k.decide(encode(t, d)), http.StatusBadRequest, "panel")
}

// She reads revision 1 while revision 2 is published.
func TestPanelOfAnOlderRevision(t *testing.T) {
	k := newKit(t)
	before, _ := k.shown("en")
	changed := shop()
	changed.Controller.Name = "Shop and Sons"
	k.publish(changed)
	after, _ := k.shown("en")
	for _, tt := range []struct {
		name, panel string
		revision    int
		status      int
	}{
		{"what revision 1 showed", before, 1, http.StatusCreated},
		{"what revision 2 shows", after, 2, http.StatusCreated},
		{"the new one of the old revision", after, 1, http.StatusUnprocessableEntity},
		{"the old one of the new revision", before, 2, http.StatusUnprocessableEntity},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := answer(newID(), newID())
			d["revision"], d["panel"] = tt.revision, tt.panel
			if r := k.decide(encode(t, d)); r.StatusCode != tt.status {
				t.Errorf("got %s %s, want %d", r.Status, read(t, r), tt.status)
			}
		})
	}
	k.advance(time.Minute)
	k.store.Fault = func(op string) (bool, error) { return false, errors.New("down") }
	d := answer(newID(), newID())
	d["panel"] = optgate.PanelHash(nil)
	if r := k.decide(encode(t, d)); r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a panel that cannot be looked up: got %s, want 503, so that it is sent again", r.Status)
	}
}

// The form says by itself what it shows.
func TestFormNamesThePage(t *testing.T) {
	k := newKit(t)
	_, page := k.shown("de")
	text := read(t, k.do(request{method: "GET", path: "/s/shop/preferences?lang=de"}))
	if !strings.Contains(text, `name="panel" value="`+page+`"`) {
		t.Fatalf("the form does not name %s: %s", page, text)
	}
	form := "id=" + newID() + "&revision=1&language=de&action=reject_all&panel=" + page
	r := k.do(request{method: "POST", path: "/s/shop/preferences", body: form, headers: []string{"Content-Type", "application/x-www-form-urlencoded"}})
	if records := k.records(); r.StatusCode != http.StatusSeeOther || len(records) != 1 || records[0].Panel != page {
		t.Errorf("got %s and records %+v, want one of panel %s", r.Status, records, page)
	}
}

// What could not be kept is told where an operator looks.
func TestReadyTellsWhatCouldNotBeKept(t *testing.T) {
	k := newKit(t)
	k.store.Fault = func(op string) (bool, error) {
		if op == "PutPanel" {
			return false, errors.New("disk full")
		}
		return false, nil
	}
	changed := shop()
	changed.Controller.Name = "Shop and Sons"
	k.publish(changed)
	var got struct{ Warnings []string }
	if err := json.Unmarshal([]byte(read(t, k.do(request{method: "GET", path: "/readyz"}))), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "could not be stored") {
		t.Errorf("got warnings %q, want one about panels", got.Warnings)
	}
}
