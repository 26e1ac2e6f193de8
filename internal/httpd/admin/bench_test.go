package admin_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/labstack/echo/v4"
	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/httpd/admin"
	"github.com/optgate/optgate/internal/keys"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
	"github.com/optgate/optgate/internal/store/redisstore"
	"github.com/optgate/optgate/internal/testkit/redistest"
	"github.com/optgate/optgate/internal/words"
)

// What a big installation has, and what a page of it may take.
const (
	bigServices = 500
	bigDays     = 2 * 365
	bigSites    = 50
	pageLimit   = 100 * time.Millisecond
)

// big is an admin with much in it.
type big struct {
	b        *testing.B
	store    *redisstore.Store
	registry *publish.Registry
	ring     *keys.Keys
	codecs   []securecookie.Codec
	now      time.Time
	cookies  []*http.Cookie
}

// BenchmarkPages reports the median time of pages of the admin, also as a share
// of what they may take: with a site of 500 services in all languages, two years
// of counts from all partitions, 50 sites, and the store on Redis.
func BenchmarkPages(b *testing.B) {
	w := newBig(b)
	w.publish(0)
	w.publish(1)
	w.count()
	server := w.open()
	w.signIn(server)

	const site, overview = "/admin/sites/big", "/admin/sites/big/overview?period=2y"
	page := func(name, path string) {
		b.Run(name, func(b *testing.B) { w.measure(b, path, func() http.Handler { return server }) })
	}
	page("sites", "/admin/")
	page("site", site)
	page("records", site+"/records")
	b.Run("overview-first", func(b *testing.B) { w.measure(b, overview, w.open) })
	page("overview", overview)
	w.draft(2)
	page("site-draft", site)
	page("publish-draft", site+"/publish")
	w.draft(1)
	page("site-behind", site)
	page("publish-behind", site+"/publish")
}

// measure opens a page of each server again and again.
func (w *big) measure(b *testing.B, path string, server func() http.Handler) {
	var took []time.Duration
	for b.Loop() {
		b.StopTimer()
		h := server()
		b.StartTimer()
		began := time.Now()
		p := w.get(h, path)
		took = append(took, time.Since(began))
		if p.Code != http.StatusOK || p.Body.Len() < 1000 {
			b.Fatalf("%s answered %d: %.300s", path, p.Code, p.Body)
		}
	}
	slices.Sort(took)
	median := took[len(took)/2]
	b.ReportMetric(float64(median)/float64(time.Millisecond), "median-ms")
	b.ReportMetric(float64(median)/float64(pageLimit), "of-limit")
}

