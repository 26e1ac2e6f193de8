package admin_test

import (
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/httpd/admin"
	"github.com/optgate/optgate/internal/optgate"
)

var shownLink = regexp.MustCompile(`<code id="link">https://optgate\.example(/admin/[^<]+)</code>`)

// linkOf returns the path of the link that a page shows.
func linkOf(t *testing.T, p page) string {
	t.Helper()
	m := shownLink.FindStringSubmatch(p.body)
	if m == nil {
		t.Fatalf("the page (status %d) shows no link:\n%s", p.status, p.body)
	}
	return m[1]
}

func TestInvitation(t *testing.T) {
	w := newWorld(t)
	w.user()
	owner := w.signedIn()
	path := linkOf(t, owner.post("/admin/people/invite", url.Values{"role": {"viewer"}}))
	if p := owner.get("/admin/people"); strings.Contains(p.body, path) {
		t.Error("the link is shown a second time")
	}
	bent := strings.Replace(path, "/viewer/", "/owner/", 1)
	wantStatus(t, "a viewer's link bent into an owner's", w.browser().do(http.MethodPost, bent, setupForm("eve")), http.StatusGone)

	b := w.browser()
	wantText(t, b.get(path), "You will be a viewer.")
	wantStatus(t, "a name that is taken", b.do(http.MethodPost, path, setupForm(userName)), http.StatusUnprocessableEntity)
	wantStatus(t, "accepting", b.do(http.MethodPost, path, setupForm("vera")), http.StatusSeeOther)
	wantText(t, b.get("/admin/account"), "a viewer")
	wantStatus(t, "accepting twice", w.browser().do(http.MethodPost, path, setupForm("eve")), http.StatusGone)

	late := linkOf(t, owner.post("/admin/people/invite", url.Values{"role": {"editor"}}))
	w.pass(7 * 24 * time.Hour)
	wantStatus(t, "after seven days", w.browser().get(late), http.StatusGone)
	if log := w.log(); strings.Contains(log, path[strings.LastIndex(path, "/")+1:]) {
		t.Errorf("the log tells the link's secret:\n%s", log)
	}
}

