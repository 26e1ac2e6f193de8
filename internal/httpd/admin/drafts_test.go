package admin_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/faultstore"
)

const publishPath = "/admin/sites/shop/publish"

// draftWorld has a shop, and an editor's draft in which a tag is new and the
// advertiser gone.
func draftWorld(t *testing.T) (*world, *browser) {
	t.Helper()
	w := newWorld(t)
	w.user()
	w.person("vera", optgate.Viewer)
	w.publish(shop())
	b := w.signedIn()
	wantStatus(t, "a tag", b.post("/admin/sites/shop/new-tag", w.tagForm(nil)), http.StatusSeeOther)
	wantStatus(t, "a removal", b.post("/admin/sites/shop/services/ads/remove", w.seen(url.Values{})), http.StatusSeeOther)
	return w, b
}

func TestDraftIsForEditorsUntilItIsPublished(t *testing.T) {
	w, b := draftWorld(t)
	p := b.get("/admin/sites/shop")
	for _, want := range []string{"2 changes not published.", "https://stats.example/new.gif", "new, not published", "removed, not published", `href="` + publishPath + `"`} {
		wantText(t, p, want)
	}
	viewer := w.browser()
	viewer.signIn("vera", userWord)
	p = viewer.get("/admin/sites/shop")
	wantText(t, p, "Adverts")
	wantNoText(t, p, "new.gif")
	wantNoText(t, p, "not published")

	p = b.get(publishPath)
	for _, want := range []string{"Tag “new” (analytics) added: “https://stats.example/new.gif”.", "Service “Adverts” (marketing) removed.", "Nobody is asked again.", "Publish 2 changes", "by mara"} {
		wantText(t, p, want)
	}
	form := w.seen(url.Values{"note": {"Spring"}, "when": {"now"}})
	p = b.post(publishPath, form)
	wantStatus(t, "publishing", p, http.StatusSeeOther)
	wantText(t, b.get(p.header.Get("Location")), "All changes are live. Published as revision 2.")
	if r := w.latest(); r.Number != 2 || r.Author != userName || r.Note != "Spring" || len(r.Config.Tags) != 2 || len(r.Config.Services) != 1 {
		t.Errorf("got %+v, want both changes in revision 2", r)
	}
	if w.draft().IsOpen() {
		t.Error("the draft is still open")
	}
	p = b.post(publishPath, form)
	wantText(t, b.get(p.header.Get("Location")), "There is nothing to publish.")
	wantText(t, b.get(publishPath), "Everything is published.")
	entries, err := w.store.Audit(t.Context(), 0, 1)
	if err != nil || entries[0].Action != "publish" || entries[0].Subject != "Spring" || !strings.Contains(entries[0].After, "Tag “new”") {
		t.Errorf("the audit log ends with %+v, %v", entries, err)
	}
}

func TestTwoEditorsOfOneDraft(t *testing.T) {
	w, b := draftWorld(t)
	form := w.tagForm(url.Values{"id": {"late"}, "src": {"https://stats.example/late.gif"}})
	publish := w.seen(url.Values{"note": {"Mine"}})
	discard := w.seen(url.Values{})
	removal := w.seen(url.Values{})
	w.person("lee", optgate.Editor)
	other := w.browser()
	other.signIn("lee", userWord)
	wantStatus(t, "the first", other.post("/admin/sites/shop/new-tag", w.tagForm(url.Values{"id": {"first"}})), http.StatusSeeOther)

	p := b.post("/admin/sites/shop/new-tag", form)
	wantStatus(t, "the second", p, http.StatusConflict)
	wantText(t, p, "lee changed what is not published yet just now.")
	wantText(t, p, `value="https://stats.example/late.gif"`)
	p = b.post(publishPath, publish)
	wantStatus(t, "publishing what one has not seen", p, http.StatusConflict)
	wantText(t, p, `value="Mine"`)
	wantText(t, p, "Tag “first”")
	p = b.post(publishPath+"/discard", discard)
	wantStatus(t, "discarding what one has not seen", p, http.StatusConflict)
	wantText(t, p, "Nothing is discarded yet")
	p = b.post("/admin/sites/shop/tags/pixel/remove", removal)
	wantStatus(t, "removing from what one has not seen", p, http.StatusConflict)
	if c := w.edited(); len(c.Tags) != 3 || w.latest().Number != 1 {
		t.Fatalf("the draft has %+v, want the other's tag and no more", c.Tags)
	}

	p = b.get(publishPath + "/discard")
	wantText(t, p, "Discard 3 changes")
	wantStatus(t, "discarding", b.post(publishPath+"/discard", w.seen(url.Values{})), http.StatusSeeOther)
	if w.draft().IsOpen() || w.latest().Number != 1 {
		t.Error("the draft is still open, or was published")
	}
	wantNoText(t, b.get("/admin/sites/shop"), "not published.")
	wantText(t, b.post("/admin/sites/shop/new-tag", form), "What was not published yet was discarded.")
	form.Del("draft")
	wantStatus(t, "after looking", b.post("/admin/sites/shop/new-tag", form), http.StatusSeeOther)
	wantStatus(t, "a form of the discarded draft", b.post(publishPath, publish), http.StatusConflict)
	p = b.post(publishPath+"/discard", url.Values{"revision": {"1"}, "draft": {"1"}})
	wantStatus(t, "discarding with a form of the discarded draft", p, http.StatusConflict)
	entries, _ := w.store.Audit(t.Context(), 0, 2)
	if entries[1].Action != "discard the draft" || !strings.Contains(entries[1].Before, "Tag “first”") {
		t.Errorf("the audit log has %+v, want what was discarded", entries[1])
	}
}

