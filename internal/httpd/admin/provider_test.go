package admin_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/provider"
	"github.com/optgate/optgate/internal/testkit/openid"
)

// signOn gives the world a real provider.
func (w *world) signOn() *openid.Provider {
	w.t.Helper()
	p := openid.Start(w.t, "https://optgate.example/admin/sign-in/provider/back")
	w.admin.Provider = provider.New(provider.Options{
		Issuer: p.Issuer, ClientID: openid.ClientID, Secret: openid.Secret, Name: "The Directory", Scopes: []string{"openid", "profile", "email"},
		Claim: "groups", Now: time.Now, // the provider's clock is the true one
		Roles: []provider.Mapping{{Value: "admins", Role: optgate.Owner}, {Value: "staff", Role: optgate.Viewer}},
	})
	return p
}

var authRequest = regexp.MustCompile(`name="id" value="([^"]+)"`)

// there signs somebody in at the provider, at the address that a browser was sent
// to, and returns the path that it is sent back to.
func (w *world) there(address, name string) string {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host == "optgate.example" {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	get := func(resp *http.Response, err error) (*http.Response, string) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			w.t.Fatal(err)
		}
		return resp, string(body)
	}
	resp, body := get(client.Get(address))
	m := authRequest.FindStringSubmatch(body)
	if m == nil {
		w.t.Fatalf("the provider (status %d) shows no form: %s", resp.StatusCode, body)
	}
	resp, body = get(client.PostForm("http://"+resp.Request.URL.Host+"/login/username", url.Values{"username": {name}, "password": {openid.Password}, "id": {m[1]}}))
	back, err := resp.Location()
	if err != nil || back.Host != "optgate.example" {
		w.t.Fatalf("the provider (status %d) sends nobody back: %s", resp.StatusCode, body)
	}
	return back.RequestURI()
}

// sent begins a sign-in and returns where the browser is sent to.
func (b *browser) sent(next string) string {
	b.w.t.Helper()
	p := b.get("/admin/sign-in/provider?next=" + url.QueryEscape(next))
	wantStatus(b.w.t, "the way to the provider", p, http.StatusSeeOther)
	return p.header.Get("Location")
}

// signOn goes all the way.
func (b *browser) signOn(name, next string) page {
	b.w.t.Helper()
	return b.get(b.w.there(b.sent(next), name))
}

func TestSingleSignOn(t *testing.T) {
	w := newWorld(t)
	w.user()
	directory := w.signOn()
	b := w.from("anna")
	wantText(t, b.get("/admin/sign-in?next=/admin/account"), `href="/admin/sign-in/provider?next=%2Fadmin%2Faccount">Sign in with The Directory`)

	p := b.signOn("anna", "")
	wantStatus(t, "who has no group", p, http.StatusForbidden)
	wantText(t, p, "You have no role here")
	if got := w.users(); len(got) != 1 {
		t.Errorf("there are users %v, want the one of before", got)
	}

	directory.SetGroups(openid.Anna, "guests", "staff")
	p = b.signOn("anna", "/admin/account")
	if to := p.header.Get("Location"); p.status != http.StatusSeeOther || to != "/admin/account" {
		t.Fatalf("it leads to %d %s, want the page that was asked for: %s", p.status, to, w.log())
	}
	p = b.get("/admin/account")
	wantText(t, p, "You sign in by "+directory.Issuer)
	wantText(t, p, "by single sign-on")
	if strings.Contains(p.body, `type="password"`) {
		t.Error("the account asks somebody for a password who has none")
	}
	wantStatus(t, "a viewer's look at people", b.get("/admin/people"), http.StatusForbidden)

	directory.SetGroups(openid.Anna, "staff", "admins")
	wantStatus(t, "the next sign-in", b.signOn("anna", ""), http.StatusSeeOther)
	wantStatus(t, "an owner's look at people", b.get("/admin/people"), http.StatusOK)
	other := w.from("other")
	wantStatus(t, "another browser", other.signOn("anna", ""), http.StatusSeeOther)

	directory.SetGroups(openid.Anna)
	wantStatus(t, "once out of the group", other.signOn("anna", ""), http.StatusForbidden)
	wantSignedIn(t, "where she was signed in before", b, false)
	audit := w.signedIn().get("/admin/audit").body
	for _, want := range []string{"sign in for the first time", "with single sign-on", "the provider says so", "lose access"} {
		if !strings.Contains(audit, want) {
			t.Errorf("the audit log lacks %q", want)
		}
	}
	if log := w.log(); strings.Contains(log, openid.Secret) || strings.Contains(log, "code=") {
		t.Errorf("the log tells a secret:\n%s", log)
	}
}

