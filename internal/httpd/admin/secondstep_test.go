package admin_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/totp"
)

var (
	shownKey   = regexp.MustCompile(`<code id="key">([A-Z2-7 ]+)</code>`)
	shownCodes = regexp.MustCompile(`<code id="codes">([A-Z2-7\n-]+)</code>`)
)

// enrolled is a user whose sign-in has a second step.
type enrolled struct {
	w      *world
	secret string
	codes  []string // recovery codes
}

// enrol sets up a second step for whom b is signed in as.
func (w *world) enrol(b *browser) enrolled {
	w.t.Helper()
	p := b.post("/admin/account/authenticator", nil)
	m := shownKey.FindStringSubmatch(p.body)
	if m == nil {
		w.t.Fatalf("no key is shown (status %d):\n%s", p.status, p.body)
	}
	e := enrolled{w: w, secret: strings.ReplaceAll(m[1], " ", "")}
	p = b.post("/admin/account/authenticator/confirm", url.Values{"code": {e.code()}})
	m = shownCodes.FindStringSubmatch(p.body)
	if m == nil {
		w.t.Fatalf("no recovery codes are shown (status %d):\n%s", p.status, p.body)
	}
	e.codes = strings.Split(m[1], "\n")
	w.pass(30 * time.Second) // to the next code
	return e
}

// code returns what the app shows now.
func (e enrolled) code() string {
	e.w.t.Helper()
	code, err := totp.Code(e.secret, e.w.clock())
	if err != nil {
		e.w.t.Fatal(err)
	}
	return code
}

// second sends the second step.
func (b *browser) second(field, code string) page {
	b.w.t.Helper()
	return b.do(http.MethodPost, "/admin/sign-in/code", url.Values{field: {code}})
}

// from returns a new browser at an address of its own.
func (w *world) from(client string) *browser {
	b := w.browser()
	b.header.Set("X-Test-Client", client)
	return b
}

// wantSignedIn checks whether a browser has a session.
func wantSignedIn(t *testing.T, what string, b *browser, want bool) {
	t.Helper()
	if got := b.get("/admin/account").status == http.StatusOK; got != want {
		t.Errorf("%s: signed in is %t, want %t", what, got, want)
	}
}

func TestSecondStep(t *testing.T) {
	w := newWorld(t)
	w.user()
	e := w.enrol(w.signedIn())
	if len(e.codes) != 10 {
		t.Errorf("got %d recovery codes, want 10", len(e.codes))
	}

	b := w.from("b")
	p := b.do(http.MethodPost, "/admin/sign-in", url.Values{"name": {userName}, "password": {userWord}, "next": {"/admin/people"}})
	if to := p.header.Get("Location"); p.status != http.StatusSeeOther || to != "/admin/sign-in/code" {
		t.Errorf("the password leads to %d %s, want the second step", p.status, to)
	}
	wantSignedIn(t, "after the password alone", b, false)
	wantText(t, b.get("/admin/sign-in/code"), "<h1>Second step</h1>")
	wantStatus(t, "a wrong code", b.second("code", "000000"), http.StatusUnprocessableEntity)
	wantSignedIn(t, "after a wrong code", b, false)
	code := e.code()
	p = b.second("code", code[:3]+" "+code[3:])
	if to := p.header.Get("Location"); p.status != http.StatusSeeOther || to != "/admin/people" {
		t.Errorf("the code leads to %d %s, want the page that was asked for", p.status, to)
	}
	wantText(t, b.get("/admin/account"), "by password and code")

	other := w.from("other")
	other.signIn(userName, userWord)
	wantStatus(t, "the same code a second time", other.second("code", code), http.StatusUnprocessableEntity)
	w.pass(30 * time.Second)
	wantStatus(t, "it again, while it is still good by the clock", other.second("code", code), http.StatusUnprocessableEntity)
	wantStatus(t, "the next code", other.second("code", e.code()), http.StatusSeeOther)
}

// Of many who send one code at the same moment, one gets in.
func TestOneCodeAtOnce(t *testing.T) {
	w := newWorld(t)
	w.user()
	e := w.enrol(w.signedIn())
	code := e.code()
	var group sync.WaitGroup
	got := make(chan int, 8)
	for i := range cap(got) {
		b := w.from(strconv.Itoa(i))
		b.signIn(userName, userWord)
		field, secret := "code", code
		if i%2 == 1 {
			field, secret = "recovery", e.codes[0]
		}
		group.Go(func() { got <- b.second(field, secret).status })
	}
	group.Wait()
	close(got)
	in := 0
	for status := range got {
		if status == http.StatusSeeOther {
			in++
		}
	}
	if in != 2 {
		t.Errorf("%d got in by one code and one recovery code, want 2", in)
	}
}

