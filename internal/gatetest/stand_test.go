package gatetest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/testkit/browser"
	"github.com/optgate/optgate/static"
)

func TestMain(m *testing.M) { browser.Main(m) }

// patience is how long a test waits for what the server should see.
const patience = 15 * time.Second

// pieces are the markup of each piece as the server would put it in, as small as
// can be.
var pieces = map[string]string{
	"panel": `<style>#og-panel{position:fixed;bottom:0;inset-inline:0;background:#fff}</style>` +
		`<section id="og-panel" role="region" aria-label="Cookies"><p data-og-all>All.</p><p data-og-part hidden>Again:</p> <span data-og-part="marketing" hidden>marketing.</span>` +
		`<button type="button" id="og-reject">Reject all</button>` +
		`<button type="button" id="og-accept">Accept all</button><button type="button" id="og-customise" data-og-open>Customise</button><p data-og-gpc hidden>Honoured.</p></section>`,
	"preferences": `<style>#og-preferences{background:#fff}</style>` +
		`<dialog id="og-preferences" lang="en" aria-labelledby="og-heading" data-og-saved="Saved."><h2 id="og-heading" data-og-heading tabindex="-1">Preferences</h2><p data-og-gpc hidden>Honoured.</p>` +
		`<p data-og-state hidden>You chose on <time data-og-when></time></p><p data-og-cleared hidden>Cleared.</p>` +
		`<label for="og-c-functional">Functional</label><input type="checkbox" id="og-c-functional" name="og-functional">` +
		`<label for="og-c-marketing">Marketing</label><input type="checkbox" id="og-c-marketing" name="og-marketing">` +
		`<p role="status" data-og-status></p><button type="button" data-og-reject>Reject all</button><button type="button" data-og-accept>Accept all</button>` +
		`<button type="button" id="og-save">Save</button><button type="button" data-og-close>Close</button></dialog>`,
	"scripts": "",
	"notice": `<style>#og-panel{position:fixed;bottom:0;inset-inline:0;background:#fff}:root:has(#og-panel) #og-open{display:none}</style>` +
		`<section id="og-panel" role="region" aria-label="Privacy choices"><p>All is on.</p><p data-og-gpc hidden>Honoured.</p>` +
		`<button type="button" id="og-reject" data-og-reject>Do not sell</button><button type="button" id="og-customise" data-og-open>Customise</button>` +
		`<button type="button" data-og-close>Close</button></section>`,
	"placeholders": `<style>#og-hold{color:rgb(1,2,3)}</style>` +
		`<template><div id="og-hold" lang="en" dir="ltr"><p>From {host}, needs {category}.</p><button data-og-once>Once</button> <button data-og-always>Always {category}</button></div></template>`,
}

// service is what the pieces know of a service.
type service struct {
	Category string   `json:"c"`
	ID       string   `json:"i"`
	Name     string   `json:"n"`
	Hosts    []string `json:"h,omitempty"`
	Stored   []string `json:"k,omitempty"`
}

// stand is a site with a gate, and a third party that must hear nothing before
// the visitor allows it.
type stand struct {
	t       *testing.T
	site    *httptest.Server
	foreign *httptest.Server // the third party

	mu      sync.Mutex
	html    map[string]string // pages by path; {third} and {site} stand for addresses
	config  map[string]any
	known   []service   // services, as the pieces get them
	brought string      // the language of the first layer that the gate brings, if it does
	before  string      // scripts before the gate, in the same file
	header  http.Header // of every page
	reply   func(w http.ResponseWriter, r *http.Request, body string)
	region  http.HandlerFunc // what says where the visitor is; nil: nothing does
	shown   string           // the pieces' hash by revision
	seen    []string         // what the site was asked, "GET /path"
	heard   []string         // paths that the third party was asked for
	posted  []post
	held    map[string]chan struct{} // paths of either that wait
	broken  map[string]bool          // pieces that cannot be had
	codes   map[string]string        // scripts of the third party by path
}

// post is a decision that reached the server.
type post struct {
	ID       string          `json:"id"`
	Visitor  string          `json:"visitor"`
	Revision int             `json:"revision"`
	Language string          `json:"language"`
	Action   string          `json:"action"`
	Source   string          `json:"source"`
	Choices  map[string]bool `json:"choices"`
	Panel    string          `json:"panel"`

	contentType string
	cookies     string
}

