package admin_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

const undoPath = "/admin/sites/shop/publish/undo"

// Each change of a draft can be taken back by itself, unless something else of the
// draft needs it.
func TestUndo(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	done(t, "a look", b.post("/admin/sites/shop/look", w.seen(look("#7a1fa2"))))
	done(t, "a service", b.post("/admin/sites/shop/new-service", w.seen(url.Values{
		"id": {"chat"}, "name": {"Chat"}, "category": {"functional"}, "provider": {"Chat Inc"},
	})))
	done(t, "its tag", b.post("/admin/sites/shop/new-tag", w.seen(url.Values{
		"id": {"chat"}, "kind": {"script"}, "owner": {"service:chat"}, "src": {"https://chat.example/a.js"},
	})))
	page := b.get(publishPath)
	wantText(t, page, "It cannot be undone alone: tags[1].service")
	for item, want := range map[string]int{"setting/theme.accent": 1, "tag/chat": 1, "service/chat": 0} {
		if got := strings.Count(page.body, `name="item" value="`+item+`"`); got != want {
			t.Errorf("%s can be undone %d times, want %d", item, got, want)
		}
	}
	undo := func(item string) url.Values { return w.seen(url.Values{"item": {item}}) }

	p := b.post(undoPath, undo("service/chat"))
	wantStatus(t, "a service that a tag needs", p, http.StatusUnprocessableEntity)
	wantText(t, p, "tags[1].service")
	stale := undo("setting/theme.accent")
	stale.Set("draft", "1")
	wantStatus(t, "what another draft showed", b.post(undoPath, stale), http.StatusConflict)
	wantStatus(t, "what is not changed", b.post(undoPath, undo("setting/theme.logo")), http.StatusConflict)
	if got := w.edited(); got.Theme.Accent != "#7a1fa2" || len(got.Services) != 3 || len(got.Tags) != 2 {
		t.Fatalf("got %+v, want the draft as it was", got)
	}

	done(t, "a setting", b.post(undoPath, undo("setting/theme.accent")))
	if got := w.edited(); got.Theme.Accent != "" || len(got.Services) != 3 || len(got.Tags) != 2 {
		t.Errorf("got %+v, want all but the accent", got)
	}
	done(t, "the tag", b.post(undoPath, undo("tag/chat")))
	done(t, "the service, which nothing needs now", b.post(undoPath, undo("service/chat")))
	if w.draft().IsOpen() {
		t.Errorf("the draft is %+v, want none once everything is undone", w.draft())
	}
	if got := w.audited(); !slices.Contains(got, "change the draft undo: tag chat") {
		t.Errorf("the audit log has %q, want what was undone in it", got)
	}
}

// A draft with very many changes has no way back for each.
func TestUndoOfMany(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	c := w.config()
	for i := range 41 {
		c.Tags = append(c.Tags, optgate.Tag{ID: "tag-" + strings.Repeat("x", i+1), Service: "ads", Kind: optgate.TagPixel, Src: "https://ads.example/p.gif"})
	}
	d := optgate.Draft{Site: "shop", Base: 1, Config: *c, Author: userName, At: w.clock(), Version: w.draft().Version}
	if err := w.store.PutDraft(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	p := w.signedIn().get(publishPath)
	wantText(t, p, "too many to be undone here one by one")
	if strings.Contains(p.body, undoPath) {
		t.Error("got a way to undo a change")
	}
}
