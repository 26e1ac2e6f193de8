package httpd_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/hostile"
)

// importable returns a site file, in JSON, that holds a text wherever a site can
// put it, and the same file with harmless text in these places.
func importable(t *testing.T, text string) (bad, own string, places int) {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal([]byte(encode(t, everything())), &doc); err != nil {
		t.Fatal(err)
	}
	fits := func() bool {
		var c optgate.Config
		return json.Unmarshal([]byte(encode(t, doc)), &c) == nil && c.Validate() == nil
	}
	var harmless []func()
	var fill func(v any, set func(any))
	fill = func(v any, set func(any)) {
		switch v := v.(type) {
		case string:
			if set(text); fits() {
				harmless = append(harmless, func() { set(hostile.Harmless(text)) })
			} else {
				set(v)
			}
		case []any:
			for i := range v {
				fill(v[i], func(to any) { v[i] = to })
			}
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				fill(v[key], func(to any) { v[key] = to })
			}
		}
	}
	fill(doc, nil)
	bad = encode(t, doc)
	for _, set := range harmless {
		set()
	}
	return bad, encode(t, doc), len(harmless)
}

// siteRoutes returns the routes below a site that answer to a method.
func (k *kit) siteRoutes(method string) []string {
	var all []string
	for _, r := range k.handler.(*echo.Echo).Routes() {
		if r.Method == method && strings.HasPrefix(r.Path, "/s/:site") {
			all = append(all, r.Path)
		}
	}
	slices.Sort(all)
	return all
}

// wantSame checks that an answer with hostile text consists of what the one with
// harmless text does, whatever is said in it.
func wantSame(t *testing.T, what string, bad, own *http.Response) {
	t.Helper()
	text, other := read(t, bad), read(t, own)
	if bad.StatusCode != own.StatusCode || bad.Header.Get("Content-Type") != own.Header.Get("Content-Type") {
		t.Errorf("%s: hostile text is answered %d %s, harmless %d %s", what, bad.StatusCode, bad.Header.Get("Content-Type"), own.StatusCode, own.Header.Get("Content-Type"))
		return
	}
	for name, values := range bad.Header {
		if len(values) != len(own.Header[name]) {
			t.Errorf("%s: the header %s is %q, with harmless text %q", what, name, values, own.Header[name])
		}
	}
	if !strings.HasPrefix(bad.Header.Get("Content-Type"), "text/html") {
		if bad.StatusCode >= http.StatusBadRequest && bad.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: a browser may guess what %s is", what, bad.Header.Get("Content-Type"))
		}
		return
	}
	if got, want := hostile.Skeleton(t, text), hostile.Skeleton(t, other); !slices.Equal(got, want) {
		for i, line := range got {
			if i >= len(want) || line != want[i] {
				t.Errorf("%s: hostile text put %s into the page", what, strings.TrimSpace(line))
				return
			}
		}
		t.Errorf("%s: the page has %d elements, with harmless text %d", what, len(got), len(want))
	}
	if policy := bad.Header.Get("Content-Security-Policy"); strings.HasPrefix(text, "<!") && (!strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe")) {
		t.Errorf("%s: the page's policy is %q", what, policy)
	}
}

// TestHostileSiteFile imports a site file that has the text in every field, and
// opens whatever the site then shows.
func TestHostileSiteFile(t *testing.T) {
	for kind, text := range hostile.Texts {
		t.Run(kind, func(t *testing.T) {
			var kits []*kit
			bad, own, places := importable(t, text)
			if places < 20 {
				t.Fatalf("the text fits into %d fields, want all that take words", places)
			}
			for _, world := range []struct{ text, file string }{{text, bad}, {hostile.Harmless(text), own}} {
				k := newKit(t)
				k.publish(everything())
				token := k.apiToken("ann", optgate.Owner, optgate.Permissions...)
				_, etag := k.readConfig(token, inJSON)
				got := decoded[told](t, k.wantCall(http.StatusOK, token, "PUT", configPath+"?note="+url.QueryEscape(world.text), world.file, "Content-Type", inJSON, "If-Match", etag))
				if got.Result != "published" {
					t.Fatalf("the file is not imported: %+v", got)
				}
				kits = append(kits, k)
			}
			shown := 0
			for _, route := range kits[0].siteRoutes(http.MethodGet) {
				path := strings.NewReplacer(":site", "shop", "*", "x").Replace(route)
				for _, query := range []string{"", "?lang=de", "?revision=3", "?revision=3&against=2"} {
					ask := func(k *kit) *http.Response {
						return k.do(request{method: "GET", path: path + query, headers: []string{"Accept", "text/html"}})
					}
					wantSame(t, path+query, ask(kits[0]), ask(kits[1]))
					if strings.Contains(read(t, ask(kits[0])), "alert(1)") {
						shown++
					}
				}
			}
			if shown < 10 {
				t.Errorf("%d answers held the text: the site is not infested", shown)
			}
		})
	}
}

