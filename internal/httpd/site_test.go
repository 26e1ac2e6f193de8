package httpd_test

import (
	"cmp"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

func TestGate(t *testing.T) {
	k := newKit(t)
	plain := k.do(request{method: "GET", path: "/s/shop/gate.js"})
	text := read(t, plain)
	if !strings.Contains(text, "\n(function(__OG,__PANEL){") || !strings.Contains(text, `"s":"shop","r":1,"c":["functional","analytics","marketing"]`) {
		t.Errorf("the gate lacks the revision: %.80s … %s", text, text[max(0, len(text)-300):])
	}
	for name, want := range map[string]string{
		"Cache-Control": "public, max-age=60, stale-while-revalidate=86400", "Content-Type": "text/javascript; charset=utf-8",
		"Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff", "Content-Encoding": "",
	} {
		if got := plain.Header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if plain.ContentLength != int64(len(text)) {
		t.Errorf("Content-Length = %d, want %d", plain.ContentLength, len(text))
	}
	if len(plain.Cookies()) != 0 {
		t.Errorf("the gate sets cookies: %v", plain.Cookies())
	}
	for _, tt := range []struct {
		accept, want string
		decode       func(io.Reader) io.Reader
	}{
		{"gzip, deflate, br, zstd", "br", func(r io.Reader) io.Reader { return brotli.NewReader(r) }},
		{"gzip;q=1.0, br;q=0", "gzip", func(r io.Reader) io.Reader { z, _ := gzip.NewReader(r); return z }},
		{"zstd", "zstd", func(r io.Reader) io.Reader { z, _ := zstd.NewReader(r); return z }},
		{"identity, br;q=0.000", "", func(r io.Reader) io.Reader { return r }},
	} {
		r := k.do(request{method: "GET", path: "/s/shop/gate.js", headers: []string{"Accept-Encoding", tt.accept}})
		if got := r.Header.Get("Content-Encoding"); got != tt.want {
			t.Errorf("%s: coded as %q, want %q", tt.accept, got, tt.want)
		}
		if got, err := io.ReadAll(tt.decode(r.Body)); err != nil || string(got) != text {
			t.Errorf("%s: another content, %v", tt.accept, err)
		}
		etag := r.Header.Get("Etag")
		for _, match := range []string{etag, "W/" + etag, `"x", ` + etag, "*"} {
			r := k.do(request{method: "GET", path: "/s/shop/gate.js", headers: []string{"Accept-Encoding", tt.accept, "If-None-Match", match}})
			if r.StatusCode != http.StatusNotModified || read(t, r) != "" || r.Header.Get("Etag") != etag {
				t.Errorf("If-None-Match %s: got %s, want 304", match, r.Status)
			}
		}
	}
	head := k.do(request{method: "HEAD", path: "/s/shop/gate.js"})
	if head.StatusCode != 200 || head.ContentLength != int64(len(text)) || read(t, head) != "" {
		t.Errorf("HEAD: got %s, %d", head.Status, head.ContentLength)
	}
}

// The gate brings the first layer to a visitor of whom the request tells that she
// answered nothing yet. Nobody else may get that answer from a cache.
func TestFirstVisit(t *testing.T) {
	const page, other = "https://www.example.com", "https://shop.example"
	for _, tt := range []struct {
		name       string
		site, mode string // Sec-Fetch-…
		host       string
		referer    string
		cookie     string
		change     func(*optgate.Config)
		want       string // the panel's language, if it comes with the gate
	}{
		{name: "program"},
		{name: "same origin", site: "same-origin", mode: "no-cors", want: "en"},
		{name: "same origin, answered", site: "same-origin", mode: "no-cors", cookie: "og=1.1.1.analytics:0"},
		{name: "same origin, another cookie", site: "same-origin", mode: "no-cors", cookie: "theme=dark; og_id=x", want: "en"},
		{name: "same origin, credentials may be left out", site: "same-origin", mode: "cors"},
		{name: "another port", site: "same-site", mode: "no-cors", host: "www.example.com:8080", referer: page + "/", want: "en"},
		{name: "another host", site: "same-site", mode: "no-cors", host: "consent.example.com", referer: page + "/"},
		{name: "another host, of the cookie's domain", site: "same-site", mode: "no-cors", host: "consent.example.com", referer: page + "/",
			change: func(c *optgate.Config) { c.Origins, c.Cookie.Domain = []string{page}, "example.com" }, want: "en"},
		{name: "another host, not of the cookie's domain", site: "same-site", mode: "no-cors", host: "consent.example.net", referer: page + "/",
			change: func(c *optgate.Config) { c.Origins, c.Cookie.Domain = []string{page}, "example.com" }},
		{name: "same site without a referrer", site: "same-site", mode: "no-cors", host: "www.example.com"},
		{name: "another site", site: "cross-site", mode: "no-cors", referer: other + "/"},
		{name: "cookie for a path", site: "same-origin", mode: "no-cors", change: func(c *optgate.Config) { c.Cookie.Path = "/shop" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := newKit(t)
			if tt.change != nil {
				c := shop()
				tt.change(c)
				k.publish(c)
			}
			r := k.do(request{method: "GET", path: "http://" + cmp.Or(tt.host, "www.example.com") + "/s/shop/gate.js", headers: []string{
				"Sec-Fetch-Site", tt.site, "Sec-Fetch-Mode", tt.mode, "Referer", tt.referer, "Cookie", tt.cookie,
			}})
			text, caching := read(t, r), "public, max-age=60, stale-while-revalidate=86400"
			if tt.want != "" {
				caching = strings.Replace(caching, "public", "private", 1)
			}
			brought := strings.Contains(text, `id="og-panel"`) && strings.Contains(text, `{"en":(function(e){`)
			if brought != (tt.want != "") || r.Header.Get("Cache-Control") != caching || r.StatusCode != 200 {
				t.Errorf("got %s, %s, with the first layer: %t; want %s, %t", r.Status, r.Header.Get("Cache-Control"), brought, caching, tt.want != "")
			}
		})
	}
}

// The language is what the script's address says, else the browser's.
func TestFirstVisitInALanguage(t *testing.T) {
	k := newKit(t)
	for _, tt := range []struct{ query, accept, want string }{
		{"", "", "en"}, {"", "de-AT,en;q=0.5", "de"}, {"?lang=de", "en", "de"}, {"?lang=fr", "", "en"}, {"?lang=%00", "xx-!!", "en"},
	} {
		r := k.do(request{method: "GET", path: "/s/shop/gate.js" + tt.query, headers: []string{
			"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "no-cors", "Accept-Language", tt.accept,
		}})
		if text := read(t, r); !strings.Contains(text, `{"`+tt.want+`":(function(e){`) || !strings.Contains(text, `lang="`+tt.want+`"`) {
			t.Errorf("%q, %q: want the first layer in %s", tt.query, tt.accept, tt.want)
		}
		etag := r.Header.Get("Etag")
		again := k.do(request{method: "GET", path: "/s/shop/gate.js" + tt.query, headers: []string{
			"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "no-cors", "Accept-Language", tt.accept, "If-None-Match", etag,
		}})
		if again.StatusCode != http.StatusNotModified {
			t.Errorf("%q, %q: got %s for its own entity tag", tt.query, tt.accept, again.Status)
		}
	}
}

func TestGateFollowsPublish(t *testing.T) {
	k := newKit(t)
	before := k.do(request{method: "GET", path: "/s/shop/gate.js"}).Header.Get("Etag")
	next := shop()
	next.Categories[3].Off = true
	k.publish(next)
	r := k.do(request{method: "GET", path: "/s/shop/gate.js", headers: []string{"If-None-Match", before}})
	text := read(t, r)
	if r.StatusCode != 200 || !strings.Contains(text, `"r":2,"c":["functional","analytics"]`) || strings.Contains(text, "ads()") {
		t.Errorf("got %s; marketing is off, yet the gate asks about it or holds its tag", r.Status)
	}
}

func TestPanel(t *testing.T) {
	k := newKit(t)
	site, _ := k.reg.Published("shop")
	for _, tt := range []struct {
		query, accept, lang, caching string
	}{
		{"?lang=de&v=" + site.PiecesHash, "", "de", "public, max-age=31536000, immutable"},
		{"?lang=de", "", "de", "public, max-age=60"},
		{"?lang=de&v=old", "", "de", "public, max-age=60"},
		{"?lang=fr&v=" + site.PiecesHash, "", "en", "public, max-age=60"},
		{"", "de-AT,de;q=0.9", "de", "public, max-age=60"},
		{"?lang=%00%ff../../etc", "", "en", "public, max-age=60"},
		{"?lang=" + strings.Repeat("x-", 500), "", "en", "public, max-age=60"},
	} {
		r := k.do(request{method: "GET", path: "/s/shop/panel" + tt.query, headers: []string{"Accept-Language", tt.accept}})
		text := read(t, r)
		if r.StatusCode != 200 || r.Header.Get("Content-Language") != tt.lang || r.Header.Get("Cache-Control") != tt.caching {
			t.Errorf("%s: got %s, %s, %s; want %s, %s", tt.query, r.Status, r.Header.Get("Content-Language"), r.Header.Get("Cache-Control"), tt.lang, tt.caching)
		}
		negotiated := strings.Contains(strings.Join(r.Header.Values("Vary"), ","), "Accept-Language")
		if want := !strings.HasPrefix(tt.query, "?lang=de"); negotiated != want {
			t.Errorf("%s: Vary is %q; that the browser's language counts is %t", tt.query, r.Header.Values("Vary"), want)
		}
		for _, part := range []string{`id="og-panel"`, `id="og-accept"`, `id="og-reject"`, `id="og-customise"`, `id="og-preferences"`, `name="og-marketing"`, `lang="` + tt.lang} {
			if !strings.Contains(text, part) {
				t.Errorf("%s: the panel lacks %s", tt.query, part)
			}
		}
		if r.Header.Get("Access-Control-Allow-Origin") != "*" || len(r.Cookies()) != 0 {
			t.Errorf("%s: the panel is not the same for everybody", tt.query)
		}
	}
}

// Each piece is served like the panel, as a script with its own markup alone.
func TestPieces(t *testing.T) {
	k := newKit(t)
	site, _ := k.reg.Published("shop")
	for piece, marks := range map[publish.Piece][2]string{
		publish.Panel:        {`id="og-panel"`, `id="og-save"`},
		publish.Preferences:  {`id="og-preferences"`, `id="og-accept"`},
		publish.Placeholders: {`id="og-hold"`, `id="og-panel"`},
	} {
		for query, caching := range map[string]string{
			"?lang=de&v=" + site.PiecesHash: "public, max-age=31536000, immutable", "?lang=de&v=old": "public, max-age=60",
		} {
			r := k.do(request{method: "GET", path: "/s/shop/" + string(piece) + ".js" + query})
			text := read(t, r)
			if r.StatusCode != 200 || r.Header.Get("Cache-Control") != caching || r.Header.Get("Content-Type") != "text/javascript; charset=utf-8" {
				t.Errorf("%s%s: got %s, %v; want a script, %s", piece, query, r.Status, r.Header, caching)
			}
			if !strings.Contains(text, marks[0]) || strings.Contains(text, marks[1]) {
				t.Errorf("%s%s: want markup with %s and without %s", piece, query, marks[0], marks[1])
			}
		}
	}
}

func TestHostilePaths(t *testing.T) {
	k := newKit(t)
	for _, path := range []string{
		"/s/nosuch/gate.js", "/s/SHOP/gate.js", "/s/shop%00/gate.js", "/s/%2e%2e/gate.js", "/s/..%2fshop/gate.js",
		"/s/" + strings.Repeat("a", 3000) + "/panel", "/s/shop'--/choices", "/s//gate.js", "/s/shop/nosuch", "/static/../go.mod",
		"/static/gate/gate.js", "/static/", "/s/shop/static/%2e%2e/%2e%2e/go.mod", "/s/<script>alert(1)</script>/preferences",
	} {
		for _, accept := range []string{"*/*", "text/html"} {
			r := k.do(request{method: "GET", path: path, headers: []string{"Accept", accept}})
			text := read(t, r)
			if r.StatusCode != http.StatusNotFound {
				t.Errorf("%s: got %s, want 404", path, r.Status)
			}
			if strings.Contains(text, "<script>") || strings.Contains(text, "module github.com") {
				t.Errorf("%s: got %s", path, text)
			}
		}
	}
}

func TestPreferencesForm(t *testing.T) {
	k := newKit(t)
	page := k.do(request{method: "GET", path: "/s/shop/preferences?lang=de&return=" + origin + "/store"})
	text := read(t, page)
	if page.StatusCode != 200 || !strings.Contains(text, `lang="de"`) || strings.Contains(text, "<script") || page.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("got %s %s", page.Status, text)
	}
	_, rest, _ := strings.Cut(text, `name="id" value="`)
	id, _, _ := strings.Cut(rest, `"`)
	form := "id=" + id + "&revision=1&language=de&action=save&og-functional=on"
	send := func(form string, headers ...string) *http.Response {
		return k.do(request{method: "POST", path: "/s/shop/preferences", body: form, headers: append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)})
	}
	r := send(form, "Origin", "http://example.com")
	if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "preferences?lang=de&saved=1" {
		t.Fatalf("got %s to %s, want 303 back to the page", r.Status, r.Header.Get("Location"))
	}
	if c := cookie(r, "og"); c == nil || !strings.HasSuffix(c.Value, ".analytics:0,functional:1,marketing:0") {
		t.Errorf("og = %v", c)
	}
	send(form, "Origin", "http://example.com")
	if n := k.stored(); n != 1 {
		t.Errorf("a form sent twice makes %d records, want 1", n)
	}
	saved := read(t, k.do(request{method: "GET", path: "/s/shop/preferences?lang=de&saved=1", cookies: []*http.Cookie{cookie(r, "og_id")}}))
	if !strings.Contains(saved, `role="status"`) || strings.Count(saved, " checked") != 1 {
		t.Errorf("the page does not show what was saved: %s", saved)
	}
	if r := send(form, "Origin", "https://evil.example"); r.StatusCode != http.StatusForbidden {
		t.Errorf("from elsewhere: got %s, want 403", r.Status)
	}
	if r := send("id=1&revision=x&language=de&action=save"); r.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(read(t, r), `role="alert"`) {
		t.Errorf("a bad form: got %s, want 422 with the page", r.Status)
	}
	if r := send("id=" + strings.Repeat("x", 9000)); r.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a large form: got %s, want 413", r.Status)
	}
}

