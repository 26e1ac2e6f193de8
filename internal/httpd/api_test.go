package httpd_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/optgate"
)

// apiToken makes a user with an API token of these scopes and returns the token.
func (k *kit) apiToken(name string, role optgate.Role, scopes ...optgate.Permission) string {
	k.t.Helper()
	hash := sha256.Sum256([]byte("secret"))
	u := optgate.User{Name: name, Role: role, Created: k.clock(), Tokens: []optgate.APIToken{{
		ID: "1", Name: "robot", Scopes: scopes, Created: k.clock(), Expires: k.clock().Add(time.Hour), Hash: hex.EncodeToString(hash[:]),
	}}}
	if err := k.store.CreateUser(k.t.Context(), u); err != nil {
		k.t.Fatal(err)
	}
	return "optgate_" + base64.RawURLEncoding.EncodeToString([]byte(name)) + ".secret"
}

// call makes a call of the API and holds its answer against openapi.yaml.
func (k *kit) call(token, method, path, body string, headers ...string) *http.Response {
	k.t.Helper()
	if token != "" {
		headers = append([]string{"Authorization", "Bearer " + token}, headers...)
	}
	answer := k.do(request{method: method, path: path, body: body, headers: headers})
	wantDescribed(k.t, httptest.NewRequestWithContext(k.t.Context(), method, path, nil), answer)
	return answer
}

// wantCall makes a call that is to be answered with that status, and returns the
// body.
func (k *kit) wantCall(status int, token, method, path, body string, headers ...string) string {
	k.t.Helper()
	answer := k.call(token, method, path, body, headers...)
	doc := read(k.t, answer)
	if answer.StatusCode != status {
		k.t.Fatalf("%s %s was answered %d, want %d: %s", method, path, answer.StatusCode, status, doc)
	}
	return doc
}

// decoded reads a JSON document.
func decoded[T any](t *testing.T, doc string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(doc), &v); err != nil {
		t.Fatalf("%v: %s", err, doc)
	}
	return v
}

// everybody is for operations that need no token.
const everybody optgate.Permission = ""

// apiRules say which scope each operation needs. One that is not here fails the
// test.
var apiRules = map[string]optgate.Permission{
	"GET /api/v1/openapi.yaml": everybody,
	"GET /api/v1/openapi.json": everybody,

	"GET /api/v1/sites":                         optgate.SeeSites,
	"GET /api/v1/sites/:site/config":            optgate.SeeSites,
	"GET /api/v1/sites/:site/revisions":         optgate.SeeSites,
	"GET /api/v1/sites/:site/revisions/:number": optgate.SeeSites,
	"GET /api/v1/sites/:site/diff":              optgate.SeeSites,
	"GET /api/v1/sites/:site/counts":            optgate.SeeSites,
	"GET /api/v1/sites/:site/unmarked":          optgate.SeeSites,
	"GET /api/v1/catalogue":                     optgate.SeeSites,

	"GET /api/v1/groups":           optgate.SeeSites,
	"GET /api/v1/groups/:group":    optgate.SeeSites,
	"PUT /api/v1/groups/:group":    optgate.EditSites,
	"DELETE /api/v1/groups/:group": optgate.EditSites,

	"PUT /api/v1/sites/:site/config":                       optgate.EditSites,
	"POST /api/v1/sites/:site/revisions/:number/roll-back": optgate.EditSites,

	"GET /api/v1/sites/:site/records": optgate.SeeRecords,
	"GET /api/v1/audit":               optgate.SeeAudit,
}

// apiRoles is who has each permission, said here once more so that a change of it
// is a change of two places.
var apiRoles = map[optgate.Permission][]optgate.Role{
	optgate.SeeSites:     {optgate.Owner, optgate.Editor, optgate.Viewer, optgate.Auditor},
	optgate.EditSites:    {optgate.Owner, optgate.Editor},
	optgate.SeeRecords:   {optgate.Owner, optgate.Auditor},
	optgate.EraseRecords: {optgate.Owner},
	optgate.SeeAudit:     {optgate.Owner, optgate.Auditor},
	optgate.ManageUsers:  {optgate.Owner},
}

// apiRoutes returns the routes of the API by method and path.
func (k *kit) apiRoutes() []string {
	k.t.Helper()
	var all []string
	for _, r := range k.handler.(*echo.Echo).Routes() {
		if strings.HasPrefix(r.Path, "/api/") && r.Method != "echo_route_not_found" {
			all = append(all, r.Method+" "+r.Path)
		}
	}
	if len(all) < len(apiRules) {
		k.t.Fatalf("got the routes %q", all)
	}
	return all
}

// apiPathOf fills in a route's parameters with what exists.
func apiPathOf(route string) string {
	return strings.NewReplacer(":site", "shop", ":group", "shops", ":number", "1").Replace(route)
}

// TestEveryScopeOnEveryRoute lets a token of each single scope, of a user of each
// role, use each route. Scope and role both have to grant it; whoever may not
// changes nothing.
func TestEveryScopeOnEveryRoute(t *testing.T) {
	k := newKit(t)
	c := shop()
	c.Name = "Store"
	k.publish(c)
	k.putShops()
	for _, role := range optgate.Roles {
		for scope, roles := range apiRoles {
			token := k.apiToken(string(role)+"-"+strings.ReplaceAll(string(scope), ":", "-"), role, scope)
			for _, name := range k.apiRoutes() {
				method, route, _ := strings.Cut(name, " ")
				rule, ok := apiRules[strings.Replace(name, "HEAD ", "GET ", 1)]
				if !ok {
					t.Fatalf("%s has no rule: say in this test which scope it needs", name)
				}
				number, _ := k.reg.Site("shop")
				// Without a precondition, so that those who may change nothing either.
				answer := k.do(request{method: method, path: apiPathOf(route), headers: []string{"Authorization", "Bearer " + token}})
				may := rule == everybody || rule == scope && slices.Contains(roles, role)
				if refused := answer.StatusCode == http.StatusForbidden; refused == may {
					t.Errorf("%s answered %d to %s with scope %s, who may: %t", name, answer.StatusCode, role, scope, may)
				}
				if after, _ := k.reg.Site("shop"); after.Number != number.Number {
					t.Errorf("%s published revision %d", name, after.Number)
				}
				if g, err := k.reg.Group(t.Context(), "shops"); err != nil || g.Version != 1 {
					t.Errorf("%s left the group %+v, %v", name, g, err)
				}
			}
		}
	}
}

// A role that is taken away holds at once, whatever the token says.
func TestAPITokenOfALesserRole(t *testing.T) {
	k := newKit(t)
	token := k.apiToken("ann", optgate.Editor, optgate.SeeSites, optgate.EditSites)
	k.wantCall(http.StatusPreconditionRequired, token, "PUT", "/api/v1/sites/shop/config", "")
	u, err := k.store.User(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	u.Role = optgate.Viewer
	if err := k.store.UpdateUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	k.wantCall(http.StatusForbidden, token, "PUT", "/api/v1/sites/shop/config", "")
	k.wantCall(http.StatusOK, token, "GET", "/api/v1/sites/shop/config", "")
	k.advance(time.Hour)
	k.wantCall(http.StatusUnauthorized, token, "GET", "/api/v1/sites/shop/config", "")
}
