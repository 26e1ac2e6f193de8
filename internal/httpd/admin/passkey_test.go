package admin_test

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// register adds the device's passkey to the account of whom b is signed in as.
func (b *browser) register(d *device) page {
	b.w.t.Helper()
	p := b.post("/admin/account/passkeys/begin", url.Values{"passkey-name": {"My key"}})
	a := askedOf(b.w.t, p)
	b.w.pass(time.Second)
	return b.post("/admin/account/passkeys", url.Values{"credential": {d.create(a)}})
}

// byPasskey signs in with what the device answers to what is asked.
func (b *browser) byPasskey(d *device) page {
	b.w.t.Helper()
	a := askedOf(b.w.t, b.do(http.MethodPost, "/admin/sign-in/passkey/begin", nil))
	return b.answer(d.get(a))
}

// answer sends a passkey's answer.
func (b *browser) answer(credential string) page {
	b.w.t.Helper()
	return b.do(http.MethodPost, "/admin/sign-in/passkey", url.Values{"credential": {credential}, "next": {"/admin/people"}})
}

func TestPasskey(t *testing.T) {
	w := newWorld(t)
	w.user()
	b, d := w.signedIn(), newDevice(t)
	w.enrol(b) // a passkey asks for no code
	a := askedOf(t, b.post("/admin/account/passkeys/begin", url.Values{"passkey-name": {"My key"}}))
	if s := a.PublicKey.AuthenticatorSelection; s.ResidentKey != "required" || s.UserVerification != "required" || a.PublicKey.RP.ID != "optgate.example" {
		t.Errorf("asked for %+v", a.PublicKey)
	}
	if strings.Contains(a.PublicKey.User.ID, userName) {
		t.Error("the device is told the user's name as her id")
	}
	wantStatus(t, "a new passkey", b.register(d), http.StatusSeeOther)
	wantText(t, b.get("/admin/account"), "My key")

	x := w.from("x")
	a = askedOf(t, x.do(http.MethodPost, "/admin/sign-in/passkey/begin", nil))
	if a.PublicKey.UserVerification != "required" || a.PublicKey.RPID != "optgate.example" {
		t.Errorf("asked for %+v", a.PublicKey)
	}
	p := x.answer(d.get(a))
	if to := p.header.Get("Location"); p.status != http.StatusSeeOther || to != "/admin/people" {
		t.Fatalf("the passkey leads to %d %s: %s", p.status, to, w.log())
	}
	wantText(t, x.get("/admin/account"), "by passkey")

	u, err := w.store.User(t.Context(), userName)
	if err != nil || len(u.Passkeys) != 1 || u.Passkeys[0].Count != 1 {
		t.Fatalf("the user has the passkeys %+v, %v", u.Passkeys, err)
	}
	wantStatus(t, "removing it", x.post("/admin/account/passkeys/remove", url.Values{"passkey": {hex.EncodeToString(u.Passkeys[0].ID)}}), http.StatusSeeOther)
	w.pass(time.Second)
	wantStatus(t, "a removed passkey", w.from("y").byPasskey(d), http.StatusUnprocessableEntity)
	audit := x.get("/admin/audit").body
	for _, want := range []string{"add a passkey", "remove a passkey", "with passkey", "My key"} {
		if !strings.Contains(audit, want) {
			t.Errorf("the audit log lacks %q", want)
		}
	}
}

