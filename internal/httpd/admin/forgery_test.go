package admin_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/hostile"
)

// state returns all that people of the admin can change, as text. What is random
// is left out, so that two worlds to which the same was done have the same.
func (w *world) state() string {
	w.t.Helper()
	ctx, ok := w.t.Context(), func(err error) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
	}
	var all []any
	users, err := w.store.Users(ctx)
	ok(err)
	for _, u := range users {
		u.Sessions, u.Password, u.Handle, u.Version = nil, "", nil, 0
		for i := range u.Tokens {
			u.Tokens[i].ID, u.Tokens[i].Hash = "", ""
		}
		all = append(all, u)
	}
	latest, err := w.store.Latest(ctx)
	ok(err)
	paused, err := w.store.Paused(ctx)
	ok(err)
	all = append(all, latest, paused)
	for _, r := range latest {
		draft, err := w.store.Draft(ctx, r.Site)
		ok(err)
		unmarked, err := w.store.Unmarked(ctx, r.Site)
		ok(err)
		records, err := w.store.Records(ctx, r.Site, theVisitor)
		ok(err)
		all = append(all, draft, unmarked, len(records))
	}
	trail, err := w.store.Audit(ctx, 0, 1000)
	ok(err)
	for _, e := range trail {
		if e.Action != "sign in" && e.Action != "export the audit log" {
			all = append(all, e.Action, e.Subject, e.Site, e.Before, e.After)
		}
	}
	doc, err := json.Marshal(all)
	ok(err)
	return string(doc)
}

// furnished returns a world with something of everything, and its owner's browser.
func furnished(t *testing.T) (*world, *browser) {
	t.Helper()
	w := infested(t, "text", []string{"name"})
	b := w.browser()
	wantStatus(t, "signing in", b.signIn("the-owner", userWord), http.StatusSeeOther)
	return w, b
}

// filledIn returns the forms that lead to each route, as pages fill them in for
// an owner; a route that no page's form leads to has an empty one.
func (b *browser) filledIn() map[string][]form {
	t, w := b.w.t, b.w
	t.Helper()
	found := map[string][]form{}
	for _, route := range w.routes(http.MethodGet) {
		path := pathIn(route, "subject")
		for _, f := range postForms(t, b.get(path).body) {
			f.page = path
			found[f.action] = append(found[f.action], f)
		}
	}
	all := map[string][]form{}
	for _, route := range w.routes(http.MethodPost) {
		path := pathIn(route, "subject")
		all[route] = append(found[path], form{action: path, values: url.Values{}})
	}
	return all
}

// again returns f as its page has it now, or false if it no longer has it.
func (b *browser) again(f form) (form, bool) {
	b.w.t.Helper()
	for _, now := range postForms(b.w.t, b.get(f.page).body) {
		if now.action == f.action && sameNames(now.values, f.values) {
			return now, true
		}
	}
	return form{}, false
}

func sameNames(a, b url.Values) bool {
	return slices.Equal(slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b)))
}

// TestForgedPosts sends each form that a page has, complete but for what shows
// that the page was ours.
func TestForgedPosts(t *testing.T) {
	w, b := furnished(t)
	other := w.browser()
	other.signIn("the-owner", userWord)
	forgeries := []struct {
		name   string
		csrf   func() string
		header [2]string
	}{
		{"without token", func() string { return "" }, [2]string{}},
		{"with a token of another session", other.token, [2]string{}},
		{"with one character of the token changed", func() string { return b.token()[:25] + "_" }, [2]string{}},
		{"from another site", b.token, [2]string{"Sec-Fetch-Site", "cross-site"}},
		{"from a sister domain", b.token, [2]string{"Sec-Fetch-Site", "same-site"}},
		{"by an old browser, from a foreign origin", b.token, [2]string{"Origin", "https://evil.example"}},
		{"from a sandboxed frame", b.token, [2]string{"Origin", "null"}},
	}
	forms := b.filledIn()
	for _, forgery := range forgeries {
		token := forgery.csrf()
		for route, all := range forms {
			_, isOpen := open["POST "+route]
			if isOpen && forgery.header[0] == "" {
				continue // nobody is signed in there, so that there is no token
			}
			for _, f := range all {
				before := w.state()
				f.values.Set("csrf", token)
				one := *b
				if one.header = b.header.Clone(); forgery.header[0] != "" {
					one.header.Set(forgery.header[0], forgery.header[1])
				}
				what := "POST " + route + " " + forgery.name
				p := one.do(http.MethodPost, f.action, f.values)
				wantStatus(t, what, p, http.StatusForbidden)
				checkStrict(t, what, p)
				if w.state() != before {
					t.Errorf("%s changed something", what)
				}
			}
		}
	}
	changed := 0
	for _, route := range slices.Sorted(maps.Keys(forms)) {
		if b.token() == "" {
			w.pass(time.Minute)
			b.signIn("the-owner", userWord)
		}
		before, f := w.state(), forms[route][0]
		f.values.Set("csrf", b.token())
		if b.do(http.MethodPost, f.action, f.values); w.state() != before {
			changed++
		}
	}
	if changed < 5 {
		t.Errorf("%d of the forms do anything when they are not forged, so that this test says little", changed)
	}
}

