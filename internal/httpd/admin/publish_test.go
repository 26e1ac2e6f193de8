package admin_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
	"github.com/optgate/optgate/internal/store/faultstore"
)

// putDraft makes c the shop's draft as the forms of other pages would.
func (w *world) putDraft(c *optgate.Config) {
	w.t.Helper()
	d := optgate.Draft{Site: "shop", Base: w.latest().Number, Config: *c, Author: "lee", At: w.clock(), Version: w.draft().Version}
	if err := w.store.PutDraft(w.t.Context(), d); err != nil {
		w.t.Fatal(err)
	}
}

func TestChecksBeforePublishing(t *testing.T) {
	w := newWorld(t)
	w.user()
	live := shop()
	live.Policy.URL = optgate.Text{"en": "https://shop.example/privacy", "de": "https://shop.example/datenschutz"}
	live.Services[1].Purpose = optgate.Text{"en": "Adverts.", "de": "Werbung."}
	w.publish(live)
	b := w.signedIn()
	tests := []struct {
		name   string
		change func(*optgate.Config)
		blocks bool
		says   string // empty: there is nothing to say
	}{
		{"nothing wrong", func(c *optgate.Config) { c.Name = "Store" }, false, ""},
		{"no policy", func(c *optgate.Config) { c.Policy.URL = nil }, false, "No privacy policy is linked"},
		{"a policy in one language", func(c *optgate.Config) { delete(c.Policy.URL, "de") }, false, "German lacks address of the privacy policy."},
		{"a purpose in one language", func(c *optgate.Config) { delete(c.Services[0].Purpose, "de") }, false, "German lacks purpose of Counter. Visitors see English or Optgate’s own words instead."},
		{"no purpose", func(c *optgate.Config) { c.Services[1].Purpose = nil }, false, "The service “Adverts” has no purpose"},
		{"words in one language", func(c *optgate.Config) { c.Texts = []optgate.Texts{{Language: "de", Title: "Na?"}} }, false, "English lacks your words for the banner."},
		{"a tag that is off", func(c *optgate.Config) { c.Categories[2].Off = true }, false, "The tag “pixel” does not load: its category, Analytics, is off."},
		{"a colour like paper", func(c *optgate.Config) { c.Theme.Accent = "#eeeeee" }, true, "has a contrast of 1.2 to the light background: its buttons can hardly be seen"},
		{"a colour like ink", func(c *optgate.Config) { c.Theme.Accent = "#202020" }, true, "to the dark background: its buttons can hardly be seen"},
		{"a pale colour", func(c *optgate.Config) { c.Theme.Accent = "#7ab8f5" }, false, "to the light background; 3 or more is easier to see."},
		{"a good colour", func(c *optgate.Config) { c.Theme.Accent = "#2f7fd6" }, false, ""},
		{"no provider", func(c *optgate.Config) { c.Services[1].Provider = "" }, true, "Service “Adverts”: provider is required."},
		{"no reason", func(c *optgate.Config) { c.Services[1].Category = optgate.Essential }, true, "Service “Adverts”: reason is required"},
		{"a tag of no service", func(c *optgate.Config) { c.Tags[0].Service = "gone" }, true, "Tag “pixel”: service “gone”"},
		{"a tag of nothing", func(c *optgate.Config) { c.Tags[0].Service = "" }, true, "Tag “pixel”: service is required"},
		{"hostile", func(c *optgate.Config) { c.Services[1].Name, c.Services[1].Purpose = `<script>x</script>`, nil }, false, "&lt;script&gt;x&lt;/script&gt;"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := live.Clone()
			tt.change(c)
			w.putDraft(c)
			p := b.get(publishPath)
			wantOwnScriptsOnly(t, p)
			if tt.says == "" {
				wantNoText(t, p, "Before you publish")
			} else {
				wantText(t, p, strings.ReplaceAll(tt.says, "“gone”", "&#34;gone&#34;"))
			}
			if got := strings.Contains(p.body, "Mend this first."); got != tt.blocks {
				t.Errorf("it blocks: %t, want %t", got, tt.blocks)
			}
			if !tt.blocks {
				return
			}
			wantNoText(t, p, `action="`+publishPath+`"`)
			wantStatus(t, "publishing all the same", b.post(publishPath, w.seen(url.Values{})), http.StatusUnprocessableEntity)
			if w.latest().Number != 1 {
				t.Fatalf("revision %d was published", w.latest().Number)
			}
		})
	}
}

