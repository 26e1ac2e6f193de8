// Package webbed is a web of any host names for tests in Chromium: every name
// leads to this process, by https with a certificate of its own and by http, so
// that a page can ask for real addresses of real vendors, and each request and
// each connection is noted. Nothing leaves the machine.
//
// A package of tests uses it in place of [browser.Main]:
//
//	func TestMain(m *testing.M) { webbed.Main(m) }
//
//	func TestSomething(t *testing.T) {
//		bed := webbed.New(t)
//		bed.Page("https://shop.test/", `<!doctype html><script src="https://www.google-analytics.com/analytics.js"></script>`)
//		p := browser.New(t, browser.Options{}) // preconnect needs Options{Regular: true}
//		p.Goto("https://shop.test/")
//		bed.Idle(p)
//		bed.Requests("google-analytics.com") // what was asked of it and of the hosts below it
//		bed.Connections("google-analytics.com") // also those without a request, as preconnect makes them
//	}
//
// What has no page and no handler is answered by what the browser wants it for:
// a script that appends its own address, without the query, to the array "ran"
// of its page or worker, an empty style sheet, a pixel, a frame, or nothing.
// Every answer may be read from any origin, and a WebSocket is refused after its
// request was noted.
//
// A bed lives for one test, and the beds of a package follow one another: its
// tests must not be parallel. A name that is only looked up (dns-prefetch)
// leaves no trace, as Chromium never asks anybody for an address here. The names
// localhost and *.localhost and the address 127.0.0.1 lead where they always do; a
// few hosts that Chromium asks of its own accord lead nowhere.
package webbed

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// How long a bed must have heard nothing to be called idle, and how long that
// may take to come.
const (
	quiet    = 150 * time.Millisecond
	patience = 15 * time.Second
)

// Main opens the web, runs the tests of a package in a Chromium that lives in
// it, and exits. Call it from TestMain.
func Main(m *testing.M) {
	if err := open(); err != nil {
		fmt.Fprintln(os.Stderr, "webbed: open the web:", err)
		os.Exit(1)
	}
	browser.Main(m)
}

// Request is a request that reached the bed.
type Request struct {
	Method string
	URL    string // whole, without the fragment
	Kind   string // what for, as the browser said in Sec-Fetch-Dest: script, image, iframe, empty, ...
	Body   string
	Header http.Header
}

// String returns the request as "GET https://host/path".
func (r Request) String() string { return r.Method + " " + r.URL }

// Bed is what the web serves and heard during one test.
type Bed struct {
	t testing.TB

	mu          sync.Mutex
	answers     map[string]http.Handler // by address without query
	hosts       map[string]http.Handler
	requests    []Request
	connections []string
	running     int // requests
	last        time.Time
}

// New returns an empty bed, which is the web until the test ends.
func New(t testing.TB) *Bed {
	t.Helper()
	b := &Bed{t: t, answers: map[string]http.Handler{}, hosts: map[string]http.Handler{}, last: time.Now()}
	if err := web.use(b); err != nil {
		t.Fatalf("webbed: %v", err)
	}
	t.Cleanup(web.leave)
	return b
}

// Page answers an address, such as "https://shop.test/", whatever its query,
// with HTML.
func (b *Bed) Page(address, html string) {
	b.Answer(address, "text/html; charset=utf-8", html)
}

// Answer answers an address, whatever its query.
func (b *Bed) Answer(address, contentType, body string) {
	b.Handle(address, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, body)
	}))
}

// Handle gives an address, or all addresses of a host if where is just its name,
// to a handler. An address of its own goes before its host.
func (b *Bed) Handle(where string, h http.Handler) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if strings.Contains(where, "://") {
		b.answers[where] = h
	} else {
		b.hosts[where] = h
	}
}

// Requests returns what was asked of the domains and the hosts below them, or
// without domains all that was asked of anybody, in order.
func (b *Bed) Requests(domains ...string) []Request {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []Request
	for _, r := range b.requests {
		if _, rest, _ := strings.Cut(r.URL, "://"); within(hostOf(rest), domains) {
			all = append(all, r)
		}
	}
	return all
}

// Connections returns the host of every TLS connection to the domains and the
// hosts below them, or without domains of all, in order. A connection without
// TLS that asked nothing has no host and is in neither.
func (b *Bed) Connections(domains ...string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []string
	for _, host := range b.connections {
		if within(host, domains) {
			all = append(all, host)
		}
	}
	return all
}

// Idle waits until a page has loaded and nothing came to the bed for a while
// though the page had the time: it was painted twice and its timers of up to
// that while have run.
func (b *Bed) Idle(p *browser.Page) {
	b.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		p.WaitFor("document.readyState === 'complete'")
		before := b.heard()
		p.Eval(fmt.Sprintf(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, %d))))`, quiet.Milliseconds()), nil)
		b.mu.Lock()
		idle := b.running == 0 && time.Since(b.last) >= quiet
		b.mu.Unlock()
		if idle && b.heard() == before {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("webbed: the page is never idle; requests %v\nconnections %v", b.Requests(), b.Connections())
		}
	}
}

// heard returns how much came so far.
func (b *Bed) heard() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.requests) + len(b.connections)
}

// connected notes a TLS connection.
func (b *Bed) connected(hello *tls.ClientHelloInfo) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.connections = append(b.connections, hello.ServerName)
	b.last = time.Now()
}

// ServeHTTP notes a request and answers it.
func (b *Bed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	b.mu.Lock()
	b.running++
	b.requests = append(b.requests, Request{
		Method: r.Method, URL: scheme + "://" + r.Host + r.URL.RequestURI(),
		Kind: r.Header.Get("Sec-Fetch-Dest"), Body: string(body), Header: r.Header.Clone(),
	})
	b.last = time.Now()
	h := b.answers[scheme+"://"+r.Host+r.URL.EscapedPath()]
	if h == nil {
		h = b.hosts[r.Host]
	}
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.running--
		b.last = time.Now()
	}()
	if h == nil {
		h = http.HandlerFunc(byKind)
	} else {
		r.Body = io.NopCloser(strings.NewReader(string(body)))
	}
	h.ServeHTTP(w, r)
}

// within reports whether host is one of domains or below one, or there are none.
func within(host string, domains []string) bool {
	return len(domains) == 0 || slices.ContainsFunc(domains, func(d string) bool {
		return host == d || strings.HasSuffix(host, "."+d)
	})
}

// hostOf returns the host name at the beginning of host[:port][/path].
func hostOf(s string) string {
	if end := strings.IndexAny(s, ":/?"); end >= 0 {
		return s[:end]
	}
	return s
}