// fieldNames returns the names of everything that v holds, as JSON has them.
func fieldNames(v reflect.Type, seen map[reflect.Type]bool) []string {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct || seen[v] {
		return nil
	}
	seen[v] = true
	var names []string
	for i := range v.NumField() {
		f := v.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(append(names, name, f.Name), fieldNames(f.Type, seen)...)
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(s string) bool { return s == "" })
}

// TestFieldsNobodyAskedFor adds to each form a field of the name of everything
// that a site or a user holds. Nothing more may change by that.
func TestFieldsNobodyAskedFor(t *testing.T) {
	var names []string
	for _, v := range []any{optgate.Config{}, optgate.User{}, optgate.Revision{}, optgate.Draft{}, optgate.AuditEntry{}} {
		names = append(names, fieldNames(reflect.TypeOf(v), map[reflect.Type]bool{})...)
	}
	plain, bp := furnished(t)
	loaded, bl := furnished(t)
	forms := bp.filledIn()
	changed := 0
	for _, route := range plain.routes(http.MethodPost) {
		for _, asked := range forms[route] {
			if asked.page == "" {
				continue
			}
			plain.pass(time.Minute)
			loaded.pass(time.Minute)
			if bp.token() == "" {
				bp.signIn("the-owner", userWord)
				bl.signIn("the-owner", userWord)
			}
			f, ok := bp.again(asked)
			g, same := bl.again(asked)
			if !ok || !same {
				continue
			}
			before, all := loaded.state(), maps.Clone(g.values)
			for _, name := range names {
				for _, form := range []string{name, "user." + name, "config." + name, "site[" + name + "]"} {
					if !g.values.Has(form) && !seenBy[form] {
						all.Set(form, "owner")
					}
				}
			}
			bp.do(http.MethodPost, f.action, f.values)
			p := bl.do(http.MethodPost, g.action, all)
			want, after := plain.state(), loaded.state()
			if want != before {
				changed++
			}
			if after == before {
				bl.do(http.MethodPost, g.action, g.values) // refused whole, which is as good
				after = loaded.state()
			}
			if after != want {
				at := 0
				for at < min(len(after), len(want)) && after[at] == want[at] {
					at++
				}
				t.Fatalf("POST %s with more fields than its form has answered %d and left …%.300s, without them …%.300s", route, p.status, after[max(0, at-100):], want[max(0, at-100):])
			}
		}
	}
	if changed < 5 {
		t.Errorf("%d forms changed anything, so that this test says little", changed)
	}
}

// seenBy are the names by which forms say what their page showed.
var seenBy = map[string]bool{"revision": true, "draft": true}

// TestInvitedAsMoreThanMeant uses a link for viewers with fields that ask for
// more.
func TestInvitedAsMoreThanMeant(t *testing.T) {
	w := newWorld(t)
	w.user()
	b := w.signedIn()
	_, rest, _ := strings.Cut(b.post("/admin/people/invite", url.Values{"role": {"viewer"}}).body, "/admin/invitation/viewer/")
	token := rest[:26]
	guest := w.browser()
	form := url.Values{"name": {"guest"}, "password": {userWord}, "again": {userWord}, "role": {"owner"}, "Role": {"owner"}, "user.role": {"owner"}}
	wantStatus(t, "the link bent to another role", guest.do(http.MethodPost, "/admin/invitation/owner/"+token, form), http.StatusGone)
	wantStatus(t, "the link with fields for another role", guest.do(http.MethodPost, "/admin/invitation/viewer/"+token, form), http.StatusSeeOther)
	u, err := w.store.User(t.Context(), "guest")
	if err != nil || u.Role != optgate.Viewer {
		t.Errorf("the guest is %q (%v), want a viewer", u.Role, err)
	}
}

// TestNextStaysHere asks the sign-in page to lead elsewhere, in every way in which
// browsers have taken an address for another host's.
func TestNextStaysHere(t *testing.T) {
	w := newWorld(t)
	w.user()
	b := w.browser()
	next := func(address string) string {
		return hidden(b.get("/admin/sign-in?next="+url.QueryEscape(address)).body, "next")
	}
	if got := next("/admin/people"); got != "/admin/people" {
		t.Fatalf("a page of the admin became %q", got)
	}
	hosts := []string{"evil.example", "evil.example/admin/", "user:word@evil.example/admin/", "optgate.example@evil.example", "[::1]/admin/"}
	leads := []string{
		"https://", "http://", "//", "///", "////", `\\`, `/\`, `\/`, `/\/`, "https:", "https:/", "https:\\\\", "hTTps://", "/\t/", "\t//", "/\n/", "\x00//", " //",
		"/admin//", `/admin/\`, "/admin/..//", "/admin/../..//", "/admin/%2e%2e//", "/admin/.%2e//", "/admin\t//", "/admin/\r\nLocation: https://", "javascript://", "data:text/html,",
		"//admin/@", "/admin@", "/admin/?next=//", "/%61dmin//", "＼＼", "／／", "/admin/;//", "https://optgate.example:443@", "ftp://", "/.//",
	}
	for _, lead := range leads {
		for _, host := range hosts {
			got := next(lead + host)
			if got == "" {
				continue
			}
			if kind := hostile.LeadsTo(got); kind != "here" || !strings.HasPrefix(got, "/admin/") || strings.ContainsAny(got, "\\\t\r\n\x00") {
				t.Errorf("%q leads on to %q, %s", lead+host, got, kind)
			}
		}
	}
}
