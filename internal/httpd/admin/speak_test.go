package admin_test

import (
	"net/http"
	"net/url"
	"testing"
)

// wantTexts checks that a page says several things.
func wantTexts(t *testing.T, p page, all ...string) {
	t.Helper()
	for _, want := range all {
		wantText(t, p, want)
	}
}

// A browser that asks for German gets it, unless another language was chosen in
// it.
func TestLanguage(t *testing.T) {
	w := newWorld(t)
	w.user()
	b := w.signedIn()
	wantTexts(t, b.get("/admin/"), `<html lang="en">`, "Sign out")
	b.header.Set("Accept-Language", "de-AT,de;q=0.9,en;q=0.5")
	wantTexts(t, b.get("/admin/"), `<html lang="de">`, "Abmelden")
	b.header.Set("Accept-Language", "fr")
	wantTexts(t, b.get("/admin/"), `<html lang="en">`)

	wantStatus(t, "a choice", b.do(http.MethodPost, "/admin/language", url.Values{"language": {"de"}, "back": {"/admin/account"}}), http.StatusSeeOther)
	p := b.get("/admin/account")
	wantTexts(t, p, `<html lang="de">`, "Abmelden", `name="back" value="/admin/account"`)

	form := b.post("/admin/account/new-token", url.Values{"token-name": {""}, "days": {"0"}})
	wantStatus(t, "a token without a name", form, http.StatusUnprocessableEntity)
	wantTexts(t, form, "Wofür es ist: hat 1 bis 80 Zeichen.", "Gültigkeit: ist eine Zahl von Tagen von 1 bis 366.")
}

// A choice of somebody who is signed in goes with her to other browsers, at once
// where she is signed in.
func TestLanguageGoesWithItsUser(t *testing.T) {
	w := newWorld(t)
	w.user()
	here, there := w.signedIn(), w.signedIn()
	wantTexts(t, there.get("/admin/"), `<html lang="en">`)
	here.do(http.MethodPost, "/admin/language", url.Values{"language": {"de"}})
	wantTexts(t, there.get("/admin/"), `<html lang="de">`, "Abmelden")

	done(t, "signing out", there.post("/admin/sign-out", url.Values{}))
	later := w.signedIn()
	wantTexts(t, later.get("/admin/"), `<html lang="de">`)
	done(t, "signing out", later.post("/admin/sign-out", url.Values{}))
	wantTexts(t, later.get("/admin/sign-in"), `<html lang="de">`)

	stranger := w.browser()
	wantTexts(t, stranger.get("/admin/sign-in"), `<html lang="en">`)
	stranger.do(http.MethodPost, "/admin/language", url.Values{"language": {"en"}})
	wantTexts(t, here.get("/admin/"), `<html lang="de">`)
}

// What the domain says of a fault is said in German, too.
func TestFaultsOfTheDomainInGerman(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	b.do(http.MethodPost, "/admin/language", url.Values{"language": {"de"}})
	p := b.post("/admin/sites/shop/new-tag", w.seen(url.Values{"id": {"Not An Id"}, "kind": {"pixel"}, "owner": {"category:marketing"}, "src": {"ftp://x"}}))
	wantStatus(t, "a tag with faults", p, http.StatusUnprocessableEntity)
	wantTexts(t, p, "Kennung: hat 1 bis 63 Zeichen a-z", "Adresse: ist eine Adresse, die mit https:// beginnt.")
}

func TestChoiceOfALanguageRefuses(t *testing.T) {
	w := newWorld(t)
	w.user()
	b := w.browser()
	for _, tt := range []struct {
		name string
		form url.Values
		want int
		to   string
	}{
		{"a language that is not spoken", url.Values{"language": {"fr"}}, http.StatusUnprocessableEntity, ""},
		{"another site behind it", url.Values{"language": {"de"}, "back": {"//evil.example/"}}, http.StatusSeeOther, "/admin/"},
		{"a whole address", url.Values{"language": {"de"}, "back": {"https://evil.example/admin/"}}, http.StatusSeeOther, "/admin/"},
		{"no page", url.Values{"language": {"de"}}, http.StatusSeeOther, "/admin/"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := b.do(http.MethodPost, "/admin/language", tt.form)
			wantStatus(t, tt.name, p, tt.want)
			if got := p.header.Get("Location"); got != tt.to {
				t.Errorf("it leads to %q, want %q", got, tt.to)
			}
		})
	}
}
