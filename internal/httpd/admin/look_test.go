package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

func TestLookIsEdited(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	form := w.seen(url.Values{"position": {"corner"}, "accent": {"1A56DB"}, "radius": {"0"}, "logo": {"https://shop.example/logo.svg"}})
	p := b.post("/admin/sites/shop/look", form)
	wantStatus(t, "the form", p, http.StatusSeeOther)
	got := w.edited().Theme
	if got.Position != optgate.Corner || got.Accent != "#1a56db" || got.Radius == nil || *got.Radius != 0 || got.Logo != "https://shop.example/logo.svg" {
		t.Errorf("the draft has %+v", got)
	}
	if w.latest().Config.Theme != (optgate.Theme{}) {
		t.Error("what is published changed")
	}
	shown := b.get(p.header.Get("Location"))
	wantText(t, shown, "Look saved. It is not published yet.")
	wantText(t, shown, `value="#1a56db"`)
	wantText(t, shown, "6.2 – good")

	wantStatus(t, "the same again", b.post("/admin/sites/shop/look", w.seen(form)), http.StatusSeeOther)
	wantText(t, b.get("/admin/sites/shop/look"), "Nothing changed.")
	wantStatus(t, "an old form", b.post("/admin/sites/shop/look", url.Values{"revision": {"1"}, "position": {"bar"}}), http.StatusConflict)
}

// TestLookRefuses checks that a fault is told at its field, that what was typed is
// kept and nothing saved.
func TestLookRefuses(t *testing.T) {
	const script = `"><script>alert(1)</script>`
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	for _, test := range []struct{ name, field, typed, says string }{
		{"an accent nobody sees in light", "accent", "#ffee00", "Accent: The colour #ffee00 has a contrast of 1.2 to the light background: its buttons can hardly be seen there."},
		{"an accent nobody sees in the dark", "accent", "#111111", "has a contrast of 1.1 to the dark background"},
		{"a word", "accent", "red", "Accent is a colour such as #1a56db"},
		{"a colour that is not whole", "accent", "#zz", "Accent is a colour such as #1a56db"},
		{"styles", "accent", "#fff;}body{display:none", "Accent is a colour such as"},
		{"a script as accent", "accent", script, "Accent is a colour such as"},
		{"a script as position", "position", script, "Where the banner stands is one of"},
		{"a radius beyond", "radius", "25", "Corner radius is 0 to 24 pixels"},
		{"a negative radius", "radius", "-1", "Corner radius is 0 to 24 pixels"},
		{"a radius beyond all numbers", "radius", strings.Repeat("9", 400), "Corner radius is 0 to 24 pixels"},
		{"a logo from elsewhere", "logo", "https://evil.example/logo.svg", "Logo is the address of a picture on one of the site"},
		{"a script as logo", "logo", "javascript:alert(1)", "Logo is the address of"},
		{"a logo that looks like ours", "logo", "https://shop.example@evil.example/l.svg", "Logo is the address of"},
		{"a very long logo turned around", "logo", "https://evil.example/\u202e" + strings.Repeat("x", 5000), "Logo is the address of"},
	} {
		t.Run(test.name, func(t *testing.T) {
			form := w.seen(url.Values{"position": {"centre"}, test.field: {test.typed}})
			p := b.post("/admin/sites/shop/look", form)
			wantStatus(t, "the form", p, http.StatusUnprocessableEntity)
			wantText(t, p, escaped(test.says))
			wantText(t, p, `href="#f-`+test.field+`"`)
			noColour := strings.Contains(test.says, "Accent is a colour such as")
			if strings.Contains(p.body, "21.0 – good") && test.field == "accent" || strings.Contains(p.body, ">not readable as a colour<") != noColour {
				t.Errorf("that it is no colour is said: %t, want %t, and no contrast", !noColour, noColour)
			}
			if test.field != "position" {
				wantText(t, p, `value="`+escaped(test.typed)+`"`)
			}
			wantOwnScriptsOnly(t, p)
			if w.draft().IsOpen() {
				t.Error("something was saved")
			}
			frame := b.post("/admin/sites/shop/look/preview", form)
			wantStatus(t, "the preview", frame, http.StatusOK)
			wantFramedByUsAlone(t, frame)
			wantNoScripts(t, frame)
			if strings.Contains(frame.header.Get("Content-Security-Policy"), "evil") {
				t.Error("the preview may load from elsewhere")
			}
		})
	}
}

// TestFormsReadTheirOwnFieldsAlone posts what other forms have.
func TestFormsReadTheirOwnFieldsAlone(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b := w.signedIn()
	form := url.Values{
		"position": {"bar"}, "accent": {"#1a56db"}, "name": {"Other"}, "origins": {"https://evil.example"}, "site": {"other"}, "theme.accent": {"#000000"},
		"Tags": {"[]"}, "hold": {"off"}, "title": {"Mine"}, "Author": {"nobody"}, "version": {"99"},
	}
	wantStatus(t, "the look", b.post("/admin/sites/shop/look", w.seen(form)), http.StatusSeeOther)
	want := shop()
	want.Theme.Accent = "#1a56db"
	if got := w.edited(); got.Hash() != want.Hash() || w.draft().Author != userName {
		t.Errorf("the draft has %+v, want no more than the accent", w.edited())
	}
}

func TestViewersSeeTheLook(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.person("vera", optgate.Viewer)
	w.publish(shop())
	wantStatus(t, "an edit", w.signedIn().post("/admin/sites/shop/look", w.seen(url.Values{"position": {"bar"}, "accent": {"#1a56db"}})), http.StatusSeeOther)
	b := w.browser()
	b.signIn("vera", userWord)
	for _, path := range []string{"look", "texts", "preview"} {
		p := b.get("/admin/sites/shop/" + path)
		wantStatus(t, path, p, http.StatusOK)
		wantText(t, p, "You can look at this.")
		if strings.Contains(p.body, "1a56db\"") || strings.Contains(p.body, ">Save<") {
			t.Errorf("%s shows a viewer the draft, or a button", path)
		}
	}
	if p := b.get("/admin/sites/shop/preview/frame"); strings.Contains(p.body, "1a56db") {
		t.Error("the preview shows a viewer the draft")
	}
}