// A switch works at once, with a draft and without, and is in both.
func TestASwitchPassesTheDraft(t *testing.T) {
	w, b := draftWorld(t)
	wantStatus(t, "switching", b.post("/admin/sites/shop/categories/marketing", url.Values{"on": {"0"}}), http.StatusSeeOther)
	r, d := w.latest(), w.draft()
	if r.Number != 2 || !isOff(t, r, optgate.Marketing) || len(r.Config.Tags) != 1 || len(r.Config.Services) != 2 {
		t.Errorf("got revision %d, %+v; want the switch alone", r.Number, r.Config)
	}
	if k, _ := d.Config.Category(optgate.Marketing); !k.Off || d.Base != 2 || len(d.Config.Tags) != 2 {
		t.Errorf("got a draft on revision %d, off %t, %d tags; want it to have the switch, too", d.Base, k.Off, len(d.Config.Tags))
	}
	wantText(t, b.get(publishPath), "Publish 2 changes")
	wantStatus(t, "publishing", b.post(publishPath, w.seen(url.Values{})), http.StatusSeeOther)
	if r := w.latest(); !isOff(t, r, optgate.Marketing) || len(r.Config.Tags) != 2 {
		t.Errorf("got %+v, want all of it", r.Config)
	}
}

// What others publish past a draft is merged with it.
func TestTakeOver(t *testing.T) {
	w, b := draftWorld(t)
	wantStatus(t, "a service", b.post("/admin/sites/shop/services/stats", w.seen(url.Values{"name": {"Counter"}, "category": {"analytics"}, "provider": {"Mine Inc"}})), http.StatusSeeOther)
	next := w.config()
	next.Name, next.Services[0].Country = "The other Shop", "FR"
	w.publish(next)

	before := w.seen(url.Values{})
	p := b.get("/admin/sites/shop")
	wantText(t, p, "Revision 2 was published meanwhile.")
	p = b.get(publishPath)
	for _, want := range []string{"Revision 2 was published past these changes.", "name changed from “The Shop” to “The other Shop”", "Service “stats”", "keep.service/stats", "Tag “new”"} {
		wantText(t, p, want)
	}
	wantNoText(t, p, "Publish 2")
	wantStatus(t, "publishing over it", b.post(publishPath, before), http.StatusConflict)

	for _, tt := range []struct{ keep, provider, country string }{{"published", "Counter Inc", "FR"}, {"draft", "Mine Inc", ""}} {
		d := w.draft()
		form := w.seen(url.Values{"keep.service/stats": {tt.keep}})
		wantStatus(t, "taking over", b.post(publishPath+"/take-over", form), http.StatusSeeOther)
		c := w.edited()
		if s := c.Services[0]; s.Provider != tt.provider || s.Country != tt.country || c.Name != "The other Shop" || len(c.Tags) != 2 || len(c.Services) != 1 || w.draft().Base != 2 {
			t.Errorf("%s: got %+v of %q on revision %d", tt.keep, s, c.Name, w.draft().Base)
		}
		wantStatus(t, "taking over again", b.post(publishPath+"/take-over", form), http.StatusSeeOther)
		d.Version = w.draft().Version
		if err := w.store.PutDraft(t.Context(), *d); err != nil {
			t.Fatal(err)
		}
	}
	wantStatus(t, "a form from before", b.post(publishPath+"/take-over", before), http.StatusConflict)
	if w.latest().Number != 2 {
		t.Errorf("revision %d was published", w.latest().Number)
	}
}

