package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// order returns the ids of the categories of an open draft.
func (w *world) order() string {
	w.t.Helper()
	var ids []string
	for _, k := range w.edited().Categories {
		ids = append(ids, string(k.ID))
	}
	return strings.Join(ids, " ")
}

func TestCategoriesAreMovedAddedAndRemoved(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	const path = "/admin/sites/shop/categories"
	press := func(what, do string, status int) page {
		t.Helper()
		p := b.post(path+what, w.seen(url.Values{"do": {do}}))
		wantStatus(t, what+" "+do, p, status)
		return p
	}
	p := press("/marketing/move", "up", http.StatusSeeOther)
	if got, want := p.header.Get("Location"), path+"#up-marketing"; got != want {
		t.Errorf("it leads to %s, want %s", got, want)
	}
	if got, want := w.order(), "essential functional marketing analytics"; got != want {
		t.Errorf("the order is %s, want %s", got, want)
	}
	if p := press("/marketing/move", "down", http.StatusSeeOther); p.header.Get("Location") != path+"#up-marketing" {
		t.Errorf("at the end it leads to %s, want the button that still does something", p.header.Get("Location"))
	}
	if w.draft().IsOpen() {
		t.Errorf("there and back is a change: %s", w.order())
	}
	press("/marketing/move", "down", http.StatusSeeOther)
	press("/essential/move", "up", http.StatusSeeOther)
	press("/gone/move", "up", http.StatusConflict)

	form := url.Values{"id": {"chat"}, "title": {"Chat"}, "description": {"Talk to us."}, "off": {"1"}, "title.de": {"x"}}
	wantStatus(t, "a new one", b.post(path, w.seen(form)), http.StatusSeeOther)
	k, _ := w.edited().Category("chat")
	if w.order() != "essential functional analytics marketing chat" || k.Off || len(k.Title) != 1 || k.Title["en"] != "Chat" || k.Description["en"] != "Talk to us." {
		t.Errorf("the order is %s, the new one %+v", w.order(), k)
	}
	p = b.get(path)
	wantText(t, p, "new, not published")
	wantText(t, p, `action="/admin/sites/shop/categories/chat/remove"`)
	if strings.Contains(p.body, "categories/analytics/remove") {
		t.Error("it offers to remove what is needed")
	}
	wantText(t, p, `<a href="/admin/sites/shop/services/stats"><bdi>Counter</bdi></a>`)
	wantText(t, press("/analytics/remove", "", http.StatusConflict), "Analytics is needed by Counter: remove that first")
	wantText(t, press("/essential/remove", "", http.StatusConflict), "Essential is always there.")
	press("/gone/remove", "", http.StatusConflict)
	press("/chat/remove", "", http.StatusSeeOther)
	press("/functional/remove", "", http.StatusSeeOther)
	if got, want := w.order(), "essential analytics marketing"; got != want {
		t.Errorf("the order is %s, want %s", got, want)
	}
	wantStatus(t, "an old form", b.post(path+"/marketing/move", url.Values{"revision": {"1"}, "do": {"up"}}), http.StatusConflict)
}

func TestCategoryThatSignalsNeedIsNotRemoved(t *testing.T) {
	w := newWorld(t)
	w.user()
	c := shop()
	c.Services, c.Tags = nil, nil
	c.Signals.Meta, c.GPC.Categories = &optgate.MetaSignal{}, []optgate.CategoryID{optgate.Functional}
	w.publish(c)
	b := w.signedIn()
	for id, by := range map[string]string{"marketing": "what vendors are told", "functional": "Global Privacy Control"} {
		p := b.post("/admin/sites/shop/categories/"+id+"/remove", w.seen(url.Values{}))
		wantStatus(t, id, p, http.StatusConflict)
		wantText(t, p, "is needed by "+by)
	}
}

func TestNewCategoryRefuses(t *testing.T) {
	const script = `"><script>alert(1)</script>`
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	for _, test := range []struct{ field, typed, says string }{
		{"id", "", "Id is 1 to 32 of a-z"}, {"id", "Chat!", "Id is 1 to 32 of a-z"}, {"id", script, "Id is 1 to 32 of a-z"},
		{"id", "marketing", "Id &#34;marketing&#34; is a duplicate"},
		{"title", "", "Name is required"}, {"title", strings.Repeat("x", 3000), "Name is longer than"},
		{"description", "", "Meaning is required"}, {"description", "a\x00", "Meaning holds a control character"},
	} {
		t.Run(test.field+" "+test.says, func(t *testing.T) {
			form := url.Values{"id": {"chat"}, "title": {`Chat <b>"now"</b>`}, "description": {"Talk."}}
			form.Set(test.field, test.typed)
			p := b.post("/admin/sites/shop/categories", w.seen(form))
			wantStatus(t, "the form", p, http.StatusUnprocessableEntity)
			wantText(t, p, test.says)
			wantText(t, p, `href="#f-`+test.field+`"`)
			if test.field != "title" {
				wantText(t, p, `value="Chat &lt;b&gt;&#34;now&#34;&lt;/b&gt;"`)
			}
			wantOwnScriptsOnly(t, p)
			if w.draft().IsOpen() {
				t.Error("something was saved")
			}
		})
	}
}
