package admin_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/optgate/optgate/internal/optgate"
)

// open are the routes that people without a session may use. Any other route
// has to lead them to the sign-in page.
var open = map[string]int{
	"POST /admin/language":              http.StatusUnprocessableEntity,
	"GET /admin/sign-in":                http.StatusOK,
	"POST /admin/sign-in":               http.StatusUnprocessableEntity,
	"GET /admin/sign-in/provider":       http.StatusNotFound,
	"GET /admin/sign-in/provider/back":  http.StatusNotFound,
	"POST /admin/sign-in/passkey":       http.StatusUnprocessableEntity,
	"POST /admin/sign-in/passkey/begin": http.StatusOK,
	"GET /admin/sign-in/code":           http.StatusSeeOther,
	"POST /admin/sign-in/code":          http.StatusSeeOther,
	"GET /admin/setup/:token":           http.StatusGone,
	"POST /admin/setup/:token":          http.StatusGone,

	"GET /admin/invitation/:role/:token":  http.StatusGone,
	"POST /admin/invitation/:role/:token": http.StatusGone,
	"GET /admin/reset/:user/:token":       http.StatusGone,
	"POST /admin/reset/:user/:token":      http.StatusGone,
}

// own is for everybody who is signed in.
const own optgate.Permission = ""

// rules say who may use a route. A route that is not here fails the test.
var rules = map[string]optgate.Permission{
	"POST /admin/sign-out":             own,
	"GET /admin/account":               own,
	"POST /admin/account/password":     own,
	"POST /admin/account/sign-out":     own,
	"POST /admin/account/confirm":      own,
	"POST /admin/account/end-session":  own,
	"POST /admin/account/new-token":    own,
	"POST /admin/account/revoke-token": own,

	"POST /admin/account/passkeys":              own,
	"POST /admin/account/passkeys/begin":        own,
	"POST /admin/account/passkeys/remove":       own,
	"POST /admin/account/authenticator":         own,
	"POST /admin/account/authenticator/confirm": own,
	"POST /admin/account/authenticator/codes":   own,
	"POST /admin/account/authenticator/remove":  own,

	"GET /admin/audit":       optgate.SeeAudit,
	"GET /admin/audit.jsonl": optgate.SeeAudit,

	"GET /admin/people/:user":                 optgate.ManageUsers,
	"GET /admin/people/:user/reset":           optgate.ManageUsers,
	"POST /admin/people/:user/end-session":    optgate.ManageUsers,
	"POST /admin/people/:user/end-sessions":   optgate.ManageUsers,
	"POST /admin/people/:user/revoke-token":   optgate.ManageUsers,
	"POST /admin/people/:user/remove-passkey": optgate.ManageUsers,

	"GET /admin/people":                    optgate.ManageUsers,
	"POST /admin/people/invite":            optgate.ManageUsers,
	"POST /admin/people/:user/role":        optgate.ManageUsers,
	"POST /admin/people/:user/reset":       optgate.ManageUsers,
	"GET /admin/people/:user/second-step":  optgate.ManageUsers,
	"POST /admin/people/:user/second-step": optgate.ManageUsers,
	"GET /admin/people/:user/remove":       optgate.ManageUsers,
	"POST /admin/people/:user/remove":      optgate.ManageUsers,

	"GET /admin/":                            optgate.SeeSites,
	"GET /admin/sites/:site":                 optgate.SeeSites,
	"GET /admin/sites/:site/overview":        optgate.SeeSites,
	"GET /admin/sites/:site/overview.csv":    optgate.SeeSites,
	"GET /admin/sites/:site/history":         optgate.SeeSites,
	"GET /admin/sites/:site/compare":         optgate.SeeSites,
	"GET /admin/sites/:site/history/:number": optgate.SeeSites,

	"GET /admin/sites/:site/preview":       optgate.SeeSites,
	"GET /admin/sites/:site/preview/frame": optgate.SeeSites,
	"GET /admin/sites/:site/look":          optgate.SeeSites,
	"GET /admin/sites/:site/texts":         optgate.SeeSites,
	"GET /admin/sites/:site/settings":      optgate.SeeSites,
	"GET /admin/sites/:site/signals":       optgate.SeeSites,
	"GET /admin/sites/:site/categories":    optgate.SeeSites,

	"POST /admin/sites/:site/look":          optgate.EditSites,
	"POST /admin/sites/:site/look/preview":  optgate.EditSites,
	"POST /admin/sites/:site/texts":         optgate.EditSites,
	"POST /admin/sites/:site/texts/preview": optgate.EditSites,
	"POST /admin/sites/:site/languages":     optgate.EditSites,
	"POST /admin/sites/:site/settings":      optgate.EditSites,
	"POST /admin/sites/:site/signals":       optgate.EditSites,
	"POST /admin/sites/:site/categories":    optgate.EditSites,

	"POST /admin/sites/:site/categories/:category/move":   optgate.EditSites,
	"POST /admin/sites/:site/categories/:category/remove": optgate.EditSites,

	"GET /admin/sites/:site/records":  optgate.SeeRecords,
	"POST /admin/sites/:site/records": optgate.SeeRecords,

	"POST /admin/sites/:site/records/erase": optgate.EraseRecords,

	"GET /admin/sites/:site/check":                      optgate.EditSites,
	"POST /admin/sites/:site/check":                     optgate.EditSites,
	"POST /admin/new-site/look":                         optgate.EditSites,
	"GET /admin/new-site":                               optgate.EditSites,
	"POST /admin/new-site":                              optgate.EditSites,
	"POST /admin/sites/:site/categories/:category":      optgate.EditSites,
	"POST /admin/sites/:site/pause":                     optgate.EditSites,
	"POST /admin/sites/:site/resume":                    optgate.EditSites,
	"POST /admin/sites/:site/hold":                      optgate.EditSites,
	"POST /admin/sites/:site/unmarked/forget":           optgate.EditSites,
	"POST /admin/sites/:site/history/:number/roll-back": optgate.EditSites,
	"GET /admin/sites/:site/publish":                    optgate.EditSites,
	"POST /admin/sites/:site/publish":                   optgate.EditSites,
	"GET /admin/sites/:site/tags/:tag/test":             optgate.EditSites,
	"GET /admin/sites/:site/tags/:tag/test/frame":       optgate.EditSites,
	"POST /admin/sites/:site/publish/undo":              optgate.EditSites,
	"POST /admin/sites/:site/publish/take-over":         optgate.EditSites,
	"GET /admin/sites/:site/publish/discard":            optgate.EditSites,
	"POST /admin/sites/:site/publish/discard":           optgate.EditSites,
	"GET /admin/sites/:site/new-tag":                    optgate.EditSites,
	"POST /admin/sites/:site/new-tag":                   optgate.EditSites,
	"GET /admin/sites/:site/tags/:tag":                  optgate.EditSites,
	"POST /admin/sites/:site/tags/:tag":                 optgate.EditSites,
	"GET /admin/sites/:site/tags/:tag/remove":           optgate.EditSites,
	"POST /admin/sites/:site/tags/:tag/remove":          optgate.EditSites,
	"GET /admin/sites/:site/new-service":                optgate.EditSites,
	"POST /admin/sites/:site/new-service":               optgate.EditSites,
	"GET /admin/sites/:site/services/:service":          optgate.EditSites,
	"POST /admin/sites/:site/services/:service":         optgate.EditSites,
	"GET /admin/sites/:site/services/:service/remove":   optgate.EditSites,
	"POST /admin/sites/:site/services/:service/remove":  optgate.EditSites,

	"GET /admin/groups":                                     optgate.SeeSites,
	"GET /admin/groups/:group":                              optgate.SeeSites,
	"GET /admin/groups/:group/categories":                   optgate.SeeSites,
	"POST /admin/groups/:group/categories":                  optgate.EditSites,
	"POST /admin/groups/:group/categories/:category/move":   optgate.EditSites,
	"POST /admin/groups/:group/categories/:category/remove": optgate.EditSites,
	"POST /admin/groups/:group/follow":                      optgate.EditSites,
	"GET /admin/groups/:group/join":                         optgate.EditSites,
	"POST /admin/groups/:group/join":                        optgate.EditSites,
	"POST /admin/groups/:group/languages":                   optgate.EditSites,
	"GET /admin/groups/:group/leave":                        optgate.EditSites,
	"POST /admin/groups/:group/leave":                       optgate.EditSites,
	"GET /admin/groups/:group/look":                         optgate.SeeSites,
	"POST /admin/groups/:group/look":                        optgate.EditSites,
	"POST /admin/groups/:group/look/preview":                optgate.EditSites,
	"GET /admin/groups/:group/new-service":                  optgate.EditSites,
	"POST /admin/groups/:group/new-service":                 optgate.EditSites,
	"GET /admin/groups/:group/new-tag":                      optgate.EditSites,
	"POST /admin/groups/:group/new-tag":                     optgate.EditSites,
	"GET /admin/groups/:group/preview/frame":                optgate.SeeSites,
	"GET /admin/groups/:group/publish":                      optgate.EditSites,
	"POST /admin/groups/:group/publish":                     optgate.EditSites,
	"GET /admin/groups/:group/publish/discard":              optgate.EditSites,
	"POST /admin/groups/:group/publish/discard":             optgate.EditSites,
	"GET /admin/groups/:group/tags/:tag/test":               optgate.EditSites,
	"GET /admin/groups/:group/tags/:tag/test/frame":         optgate.EditSites,
	"POST /admin/groups/:group/publish/undo":                optgate.EditSites,
	"POST /admin/groups/:group/publish/take-over":           optgate.EditSites,
	"GET /admin/groups/:group/remove":                       optgate.EditSites,
	"POST /admin/groups/:group/remove":                      optgate.EditSites,
	"GET /admin/groups/:group/services/:service":            optgate.EditSites,
	"POST /admin/groups/:group/services/:service":           optgate.EditSites,
	"GET /admin/groups/:group/services/:service/remove":     optgate.EditSites,
	"POST /admin/groups/:group/services/:service/remove":    optgate.EditSites,
	"GET /admin/groups/:group/settings":                     optgate.SeeSites,
	"POST /admin/groups/:group/settings":                    optgate.EditSites,
	"GET /admin/groups/:group/signals":                      optgate.SeeSites,
	"POST /admin/groups/:group/signals":                     optgate.EditSites,
	"GET /admin/groups/:group/tags/:tag":                    optgate.EditSites,
	"POST /admin/groups/:group/tags/:tag":                   optgate.EditSites,
	"GET /admin/groups/:group/tags/:tag/remove":             optgate.EditSites,
	"POST /admin/groups/:group/tags/:tag/remove":            optgate.EditSites,
	"GET /admin/groups/:group/texts":                        optgate.SeeSites,
	"POST /admin/groups/:group/texts":                       optgate.EditSites,
	"POST /admin/groups/:group/texts/preview":               optgate.EditSites,
	"GET /admin/new-group":                                  optgate.EditSites,
	"POST /admin/new-group":                                 optgate.EditSites,
}