// newStand returns a stand whose page "/" has that body, behind the gate.
func newStand(t *testing.T, body string) *stand {
	t.Helper()
	s := &stand{
		t: t, html: map[string]string{}, header: http.Header{}, held: map[string]chan struct{}{}, codes: map[string]string{}, broken: map[string]bool{},
		known: []service{}, shown: `{7:"00112233445566778899aabbccddeeff"}`,
		config: map[string]any{
			"s": "shop", "r": 7, "c": []string{"functional", "marketing"}, "l": map[string]string{"en": "Privacy choices"},
			"h": "abc", "x": 1000000, "v": "1.2.3",
		},
		reply: func(w http.ResponseWriter, _ *http.Request, _ string) { w.WriteHeader(http.StatusCreated) },
	}
	s.put("/", body)
	s.site = serve(t, s.serveSite)
	s.foreign = serve(t, s.serveThird)
	return s
}

// serve listens on every loopback name, so that one server is several hosts.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: h}}
	server.Start()
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server
}

// put makes a page with the gate as the first thing in its head.
func (s *stand) put(path, body string) {
	s.page(path, `<!doctype html><html lang="en"><head><script src="/og/gate.js"></script><title>t</title></head><body>`+body+`</body></html>`)
}

// page makes a page of which every byte is given.
func (s *stand) page(path, html string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.html[path] = html
}

// script makes a script of the third party.
func (s *stand) script(path, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[path] = code
}

// set changes the configuration that the gate gets.
func (s *stand) set(key string, v any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.config[key] = v
}

// precede puts scripts before the gate, in the same file.
func (s *stand) precede(scripts string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = scripts
}

// answer changes how the server answers a decision.
func (s *stand) answer(f func(w http.ResponseWriter, r *http.Request, body string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reply = f
}

// hold makes the server of a path wait with it until the returned func is
// called.
func (s *stand) hold(path string) (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := make(chan struct{})
	s.held[path] = c
	release = sync.OnceFunc(func() { close(c) })
	s.t.Cleanup(release)
	return release
}

// bring lets the gate bring the first layer, as one of that language.
func (s *stand) bring(lang string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.brought = lang
}

// pieceScript returns a piece as internal/publish does; element is JavaScript for
// its script element.
func pieceScript(piece, element, shown string, services []service) string {
	code, _ := static.FS.ReadFile("panel/" + piece + ".js")
	markup, _ := json.Marshal(pieces[piece])
	known, _ := json.Marshal(services)
	return fmt.Sprintf("(function(__SELF,__HTML,__SHOWN,__SERVICES,__TITLES){%s})(%s,%s,%s,%s,{functional:'Functional',marketing:'Marketing'});",
		code, element, markup, shown, known)
}

func (s *stand) serveSite(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.seen = append(s.seen, r.Method+" "+r.URL.Path)
	html, isPage := s.html[r.URL.Path]
	config, before, services, reply, shown := maps.Clone(s.config), s.before, s.known, s.reply, s.shown
	region, brought := s.region, s.brought
	head := s.header.Clone()
	s.mu.Unlock()
	if origin := r.Header.Get("Origin"); origin != "" {
		w.Header().Set("Access-Control-Allow-Origin", origin)
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Allow-Headers", "content-type, optgate-visitor")
		w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
	}
	piece := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/og/"), ".js")
	_, isPiece := pieces[piece]
	if isPiece && !s.ready(r, piece) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	switch {
	case isPage:
		maps.Copy(w.Header(), head)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, strings.NewReplacer("{third}", s.third(), "{site}", s.site.URL).Replace(html))
	case r.URL.Path == "/og/gate.js":
		code, _ := static.FS.ReadFile(gateFile(config))
		inlined, _ := json.Marshal(config)
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		arguments := strings.ReplaceAll(string(inlined), "{third}", s.third())
		if brought != "" {
			arguments += fmt.Sprintf(",{%q:(function(e){%s})}", brought, pieceScript("panel", "e", shown, services))
		}
		fmt.Fprintf(w, "%s(function(__OG,__PANEL){%s})(%s);", before, code, arguments)
	case isPiece:
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		io.WriteString(w, pieceScript(piece, "document.currentScript", shown, services))
	case r.URL.Path == "/og/choices" && r.Method == http.MethodPost:
		var p post
		if err := json.Unmarshal(body, &p); err != nil {
			s.t.Errorf("decision %q: %v", body, err)
		}
		p.contentType, p.cookies = r.Header.Get("Content-Type"), r.Header.Get("Cookie")
		s.mu.Lock()
		s.posted = append(s.posted, p)
		s.mu.Unlock()
		reply(w, r, string(body))
	case r.URL.Path == "/og/region" && region != nil:
		region(w, r)
	case r.URL.Path == "/og/choices" && r.Method == http.MethodGet:
		reply(w, r, "")
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// gateFile is the variant of the gate that internal/publish would choose.
func gateFile(config map[string]any) string {
	_, paused := config["z"]
	_, regions := config["y"]
	switch {
	case regions && paused:
		return "gate/gate.regions.paused.js"
	case regions:
		return "gate/gate.regions.js"
	case paused:
		return "gate/gate.paused.js"
	}
	_, tags := config["t"]
	labels, _ := config["l"].(map[string]string)
	switch languages := len(labels) != 1; {
	case languages && tags:
		return "gate/gate.js"
	case languages:
		return "gate/gate.languages.js"
	case tags:
		return "gate/gate.tags.js"
	}
	return "gate/gate.plain.js"
}

// ready waits until nothing holds a request for a piece any more, and reports
// whether it can be had.
func (s *stand) ready(r *http.Request, piece string) bool {
	s.mu.Lock()
	wait, broken := s.held[r.URL.Path], s.broken[piece]
	s.mu.Unlock()
	if wait != nil {
		select {
		case <-wait:
		case <-r.Context().Done():
		}
	}
	return !broken
}

// breaks makes a piece fail, or be there again.
func (s *stand) breaks(piece string, broken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken[piece] = broken
}

// serveThird answers scripts with a note of their own name, all else with
// nothing.
func (s *stand) serveThird(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.heard = append(s.heard, r.URL.RequestURI())
	wait := s.held[r.URL.Path]
	code, isScript := s.codes[r.URL.Path]
	s.mu.Unlock()
	if wait != nil {
		select {
		case <-wait:
		case <-r.Context().Done():
		}
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	switch {
	case isScript:
		w.Header().Set("Content-Type", "text/javascript")
		io.WriteString(w, strings.ReplaceAll(code, "{third}", s.third()))
	case strings.HasPrefix(r.URL.Path, "/missing"):
		w.WriteHeader(http.StatusNotFound)
	case strings.HasSuffix(r.URL.Path, ".js"):
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprintf(w, "(window.ran ||= []).push(%q)", strings.Trim(r.URL.Path, "/"))
	}
}

// third returns the third party's origin, on another site than 127.0.0.1.
func (s *stand) third() string {
	return strings.Replace(s.foreign.URL, "127.0.0.1", "localhost", 1)
}

// host returns the site's origin under another name.
func (s *stand) host(name string) string {
	return strings.Replace(s.site.URL, "127.0.0.1", name, 1)
}

// calls returns what the third party was asked for, sorted.
func (s *stand) calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(slices.Values(s.heard))
}

// asked returns how often the site was asked for something.
func (s *stand) asked(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, each := range s.seen {
		if each == what {
			n++
		}
	}
	return n
}

func (s *stand) posts() []post {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.posted)
}

// until waits until ok.
func (s *stand) until(what string, ok func() bool) {
	s.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			s.t.Fatalf("never came: %s\nthird party heard %q\ndecisions %+v", what, s.calls(), s.posts())
		}
	}
}

