package admin_test

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/audit"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/hostile"
)

// infested returns a world in which everything that holds a text holds this one:
// two sites with history, open drafts of which one is behind, pauses, reports of
// browsers, people with tokens and passkeys, records, and an audit log.
func infested(t *testing.T, text string, paths []string) *world {
	t.Helper()
	w := newWorld(t)
	ctx, ok := t.Context(), func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for role := range roleMay {
		w.person("the-"+string(role), role)
	}
	w.person("subject", optgate.Viewer)
	hash, err := userHash()
	ok(err)
	// No form takes such a name. Other programs that write to the store might.
	for _, name := range []string{nameOf(text), "the-owner"} {
		u := optgate.User{Name: name, Password: hash, Role: optgate.Owner, Created: w.clock()}
		if name == "the-owner" {
			u, err = w.store.User(ctx, name)
			ok(err)
		}
		u.Tokens = []optgate.APIToken{{ID: "t", Name: text, Hash: "h", Scopes: optgate.Permissions, Created: w.clock(), Expires: w.clock().Add(time.Hour)}}
		u.Passkeys = []optgate.Passkey{{ID: []byte("k"), Name: text, Created: w.clock()}}
		if name == "the-owner" {
			ok(w.store.UpdateUser(ctx, u))
		} else {
			ok(w.store.CreateUser(ctx, u))
		}
	}
	_, err = w.registry.PutGroup(ctx, fillGroup(t, paths, text))
	ok(err)
	for _, site := range []optgate.SiteID{"shop", "bazaar"} {
		one, two, three := fill(t, site, paths, text), fill(t, site, paths, "2"+text), fill(t, site, paths, "3"+text)
		two.Services, three.Tags = two.Services[1:], three.Tags[1:]
		two.Tags[0].Service, two.Tags[0].Category = "", optgate.Analytics
		_, err := w.registry.Publish(ctx, one, 0, text, text)
		ok(err)
		draft := optgate.Draft{Site: site, Base: 1, Config: *three, Author: text, At: w.clock()}
		if site == "shop" {
			_, err = w.registry.Publish(ctx, two, 1, text, text)
			ok(err)
			draft.Base = 2
		}
		ok(w.store.PutDraft(ctx, draft))
		if site == "bazaar" {
			_, err = w.registry.Publish(ctx, two, 1, text, text)
			ok(err)
		}
		for _, what := range []optgate.Pausable{{Category: optgate.Marketing}, {Tag: "code"}} {
			_, err = w.registry.Pause(ctx, site, optgate.Pause{Pausable: what, By: text, Since: w.clock(), Reason: text})
			ok(err)
		}
		ok(w.store.SawUnmarked(ctx, site, "2026-11-22", []optgate.Unmarked{
			{Kind: "script", Host: "wall.example", Path: "/" + strings.ReplaceAll(text, " ", "")}, {Kind: strings.ReplaceAll(text, " ", ""), Host: "wall.example", Path: "/x"},
		}))
		log := audit.Log{Store: w.store, Now: w.clock}
		ok(log.Note(ctx, optgate.AuditEntry{User: text, Action: text, Site: optgate.SiteID(text), Subject: text, Reason: text, Before: text, After: text}))
		_, _, err = w.store.Append(ctx, optgate.Record{
			ID: ulid.Make().String(), Site: site, Visitor: theVisitor, Revision: 1, Language: text, Action: optgate.Save, Source: text,
			At: w.clock(), Choices: optgate.Choices{optgate.Marketing: true, optgate.CategoryID(text): true}, Panel: text,
		})
		ok(err)
	}
	return w
}

const theVisitor = "01JDCX2N6Z7J1Z0Q3B5V8K4M9T"

// twins are two worlds, one with hostile text and one with harmless text of the
// same shape, of which every answer has to look alike.
type twins struct {
	t        *testing.T
	text     string
	bad, own *browser // in the hostile world and in the harmless one
	shown    int      // answers that held the text
	known    shapes
}