// roleMay is the policy of roles, said here once more so that a change of it is
// a change of two places.
var roleMay = map[optgate.Role][]optgate.Permission{
	optgate.Owner:   {own, optgate.SeeSites, optgate.EditSites, optgate.SeeRecords, optgate.EraseRecords, optgate.SeeAudit, optgate.ManageUsers},
	optgate.Editor:  {own, optgate.SeeSites, optgate.EditSites},
	optgate.Viewer:  {own, optgate.SeeSites},
	optgate.Auditor: {own, optgate.SeeSites, optgate.SeeRecords, optgate.SeeAudit},
}

// TestEveryRoleOnEveryRoute lets each role use each route. Whoever may not is
// told so and changes nothing.
func TestEveryRoleOnEveryRoute(t *testing.T) {
	for role, permissions := range roleMay {
		t.Run(string(role), func(t *testing.T) {
			w := newWorld(t)
			w.user()
			w.person("other", optgate.Owner)
			w.person("subject", role)
			w.publish(shop())
			w.putGroup("shops")
			b := w.browser()
			b.signIn("subject", userWord)
			for _, r := range w.echo.Routes() {
				name := r.Method + " " + r.Path
				if _, ok := open[name]; ok || r.Method == "echo_route_not_found" {
					continue
				}
				rule, ok := rules[name]
				if !ok {
					t.Errorf("%s has no rule: say in this test who may use it", name)
					continue
				}
				// What ends the session is tested elsewhere.
				if rule == own && r.Method == http.MethodPost {
					continue
				}
				before, number, draft, group := w.users(), w.latest().Number, w.draft().Version, w.group("shops").Version
				var p page
				if r.Method == http.MethodPost {
					// A role that does not exist, so that those who may change nothing either.
					p = b.post(pathOf(r.Path), url.Values{"role": {"king"}})
				} else {
					p = b.get(pathOf(r.Path))
				}
				if slices.Contains(permissions, rule) {
					if p.status == http.StatusForbidden {
						t.Errorf("%s answered %d to the role %s, which may", name, p.status, role)
					}
					continue
				}
				wantStatus(t, name+" to "+string(role), p, http.StatusForbidden)
				wantText(t, p, "Your role does not include this")
				if after := w.users(); !slices.Equal(after, before) || w.latest().Number != number || w.draft().Version != draft || w.group("shops").Version != group {
					t.Errorf("%s changed something", name)
				}
			}
		})
	}
}

