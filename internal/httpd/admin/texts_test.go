package admin_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

func TestTextsAreEdited(t *testing.T) {
	w := newWorld(t)
	w.user()
	c := shop()
	c.Categories = append(c.Categories, optgate.Category{ID: "chat", Title: optgate.Text{"en": "Chat"}, Description: optgate.Text{"en": "Talk to us."}})
	w.publish(c)
	b := w.signedIn()
	p := b.get("/admin/sites/shop/texts?lang=de")
	wantText(t, p, `Empty: <q lang="de" dir="auto">Ihre Entscheidung zu Cookies</q>, Optgate’s own words.`)
	wantText(t, p, `Empty: <q lang="de" dir="auto">Chat</q>, as in English.`)
	wantStatus(t, "a language that is not there", b.get("/admin/sites/shop/texts?lang=fr"), http.StatusNotFound)

	form := w.seen(url.Values{"title": {" Kekse? "}, "body": {"Eins.\r\nZwei."}, "title.marketing": {"Werbung"}, "description.chat": {"Mit uns reden."}})
	wantStatus(t, "the form", b.post("/admin/sites/shop/texts?lang=de", form), http.StatusSeeOther)
	got := w.edited()
	if want := []optgate.Texts{{Language: "de", Title: "Kekse?", Body: "Eins.\nZwei."}}; !slices.Equal(got.Texts, want) {
		t.Errorf("texts are %+v, want %+v", got.Texts, want)
	}
	k, _ := got.Category(optgate.Marketing)
	chat, _ := got.Category("chat")
	if k.Title["de"] != "Werbung" || chat.Description["de"] != "Mit uns reden." || chat.Title["en"] != "Chat" || chat.Title["de"] != "" {
		t.Errorf("categories are %+v and %+v", k, chat)
	}
	wantStatus(t, "nothing of one's own", b.post("/admin/sites/shop/texts?lang=de", w.seen(url.Values{})), http.StatusSeeOther)
	if w.draft().IsOpen() {
		t.Errorf("what was said and taken back is still in the draft: %+v", w.draft().Config)
	}
	p = b.post("/admin/sites/shop/texts", w.seen(url.Values{"title.chat": {""}, "description.chat": {"Talk."}}))
	wantStatus(t, "an own category without a name", p, http.StatusUnprocessableEntity)
	wantText(t, p, `<a href="#f-title-chat">chat, name is required`)
}

// TestHostileTexts puts what people try into each field. Words are words: they are
// kept and shown, and nothing of them runs; what is no words is refused.
func TestHostileTexts(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	for _, test := range []struct {
		name, typed string
		status      int
	}{
		{"a script", `</textarea><script>alert(1)</script>`, http.StatusSeeOther},
		{"an attribute", `" onfocus="alert(1)" autofocus="`, http.StatusSeeOther},
		{"a template", `{{.}} ${alert(1)} {host}`, http.StatusSeeOther},
		{"words turned around", "safe \u202edangerous", http.StatusSeeOther},
		{"a control character", "a\x00b", http.StatusUnprocessableEntity},
		{"very long", strings.Repeat("x", 5000), http.StatusUnprocessableEntity},
		{"no text at all", "\xff\xfe", http.StatusUnprocessableEntity},
	} {
		for _, name := range []string{"title", "body", "title.marketing", "description.marketing"} {
			t.Run(test.name+" as "+name, func(t *testing.T) {
				p := b.post("/admin/sites/shop/texts", w.seen(url.Values{name: {test.typed}}))
				wantStatus(t, "the form", p, test.status)
				if test.status == http.StatusUnprocessableEntity {
					wantText(t, p, `href="#f-`+strings.ReplaceAll(name, ".", "-")+`"`)
					wantOwnScriptsOnly(t, p)
					return
				}
				for _, path := range []string{"", "/texts", "/look", "/publish", "/preview"} {
					p := b.get("/admin/sites/shop" + path)
					wantStatus(t, "the page "+path, p, http.StatusOK)
					wantOwnScriptsOnly(t, p)
				}
				for _, view := range []string{"first", "preferences", "placeholder"} {
					p := b.get("/admin/sites/shop/preview/frame?preview-view=" + view)
					wantStatus(t, view, p, http.StatusOK)
					wantNoScripts(t, p)
				}
			})
		}
	}
}

func TestLanguages(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	press := func(do, lang string) page {
		t.Helper()
		return b.post("/admin/sites/shop/languages", w.seen(url.Values{"do": {do}, "language": {lang}}))
	}
	for _, step := range []struct {
		do, lang string
		status   int
		want     string
	}{
		{"add", "fr", http.StatusSeeOther, "en de fr"},
		{"add", "xx", http.StatusUnprocessableEntity, "en de fr"},
		{"add", `"><script>`, http.StatusUnprocessableEntity, "en de fr"},
		{"add", "de", http.StatusConflict, "en de fr"},
		{"default", "fr", http.StatusSeeOther, "fr en de"},
		{"remove", "en", http.StatusSeeOther, "fr de"},
		{"remove", "en", http.StatusConflict, "fr de"},
		{"sell", "fr", http.StatusConflict, "fr de"},
		{"remove", "de", http.StatusSeeOther, "fr"},
		{"remove", "fr", http.StatusUnprocessableEntity, "fr"},
	} {
		p := press(step.do, step.lang)
		wantStatus(t, step.do+" "+step.lang, p, step.status)
		if got := strings.Join(w.edited().Languages, " "); got != step.want {
			t.Errorf("after %s %s the languages are %s, want %s", step.do, step.lang, got, step.want)
		}
	}
	wantStatus(t, "an old form", b.post("/admin/sites/shop/languages", url.Values{"revision": {"1"}, "do": {"add"}, "language": {"it"}}), http.StatusConflict)
}

// The words for the banner go with their language: no language has words that it
// does not speak.
func TestRemovedLanguageTakesItsWords(t *testing.T) {
	w := newWorld(t)
	w.user()
	c := shop()
	c.Texts = []optgate.Texts{{Language: "de", Title: "Kekse"}, {Language: "en", Title: "Cookies"}}
	w.publish(c)
	wantStatus(t, "the button", w.signedIn().post("/admin/sites/shop/languages", w.seen(url.Values{"do": {"remove"}, "language": {"de"}})), http.StatusSeeOther)
	if got := w.edited().Texts; len(got) != 1 || got[0].Language != "en" {
		t.Errorf("texts are %+v, want the English ones", got)
	}
}