// TestPasskeyRefuses has a lie for each thing that is checked at sign-in.
func TestPasskeyRefuses(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.person("vera", optgate.Viewer)
	good, hers := newDevice(t), newDevice(t)
	wantStatus(t, "a new passkey", w.signedIn().register(good), http.StatusSeeOther)
	vera := w.browser()
	vera.signIn("vera", userWord)
	wantStatus(t, "vera's passkey", vera.register(hers), http.StatusSeeOther)

	for _, tt := range []struct {
		name string
		lie  func(*device)
		want int
	}{
		{"nothing", func(*device) {}, http.StatusSeeOther},
		{"another origin", func(d *device) { d.origin = "https://evil.example" }, http.StatusUnprocessableEntity},
		{"a subdomain", func(d *device) { d.origin = "https://x.optgate.example" }, http.StatusUnprocessableEntity},
		{"plain http", func(d *device) { d.origin = "http://optgate.example" }, http.StatusUnprocessableEntity},
		{"another port", func(d *device) { d.origin = "https://optgate.example:8443" }, http.StatusUnprocessableEntity},
		{"another party", func(d *device) { d.rp = "evil.example" }, http.StatusUnprocessableEntity},
		{"nobody verified", func(d *device) { d.flags = userPresent }, http.StatusUnprocessableEntity},
		{"nobody present", func(d *device) { d.flags = userVerified }, http.StatusUnprocessableEntity},
		{"another key", func(d *device) { d.key = hers.key }, http.StatusUnprocessableEntity},
		{"another user", func(d *device) { d.handle = hers.handle }, http.StatusUnprocessableEntity},
		{"another's passkey for her", func(d *device) { d.key, d.id = hers.key, hers.id }, http.StatusUnprocessableEntity},
		{"nobody's", func(d *device) { d.handle = []byte("nobody") }, http.StatusUnprocessableEntity},
		{"no handle", func(d *device) { d.handle = nil }, http.StatusUnprocessableEntity},
		{"a count that goes back", func(d *device) { d.count = 0 }, http.StatusUnprocessableEntity},
		{"a device that became synced", func(d *device) { d.flags |= 8 }, http.StatusUnprocessableEntity},
		{"nothing, again", func(*device) {}, http.StatusSeeOther},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.pass(10 * time.Second)
			liar := *good
			tt.lie(&liar)
			b := w.from(tt.name)
			wantStatus(t, tt.name, b.byPasskey(&liar), tt.want)
			wantSignedIn(t, tt.name, b, tt.want == http.StatusSeeOther)
			if tt.want == http.StatusSeeOther {
				good.count = liar.count
			}
		})
	}
}

func TestPasskeyAnswersOnce(t *testing.T) {
	w := newWorld(t)
	w.user()
	b := w.signedIn()
	synced := newDevice(t) // such do not count
	synced.flags |= 8
	wantStatus(t, "a synced passkey", b.register(synced), http.StatusSeeOther)
	w.pass(time.Second)

	x := w.from("x")
	a := askedOf(t, x.do(http.MethodPost, "/admin/sign-in/passkey/begin", nil))
	state := x.cookie("og_admin_passkey").Value
	synced.count = ^uint32(0) // 0 with the next signature
	first := synced.get(a)
	thief := w.from("thief")
	wantStatus(t, "an answer without the browser's state", thief.answer(first), http.StatusUnprocessableEntity)
	thief.do(http.MethodPost, "/admin/sign-in/passkey/begin", nil)
	wantStatus(t, "an answer to another browser's challenge", thief.answer(first), http.StatusUnprocessableEntity)
	wantStatus(t, "the answer", x.answer(first), http.StatusSeeOther)
	thief.setCookie("og_admin_passkey", state)
	wantStatus(t, "state and answer a second time", thief.answer(first), http.StatusUnprocessableEntity)
	wantSignedIn(t, "who took them", thief, false)

	y := w.from("y")
	a = askedOf(t, y.do(http.MethodPost, "/admin/sign-in/passkey/begin", nil))
	synced.count = ^uint32(0)
	late := synced.get(a)
	w.pass(5 * time.Minute)
	wantStatus(t, "an answer after five minutes", y.answer(late), http.StatusUnprocessableEntity)
	for _, junk := range []string{"", "{}", "null", "[", strings.Replace(late, "public-key", "password", 1)} {
		y.do(http.MethodPost, "/admin/sign-in/passkey/begin", nil)
		wantStatus(t, "junk", y.answer(junk), http.StatusUnprocessableEntity)
	}
}