func newBig(b *testing.B) *big {
	b.Helper()
	w := &big{b: b, codecs: newCodecs(), now: time.Now().UTC().Truncate(24 * time.Hour).Add(12 * time.Hour)}
	var err error
	if w.store, err = redisstore.Open(b.Context(), redistest.Start(b).URL(), redisstore.Options{}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = w.store.Close() })
	w.registry, err = publish.Open(b.Context(), publish.Options{Store: w.store, Panels: w.store, Version: "bench", Now: w.clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	if w.ring, err = keys.Open(b.Context(), w.store, w.clock); err != nil {
		b.Fatal(err)
	}
	hash, err := userHash()
	if err != nil {
		b.Fatal(err)
	}
	if err := w.store.CreateUser(b.Context(), optgate.User{Name: userName, Password: hash, Role: optgate.Owner, Created: w.now}); err != nil {
		b.Fatal(err)
	}
	for i := range bigSites - 1 {
		c := shop()
		c.Site, c.Origins = optgate.SiteID(fmt.Sprintf("site-%02d", i)), []string{fmt.Sprintf("https://site-%02d.example", i)}
		if _, err := w.registry.Publish(b.Context(), c, 0, "bench", ""); err != nil {
			b.Fatal(err)
		}
	}
	return w
}

func (w *big) clock() time.Time { return w.now }

// config returns the big site's configuration, a service of which differs from
// variant to variant.
func (w *big) config(variant int) *optgate.Config {
	inAll := func(what string) optgate.Text {
		t := optgate.Text{}
		for _, lang := range words.Languages() {
			t[lang] = fmt.Sprintf("What %s is good for, told in %s", what, lang)
		}
		return t
	}
	c := shop()
	c.Site, c.Origins, c.Languages, c.Tags = "big", []string{"https://big.example"}, words.Languages(), nil
	c.Services = nil
	for i := range bigServices {
		id := fmt.Sprintf("service-%03d", i)
		c.Services = append(c.Services, optgate.Service{
			ID: id, Name: "Service " + id, Category: []optgate.CategoryID{optgate.Functional, optgate.Analytics, optgate.Marketing}[i%3],
			Provider: "Provider of " + id, Country: "DE", Policy: "https://" + id + ".example/privacy", Purpose: inAll(id), Hosts: []string{id + ".example"},
			Cookies: []optgate.StoredCookie{{Name: "_" + id, Duration: "1 year", Purpose: inAll("_" + id)}},
		})
	}
	c.Services[variant].Provider = fmt.Sprintf("Provider of variant %d", variant)
	return c
}

// publish publishes a variant as the revision after the one of that number.
func (w *big) publish(previous int) {
	w.b.Helper()
	if _, err := w.registry.Publish(w.b.Context(), w.config(previous), previous, "bench", ""); err != nil {
		w.b.Fatal(err)
	}
}

// draft opens a draft of another variant on a revision.
func (w *big) draft(base int) {
	w.b.Helper()
	d, err := w.store.Draft(w.b.Context(), "big")
	if err != nil {
		w.b.Fatal(err)
	}
	d = optgate.Draft{Site: "big", Base: base, Config: *w.config(bigServices - 1), Author: "bench", At: w.now, Version: d.Version}
	if err := w.store.PutDraft(w.b.Context(), d); err != nil {
		w.b.Fatal(err)
	}
}

// count records decisions of each day, enough for counts in every partition.
func (w *big) count() {
	w.b.Helper()
	days := make(chan int)
	var writers sync.WaitGroup
	for range 32 {
		writers.Go(func() {
			for day := range days {
				w.decide(w.now.AddDate(0, 0, -day))
			}
		})
	}
	for day := range bigDays {
		days <- day
	}
	close(days)
	writers.Wait()
}

func (w *big) decide(at time.Time) {
	for p := 0; p < optgate.Partitions; {
		visitor := ulid.Make().String()
		if of, err := optgate.PartitionOf(visitor); err != nil || of != p {
			continue
		}
		yes := p%3 == 0
		r := optgate.Record{
			ID: ulid.Make().String(), Site: "big", Visitor: visitor, Revision: 1, Language: words.Languages()[p%35], Action: optgate.Save, Source: "banner",
			At: at, Choices: optgate.Choices{optgate.Functional: true, optgate.Analytics: yes, optgate.Marketing: !yes},
		}
		if _, _, err := w.store.Append(w.b.Context(), r); err != nil {
			w.b.Error(err)
			return
		}
		p++
	}
}

// open returns an admin that nobody has looked at yet.
func (w *big) open() http.Handler {
	a := &admin.Admin{
		Users: w.store, Guesses: w.store, Derive: w.ring.Derive, Ledger: w.store, Trail: w.store, Panels: w.store, Unmarked: w.store, Signed: w.store, Verifier: w.ring.Verifier,
		Drafts: w.store, Sites: w.registry, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: w.clock,
		Warnings:  func(context.Context) ([]string, error) { return nil, nil },
		Codecs:    func() []securecookie.Codec { return w.codecs },
		PublicURL: func(*http.Request) string { return "https://optgate.example" },
		AdminURL:  func(*http.Request) string { return "https://optgate.example" },
		Secure:    func(*http.Request) bool { return true },
		ClientKey: func(*http.Request) string { return "one" },
	}
	e := echo.New()
	e.HTTPErrorHandler = answerError
	a.Register(e.Group("/admin"))
	return e
}

func (w *big) signIn(h http.Handler) {
	w.b.Helper()
	form := url.Values{"name": {userName}, "password": {userWord}}
	r := httptest.NewRequestWithContext(w.b.Context(), http.MethodPost, "/admin/sign-in", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	p := httptest.NewRecorder()
	h.ServeHTTP(p, r)
	if w.cookies = p.Result().Cookies(); p.Code != http.StatusSeeOther {
		w.b.Fatalf("signing in answered %d: %.300s", p.Code, p.Body)
	}
}

func (w *big) get(h http.Handler, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(w.b.Context(), http.MethodGet, path, http.NoBody)
	for _, k := range w.cookies {
		r.AddCookie(k)
	}
	p := httptest.NewRecorder()
	h.ServeHTTP(p, r)
	return p
}
