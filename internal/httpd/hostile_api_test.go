package httpd_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/password"
	"github.com/optgate/optgate/internal/testkit/hostile"
)

// apiKinds are what the API answers as. A browser that is led to one of them shows
// it as text, or as a file.
var apiKinds = []string{"application/problem+json", "application/json", "application/yaml", "application/jsonl", "application/x-ndjson", "text/csv"}

var parameter = regexp.MustCompile(`:[a-z]+`)

// TestHostileAPI sends the text to each route of the API, in its path, parameters,
// headers and body, with a token that may do everything. No answer is a page.
func TestHostileAPI(t *testing.T) {
	names := append(hostile.Reads(t, readsQuery, 5), "note", "limit", "from", "to", "format", "cursor", "category", "dry-run", "language")
	for kind, text := range hostile.Texts {
		t.Run(kind, func(t *testing.T) {
			k := newKit(t)
			k.publishEverything()
			token := k.apiToken("root", optgate.Owner, optgate.Permissions...)
			check := func(what string, r request) {
				t.Helper()
				k.advance(time.Minute) // nothing is slowed
				r.headers = append(r.headers, "Authorization", "Bearer "+token, "Accept", "text/html")
				answer := k.do(r)
				body := read(t, answer)
				if answer.StatusCode >= http.StatusInternalServerError {
					t.Errorf("%s: answered %d: %s", what, answer.StatusCode, body)
				}
				kind, _, _ := strings.Cut(answer.Header.Get("Content-Type"), ";")
				if body != "" && !slices.Contains(apiKinds, kind) {
					t.Errorf("%s: answered %d as %q: %.100s", what, answer.StatusCode, kind, body)
				}
				if body != "" && answer.Header.Get("X-Content-Type-Options") != "nosniff" {
					t.Errorf("%s: a browser may guess what the answer %d is", what, answer.StatusCode)
				}
			}
			for _, route := range k.apiRoutes() {
				method, path, _ := strings.Cut(route, " ")
				check(route, request{method: method, path: apiPathOf(path)})
				if parameter.MatchString(path) {
					escaped := strings.ReplaceAll(url.PathEscape(text), "%2F", "!")
					check(route+", path", request{method: method, path: parameter.ReplaceAllString(path, strings.ReplaceAll(escaped, "$", "%24"))})
				}
				for _, name := range append(names, text) {
					check(route+", "+name, request{method: method, path: apiPathOf(path) + "?" + url.Values{name: {text}}.Encode()})
				}
				for _, name := range []string{"If-Match", "If-None-Match", "Content-Type", "Accept-Language"} {
					check(route+", "+name, request{method: method, path: apiPathOf(path), body: text, headers: []string{name, text}})
				}
				for _, form := range []string{inJSON, inYAML} {
					for _, body := range []string{text, encode(t, text), encode(t, map[string]any{text: text}), encode(t, map[string]any{"site": "shop", "name": []string{text}})} {
						check(route+", body", request{method: method, path: apiPathOf(path), body: body, headers: []string{"Content-Type", form, "If-Match", "*"}})
					}
				}
			}
		})
	}
}

// TestAPIKnowsTokensAlone shows the API everything else that shows who somebody
// is: whoever has a browser open in the admin cannot be made to use the API, and
// no token stands in an address, where logs and histories keep it.
func TestAPIKnowsTokensAlone(t *testing.T) {
	k := newKit(t)
	token := k.apiToken("ann", optgate.Owner, optgate.Permissions...)
	hash, err := password.Hash("correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	if err := k.store.CreateUser(t.Context(), optgate.User{Name: "mara", Password: hash, Role: optgate.Owner, Created: k.clock()}); err != nil {
		t.Fatal(err)
	}
	signedIn := k.do(request{
		method: "POST", path: "/admin/sign-in", body: url.Values{"name": {"mara"}, "password": {"correct horse battery"}}.Encode(),
		headers: []string{"Content-Type", "application/x-www-form-urlencoded"},
	})
	if signedIn.StatusCode != http.StatusSeeOther || len(signedIn.Cookies()) == 0 {
		t.Fatalf("signing in is answered %d", signedIn.StatusCode)
	}
	for _, route := range k.apiRoutes() {
		method, path, _ := strings.Cut(route, " ")
		if apiRules[strings.Replace(route, "HEAD ", "GET ", 1)] == everybody {
			continue
		}
		for name, r := range map[string]request{
			"a session of the admin":     {cookies: signedIn.Cookies()},
			"a token in the address":     {path: "?token=" + token + "&access_token=" + token},
			"a token as a password":      {headers: []string{"Authorization", "Basic " + token}},
			"a token in a form":          {body: "token=" + token, headers: []string{"Content-Type", "application/x-www-form-urlencoded"}},
			"a token in a cookie":        {cookies: []*http.Cookie{{Name: "Authorization", Value: token}, {Name: "token", Value: token}}},
			"a token with another case":  {headers: []string{"Authorization", "Bearer " + strings.ToUpper(token)}},
			"a token and something else": {headers: []string{"Authorization", "Bearer " + token + "x"}},
		} {
			r.method, r.path = method, apiPathOf(path)+r.path
			k.advance(time.Minute)
			if got := k.do(r).StatusCode; got != http.StatusUnauthorized {
				t.Errorf("%s by %s is answered %d, want 401", route, name, got)
			}
		}
	}
}

// TestAPIAssignsNothingElse puts what a site file has no business with into one.
func TestAPIAssignsNothingElse(t *testing.T) {
	k := newKit(t)
	token := k.apiToken("ann", optgate.Editor, optgate.SeeSites, optgate.EditSites)
	file, etag := k.readConfig(token, inJSON)
	for _, more := range []string{
		`"number": 9`, `"author": "somebody else"`, `"at": "2020-01-01T00:00:00Z"`, `"sha256": "00"`, `"since": {"analytics": 1}`, `"paused": []`,
		`"role": "owner"`, `"users": [{"name": "eve", "role": "owner"}]`, `"tokens": []`, `"__proto__": {"site": "other"}`, `"Site": "other"`,
	} {
		body := strings.Replace(file, "{", "{"+more+",", 1)
		doc := k.wantCall(http.StatusUnprocessableEntity, token, "PUT", configPath, body, "Content-Type", inJSON, "If-Match", etag)
		if got := decoded[refusal](t, doc); len(got.Errors) == 0 {
			t.Errorf("%s is refused without a reason: %s", more, doc)
		}
	}
	other := strings.Replace(file, `"shop"`, `"other"`, 1)
	k.wantCall(http.StatusUnprocessableEntity, token, "PUT", configPath, other, "Content-Type", inJSON, "If-Match", etag)
	if latest, _ := k.reg.Site("shop"); latest.Number != 1 {
		t.Errorf("revision %d was published", latest.Number)
	}
	if _, ok := k.reg.Site("other"); ok {
		t.Error("another site was made by the way")
	}
}