// A draft that somebody published, but that was not closed, is none.
func TestAPublishedDraftIsNone(t *testing.T) {
	w, b := draftWorld(t)
	faulty := &faultstore.Store{Inner: w.store, Fault: func(op string) (bool, error) {
		return false, map[string]error{"PutDraft": errors.New("gone")}[op]
	}}
	w.admin.Drafts = faulty
	wantStatus(t, "publishing", b.post(publishPath, w.seen(url.Values{})), http.StatusSeeOther)
	w.admin.Drafts = w.store
	if !w.draft().IsOpen() {
		t.Fatal("the draft was closed in spite of the fault")
	}
	wantNoText(t, b.get("/admin/sites/shop"), "not published.")
	form := w.tagForm(url.Values{"id": {"next"}})
	form.Del("draft")
	wantStatus(t, "the next change", b.post("/admin/sites/shop/new-tag", form), http.StatusSeeOther)
	if d := w.draft(); d.Base != 2 || len(d.Config.Tags) != 3 {
		t.Errorf("got a draft on revision %d with %d tags, want one on what was published", d.Base, len(d.Config.Tags))
	}
}

// A draft can outlive the revision that it began with, if a failover lost that.
func TestADraftOfALostRevision(t *testing.T) {
	w, b := draftWorld(t)
	d := w.draft()
	d.Base = 9
	if err := w.store.PutDraft(t.Context(), *d); err != nil {
		t.Fatal(err)
	}
	wantText(t, b.get("/admin/sites/shop"), "2 changes not published.")
	wantStatus(t, "publishing", b.post(publishPath, w.seen(url.Values{})), http.StatusSeeOther)
	if r := w.latest(); r.Number != 2 || len(r.Config.Tags) != 2 {
		t.Errorf("got revision %d with %d tags, want both changes in 2", r.Number, len(r.Config.Tags))
	}
}

// Somebody publishes at the moment of publishing.
func TestPublishingMeetsAnother(t *testing.T) {
	w, b := draftWorld(t)
	w.admin.Sites = &racing{w.registry, 1, func() {
		next := w.config()
		next.Name = "The other Shop"
		w.publish(next)
	}}
	p := b.post(publishPath, w.seen(url.Values{}))
	wantStatus(t, "publishing", p, http.StatusConflict)
	wantText(t, p, "lee published revision 2 just now.")
	if w.latest().Number != 2 || !w.draft().IsOpen() {
		t.Error("the draft is gone or published")
	}
}

func TestRollBackAsksWhenADraftIsOpen(t *testing.T) {
	w, b := historyWorld(t)
	const path = "/admin/sites/shop/history/1"
	late := url.Values{"revision": {"3"}}
	wantStatus(t, "a tag", b.post("/admin/sites/shop/new-tag", w.tagForm(nil)), http.StatusSeeOther)
	wantText(t, b.get(path), "Rolling back does not discard them.")
	p := b.post(path+"/roll-back", late)
	wantStatus(t, "who has not seen the draft", p, http.StatusConflict)
	wantText(t, p, "Nothing is rolled back yet")
	wantStatus(t, "who has", b.post(path+"/roll-back", w.seen(url.Values{})), http.StatusSeeOther)
	if d := w.draft(); w.latest().Number != 4 || !d.IsOpen() || d.Base != 3 {
		t.Errorf("revision %d, draft on %d; want the draft to stay", w.latest().Number, d.Base)
	}
	wantStatus(t, "taking over", b.post(publishPath+"/take-over", w.seen(url.Values{})), http.StatusSeeOther)
	if c := w.edited(); c.Name != "The Shop" || len(c.Tags) != 2 {
		t.Errorf("the draft is of %q with %d tags, want the old name and the new tag", c.Name, len(c.Tags))
	}
}
