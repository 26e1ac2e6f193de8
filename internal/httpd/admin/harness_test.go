package admin_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/httpd/admin"
	"github.com/optgate/optgate/internal/keys"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/pagecheck"
	"github.com/optgate/optgate/internal/password"
	"github.com/optgate/optgate/internal/publish"
	"github.com/optgate/optgate/internal/store/sqlitestore"
)

const (
	userName = "mara"
	userWord = "correct horse battery"
)

// world is an admin on a real store, with a clock that tests move.
type world struct {
	t        *testing.T
	store    *sqlitestore.Store
	registry *publish.Registry
	ring     *keys.Keys
	admin    *admin.Admin
	echo     *echo.Echo
	server   *httptest.Server

	mu     sync.Mutex
	now    time.Time
	codecs []securecookie.Codec
	logs   strings.Builder
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), codecs: newCodecs()}
	log := slog.New(slog.NewTextHandler(w, nil))
	var err error
	if w.store, err = sqlitestore.Open(t.Context(), t.TempDir(), sqlitestore.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.store.Close() })
	w.registry, err = publish.Open(t.Context(), publish.Options{Store: w.store, Panels: w.store, Version: "test", Now: w.clock, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	if w.ring, err = keys.Open(t.Context(), w.store, w.clock); err != nil {
		t.Fatal(err)
	}
	w.admin = w.newAdmin()
	w.echo, w.server = w.serve(w.admin)
	return w
}

// newAdmin returns an admin on the world's store, one of several if tests like.
func (w *world) newAdmin() *admin.Admin {
	return &admin.Admin{
		Users: w.store, Guesses: w.store, Derive: w.ring.Derive, Ledger: w.store, Trail: w.store, Panels: w.store, Unmarked: w.store, Signed: w.store, Verifier: w.ring.Verifier, Drafts: w.store, Sites: w.registry, Log: slog.New(slog.NewTextHandler(w, nil)), Now: w.clock,
		Warnings:  func(context.Context) ([]string, error) { return nil, nil },
		Codecs:    w.keys,
		PublicURL: func(r *http.Request) string { return "https://optgate.example" },
		AdminURL:  func(r *http.Request) string { return "https://optgate.example" },
		Secure:    func(r *http.Request) bool { return r.Header.Get("X-Forwarded-Proto") == "https" },
		ClientKey: func(r *http.Request) string { return r.Header.Get("X-Test-Client") },
		Pages:     &pagecheck.Fetcher{Loopback: true},
		Gate: func(id optgate.SiteID) []byte {
			site, _ := w.registry.Published(id)
			body, _ := site.Gate.Encoded("identity")
			return body
		},
	}
}

// serve answers for an admin until the test is over.
func (w *world) serve(a *admin.Admin) (*echo.Echo, *httptest.Server) {
	e := echo.New()
	e.HTTPErrorHandler = answerError
	a.Register(e.Group("/admin"))
	server := httptest.NewServer(e)
	w.t.Cleanup(server.Close)
	return e, server
}

// answerError stands in for the server's own handler.
func answerError(err error, c echo.Context) {
	status := http.StatusInternalServerError
	if e, ok := errors.AsType[*echo.HTTPError](err); ok {
		status = e.Code
	} else if errors.Is(err, optgate.ErrNotFound) {
		status = http.StatusNotFound
	} else if _, ok := errors.AsType[*optgate.InvalidError](err); ok {
		status = http.StatusUnprocessableEntity
	}
	_ = c.String(status, "central: "+err.Error())
}

func newCodecs() []securecookie.Codec {
	codec := securecookie.New(securecookie.GenerateRandomKey(32), securecookie.GenerateRandomKey(32))
	codec.SetSerializer(securecookie.JSONEncoder{})
	codec.MaxAge(0)
	return []securecookie.Codec{codec}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) keys() []securecookie.Codec {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.codecs
}

func (w *world) setKeys(codecs []securecookie.Codec) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.codecs = codecs
}

// Write takes the log.
func (w *world) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.logs.Write(p)
}

func (w *world) log() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.logs.String()
}

// user makes the user that tests sign in as.
var userHash = sync.OnceValues(func() (string, error) { return password.Hash(userWord) })

func (w *world) user() { w.t.Helper(); w.person(userName, optgate.Owner) }

// person makes a user with the password of all.
func (w *world) person(name string, role optgate.Role) {
	w.t.Helper()
	hash, err := userHash()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.store.CreateUser(w.t.Context(), optgate.User{Name: name, Password: hash, Role: role, Created: w.clock()}); err != nil {
		w.t.Fatal(err)
	}
}

// sessions returns those of the tests' user, the oldest first.
func (w *world) sessions() []optgate.Session {
	w.t.Helper()
	u, err := w.store.User(w.t.Context(), userName)
	if err != nil {
		w.t.Fatal(err)
	}
	return u.Sessions
}