// Whoever chooses a name at the provider becomes nobody else by it.
func TestSingleSignOnMixesNobodyUp(t *testing.T) {
	w := newWorld(t)
	w.user() // mara, by a password
	directory := w.signOn()
	directory.SetGroups(openid.Mara, "staff")
	b := w.from("b")
	wantStatus(t, "another mara", b.signOn("mara", ""), http.StatusSeeOther)
	wantText(t, b.get("/admin/account"), "mara-2")
	wantStatus(t, "her again", b.signOn("mara", ""), http.StatusSeeOther)
	if got, want := strings.Join(w.users(), ", "), "mara owner, mara-2 viewer"; got != want {
		t.Errorf("there are %s, want %s", got, want)
	}

	for _, word := range []string{"", userWord} {
		wantStatus(t, "the name with a password", w.from("x"+word).signIn("mara-2", word), http.StatusUnprocessableEntity)
	}
	owner := w.signedIn()
	wantText(t, owner.get("/admin/people/mara-2"), "as the provider says at each sign-in")
	wantStatus(t, "a reset link for her", owner.post("/admin/people/mara-2/reset", nil), http.StatusConflict)
	wantStatus(t, "another role for her", owner.post("/admin/people/mara-2/role", url.Values{"role": {"owner"}}), http.StatusConflict)
	wantStatus(t, "a second step of hers", b.post("/admin/account/authenticator", nil), http.StatusConflict)
	wantStatus(t, "a passkey of hers", b.post("/admin/account/passkeys/begin", url.Values{"passkey-name": {"x"}}), http.StatusConflict)
	wantStatus(t, "a password of hers", b.post("/admin/account/password", url.Values{"old": {""}, "password": {userWord}, "again": {userWord}}), http.StatusConflict)
}

// What one browser brings back is worth nothing in another.
func TestSingleSignOnIsBound(t *testing.T) {
	w := newWorld(t)
	w.user()
	directory := w.signOn()
	directory.SetGroups(openid.Anna, "staff")
	directory.SetGroups(openid.Mara, "admins")
	refused := func(what string, b *browser, path string) {
		t.Helper()
		wantStatus(t, what, b.get(path), http.StatusUnprocessableEntity)
		wantSignedIn(t, what, b, false)
	}
	anna, mara := w.from("anna"), w.from("mara")
	back := w.there(anna.sent(""), "anna")
	refused("a browser that was not sent there", w.from("x"), back)
	mara.sent("")
	refused("another's answer, as a page that she is led to", mara, back)

	// Her code with his state: PKCE and the nonce are another's.
	u, err := url.Parse(back)
	if err != nil {
		t.Fatal(err)
	}
	to, err := url.Parse(mara.sent(""))
	if err != nil {
		t.Fatal(err)
	}
	stolen := url.Values{"code": {u.Query().Get("code")}, "state": {to.Query().Get("state")}}
	refused("a stolen code", mara, u.Path+"?"+stolen.Encode())

	forged := w.from("forged")
	u, err = url.Parse(w.there(forged.sent(""), "anna"))
	if err != nil {
		t.Fatal(err)
	}
	refused("her own code with a made-up state", forged, u.Path+"?"+url.Values{"code": u.Query()["code"], "state": {"x"}}.Encode())
	refused("her own code without a state", forged, u.Path+"?"+url.Values{"code": u.Query()["code"]}.Encode())

	late := w.from("late")
	back = w.there(late.sent(""), "anna")
	w.pass(10 * time.Minute)
	refused("ten minutes later", late, back)

	again := w.from("again")
	back = w.there(again.sent(""), "anna")
	state := again.cookie("og_admin_provider").Value
	wantStatus(t, "an answer", again.get(back), http.StatusSeeOther)
	thief := w.from("thief")
	thief.setCookie("og_admin_provider", state)
	refused("answer and state a second time", thief, back)

	// A session from before is not the one after.
	fixed := w.from("fixed")
	fixed.signIn(userName, userWord)
	before := fixed.cookie("og_admin").Value
	wantStatus(t, "signing in over a session", fixed.signOn("anna", ""), http.StatusSeeOther)
	if fixed.cookie("og_admin").Value == before {
		t.Error("the session is the one of before")
	}

	for _, next := range []string{"https://evil.example/", "//evil.example/", `/admin/\evil.example`, "/admin/../x"} {
		w.pass(time.Minute)
		p := w.from(next).signOn("anna", next)
		if got := p.header.Get("Location"); got != "/admin/" {
			t.Errorf("next %q leads to %q, want /admin/", next, got)
		}
	}
}

func TestSingleSignOnWhileTheProviderIsDown(t *testing.T) {
	w := newWorld(t)
	w.user()
	directory := w.signOn()
	directory.SetGroups(openid.Anna, "staff")
	b := w.from("b")
	back := w.there(b.sent(""), "anna")
	directory.Stop()
	p := b.get(back)
	wantStatus(t, "coming back", p, http.StatusServiceUnavailable)
	wantText(t, p, "The Directory does not answer")

	fresh := provider.New(provider.Options{Issuer: directory.Issuer, ClientID: "x", Name: "The Directory", Claim: "groups", Now: time.Now})
	w.admin.Provider = fresh
	p = b.get("/admin/sign-in/provider")
	wantStatus(t, "going there", p, http.StatusServiceUnavailable)
	wantText(t, p, "Who has a password")
	wantText(t, b.get("/admin/sign-in"), "Sign in with The Directory")
	wantStatus(t, "the password, meanwhile", b.signIn(userName, userWord), http.StatusSeeOther)
}