var (
	readsQuery = regexp.MustCompile(`(?:QueryParam|FormValue|[qQ]uery\.Get|q\.Get)\("([^"]+)"\)`)
	readsForm  = regexp.MustCompile(`(?:FormValue|Form\.Get|form\.Get)\("([^"]+)"\)`)
)

// TestHostileRequests sends the text in each part of a request for what visitors
// can reach, also for what there is not: nothing of it becomes part of a page, nor
// a header of its own.
func TestHostileRequests(t *testing.T) {
	query, form := hostile.Reads(t, readsQuery, 5), hostile.Reads(t, readsForm, 5)
	for kind, text := range hostile.Texts {
		t.Run(kind, func(t *testing.T) {
			k := newKit(t)
			k.publish(everything())
			both := func(what string, ask func(text string) request) {
				t.Helper()
				k.advance(time.Hour) // nothing is slowed
				send := func(s string) *http.Response {
					r := ask(s)
					r.headers = append(r.headers, "Accept", "text/html")
					return k.do(r)
				}
				wantSame(t, what, send(text), send(hostile.Harmless(text)))
			}
			inPath := func(s string) string { return strings.ReplaceAll(url.PathEscape(s), "%2F", "!") }
			for _, path := range []string{"/%s", "/s/%s/preferences", "/s/%s/gate.js", "/s/shop/%s", "/s/shop/static/%s", "/static/%s", "/.well-known/%s", "/admin/%s", "/admin/setup/%s", "/api/%s", "/%s/../s/shop/%[1]s"} {
				both("GET "+path, func(s string) request { return request{method: "GET", path: fmt.Sprintf(path, inPath(s))} })
			}
			for _, route := range k.siteRoutes(http.MethodGet) {
				path := strings.NewReplacer(":site", "shop", "*", "x").Replace(route)
				for _, name := range query {
					both("GET "+path+" with "+name, func(s string) request {
						return request{method: "GET", path: path + "?" + url.Values{name: {s}}.Encode()}
					})
				}
				for _, name := range []string{"Accept-Language", "Referer", "If-None-Match", "Cookie", "Optgate-Visitor", "User-Agent"} {
					both("GET "+path+" with the header "+name, func(s string) request {
						return request{method: "GET", path: path, headers: []string{name, s}}
					})
				}
			}
			for _, route := range k.siteRoutes(http.MethodPost) {
				path := strings.Replace(route, ":site", "shop", 1)
				post := func(what string, values func(s string) url.Values) {
					both("POST "+path+" with "+what, func(s string) request {
						return request{method: "POST", path: path, body: values(s).Encode(), headers: []string{"Content-Type", "application/x-www-form-urlencoded", "Origin", origin}}
					})
				}
				for _, name := range form {
					post(name, func(s string) url.Values {
						return url.Values{"action": {"save"}, "revision": {"2"}, "language": {"en"}, "id": {"01JDCX2N6Z7J1Z0Q3B5V8K4M9T"}, name: {s}}
					})
				}
				post("a name of its own", func(s string) url.Values { return url.Values{s: {s}} })
				both("POST "+path+" as JSON", func(s string) request {
					body := fmt.Sprintf(`{"id":%q,"choices":{%[1]q:true}}`, s)
					return request{method: "POST", path: path, body: body, headers: []string{"Content-Type", "application/json", "Origin", origin}}
				})
			}
		})
	}
}