// wantCalls waits until the third party was asked for want, and for nothing else.
func (s *stand) wantCalls(want ...string) {
	s.t.Helper()
	want = slices.Sorted(slices.Values(want))
	s.until(fmt.Sprintf("the third party hears %q", want), func() bool { return len(s.calls()) >= len(want) })
	if got := s.calls(); !slices.Equal(got, want) {
		s.t.Errorf("third party heard %q, want %q", got, want)
	}
}

// wantPosts waits until n decisions arrived and returns them.
func (s *stand) wantPosts(n int) []post {
	s.t.Helper()
	s.until(fmt.Sprintf("%d decisions", n), func() bool { return len(s.posts()) >= n })
	if got := s.posts(); len(got) != n {
		s.t.Fatalf("got %d decisions, want %d: %+v", len(got), n, got)
	}
	return s.posts()
}

// loads returns how often the page loaded a piece.
func loads(p *browser.Page, piece string) (n int) {
	p.Eval("performance.getEntriesByType('resource').filter((e) => e.name.includes('/"+piece+".js')).length", &n)
	return n
}

// settle waits until all that the gate does by itself is done: the page has
// loaded, the frame after which tags are released has passed, and a request
// made after it has been answered.
func settle(p *browser.Page) {
	p.WaitFor("document.readyState === 'complete'")
	p.Eval(`new Promise((done) => requestAnimationFrame(() => setTimeout(() => setTimeout(() => fetch("/sentinel").then(done)))))`, nil)
}

// visit opens the site's page for a new visitor.
func (s *stand) visit() *browser.Page {
	s.t.Helper()
	p := browser.New(s.t, browser.Options{})
	p.Goto(s.site.URL + "/")
	return p
}