// users lists the names and roles of all users.
func (w *world) users() []string {
	w.t.Helper()
	all, err := w.store.Users(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	var names []string
	for _, u := range all {
		names = append(names, u.Name+" "+string(u.Role))
	}
	return names
}

// pathOf fills in a route's parameters with what exists.
func pathOf(route string) string {
	return strings.NewReplacer(":site", "shop", ":group", "shops", ":category", "analytics", ":tag", "pixel", ":service", "stats", ":number", "1", ":token", "x", ":user", "nobody", ":role", "owner").Replace(route)
}

// TestEveryRoute holds for each registered route, so that a new one without a
// guard fails here.
func TestEveryRoute(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	w.putGroup("shops")
	b := w.signedIn()
	tested := 0
	for _, r := range w.echo.Routes() {
		name := r.Method + " " + r.Path
		if r.Method == "echo_route_not_found" {
			continue
		}
		tested++
		t.Run(name, func(t *testing.T) {
			p := w.browser().do(r.Method, pathOf(r.Path), url.Values{})
			if status, ok := open[name]; ok {
				wantStatus(t, "without session, an open route", p, status)
			} else if to := p.header.Get("Location"); p.status != http.StatusSeeOther || !strings.HasPrefix(to, "/admin/sign-in") {
				t.Errorf("without session it answered %d to %q, want 303 to the sign-in page", p.status, to)
			}
			wantGuardHeaders(t, p)
			if r.Method != http.MethodPost {
				signed := b.get(pathOf(r.Path))
				if slices.Contains(framed, r.Path) {
					wantFramedByUsAlone(t, signed)
				} else if strings.HasSuffix(r.Path, "/test/frame") {
					wantApart(t, signed)
				} else {
					wantGuardHeaders(t, signed)
				}
				wantOwnScriptsOnly(t, signed)
				return
			}
			number := w.latest().Number
			if _, ok := open[name]; !ok {
				wantStatus(t, "with session, without token", b.do(r.Method, pathOf(r.Path), url.Values{"on": {"0"}}), http.StatusForbidden)
			}
			cross := *b
			cross.header = b.header.Clone()
			cross.header.Set("Sec-Fetch-Site", "cross-site")
			wantStatus(t, "with session and token, from another site", cross.do(r.Method, pathOf(r.Path), url.Values{"csrf": {b.token()}, "on": {"0"}}), http.StatusForbidden)
			if got := w.latest().Number; got != number {
				t.Errorf("revision %d was published", got)
			}
		})
	}
	if tested < 20 {
		t.Errorf("%d routes were tested, want all of the admin's", tested)
	}
}

// framed is what our own pages may frame.
var framed = []string{"/admin/sites/:site/preview/frame", "/admin/groups/:group/preview/frame"}

// wantFramedByUsAlone checks that a frame can do nothing, wherever it is.
func wantFramedByUsAlone(t *testing.T, p page) {
	t.Helper()
	if got, want := p.header.Get("X-Frame-Options"), "SAMEORIGIN"; got != want {
		t.Errorf("X-Frame-Options is %q, want %q", got, want)
	}
	policy := p.header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'; style-src 'sha256-", "; img-src ", "; sandbox; ", "frame-ancestors 'self'", "form-action 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %s: %s", want, policy)
		}
	}
	if strings.Contains(policy, "script-src") || strings.Contains(policy, "unsafe") {
		t.Errorf("the policy allows too much: %s", policy)
	}
}

