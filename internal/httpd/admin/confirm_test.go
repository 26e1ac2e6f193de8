package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// weighty says of each form about an account or a person whether it asks who it
// is, when the last answer is ten minutes old. One that is not here fails the test.
var weighty = map[string]bool{
	"POST /admin/account/confirm":               true,
	"POST /admin/account/authenticator":         true,
	"POST /admin/account/authenticator/codes":   true,
	"POST /admin/account/authenticator/remove":  true,
	"POST /admin/account/passkeys/remove":       true,
	"POST /admin/account/new-token":             true,
	"POST /admin/people/invite":                 true,
	"POST /admin/people/:user/role":             true,
	"POST /admin/people/:user/reset":            true,
	"POST /admin/people/:user/second-step":      true,
	"POST /admin/people/:user/remove":           true,
	"POST /admin/account/password":              false, // asks for the old one itself
	"POST /admin/account/passkeys/begin":        false, // says so to its script
	"POST /admin/account/passkeys":              false, // goes on with what begin allowed
	"POST /admin/account/authenticator/confirm": false, // goes on with what was begun
	"POST /admin/account/end-session":           false, // what ends access never waits
	"POST /admin/account/sign-out":              false,
	"POST /admin/account/revoke-token":          false,
	"POST /admin/people/:user/end-session":      false,
	"POST /admin/people/:user/end-sessions":     false,
	"POST /admin/people/:user/revoke-token":     false,
	"POST /admin/people/:user/remove-passkey":   false,
}

// settle gives a user the password of all again, and has her show just now who she
// is.
func (w *world) settle(name string) {
	w.t.Helper()
	u, err := w.store.User(w.t.Context(), name)
	if err != nil {
		w.t.Fatal(err)
	}
	if u.Password, err = userHash(); err != nil {
		w.t.Fatal(err)
	}
	for i := range u.Sessions {
		u.Sessions[i].Confirmed = w.clock()
	}
	if err := w.store.UpdateUser(w.t.Context(), u); err != nil {
		w.t.Fatal(err)
	}
}

const asksWho = "<h1>Confirm that it is you</h1>"

func TestWhatAsksWhoItIs(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.person("subject", optgate.Owner)
	for _, r := range w.echo.Routes() {
		name := r.Method + " " + r.Path
		if r.Method != http.MethodPost || !strings.HasPrefix(r.Path, "/admin/account") && !strings.HasPrefix(r.Path, "/admin/people") {
			continue
		}
		asks, ok := weighty[name]
		if !ok {
			t.Errorf("%s is not among those of which this test knows: say whether it asks who it is", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			w.pass(time.Minute)
			b := w.signedIn()
			csrf := b.token()
			w.pass(10*time.Minute - time.Second)
			path := strings.Replace(r.Path, ":user", "subject", 1)
			before := w.state()
			form := func() url.Values {
				return url.Values{"csrf": {csrf}, "token-name": {"kept <b>"}, "days": {"0"}, "role": {"king"}}
			}
			if p := b.do(http.MethodPost, "/admin/account/confirm", form()); p.status != http.StatusSeeOther {
				t.Errorf("just before ten minutes it is asked who it is, with status %d", p.status)
			}
			w.pass(time.Second)
			p := b.do(http.MethodPost, path, form())
			if got := strings.Contains(p.body, asksWho); got != asks {
				t.Fatalf("it asks: %t (status %d), want %t", got, p.status, asks)
			}
			if !asks {
				return
			}
			wantStatus(t, "asking", p, http.StatusForbidden)
			wantText(t, p, `<input type="hidden" name="token-name" value="kept &lt;b&gt;">`)
			wrong := form()
			wrong.Set("confirm-password", "wrong password")
			p = b.do(http.MethodPost, path, wrong)
			wantStatus(t, "a wrong password", p, http.StatusUnprocessableEntity)
			wantText(t, p, "Your password is not right.")
			wantText(t, p, `<input type="hidden" name="token-name" value="kept &lt;b&gt;">`)
			if strings.Contains(p.body, "wrong password") {
				t.Error("the page repeats the password")
			}
			if w.state() != before {
				t.Error("something changed before it was known who it is")
			}
			right := form()
			right.Set("confirm-password", userWord)
			if p := b.do(http.MethodPost, path, right); strings.Contains(p.body, asksWho) {
				t.Errorf("the right password is not enough: %s", p.body)
			}
			if p := b.do(http.MethodPost, "/admin/account/confirm", form()); strings.Contains(path, "account") && p.status != http.StatusSeeOther {
				t.Errorf("just after it, it is asked again (status %d)", p.status)
			}
		})
	}
}

func TestConfirm(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.person("vera", optgate.Viewer)
	b, mine, hers := w.signedIn(), newDevice(t), newDevice(t)
	wantStatus(t, "a passkey", b.register(mine), http.StatusSeeOther)
	vera := w.from("vera")
	vera.signIn("vera", userWord)
	wantStatus(t, "another's passkey", vera.register(hers), http.StatusSeeOther)
	b.post("/admin/people/vera/role", url.Values{"role": {"viewer"}})
	csrf := b.token()
	token := func(credential string) page {
		t.Helper()
		return b.do(http.MethodPost, "/admin/account/new-token", url.Values{
			"csrf": {csrf}, "token-name": {"export"}, "days": {"90"}, "scope": {"sites:read", "records:read"}, "credential": {credential},
		})
	}
	asked := func() asked { return askedOf(t, b.do(http.MethodPost, "/admin/sign-in/passkey/begin", nil)) }
	w.pass(time.Hour)
	wantText(t, b.get("/admin/account"), "Current password")
	p := b.do(http.MethodPost, "/admin/account/new-token", url.Values{"csrf": {csrf}, "scope": {"sites:read", "records:read"}})
	for _, want := range []string{asksWho, `name="scope" value="sites:read"`, `name="scope" value="records:read"`, "Confirm with a passkey"} {
		wantText(t, p, want)
	}
	wantStatus(t, "another's passkey", token(hers.get(asked())), http.StatusUnprocessableEntity)
	wantStatus(t, "no passkey's answer", token("{}"), http.StatusUnprocessableEntity)
	a := asked()
	w.pass(6 * time.Minute)
	wantStatus(t, "an answer that took too long", token(mine.get(a)), http.StatusUnprocessableEntity)
	answer := mine.get(asked())
	p = token(answer)
	wantStatus(t, "her passkey", p, http.StatusOK)
	if shownToken.FindStringSubmatch(p.body) == nil {
		t.Errorf("the form that was sent was not done:\n%s", p.body)
	}
	w.pass(10 * time.Minute)
	wantStatus(t, "the same answer again", token(answer), http.StatusUnprocessableEntity)

	other := w.from("other")
	other.signIn(userName, userWord)
	wantStatus(t, "this session, after a sign-in elsewhere", b.do(http.MethodPost, "/admin/account/new-token", url.Values{"csrf": {csrf}}), http.StatusForbidden)
	if audit := other.get("/admin/audit").body; !strings.Contains(audit, "confirm who it is") || !strings.Contains(audit, "with passkey") {
		t.Error("the audit log lacks the confirmation")
	}

	var last page
	for range 12 {
		last = b.do(http.MethodPost, "/admin/account/confirm", url.Values{"csrf": {csrf}, "confirm-password": {"wrong"}})
	}
	wantStatus(t, "the twelfth wrong password", last, http.StatusTooManyRequests)
}