func TestRecoveryCodes(t *testing.T) {
	w := newWorld(t)
	w.user()
	e := w.enrol(w.signedIn())
	b := w.from("b")
	b.signIn(userName, userWord)
	wantStatus(t, "a made-up recovery code", b.second("recovery", "AAAA-BBBB-CCCC-DDDD"), http.StatusUnprocessableEntity)
	wantStatus(t, "a recovery code", b.second("recovery", strings.ToLower(strings.ReplaceAll(e.codes[3], "-", " "))), http.StatusSeeOther)
	wantText(t, b.get("/admin/account"), "9 recovery codes left")
	again := w.from("again")
	again.signIn(userName, userWord)
	wantStatus(t, "it a second time", again.second("recovery", e.codes[3]), http.StatusUnprocessableEntity)

	m := shownCodes.FindStringSubmatch(b.post("/admin/account/authenticator/codes", nil).body)
	if m == nil {
		t.Fatal("no new codes are shown")
	}
	wantStatus(t, "an old code after there are new ones", again.second("recovery", e.codes[4]), http.StatusUnprocessableEntity)
	wantStatus(t, "a new one", again.second("recovery", strings.Split(m[1], "\n")[0]), http.StatusSeeOther)

	u, err := w.store.User(t.Context(), userName)
	if err != nil {
		t.Fatal(err)
	}
	kept := u.Authenticator.Secret + strings.Join(u.Authenticator.Recovery, " ")
	for _, secret := range append(e.codes, e.secret) {
		if bare := strings.ReplaceAll(secret, "-", ""); strings.Contains(kept, secret) || strings.Contains(kept, bare) || strings.Contains(w.log(), bare) {
			t.Errorf("%s is kept or logged as it is", secret)
		}
	}
}

// What one browser or one user was given is worth nothing in another's hands.
func TestSecondStepIsBound(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.person("vera", optgate.Viewer)
	e := w.enrol(w.signedIn())
	vera := w.from("vera")
	vera.signIn("vera", userWord)
	v := w.enrol(vera)

	b := w.from("b")
	b.signIn(userName, userWord)
	wantStatus(t, "another user's code", b.second("code", v.code()), http.StatusUnprocessableEntity)
	wantStatus(t, "another user's recovery code", b.second("recovery", v.codes[0]), http.StatusUnprocessableEntity)
	state := b.cookie("og_admin_step").Value

	b.setCookie("og_admin", state)
	wantSignedIn(t, "the first step's state as a session", b, false)

	forged := w.from("forged")
	forged.setCookie("og_admin_step", state[:len(state)-8]+"AAAAAAAA")
	wantStatus(t, "a forged state", forged.second("code", e.code()), http.StatusSeeOther)
	wantSignedIn(t, "a forged state", forged, false)

	late := w.from("late")
	late.setCookie("og_admin_step", state)
	w.pass(5 * time.Minute)
	late.second("code", e.code())
	wantSignedIn(t, "five minutes later", late, false)

	// Another user's secret put in the place of hers, as somebody who can write to
	// the store but has not the keys would.
	mine, err := w.store.User(t.Context(), userName)
	if err != nil {
		t.Fatal(err)
	}
	hers, err := w.store.User(t.Context(), "vera")
	if err != nil {
		t.Fatal(err)
	}
	mine.Authenticator.Secret = hers.Authenticator.Secret
	if err := w.store.UpdateUser(t.Context(), mine); err != nil {
		t.Fatal(err)
	}
	swapped := w.from("swapped")
	swapped.signIn(userName, userWord)
	swapped.second("code", v.code())
	wantSignedIn(t, "by a secret sealed for another", swapped, false)
}

// A new password ends what the old one began.
func TestNewPasswordEndsTheFirstStep(t *testing.T) {
	w := newWorld(t)
	w.user()
	home := w.signedIn()
	e := w.enrol(home)
	thief := w.from("thief")
	thief.signIn(userName, userWord)
	next := "another good password"
	wantStatus(t, "a new password", home.post("/admin/account/password", url.Values{"old": {userWord}, "password": {next}, "again": {next}}), http.StatusSeeOther)
	thief.second("code", e.code())
	wantSignedIn(t, "who began by the old password", thief, false)
}