// both sends a request into both worlds. Their texts are what makes it differ.
func (x *twins) both(what, method string, request func(text string, b *browser) (string, url.Values)) (page, page) {
	x.t.Helper()
	send := func(b *browser, text string) page {
		path, form := request(text, b)
		return b.do(method, path, form)
	}
	bad, own := send(x.bad, x.text), send(x.own, hostile.Harmless(x.text))
	checkStrict(x.t, what, bad)
	x.known.compare(x.t, what, bad, own)
	for n := range hostile.Parse(x.t, bad.body).Descendants() {
		if strings.Contains(n.Data, x.text) {
			x.shown++
			break
		}
	}
	return bad, own
}

// routes returns the paths of all registered routes of a method, for each site.
func (w *world) routes(method string) []string {
	var paths []string
	for _, r := range w.echo.Routes() {
		if r.Method != method {
			continue
		}
		paths = append(paths, r.Path)
		if strings.Contains(r.Path, ":site") {
			paths = append(paths, strings.Replace(r.Path, ":site", "bazaar", 1))
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

var parameter = regexp.MustCompile(`:[a-z]+`)

// nameOf returns text as the name of a user, whom paths name.
func nameOf(text string) string { return "x" + strings.ReplaceAll(text, "/", "x") }

// pathIn fills in a route's parameters with what exists, that user among it.
func pathIn(route, user string) string {
	return pathOf(strings.ReplaceAll(route, ":user", inPath(user)))
}

// inPath returns text as part of a path.
func inPath(text string) string {
	return (&url.URL{Path: "/" + strings.ReplaceAll(text, "/", "x")}).EscapedPath()[1:]
}

var readsQuery = regexp.MustCompile(`QueryParam\("([^"]+)"\)`)

// TestHostileText fills everything that holds a text with one that would like to
// run, opens every page as every role, sends it in every parameter and field, and
// compares each answer with that to harmless text. A page that is added is covered
// by being registered.
func TestHostileText(t *testing.T) {
	names := hostile.Reads(t, readsQuery, 8)
	for kind, text := range hostile.Texts {
		t.Run(kind, func(t *testing.T) {
			paths := freeTexts(t, text)
			for _, want := range []string{"name", "controller.name", "categories[4].title.en", "services[0].name", "services[0].cookies[0].purpose.de", "tags[1].code", "texts[0].body"} {
				if !slices.Contains(paths, want) {
					t.Fatalf("the text is not in %s, only in %v", want, paths)
				}
			}
			bad, own := infested(t, text, paths), infested(t, hostile.Harmless(text), paths)
			known := shapes{}
			for _, role := range optgate.Roles {
				x := &twins{t: t, text: text, bad: bad.browser(), own: own.browser(), known: known}
				x.signIn("the-" + string(role))
				x.open(role, names)
				if x.shown < 8 {
					t.Errorf("%d pages for the %s held the text: the worlds are not infested", x.shown, role)
				}
			}
			x := &twins{t: t, text: text, bad: bad.browser(), own: own.browser(), known: known}
			x.post()
			if x.shown < 20 {
				t.Errorf("%d answers to forms held the text", x.shown)
			}
		})
	}
}

// signIn signs the browsers of both worlds in, a minute later, so that nothing is
// slowed.
func (x *twins) signIn(name string) {
	x.t.Helper()
	for _, b := range []*browser{x.bad, x.own} {
		b.w.pass(time.Minute)
		wantStatus(x.t, "signing in as "+name, b.signIn(name, userWord), http.StatusSeeOther)
	}
}

// open opens every page: as it is, and with the text in each parameter.
func (x *twins) open(role optgate.Role, names []string) {
	x.t.Helper()
	for _, route := range x.bad.w.routes(http.MethodGet) {
		what := string(role) + ": GET " + route
		get := func(how string, path func(text string) string) {
			x.both(what+how, http.MethodGet, func(text string, _ *browser) (string, url.Values) { return path(text), nil })
		}
		get("", func(text string) string { return pathIn(route, nameOf(text)) })
		if parameter.MatchString(route) {
			get(", the text in the path", func(text string) string { return parameter.ReplaceAllString(route, inPath(text)) })
		}
		if role != optgate.Owner || strings.Contains(route, "bazaar") {
			continue
		}
		for _, name := range names {
			get(", "+name, func(text string) string { return pathIn(route, nameOf(text)) + "?" + url.Values{name: {text}}.Encode() })
		}
	}
}

// post sends the text in the fields of every form: in all at once to every route,
// and in each alone to where the page's form leads, the rest as the page has it.
func (x *twins) post() {
	x.t.Helper()
	x.signIn("the-owner")
	forms := map[string][]form{} // by the page that they are on
	fields := map[string]bool{}
	for _, route := range x.bad.w.routes(http.MethodGet) {
		path := pathIn(route, "subject")
		if forms[path] = postForms(x.t, x.bad.get(path).body); len(forms[path]) == 0 {
			continue
		}
		for _, f := range forms[path] {
			for name := range f.values {
				fields[name] = true
			}
		}
	}
	delete(fields, "csrf")
	fresh := func() {
		x.t.Helper()
		x.bad.w.pass(time.Minute)
		x.own.w.pass(time.Minute)
		x.bad.w.settle("the-owner")
		x.own.w.settle("the-owner")
		if x.bad.token() == "" || x.own.token() == "" {
			x.signIn("the-owner") // one of the forms signed her out
		}
	}
	for _, route := range x.bad.w.routes(http.MethodPost) {
		fresh()
		if weighty["POST "+route] {
			x.bad.w.pass(10 * time.Minute)
			x.own.w.pass(10 * time.Minute)
			bad, _ := x.both("POST "+route+", of whom it is asked who it is", http.MethodPost, func(text string, b *browser) (string, url.Values) {
				return pathIn(route, "subject"), url.Values{"csrf": {b.token()}, text: {text}, "confirm-password": {text}}
			})
			wantText(x.t, bad, asksWho)
			fresh()
		}
		x.both("POST "+route, http.MethodPost, func(text string, b *browser) (string, url.Values) {
			all := url.Values{"csrf": {b.token()}}
			for name := range fields {
				all.Set(name, text)
			}
			return pathIn(route, "subject"), all
		})
	}
	x.both("a look at a visitor's records", http.MethodPost, func(text string, b *browser) (string, url.Values) {
		return recordsPath, url.Values{"csrf": {b.token()}, "record": {theVisitor}, "reason": {text}}
	})
	seen := map[string]bool{}
	for _, path := range slices.Sorted(maps.Keys(forms)) {
		for i, f := range forms[path] {
			for _, name := range f.texts {
				if seen[f.action+" "+name] {
					continue
				}
				seen[f.action+" "+name] = true
				fresh()
				before := form{page: path, action: path, values: url.Values{}} // what it was about may be gone
				bad, own := x.both("the form "+f.action+", "+name, http.MethodPost, func(text string, b *browser) (string, url.Values) {
					now := postForms(x.t, b.get(path).body)
					if i >= len(now) || now[i].action != f.action {
						return path, url.Values{}
					}
					before = form{page: path, action: f.action, values: maps.Clone(now[i].values)}
					now[i].values.Set(name, text)
					return f.action, now[i].values
				})
				if bad.status == http.StatusUnprocessableEntity && own.status == http.StatusSeeOther {
					x.own.put(before)
				}
				x.both("after the form "+f.action+", "+name, http.MethodGet, func(string, *browser) (string, url.Values) { return path, nil })
			}
		}
	}
}

// put saves what a form had before and reads what is said of that, so that a field
// that takes harmless text alone does not make the worlds differ.
func (b *browser) put(before form) {
	now, ok := b.again(before)
	if !ok {
		return
	}
	for name, values := range before.values {
		if name != "csrf" && !seenBy[name] {
			now.values[name] = values
		}
	}
	b.do(http.MethodPost, now.action, now.values)
	b.get(before.page)
}