// A fault that is there, as after a merge, does not keep an editor from mending
// the rest, and no new one of its sort comes in beside it.
func TestAnEditIsRefusedForItsOwnFaults(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	c := w.config()
	c.Services = c.Services[1:]
	w.putDraft(c) // its tag now belongs to nothing
	b := w.signedIn()
	p := b.post("/admin/sites/shop/new-tag", w.tagForm(nil))
	wantStatus(t, "one more tag of nothing", p, http.StatusUnprocessableEntity)
	wantStatus(t, "a good tag", b.post("/admin/sites/shop/new-tag", w.tagForm(url.Values{"owner": {"service:ads"}})), http.StatusSeeOther)
	wantStatus(t, "publishing", b.post(publishPath, w.seen(url.Values{})), http.StatusUnprocessableEntity)
	wantStatus(t, "mending", b.post("/admin/sites/shop/tags/pixel/remove", w.seen(url.Values{})), http.StatusSeeOther)
	wantStatus(t, "publishing", b.post(publishPath, w.seen(url.Values{})), http.StatusSeeOther)
	if r := w.latest(); len(r.Config.Tags) != 1 || r.Config.Tags[0].ID != "new" {
		t.Errorf("got %+v, want the good tag alone", r.Config.Tags)
	}
}

// answer appends a first answer of new visitors.
func (w *world) answer(revision, visitors int) {
	w.t.Helper()
	for range visitors {
		_, _, err := w.store.Append(w.t.Context(), optgate.Record{
			ID: ulid.Make().String(), Site: "shop", Visitor: ulid.Make().String(), Revision: revision, Language: "en",
			Action: optgate.RejectAll, Source: "banner", At: w.clock(), Choices: optgate.Choices{optgate.Functional: false},
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

func TestHowManyAreAskedAgain(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	c := w.config()
	c.Services[0].Provider = "Another Inc"
	w.putDraft(c)
	wantText(t, b.get(publishPath), "Visitors will be asked again about analytics.")
	wantText(t, b.get(publishPath), "Nobody has answered here yet")
	w.answer(1, 3)
	wantText(t, b.get(publishPath), "That is about 3 visitors: all who have a record here")
	wantStatus(t, "publishing", b.post(publishPath, w.seen(url.Values{})), http.StatusSeeOther)
	w.answer(2, 2)
	c.Services[1].Provider = "Another Inc"
	w.putDraft(c)
	wantText(t, b.get(publishPath), "That is about 5 visitors: all who have a record here, also those who never come back. 3 of them are asked in any case")
	c = w.config()
	c.Categories[1].Off = true
	w.putDraft(c)
	wantText(t, b.get(publishPath), "Nobody is asked again.")
	wantNoText(t, b.get(publishPath), "From a day on")
	wantNoText(t, b.get(publishPath), "all who have a record")
	w.publish(c)
	c.Categories[1].Off = false
	w.putDraft(c)
	wantText(t, b.get(publishPath), "That is at most 5 visitors")

	w.admin.Ledger = &faultstore.Store{Inner: w.store, Fault: func(string) (bool, error) { return false, errors.New("gone") }}
	wantText(t, b.get(publishPath), "the store cannot say just now")
}

func TestPublishFromADay(t *testing.T) {
	w, b := draftWorld(t)
	for _, tt := range []struct{ date, says string }{
		{"", "Date is a day"}, {"31.12.2026", "Date is a day"}, {"2026-11-23", "Date is over"}, {"2031-01-01", "Date is more than two years ahead"},
	} {
		p := b.post(publishPath, w.seen(url.Values{"when": {"date"}, "date": {tt.date}, "note": {"Kept"}}))
		wantStatus(t, tt.date, p, http.StatusUnprocessableEntity)
		wantText(t, p, tt.says)
		wantText(t, p, `value="Kept"`)
		wantText(t, p, `value="date" checked`)
	}
	wantStatus(t, "a long note", b.post(publishPath, w.seen(url.Values{"note": {strings.Repeat("x", 501)}})), http.StatusUnprocessableEntity)
	wantStatus(t, "a day to come", b.post(publishPath, w.seen(url.Values{"when": {"date"}, "date": {"2026-12-24"}})), http.StatusSeeOther)
	if got, want := w.latest().Effective, time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("got effective %v, want %v", got, want)
	}
}

// edging lets somebody else change the draft at the moment of publishing.
type edging struct {
	*publish.Registry
	other func()
}

func (e *edging) Publish(ctx context.Context, c *optgate.Config, previous int, author, note string, how ...publish.Option) (optgate.Revision, error) {
	e.other()
	return e.Registry.Publish(ctx, c, previous, author, note, how...)
}

func TestAChangeWhilePublishingIsKept(t *testing.T) {
	w, b := draftWorld(t)
	w.admin.Sites = &edging{w.registry, func() {
		c := w.edited()
		c.Name = "The late Shop"
		w.putDraft(c)
	}}
	wantStatus(t, "publishing", b.post(publishPath, w.seen(url.Values{})), http.StatusSeeOther)
	if r := w.latest(); r.Number != 2 || r.Config.Name != "The Shop" || len(r.Config.Tags) != 2 {
		t.Errorf("got %q in revision %d, want what was seen", r.Config.Name, r.Number)
	}
	wantStatus(t, "taking over", b.post(publishPath+"/take-over", w.seen(url.Values{})), http.StatusSeeOther)
	p := b.get(publishPath)
	wantText(t, p, "Publish 1 change")
	wantText(t, p, fmt.Sprintf("name changed from “%s” to “%s”", "The Shop", "The late Shop"))
}