// TestPasswordReset is what an owner does when somebody forgot her password, or
// when somebody else has it.
func TestPasswordReset(t *testing.T) {
	const next = "another good password"
	w := newWorld(t)
	w.user()
	w.person("vera", optgate.Viewer)
	owner, vera, thief := w.signedIn(), w.browser(), w.browser()
	vera.signIn("vera", userWord)
	thief.signIn("vera", userWord)
	hers, his := newDevice(t), newDevice(t)
	wantStatus(t, "her passkey", vera.register(hers), http.StatusSeeOther)
	w.pass(time.Second)
	wantStatus(t, "the thief's passkey", thief.register(his), http.StatusSeeOther)
	w.enrol(thief)
	tokens := map[string]string{}
	for name, b := range map[string]*browser{"export": vera, "quiet": thief} {
		p := b.post("/admin/account/new-token", url.Values{"token-name": {name}, "days": {"90"}, "scope": {"sites:read"}})
		tokens[name] = shownToken.FindStringSubmatch(p.body)[1]
	}
	u, err := w.store.User(t.Context(), "vera")
	if err != nil || len(u.Passkeys) != 2 || len(u.Tokens) != 2 || u.Authenticator == nil {
		t.Fatalf("vera has %+v, %v", u, err)
	}
	form := owner.get("/admin/people/vera/reset")
	keep := url.Values{}
	for _, m := range regexp.MustCompile(`name="keep" value="([^"]+)"( checked)?`).FindAllStringSubmatch(form.body, -1) {
		if m[2] != "" {
			t.Errorf("%s is kept unless somebody says so", m[1])
		}
		if m[1] == "passkey "+hex.EncodeToString(u.Passkeys[0].ID) || m[1] == "token "+idOf(t, u.Tokens, "export") {
			keep.Add("keep", m[1])
		}
	}
	if len(keep["keep"]) != 2 {
		t.Fatalf("the form does not offer to keep what is hers:\n%s", form.body)
	}

	first := linkOf(t, owner.post("/admin/people/vera/reset", keep))
	wantStatus(t, "her session", vera.get("/admin/account"), http.StatusSeeOther)
	wantStatus(t, "the thief's session", thief.get("/admin/account"), http.StatusSeeOther)
	wantStatus(t, "the old password", w.from("a").signIn("vera", userWord), http.StatusUnprocessableEntity)
	wantStatus(t, "the thief's passkey", w.from("b").byPasskey(his), http.StatusUnprocessableEntity)
	wantStatus(t, "her passkey", w.from("c").byPasskey(hers), http.StatusSeeOther)
	for name, want := range map[string]bool{"export": true, "quiet": false} {
		if _, err := w.admin.Caller(t.Context(), tokens[name]); (err == nil) != want {
			t.Errorf("the token %s is good: %t, want %t", name, err == nil, want)
		}
	}
	wantText(t, owner.get("/admin/people"), "has to set a password")
	second := linkOf(t, owner.post("/admin/people/vera/reset", keep))

	b, words := w.browser(), url.Values{"password": {next}, "again": {next}}
	wantStatus(t, "the link before the last", b.get(first), http.StatusGone)
	wantStatus(t, "the link of another", b.get(strings.Replace(second, "/vera/", "/"+userName+"/", 1)), http.StatusGone)
	wantStatus(t, "the link of nobody", b.get(strings.Replace(second, "/vera/", "/nobody/", 1)), http.StatusGone)
	wantStatus(t, "two passwords", b.do(http.MethodPost, second, url.Values{"password": {next}, "again": {"x"}}), http.StatusUnprocessableEntity)
	wantStatus(t, "the reset", b.do(http.MethodPost, second, words), http.StatusSeeOther)
	wantStatus(t, "the link once more", b.do(http.MethodPost, second, words), http.StatusGone)
	wantStatus(t, "the old password, after it", w.from("d").signIn("vera", userWord), http.StatusUnprocessableEntity)
	wantStatus(t, "the new password", w.from("e").signIn("vera", next), http.StatusSeeOther)
	wantStatus(t, "an owner's own", owner.post("/admin/people/"+userName+"/reset", nil), http.StatusSeeOther)
	wantStatus(t, "who stays signed in", owner.get("/admin/people"), http.StatusOK)

	audit := owner.get("/admin/audit").body
	for _, want := range []string{"make a reset link", "2 sessions, passkey My key, API token quiet, second step", "Kept: passkey My key, API token export"} {
		if !strings.Contains(audit, want) {
			t.Errorf("the audit log lacks %q", want)
		}
	}
}

func idOf(t *testing.T, tokens []optgate.APIToken, name string) string {
	t.Helper()
	i := slices.IndexFunc(tokens, func(k optgate.APIToken) bool { return k.Name == name })
	if i < 0 {
		t.Fatalf("there is no token %s", name)
	}
	return tokens[i].ID
}

