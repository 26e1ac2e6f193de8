package httpd_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// An error page belongs to no site, so that any language is on offer.
func TestErrorPagesSpeakTheVisitorsLanguage(t *testing.T) {
	k := newKit(t)
	for _, tt := range []struct{ name, accept, lang string }{
		{"none named", "", "en"},
		{"one that is not spoken", "az", "en"},
		{"Taiwan", "zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant"},
		{"China", "zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"},
		{"the former code of Hebrew", "iw", "he"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := k.do(request{method: "GET", path: "/s/nosuch/gate.js", headers: []string{"Accept", "text/html", "Accept-Language", tt.accept}})
			if text := read(t, r); !strings.Contains(text, `<html lang="`+tt.lang+`"`) {
				t.Errorf("got %s, want a page in %s", text, tt.lang)
			}
		})
	}
}

// Who chose a language in the admin reads its error pages in it, too.
func TestErrorPagesSpeakTheLanguageThatWasChosen(t *testing.T) {
	k := newKit(t)
	r := k.do(request{method: "GET", path: "/admin/nosuch", headers: []string{"Accept", "text/html", "Accept-Language", "en", "Cookie", "og_admin_language=de"}})
	if text := read(t, r); !strings.Contains(text, `<html lang="de"`) {
		t.Errorf("got %s, want a page in German", text)
	}
}

// A mistyped address below /admin does not lead out of the admin.
func TestErrorPagesOfTheAdminLeadBack(t *testing.T) {
	k := newKit(t)
	for _, path := range []string{"/admin/nosuch", "/admin/sites/nosuch", "/admin/sign-out"} {
		r := k.do(request{method: "GET", path: path, headers: []string{"Accept", "text/html", "Accept-Language", "en"}})
		if text := read(t, r); r.StatusCode < 400 && r.StatusCode != http.StatusSeeOther || r.StatusCode >= 400 && !strings.Contains(text, `href="/admin/"`) {
			t.Errorf("%s: got %d and %s, want a page with a link to the admin", path, r.StatusCode, text)
		}
	}
}

// Below /api programs ask, whatever they say that they accept: browsers, and
// libraries that behave like one, accept HTML first.
func TestErrorsOfTheAPIAreNeverPages(t *testing.T) {
	k := newKit(t)
	token := k.apiToken("ann", optgate.Viewer, optgate.SeeSites)
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, tt := range []struct {
		name, token, path string
		status            int
	}{
		{"without a token", "", "/api/v1/sites", http.StatusUnauthorized},
		{"a site that there is not", token, "/api/v1/sites/nosuch/config", http.StatusNotFound},
		{"a path that there is not", token, "/api/v1/nosuch", http.StatusNotFound},
		{"a version that there is not", token, "/api/v9/sites", http.StatusNotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := k.do(request{method: "GET", path: tt.path, headers: []string{"Accept", browser, "Authorization", "Bearer " + tt.token}})
			got := decoded[struct{ Status int }](t, read(t, r))
			if kind := r.Header.Get("Content-Type"); kind != "application/problem+json" || r.StatusCode != tt.status || got.Status != tt.status {
				t.Errorf("got %d in %s, saying %+v; want %d in application/problem+json", r.StatusCode, kind, got, tt.status)
			}
		})
	}
}