// Whoever sees one form must not be able to tell the id of the next one.
func TestPreferencesIDsCannotBeForeseen(t *testing.T) {
	k := newKit(t)
	seen := map[string]bool{}
	for range 20 {
		_, rest, _ := strings.Cut(read(t, k.do(request{method: "GET", path: "/s/shop/preferences"})), `name="id" value="`)
		text, _, _ := strings.Cut(rest, `"`)
		id, err := ulid.ParseStrict(text)
		if err != nil || !id.Timestamp().Equal(k.clock()) {
			t.Fatalf("the form's id is %q, want a ULID of the server's time", text)
		}
		// Of ids that are counted on within a millisecond the first bits are the same.
		start := string(id.Entropy()[:5])
		if seen[start] {
			t.Errorf("%s begins as one before", text)
		}
		seen[start] = true
	}
}

// A record's id is told to others, by receipts and exports; the visitor's is not
// to follow from it for them.
func TestFormVisitorIsSecret(t *testing.T) {
	form := "id=" + newID() + "&revision=1&language=en&action=reject_all"
	visitors := map[string]bool{}
	for range 2 {
		k := newKit(t)
		k.do(request{method: "POST", path: "/s/shop/preferences", body: form, headers: []string{"Content-Type", "application/x-www-form-urlencoded"}})
		records, _, err := k.store.Inner.Scan(t.Context(), "shop", "", 10)
		if err != nil || len(records) != 1 {
			t.Fatalf("got %d records, %v, want 1", len(records), err)
		}
		visitors[records[0].Record.Visitor] = true
	}
	if len(visitors) != 2 {
		t.Error("two installations with keys of their own make the same visitor of the same record id")
	}
}