func TestNewPasskeyRefuses(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.person("vera", optgate.Viewer)
	b := w.signedIn()
	form := func(name string) url.Values { return url.Values{"passkey-name": {name}} }
	for _, tt := range []struct {
		name, want string
		form       url.Values
	}{
		{"no name", "1 to 60 characters", form(" ")},
		{"a long name", "1 to 60 characters", form(strings.Repeat("ä", 61))},
	} {
		p := b.post("/admin/account/passkeys/begin", tt.form)
		wantStatus(t, tt.name, p, http.StatusUnprocessableEntity)
		wantText(t, p, tt.want)
	}
	wantStatus(t, "without a script", b.post("/admin/account/passkeys", form("key")), http.StatusUnprocessableEntity)
	for _, tt := range []struct {
		name string
		lie  func(*device)
	}{
		{"another origin", func(d *device) { d.origin = "https://evil.example" }},
		{"another party", func(d *device) { d.rp = "evil.example" }},
		{"nobody verified", func(d *device) { d.flags = userPresent }},
	} {
		w.pass(10 * time.Second)
		liar := newDevice(t)
		tt.lie(liar)
		wantStatus(t, tt.name, b.register(liar), http.StatusUnprocessableEntity)
	}

	// What one session began, another does not end, nor another user's.
	begin := func() string {
		w.pass(10 * time.Second)
		return newDevice(t).create(askedOf(t, b.post("/admin/account/passkeys/begin", form("key"))))
	}
	answer := begin()
	vera := w.from("vera")
	vera.signIn("vera", userWord)
	vera.setCookie("og_admin_new_passkey", b.cookie("og_admin_new_passkey").Value)
	wantStatus(t, "another user's", vera.post("/admin/account/passkeys", url.Values{"credential": {answer}}), http.StatusUnprocessableEntity)
	answer = begin()
	w.pass(5 * time.Minute)
	wantStatus(t, "after five minutes", b.post("/admin/account/passkeys", url.Values{"credential": {answer}}), http.StatusUnprocessableEntity)
	w.pass(5 * time.Minute)
	p := b.post("/admin/account/passkeys/begin", form("key"))
	wantStatus(t, "ten minutes after the sign-in", p, http.StatusForbidden)
	wantText(t, p, "Ten minutes are over")
	b.signIn(userName, userWord)
	vera.signIn("vera", userWord)

	d := newDevice(t)
	wantStatus(t, "a good one", b.register(d), http.StatusSeeOther)
	w.pass(10 * time.Second)
	wantStatus(t, "it again", b.register(d), http.StatusUnprocessableEntity)
	wantStatus(t, "it for another", vera.register(d), http.StatusUnprocessableEntity)
}

func TestNameOfAPasskeyIsText(t *testing.T) {
	w := newWorld(t)
	w.user()
	b := w.signedIn()
	name := `"><script>alert(1)</script><img src=x onerror=x>`
	a := askedOf(t, b.post("/admin/account/passkeys/begin", url.Values{"passkey-name": {name}}))
	wantStatus(t, "a new passkey", b.post("/admin/account/passkeys", url.Values{"credential": {newDevice(t).create(a)}}), http.StatusSeeOther)
	for _, path := range []string{"/admin/account", "/admin/account", "/admin/audit"} { // the first with the message
		p := b.get(path)
		wantText(t, p, "&lt;script&gt;")
		wantOwnScriptsOnly(t, p)
	}
}

func TestAnOwnerRemovesPasskeys(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.person("vera", optgate.Viewer)
	owner, vera, d := w.signedIn(), w.from("vera"), newDevice(t)
	vera.signIn("vera", userWord)
	wantStatus(t, "a new passkey", vera.register(d), http.StatusSeeOther)
	wantText(t, owner.get("/admin/people"), "1 passkey")
	wantStatus(t, "removing it", owner.post("/admin/people/vera/second-step", nil), http.StatusSeeOther)
	wantStatus(t, "signing in by it", w.from("x").byPasskey(d), http.StatusUnprocessableEntity)
}