// wantApart checks that a frame in which a tag's code runs belongs to no origin
// and is in a page of ours alone.
func wantApart(t *testing.T, p page) {
	t.Helper()
	if got, want := p.header.Get("X-Frame-Options"), "SAMEORIGIN"; got != want {
		t.Errorf("X-Frame-Options is %q, want %q", got, want)
	}
	policy := p.header.Get("Content-Security-Policy")
	for _, want := range []string{"sandbox allow-scripts; default-src 'none'; script-src 'nonce-", "frame-ancestors 'self'", "form-action 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %s: %s", want, policy)
		}
	}
	if strings.Contains(policy, "allow-same-origin") || strings.Contains(policy, "allow-top") {
		t.Errorf("the policy allows too much: %s", policy)
	}
	for _, secret := range []string{"csrf", "/admin/account"} {
		if strings.Contains(p.body, secret) {
			t.Errorf("the frame has %q in it", secret)
		}
	}
}

func wantGuardHeaders(t *testing.T, p page) {
	t.Helper()
	for name, want := range map[string]string{
		"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin", "Cache-Control": "no-store",
	} {
		if got := p.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	policy := p.header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'nonce-", "style-src 'self'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %s: %s", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("the policy allows something unsafe: %s", policy)
	}
}

// wantOwnScriptsOnly checks that a page, as a browser reads it, has no script
// but ours, and neither handlers nor styles in attributes.
func wantOwnScriptsOnly(t *testing.T, p page) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(p.body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		own := false
		for _, a := range n.Attr {
			own = own || n.Data == "iframe" && a.Key == "data-src" && strings.HasPrefix(a.Val, "/admin/") || a.Key == "src" && strings.HasPrefix(a.Val, "/static/admin/") || n.Data == "iframe" && a.Key == "src" && (strings.HasPrefix(a.Val, "/admin/sites/") || strings.HasPrefix(a.Val, "/admin/groups/"))
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "href" && strings.HasPrefix(a.Val, "javascript:") {
				t.Errorf("<%s> has %s=%q", n.Data, a.Key, a.Val)
			}
		}
		if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "img" || n.Data == "iframe") && !own {
			t.Errorf("the page has a <%s> that is not ours", n.Data)
		}
	}
}

func TestTooLargeForm(t *testing.T) {
	w := newWorld(t)
	p := w.browser().signIn(strings.Repeat("x", 2<<20), userWord)
	wantStatus(t, "two megabytes", p, http.StatusRequestEntityTooLarge)
}