func TestPreferencesReturn(t *testing.T) {
	k := newKit(t)
	for address, links := range map[string]bool{
		origin + "/store?a=b":            true,
		"https://evil.example/":          false,
		origin + ".evil.example/":        false,
		"https://shop.example@evil.test": false,
		"javascript:alert(1)":            false,
		"//evil.example":                 false,
	} {
		r := k.do(request{method: "GET", path: "/s/shop/preferences?return=" + strings.ReplaceAll(address, "?", "%3F")})
		if got := strings.Contains(read(t, r), `<a href="`+address); got != links {
			t.Errorf("%s: linked %v, want %v", address, got, links)
		}
	}
}

func TestDeclaration(t *testing.T) {
	k := newKit(t)
	page := k.do(request{method: "GET", path: "/s/shop/declaration"})
	if text := read(t, page); page.StatusCode != 200 || !strings.Contains(text, "Stats Inc.") {
		t.Errorf("got %s %s", page.Status, text)
	}
	if csp := page.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors *") || !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("it cannot be embedded, or could load more than its style: %s", csp)
	}
	doc := k.do(request{method: "GET", path: "/s/shop/declaration.json"})
	if text := read(t, doc); doc.Header.Get("Content-Type") != "application/json" || !strings.Contains(text, `"provider":"Stats Inc."`) {
		t.Errorf("got %s", text)
	}
}

func TestWellKnownAndHealth(t *testing.T) {
	k := newKit(t)
	for path, want := range map[string]string{
		"/.well-known/jwks.json": `"kty":"OKP"`,
		"/.well-known/gpc.json":  `{"gpc":true,"lastUpdate":"2026-11-23"}`,
		"/healthz":               `"status":"ok"`,
		"/readyz":                `"status":"ready"`,
	} {
		if r := k.do(request{method: "GET", path: path}); r.StatusCode != 200 {
			t.Errorf("%s: got %s", path, r.Status)
		} else if text := read(t, r); !strings.Contains(text, want) || strings.Contains(text, `"d":`) {
			t.Errorf("%s: got %s, want %s and no private key", path, text, want)
		}
	}
}
