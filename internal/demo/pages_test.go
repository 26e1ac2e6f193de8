package demo_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/optgate/optgate/internal/demo"
)

// get asks the demo's pages for a path at a host.
func get(t *testing.T, host, path string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+host+path, nil)
	rec := httptest.NewRecorder()
	demo.Pages(options(t)).ServeHTTP(rec, r)
	return rec
}

// pagesOf lists every page with its host, language and direction.
var pagesOf = []struct{ host, path, lang, dir string }{
	{"127.0.0.1:8080", "/demo/tiertime/", "en", "ltr"},
	{"127.0.0.1:8080", "/demo/tiertime/de/", "de", "ltr"},
	{"127.0.0.1:8080", "/demo/tiertime/ar/", "ar", "rtl"},
	{"127.0.0.1:8080", "/demo/tiertime/store", "en", "ltr"},
	{"127.0.0.1:8080", "/demo/tiertime/forum", "en", "ltr"},
	{"127.0.0.1:8080", "/demo/tiertime/video", "en", "ltr"},
	{"127.0.0.1:8080", "/demo/tiertime/policy", "en", "ltr"},
	{"localhost:8080", "/demo/cetus3d/", "en", "ltr"},
	{"localhost:8080", "/demo/cetus3d/de/", "de", "ltr"},
	{"localhost:8080", "/demo/cetus3d/ar/", "ar", "rtl"},
	{"localhost:8080", "/demo/cetus3d/store", "en", "ltr"},
	{"localhost:8080", "/demo/cetus3d/forum", "en", "ltr"},
	{"localhost:8080", "/demo/cetus3d/video", "en", "ltr"},
	{"localhost:8080", "/demo/cetus3d/policy", "en", "ltr"},
}

func TestPagesEmbedTheGate(t *testing.T) {
	first := regexp.MustCompile(`^<!doctype html><html lang="(\w+)" dir="(\w+)" data-site="(\w+)"><head><script src="/s/(\w+)/gate.js"></script><meta charset="utf-8">`)
	for _, tt := range pagesOf {
		t.Run(tt.path, func(t *testing.T) {
			rec := get(t, tt.host, tt.path)
			body := rec.Body.String()
			got := first.FindStringSubmatch(body)
			site := strings.Split(tt.path, "/")[2]
			if rec.Code != http.StatusOK || got == nil || got[1] != tt.lang || got[2] != tt.dir || got[3] != site || got[4] != site {
				t.Errorf("got %d, %.200s\nwant the gate of %s first in a head of language %s, %s", rec.Code, body, site, tt.lang, tt.dir)
			}
			if !strings.Contains(body, "<button type=\"button\" data-og-open>") {
				t.Error("got no button that opens the preferences")
			}
		})
	}
}

// Nothing in a page as it is served may reach a third party, run marked code or
// work by an inline handler.
func TestPagesHoldWhatIsMarked(t *testing.T) {
	loads := map[string]bool{"src": true, "srcset": true, "data": true, "poster": true, "background": true, "style": true}
	for _, tt := range pagesOf {
		t.Run(tt.path, func(t *testing.T) {
			held := 0
			z := html.NewTokenizer(get(t, tt.host, tt.path).Body)
			for z.Next() != html.ErrorToken {
				token := z.Token()
				attrs := map[string]string{}
				for _, a := range token.Attr {
					attrs[a.Key] = a.Val
					third := strings.Contains(a.Val, ":8081") || strings.Contains(a.Val, ".example")
					if third && (loads[a.Key] || a.Key == "href" && token.Data != "a") {
						t.Errorf("got a live <%s %s=%q>", token.Data, a.Key, a.Val)
					}
					if strings.HasPrefix(a.Key, "on") {
						t.Errorf("got an inline handler <%s %s=%q>", token.Data, a.Key, a.Val)
					}
				}
				gate, marked := attrs["data-gate"]
				if !marked {
					continue
				}
				held++
				if gate != "functional" && gate != "analytics" && gate != "marketing" {
					t.Errorf("got <%s data-gate=%q>, want a category of the site", token.Data, gate)
				}
				if token.Data == "script" && attrs["type"] != "text/plain" {
					t.Errorf("got a marked script of type %q, want text/plain", attrs["type"])
				}
			}
			if held < 3 {
				t.Errorf("got %d marked elements, want at least 3", held)
			}
		})
	}
}

// The sites have to stay apart by their hosts, whichever link led there.
func TestPagesUnderTheWrongHost(t *testing.T) {
	for _, tt := range []struct{ host, path, want string }{
		{"localhost:8080", "/demo/tiertime/store", "http://127.0.0.1:8080/demo/tiertime/store"},
		{"127.0.0.1:8080", "/demo/cetus3d/ar/", "http://localhost:8080/demo/cetus3d/ar/"},
		{"127.0.0.1:9999", "/demo/tiertime/", "http://127.0.0.1:8080/demo/tiertime/"},
		{"evil.example", "/demo/tiertime/", "http://127.0.0.1:8080/demo/tiertime/"},
	} {
		t.Run(tt.host+tt.path, func(t *testing.T) {
			rec := get(t, tt.host, tt.path)
			if got := rec.Header().Get("Location"); rec.Code != http.StatusFound || got != tt.want {
				t.Errorf("got %d %q, want 302 %q", rec.Code, got, tt.want)
			}
		})
	}
}

func TestPagesRefuse(t *testing.T) {
	for _, tt := range []struct {
		name, method, path string
		want               int
	}{
		{"index", "GET", "/demo/", 200},
		{"style sheet", "GET", "/demo/assets/shop.css", 200},
		{"unknown site", "GET", "/demo/nobody/", 404},
		{"unknown page", "GET", "/demo/tiertime/admin", 404},
		{"name of a Go field", "GET", "/demo/SiteOrigin/", 404},
		{"markup", "GET", "/demo/%3Cscript%3E/", 404},
		{"out of the assets", "GET", "/demo/assets/..%2f..%2fdemo.go", 404},
		{"long", "GET", "/demo/tiertime/" + strings.Repeat("a", 8000), 404},
		{"not UTF-8", "GET", "/demo/tiertime/%ff%00", 404},
		{"post", "POST", "/demo/tiertime/", 405},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec := httptest.NewRecorder()
			demo.Pages(options(t)).ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), tt.method, "http://127.0.0.1:8080"+tt.path, nil))
			if rec.Code != tt.want {
				t.Errorf("got %d, want %d", rec.Code, tt.want)
			}
			if strings.Contains(rec.Body.String(), "<script>") {
				t.Error("got the path's markup in the page")
			}
		})
	}
}