// TestAnOwnerEndsWhatLetsSomebodyIn ends one of each and sees that the others stay.
func TestAnOwnerEndsWhatLetsSomebodyIn(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.person("vera", optgate.Viewer)
	owner, one, two := w.signedIn(), w.from("one"), w.from("two")
	one.signIn("vera", userWord)
	two.signIn("vera", userWord)
	d := newDevice(t)
	one.register(d)
	for _, name := range []string{"export", "other"} {
		one.post("/admin/account/new-token", url.Values{"token-name": {name}, "days": {"90"}, "scope": {"sites:read"}})
	}
	u, err := w.store.User(t.Context(), "vera")
	if err != nil {
		t.Fatal(err)
	}
	page := owner.get("/admin/people/vera")
	for _, want := range []string{"export", "other", "My key", "by password", "used just now"} {
		wantText(t, page, want)
	}
	end := func(what, path string, form url.Values) {
		t.Helper()
		p := owner.post("/admin/people/vera"+path, form)
		wantStatus(t, what, p, http.StatusSeeOther)
		if got, want := p.header.Get("Location"), "/admin/people/vera"; got != want {
			t.Errorf("%s leads to %q, want %q", what, got, want)
		}
	}
	end("one session", "/end-session", url.Values{"session": {u.Sessions[0].ID}})
	wantStatus(t, "the browser whose session it was", one.get("/admin/account"), http.StatusSeeOther)
	wantStatus(t, "the other browser", two.get("/admin/account"), http.StatusOK)
	end("all sessions", "/end-sessions", nil)
	wantStatus(t, "the other browser", two.get("/admin/account"), http.StatusSeeOther)
	end("a token", "/revoke-token", url.Values{"token": {idOf(t, u.Tokens, "export")}})
	end("a passkey", "/remove-passkey", url.Values{"passkey": {hex.EncodeToString(u.Passkeys[0].ID)}})
	end("what is over", "/revoke-token", url.Values{"token": {"gone"}})
	wantText(t, owner.get("/admin/people/vera"), "That was over already.")
	if u, err = w.store.User(t.Context(), "vera"); err != nil || len(u.Sessions) != 0 || len(u.Passkeys) != 0 || len(u.Tokens) != 1 || u.Tokens[0].Name != "other" {
		t.Errorf("vera has %+v, %v; want the token other alone", u, err)
	}
	audit := owner.get("/admin/audit").body
	for _, want := range []string{"end a session of somebody", "end all sessions of somebody", "revoke an API token of somebody", "API token export", "remove a passkey of somebody", "passkey My key"} {
		if !strings.Contains(audit, want) {
			t.Errorf("the audit log lacks %q", want)
		}
	}
	wantStatus(t, "nobody's", owner.post("/admin/people/nobody/end-sessions", nil), http.StatusNotFound)
	mine := owner.post("/admin/people/"+userName+"/end-sessions", nil)
	wantStatus(t, "an owner's own", mine, http.StatusSeeOther)
	wantStatus(t, "who is signed out by that", owner.get("/admin/people"), http.StatusSeeOther)
}

func TestRoles(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.person("vera", optgate.Viewer)
	owner, vera := w.signedIn(), w.browser()
	vera.signIn("vera", userWord)

	p := owner.post("/admin/people/"+userName+"/role", url.Values{"role": {"viewer"}})
	wantStatus(t, "the last owner's role", p, http.StatusConflict)
	wantStatus(t, "the last owner's removal", owner.post("/admin/people/"+userName+"/remove", nil), http.StatusConflict)
	wantStatus(t, "an unknown role", owner.post("/admin/people/vera/role", url.Values{"role": {"king"}}), http.StatusUnprocessableEntity)

	wantStatus(t, "a viewer who looks at people", vera.get("/admin/people"), http.StatusForbidden)
	wantStatus(t, "a new role", owner.post("/admin/people/vera/role", url.Values{"role": {"owner"}}), http.StatusSeeOther)
	wantStatus(t, "the same session at once", vera.get("/admin/people"), http.StatusOK)
	wantStatus(t, "one of two owners", vera.post("/admin/people/"+userName+"/remove", nil), http.StatusSeeOther)
	wantStatus(t, "who was removed", owner.get("/admin/"), http.StatusSeeOther)
}

// A viewer sees the site and none of what changes it.
func TestViewerSeesNoControls(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.person("vera", optgate.Viewer)
	w.publish(shop())
	w.publish(func() *optgate.Config { c := shop(); c.Name = "Other"; return c }())
	vera := w.browser()
	vera.signIn("vera", userWord)
	for _, path := range []string{"/admin/", "/admin/sites/shop", "/admin/sites/shop/history/1"} {
		viewer, owner := vera.get(path), w.signedIn().get(path)
		wantStatus(t, path, viewer, http.StatusOK)
		for _, control := range []string{"/new-site", "/new-tag", "/new-service", "/categories/", "/roll-back", "/tags/", "/services/", "/admin/people"} {
			if strings.Contains(viewer.body, control) {
				t.Errorf("%s offers %s to a viewer", path, control)
			}
			if control == "/admin/people" && !strings.Contains(owner.body, control) {
				t.Errorf("%s does not offer %s to an owner", path, control)
			}
		}
	}
}