func shop() *optgate.Config {
	return &optgate.Config{
		Site: "shop", Name: "The Shop", Origins: []string{"https://shop.example"}, Languages: []string{"en", "de"},
		Controller: optgate.Controller{Name: "Shop Ltd"},
		Categories: []optgate.Category{{ID: optgate.Essential}, {ID: optgate.Functional}, {ID: optgate.Analytics}, {ID: optgate.Marketing}},
		Services: []optgate.Service{
			{
				ID: "stats", Name: "Counter", Category: optgate.Analytics, Provider: "Counter Inc",
				Purpose: optgate.Text{"en": "Counts pages.", "de": "Zählt Seiten."},
				Cookies: []optgate.StoredCookie{{Name: "_c", Duration: "1 year", Purpose: optgate.Text{"en": "Count", "de": "Zählung"}}},
			},
			{ID: "ads", Name: "Adverts", Category: optgate.Marketing, Provider: "Ads Inc"},
		},
		Tags: []optgate.Tag{{ID: "pixel", Service: "stats", Kind: optgate.TagPixel, Src: "https://stats.example/p.gif"}},
	}
}

// publish puts c before the world as somebody else would.
func (w *world) publish(c *optgate.Config) optgate.Revision {
	w.t.Helper()
	latest, _ := w.registry.Site(c.Site)
	r, err := w.registry.Publish(w.t.Context(), c, latest.Number, "lee", "")
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) latest() optgate.Revision {
	w.t.Helper()
	r, ok := w.registry.Site("shop")
	if !ok {
		w.t.Fatal("the shop is gone")
	}
	return r
}

// config returns a copy of the shop's configuration, to edit.
func (w *world) config() *optgate.Config {
	w.t.Helper()
	r := w.latest()
	return r.Config.Clone()
}

// draft returns the shop's draft.
func (w *world) draft() *optgate.Draft {
	w.t.Helper()
	d, err := w.store.Draft(w.t.Context(), "shop")
	if err != nil {
		w.t.Fatal(err)
	}
	return &d
}

// edited returns what the shop's open draft says.
func (w *world) edited() *optgate.Config {
	w.t.Helper()
	d := w.draft()
	if !d.IsOpen() {
		w.t.Fatal("no draft is open")
	}
	return &d.Config
}

// seen adds to a form what a page of the shop shows now.
func (w *world) seen(form url.Values) url.Values {
	w.t.Helper()
	form.Set("revision", strconv.Itoa(w.latest().Number))
	if d := w.draft(); d.IsOpen() {
		form.Set("draft", strconv.Itoa(d.Version))
	}
	return form
}

// browser is one visitor of the admin with cookies of her own.
type browser struct {
	w      *world
	client *http.Client
	header http.Header
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &browser{w: w, header: http.Header{"X-Test-Client": {"one"}}, client: &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// page is an answer, read to its end.
type page struct {
	status int
	header http.Header
	body   string
}

func (b *browser) do(method, path string, form url.Values) page {
	b.w.t.Helper()
	r, err := http.NewRequestWithContext(b.w.t.Context(), method, b.w.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.w.t.Fatal(err)
	}
	r.Header = b.header.Clone()
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := b.client.Do(r)
	if err != nil {
		b.w.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	return page{resp.StatusCode, resp.Header, string(body)}
}

func (b *browser) get(path string) page { b.w.t.Helper(); return b.do(http.MethodGet, path, nil) }

// post sends a form with the session's token.
func (b *browser) post(path string, form url.Values) page {
	b.w.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	if !form.Has("csrf") {
		form.Set("csrf", b.token())
	}
	return b.do(http.MethodPost, path, form)
}

// token returns the session's token as the account page has it.
func (b *browser) token() string { b.w.t.Helper(); return hidden(b.get("/admin/account").body, "csrf") }

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`)

func hidden(body, name string) string {
	for _, m := range hiddenInput.FindAllStringSubmatch(body, -1) {
		if m[1] == name {
			return m[2]
		}
	}
	return ""
}

func (b *browser) signIn(name, word string) page {
	b.w.t.Helper()
	return b.do(http.MethodPost, "/admin/sign-in", url.Values{"name": {name}, "password": {word}})
}

// signedIn returns a browser that is signed in.
func (w *world) signedIn() *browser {
	w.t.Helper()
	b := w.browser()
	if p := b.signIn(userName, userWord); p.status != http.StatusSeeOther {
		w.t.Fatalf("sign-in answered %d, want 303: %s", p.status, p.body)
	}
	return b
}

func (b *browser) cookie(name string) *http.Cookie {
	u, _ := url.Parse(b.w.server.URL + "/admin/")
	for _, k := range b.client.Jar.Cookies(u) {
		if k.Name == name {
			return k
		}
	}
	return nil
}

func (b *browser) setCookie(name, value string) {
	u, _ := url.Parse(b.w.server.URL + "/admin/")
	b.client.Jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value, Path: "/admin"}})
}

// wantStatus checks an answer's status.
func wantStatus(t *testing.T, what string, p page, want int) {
	t.Helper()
	if p.status != want {
		t.Errorf("%s answered %d, want %d\n%.600s", what, p.status, want, p.body)
	}
}

// wantText checks that a page says something.
func wantText(t *testing.T, p page, want string) {
	t.Helper()
	if !strings.Contains(p.body, want) {
		t.Errorf("the page (status %d) lacks %q:\n%s", p.status, want, p.body)
	}
}
