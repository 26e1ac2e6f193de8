package httpd_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/httpd"
	"github.com/optgate/optgate/internal/keys"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
	"github.com/optgate/optgate/internal/store/faultstore"
	"github.com/optgate/optgate/internal/store/sqlitestore"
)

// origin is the page's of the test site; the server itself is on another one.
const origin = "https://shop.example"

// kit is a server on the embedded store with one site, "shop", whose clock is
// the test's.
type kit struct {
	t       *testing.T
	handler http.Handler
	store   *faultstore.Store
	reg     *publish.Registry
	keys    *keys.Keys
	logs    *logBuffer

	mu  sync.Mutex
	now time.Time
}

// logBuffer collects what the server logs.
type logBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func shop() *optgate.Config {
	return &optgate.Config{
		Site: "shop", Name: "Shop", Origins: []string{origin, "http://localhost:3000"}, Languages: []string{"en", "de"},
		Controller: optgate.Controller{Name: "Shop Ltd."},
		Categories: []optgate.Category{{ID: "essential"}, {ID: "functional"}, {ID: "analytics"}, {ID: "marketing"}},
		Services:   []optgate.Service{{ID: "stats", Name: "Stats", Category: "analytics", Provider: "Stats Inc."}},
		Tags: []optgate.Tag{
			{ID: "pixel", Service: "stats", Kind: optgate.TagPixel, Src: "https://stats.example/p.gif"},
			{ID: "ads", Category: "marketing", Kind: optgate.TagInline, Code: "ads()"},
		},
	}
}

func newKit(t *testing.T) *kit {
	t.Helper()
	k := &kit{t: t, now: time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC), logs: new(logBuffer)}
	store, err := sqlitestore.Open(t.Context(), t.TempDir(), sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	k.store = &faultstore.Store{Inner: store}
	log := slog.New(slog.NewTextHandler(io.MultiWriter(k.logs, t.Output()), &slog.HandlerOptions{Level: slog.LevelDebug}))
	if k.keys, err = keys.Open(t.Context(), store, k.clock); err != nil {
		t.Fatal(err)
	}
	if k.reg, err = publish.Open(t.Context(), publish.Options{Store: k.store, Panels: k.store, Version: "test", Now: k.clock, Log: log}); err != nil {
		t.Fatal(err)
	}
	k.publish(shop())
	s := &httpd.Server{
		Ledger: k.store, Store: k.store, Registry: k.reg, Keys: k.keys, DecisionsPerMinute: 5, RegionHeaders: []string{"CF-IPCountry", "CF-Region-Code"},
		Version: "test", Log: log, Now: k.clock,
	}
	k.handler = s.Handlers(httpd.AdminBesideSites).Public
	return k
}

func (k *kit) clock() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.now
}

func (k *kit) advance(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.now = k.now.Add(d)
}

// publish publishes c as the next revision of its site.
func (k *kit) publish(c *optgate.Config) optgate.Revision {
	k.t.Helper()
	latest, _ := k.reg.Site(c.Site)
	r, err := k.reg.Publish(k.t.Context(), c, latest.Number, "test", "")
	if err != nil {
		k.t.Fatal(err)
	}
	return r
}

// request is what a test sends; headers are pairs.
type request struct {
	method, path, body string
	headers            []string
	cookies            []*http.Cookie
}

func (k *kit) do(r request) *http.Response {
	k.t.Helper()
	req := httptest.NewRequestWithContext(k.t.Context(), r.method, r.path, strings.NewReader(r.body))
	req.RemoteAddr = "127.0.0.1:1234"
	for i := 0; i+1 < len(r.headers); i += 2 {
		req.Header.Add(r.headers[i], r.headers[i+1])
	}
	for _, c := range r.cookies {
		req.AddCookie(c)
	}
	rec := httptest.NewRecorder()
	k.handler.ServeHTTP(rec, req)
	return rec.Result()
}

// decide posts a decision as the gate does, from a page of the site.
func (k *kit) decide(body string, more ...string) *http.Response {
	k.t.Helper()
	return k.do(request{
		method: "POST", path: "/s/shop/choices", body: body,
		headers: append([]string{"Origin", origin, "Content-Type", "application/json"}, more...),
	})
}

// answer is a valid decision of a visitor: everything but analytics.
func answer(id, visitor string) map[string]any {
	return map[string]any{
		"id": id, "visitor": visitor, "revision": 1, "language": "en", "action": "save", "source": "banner",
		"choices": map[string]any{"functional": true, "analytics": false, "marketing": true},
	}
}

func encode(t *testing.T, v any) string {
	t.Helper()
	doc, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(doc)
}

// read returns the body of an answer.
func read(t *testing.T, r *http.Response) string {
	t.Helper()
	doc, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(doc)
}

func newID() string { return ulid.Make().String() }

// stored returns how many records the site has.
func (k *kit) stored() int {
	k.t.Helper()
	return len(k.records())
}

// cookie returns the cookie of that name from an answer, or nil.
func cookie(r *http.Response, name string) *http.Cookie {
	for _, c := range r.Cookies() {
		if c.Name == name {
			return c
		}
	}
	return nil
}