var shownToken = regexp.MustCompile(`<code id="token">(optgate_[^<]+)</code>`)

func TestAPIToken(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.person("audrey", optgate.Auditor)
	b := w.browser()
	b.signIn("audrey", userWord)
	form := func(name, days string, scopes ...string) url.Values {
		return url.Values{"token-name": {name}, "days": {days}, "scope": scopes}
	}
	for _, tt := range []struct {
		name, want string
		form       url.Values
	}{
		{"no name", "What it is for is 1 to 80 characters.", form("", "90", "records:read")},
		{"no scope", "What it may do needs at least one choice.", form("export", "90")},
		{"more than the role", "What it may do is at most what you may do.", form("export", "90", "users")},
		{"made up", "What it may do is at most what you may do.", form("export", "90", "everything")},
		{"for ever", "Good for is a number of days from 1 to 366.", form("export", "5000", "records:read")},
	} {
		p := b.post("/admin/account/new-token", tt.form)
		wantStatus(t, tt.name, p, http.StatusUnprocessableEntity)
		wantText(t, p, tt.want)
	}

	p := b.post("/admin/account/new-token", form("export", "90", "records:read", "sites:read"))
	m := shownToken.FindStringSubmatch(p.body)
	if m == nil {
		t.Fatalf("no token is shown:\n%s", p.body)
	}
	token := m[1]
	may := func(token string, permission optgate.Permission) bool {
		t.Helper()
		caller, err := w.admin.Caller(t.Context(), token)
		if errors.Is(err, admin.ErrBadToken) {
			return false
		}
		if err != nil {
			t.Fatal(err)
		}
		return caller.May(permission)
	}
	if !may(token, optgate.SeeRecords) || may(token, optgate.EditSites) {
		t.Error("the token grants something else than its scopes")
	}
	for _, bad := range []string{"", "optgate_", token + "x", token[:len(token)-1], strings.Replace(token, "optgate_", "", 1), "optgate_bm9ib2R5.AAAA"} {
		if may(bad, optgate.SeeRecords) {
			t.Errorf("%q is taken for a token", bad)
		}
	}
	if strings.Contains(w.log()+b.get("/admin/account").body, token) {
		t.Error("the token is told a second time")
	}
	u, err := w.store.User(t.Context(), "audrey")
	if err != nil || len(u.Tokens) != 1 {
		t.Fatalf("the user has the tokens %v, %v; want one", u.Tokens, err)
	}
	u.Role = optgate.Viewer
	if err := w.store.UpdateUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	if may(token, optgate.SeeRecords) {
		t.Error("the token outlives the role that it was made in")
	}
	if !may(token, optgate.SeeSites) {
		t.Error("the token lost what the role still has")
	}
	w.pass(90 * 24 * time.Hour)
	if may(token, optgate.SeeSites) {
		t.Error("the token is good after its end")
	}
	b.signIn("audrey", userWord)
	b.post("/admin/account/revoke-token", url.Values{"token": {u.Tokens[0].ID}})
	if u, err := w.store.User(t.Context(), "audrey"); err != nil || len(u.Tokens) != 0 {
		t.Errorf("after revocation the user has %v, %v", u.Tokens, err)
	}
}

// Every role stands there with what it is for, and none of it is cut off as in a
// list that opens.
func TestRolesAreExplained(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.person("vera", optgate.Auditor)
	b := w.signedIn()
	invite, person := b.get("/admin/people"), b.get("/admin/people/vera")
	for _, p := range []page{invite, person} {
		wantNoText(t, p, "<select")
		for _, role := range optgate.Roles {
			wantText(t, p, `<input type="radio" name="role" value="`+string(role)+`"`)
		}
		wantTexts(t, p, "Everything, people included", "Sees sites, numbers and records; changes nothing")
	}
	wantText(t, invite, `value="viewer" checked`)
	wantText(t, person, `value="auditor" checked`)
}
