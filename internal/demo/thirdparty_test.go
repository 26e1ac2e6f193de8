package demo_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/demo"
)

// thirdParties returns third parties whose clock goes a second with each look.
func thirdParties(t *testing.T) (*demo.ThirdParties, http.Handler) {
	third := demo.NewThirdParties(slog.New(slog.NewTextHandler(t.Output(), nil)))
	now := time.Unix(1767322800, 0)
	third.Now = func() time.Time { now = now.Add(time.Second); return now }
	return third, third.Handler()
}

func ask(t *testing.T, h http.Handler, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	r.Header.Set("User-Agent", "Secret/1.0")
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}

func TestThirdPartiesAnswer(t *testing.T) {
	_, h := thirdParties(t)
	for _, tt := range []struct {
		method, path string
		code         int
		kind         string
	}{
		{"GET", "/ads.example/pixel.gif?site=tiertime", 200, "image/gif"},
		{"GET", "/stats.example/tag.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/video.example/player.css", 200, "text/css; charset=utf-8"},
		{"GET", "/video.example/embed/video", 200, "text/html; charset=utf-8"},
		{"GET", "/comments.example/embed/comments", 200, "text/html; charset=utf-8"},
		{"GET", "/ads.example/privacy", 200, "text/html; charset=utf-8"},
		{"POST", "/stats.example/left", 204, ""},
		{"GET", "/", 200, "text/html; charset=utf-8"},
		{"GET", "/assets/third.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/favicon.ico", 404, "text/html; charset=utf-8"},
		{"GET", "/nobody/pixel.gif", 404, "text/html; charset=utf-8"},
		{"GET", "/assets/..%2f..%2fthirdparty.go", 404, "text/plain; charset=utf-8"},
	} {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			rec := ask(t, h, tt.method, tt.path)
			if kind := rec.Header().Get("Content-Type"); rec.Code != tt.code || kind != tt.kind {
				t.Errorf("got %d %q, want %d %q", rec.Code, kind, tt.code, tt.kind)
			}
		})
	}
}

func TestThirdPartiesLog(t *testing.T) {
	_, h := thirdParties(t)
	if got, want := strings.TrimSpace(ask(t, h, "GET", "/log.json").Body.String()), "[]"; got != want {
		t.Errorf("at first: got %s, want %s", got, want)
	}
	ask(t, h, "GET", "/stats.example/pixel.gif?visitor=secret")
	ask(t, h, "GET", "/new.example/x")
	ask(t, h, "GET", "/ads.example/privacy")
	ask(t, h, "GET", "/")

	got := strings.TrimSpace(ask(t, h, "GET", "/log.json").Body.String())
	want := `[{"vendor":"new.example","category":"unknown","path":"/x","time":"2026-01-02T03:00:02Z"},` +
		`{"vendor":"stats.example","category":"analytics","path":"/pixel.gif","time":"2026-01-02T03:00:01Z"}]`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}

	if rec := ask(t, h, "POST", "/reset"); rec.Code != http.StatusSeeOther {
		t.Errorf("reset: got %d, want 303", rec.Code)
	}
	if got, want := strings.TrimSpace(ask(t, h, "GET", "/log.json").Body.String()), "[]"; got != want {
		t.Errorf("after reset: got %s, want %s", got, want)
	}
}

// Whoever can reach the port can ask for anything, as often as she likes.
func TestThirdPartiesLogIsBounded(t *testing.T) {
	third, h := thirdParties(t)
	for range 600 {
		ask(t, h, "GET", "/ads.example/"+strings.Repeat("%ff", 500)+"%3Cscript%3E")
	}
	hits := third.Hits()
	if len(hits) != 500 {
		t.Errorf("got %d hits, want the newest 500", len(hits))
	}
	if !slices.IsSortedFunc(hits, func(a, b demo.Hit) int { return b.At.Compare(a.At) }) {
		t.Error("got hits out of order, want the newest first")
	}
	doc := ask(t, h, "GET", "/log.json").Body.Bytes()
	var read []demo.Hit
	if err := json.Unmarshal(doc, &read); err != nil || len(doc) > 200*500 {
		t.Errorf("got %d bytes and error %v, want a short list", len(doc), err)
	}
}

// Every address that the example sites load is answered by a vendor whose
// category is the tag's: otherwise the demo would show something wrong.
func TestThirdPartiesKnowTheExamples(t *testing.T) {
	all, err := demo.Configs(options(t))
	if err != nil {
		t.Fatal(err)
	}
	third, h := thirdParties(t)
	for _, c := range all {
		for _, tag := range c.Tags {
			if tag.Src == "" {
				continue
			}
			rec := ask(t, h, "GET", strings.TrimPrefix(tag.Src, options(t).ThirdParty))
			if rec.Code != http.StatusOK {
				t.Errorf("%s of %s: got %d, want 200", tag.ID, c.Site, rec.Code)
			}
			if got, want := third.Hits()[0].Category, c.TagCategory(tag); got != want {
				t.Errorf("%s of %s: got category %s, want %s", tag.ID, c.Site, got, want)
			}
		}
	}
}