func TestSecondStepIsSlowed(t *testing.T) {
	w := newWorld(t)
	w.user()
	known := w.signedIn()
	e := w.enrol(known)
	known.header.Set("X-Test-Client", "home")
	var p page
	for i := range 6 {
		b := w.from("botnet " + strconv.Itoa(i))
		b.signIn(userName, userWord)
		p = b.second("code", "000000")
	}
	wantStatus(t, "the sixth guess from anywhere", p, http.StatusTooManyRequests)

	other := w.from("cafe")
	other.signIn(userName, userWord)
	wantStatus(t, "the right code from a new browser, meanwhile", other.second("code", e.code()), http.StatusTooManyRequests)
	wantStatus(t, "a recovery code from there", other.second("recovery", e.codes[0]), http.StatusSeeOther)
	known.signIn(userName, userWord)
	wantStatus(t, "the right code from a browser that signed in before", known.second("code", e.code()), http.StatusSeeOther)
}

func TestEnrolling(t *testing.T) {
	w := newWorld(t)
	w.user()
	b := w.signedIn()
	wantStatus(t, "confirming what was not begun", b.post("/admin/account/authenticator/confirm", url.Values{"code": {"000000"}}), http.StatusUnprocessableEntity)
	p := b.post("/admin/account/authenticator", nil)
	wantText(t, p, `aria-label="The key as a QR code"`)
	key := shownKey.FindStringSubmatch(p.body)
	p = b.post("/admin/account/authenticator/confirm", url.Values{"code": {"000000"}})
	wantStatus(t, "a wrong code", p, http.StatusUnprocessableEntity)
	if again := shownKey.FindStringSubmatch(p.body); key == nil || again == nil || again[1] != key[1] {
		t.Error("after a wrong code another key is shown")
	}
	wantStatus(t, "signing in, before it is confirmed", w.from("x").signIn(userName, userWord), http.StatusSeeOther)

	// What one session began, another cannot confirm.
	other := w.signedIn()
	other.setCookie("og_admin_enrol", b.cookie("og_admin_enrol").Value)
	code, err := totp.Code(strings.ReplaceAll(key[1], " ", ""), w.clock())
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, "confirming in another session", other.post("/admin/account/authenticator/confirm", url.Values{"code": {code}}), http.StatusUnprocessableEntity)
	state := b.cookie("og_admin_enrol").Value
	wantStatus(t, "confirming", b.post("/admin/account/authenticator/confirm", url.Values{"code": {code}}), http.StatusOK)
	b.setCookie("og_admin_enrol", state)
	wantStatus(t, "confirming twice", b.post("/admin/account/authenticator/confirm", url.Values{"code": {code}}), http.StatusConflict)
	again := w.from("again")
	again.signIn(userName, userWord)
	wantStatus(t, "the code that confirmed, to sign in", again.second("code", code), http.StatusUnprocessableEntity)

	wantStatus(t, "removing it", b.post("/admin/account/authenticator/remove", nil), http.StatusSeeOther)
	after := w.from("after")
	after.signIn(userName, userWord)
	wantSignedIn(t, "the password alone, after it is removed", after, true)
}

func TestAnOwnerRemovesASecondStep(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.person("vera", optgate.Viewer)
	owner, vera := w.signedIn(), w.from("vera")
	vera.signIn("vera", userWord)
	w.enrol(vera)
	w.enrol(owner)
	wantText(t, owner.get("/admin/people/vera"), "/admin/people/vera/second-step")
	wantText(t, owner.get("/admin/people/vera/second-step"), "Remove second step and passkeys of vera")
	wantStatus(t, "her own, without her password", owner.post("/admin/people/"+userName+"/second-step", nil), http.StatusSeeOther)
	if u, err := w.store.User(t.Context(), userName); err != nil || u.Authenticator == nil {
		t.Errorf("the owner's own second step is gone without her password (%v)", err)
	}
	wantStatus(t, "another's", owner.post("/admin/people/vera/second-step", nil), http.StatusSeeOther)
	again := w.from("again")
	again.signIn("vera", userWord)
	wantSignedIn(t, "vera by the password alone", again, true)
	for _, want := range []string{"set up a second step", "remove second step and passkeys"} {
		if !strings.Contains(owner.get("/admin/audit").body, want) {
			t.Errorf("the audit log lacks %q", want)
		}
	}
}

// A key ring that was rotated opens what it sealed before, and what is used is
// sealed anew.
func TestSecondStepAfterRotation(t *testing.T) {
	w := newWorld(t)
	w.user()
	e := w.enrol(w.signedIn())
	fresh := newCodecs()
	w.setKeys(append(fresh, w.keys()...))
	b := w.from("b")
	b.signIn(userName, userWord)
	wantStatus(t, "a code after a rotation", b.second("code", e.code()), http.StatusSeeOther)
	w.setKeys(fresh)
	w.pass(30 * time.Second)
	b = w.from("c")
	b.signIn(userName, userWord)
	wantStatus(t, "a code once the old key is gone", b.second("code", e.code()), http.StatusSeeOther)
}
