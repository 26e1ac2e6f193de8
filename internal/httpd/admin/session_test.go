package admin_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

func TestSignIn(t *testing.T) {
	w := newWorld(t)
	w.user()
	b := w.browser()
	b.header.Set("X-Forwarded-Proto", "https")
	p := b.signIn(userName, userWord)
	wantStatus(t, "sign-in", p, http.StatusSeeOther)
	for _, k := range p.header.Values("Set-Cookie") {
		for _, want := range []string{"HttpOnly", "Secure", "SameSite=Lax", "Path=/admin"} {
			if !strings.Contains(k, want) {
				t.Errorf("a cookie lacks %s: %s", want, k)
			}
		}
	}
	if !strings.Contains(w.log(), "sign in") || !strings.Contains(w.log(), "user="+userName) {
		t.Errorf("the log lacks the sign-in:\n%s", w.log())
	}
}

// TestSignInRefusesAlike compares the answers to a wrong password and to an
// unknown name, of the same length so that nothing else may differ.
func TestSignInRefusesAlike(t *testing.T) {
	w := newWorld(t)
	w.user()
	wrong, unknown := w.browser().signIn(userName, "wrong password"), w.browser().signIn("nina", userWord)
	wantStatus(t, "a wrong password", wrong, http.StatusUnprocessableEntity)
	wantStatus(t, "an unknown name", unknown, http.StatusUnprocessableEntity)
	nonce := func(p page) string {
		_, rest, _ := strings.Cut(p.header.Get("Content-Security-Policy"), "'nonce-")
		n, _, _ := strings.Cut(rest, "'")
		return n
	}
	same := func(p page, name string) string {
		return strings.ReplaceAll(strings.ReplaceAll(p.body, nonce(p), "N"), `value="`+name+`"`, "NAME")
	}
	if got, want := same(unknown, "nina"), same(wrong, userName); got != want {
		t.Errorf("an unknown name is answered\n%s\nand a wrong password\n%s", got, want)
	}
	if len(wrong.header) != len(unknown.header) {
		t.Errorf("headers differ: %v and %v", wrong.header, unknown.header)
	}
	if strings.Contains(w.log(), "nina") {
		t.Errorf("the log repeats an unknown name, which may be a password:\n%s", w.log())
	}
}

func TestSignInIsSlowed(t *testing.T) {
	w := newWorld(t)
	w.user()
	known := w.signedIn()
	known.header.Set("X-Test-Client", "home")
	b := w.browser()
	b.header.Set("X-Test-Client", "guesser")
	var p page
	for range 11 {
		p = b.signIn(userName, "wrong password")
	}
	wantStatus(t, "the eleventh guess of a client", p, http.StatusTooManyRequests)
	seconds, err := strconv.Atoi(p.header.Get("Retry-After"))
	if err != nil || seconds < 1 || seconds > 10 {
		t.Errorf("Retry-After is %q, want a few seconds", p.header.Get("Retry-After"))
	}
	wantText(t, p, "Too many attempts")
	w.pass(time.Duration(seconds) * time.Second)
	wantStatus(t, "the right password after that time", b.signIn(userName, userWord), http.StatusSeeOther)

	for i := range 40 {
		b := w.browser()
		b.header.Set("X-Test-Client", "botnet "+strconv.Itoa(i))
		p = b.signIn(userName, "wrong password")
	}
	wantStatus(t, "the account's fortieth guess", p, http.StatusTooManyRequests)
	wantStatus(t, "a browser that signed in before, meanwhile", known.signIn(userName, userWord), http.StatusSeeOther)
	w.pass(2 * time.Second)
	other := w.browser()
	other.header.Set("X-Test-Client", "cafe")
	wantStatus(t, "a new browser two seconds later", other.signIn(userName, userWord), http.StatusSeeOther)
}

// TestReplicasCountGuessesTogether holds for what an account allows. An address
// counts on each replica alone.
func TestReplicasCountGuessesTogether(t *testing.T) {
	w := newWorld(t)
	w.user()
	guesses := func() (let int) {
		b := w.browser()
		for i := range 15 {
			b.header.Set("X-Test-Client", "client "+strconv.Itoa(i))
			if p := b.signIn(userName, "wrong password"); p.status == http.StatusUnprocessableEntity {
				let++
			}
		}
		return let
	}
	if got := guesses(); got != 15 {
		t.Errorf("the first replica let %d guesses pass, want all 15", got)
	}
	_, w.server = w.serve(w.newAdmin())
	if got := guesses(); got != 5 {
		t.Errorf("the second replica let %d guesses pass, want the 5 that are left of 20", got)
	}
}

func TestSignInLeadsOn(t *testing.T) {
	w := newWorld(t)
	w.user()
	tests := []struct{ name, next, want string }{
		{"nowhere", "", "/admin/"},
		{"a site", "/admin/sites/shop?x=1", "/admin/sites/shop?x=1"},
		{"another host", "https://evil.example/admin/", "/admin/"},
		{"a host without scheme", "//evil.example/admin/", "/admin/"},
		{"a host behind the prefix", "/admin//evil.example", "/admin/"},
		{"a backslash", `/admin/\evil.example`, "/admin/"},
		{"out of the admin", "/admin/../s/shop/gate.js", "/admin/"},
		{"a script", "javascript:alert(1)", "/admin/"},
		{"a line break", "/admin/\r\nSet-Cookie: a=b", "/admin/"},
		{"what no header may hold", "/admin/\x00", "/admin/"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := w.browser()
			b.header.Set("X-Test-Client", tt.name)
			p := b.do(http.MethodPost, "/admin/sign-in", url.Values{"name": {userName}, "password": {userWord}, "next": {tt.next}})
			if got := p.header.Get("Location"); p.status != http.StatusSeeOther || got != tt.want {
				t.Errorf("sign-in answered %d to %q, want 303 to %q", p.status, got, tt.want)
			}
		})
	}
	p := w.browser().get("/admin/sites/shop")
	if got, want := p.header.Get("Location"), "/admin/sign-in?next=%2Fadmin%2Fsites%2Fshop"; got != want {
		t.Errorf("a page without session leads to %q, want %q", got, want)
	}
}

// TestSignInPageWithoutStore holds because the page itself needs no store.
func TestSignInPageWithoutStore(t *testing.T) {
	w := newWorld(t)
	w.user()
	b := w.signedIn()
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	p := b.get("/admin/sign-in")
	wantStatus(t, "the sign-in page", p, http.StatusOK)
	wantText(t, p, "<h1>Sign in</h1>")
	wantStatus(t, "the list of sites", b.get("/admin/"), http.StatusInternalServerError)
}

func TestSessionEnds(t *testing.T) {
	tests := []struct {
		name string
		end  func(w *world, b *browser)
		in   bool // the session still holds
	}{
		{"nothing happens", func(*world, *browser) {}, true},
		{"just before twelve hours", func(w *world, _ *browser) { w.pass(12*time.Hour - time.Second) }, true},
		{"twelve hours", func(w *world, _ *browser) { w.pass(12 * time.Hour) }, false},
		{"forged", func(_ *world, b *browser) { b.setCookie("og_admin", "eyJ1c2VyIjoibWFyYSJ9") }, false},
		{"truncated", func(_ *world, b *browser) {
			v := b.cookie("og_admin").Value
			b.setCookie("og_admin", v[:len(v)-4])
		}, false},
		{"another cookie of ours", func(_ *world, b *browser) { b.setCookie("og_admin", b.cookie("og_admin_device").Value) }, false},
		{"new key, old one kept", func(w *world, _ *browser) { w.setKeys(append(newCodecs(), w.keys()...)) }, true},
		{"new key, old one gone", func(w *world, _ *browser) { w.setKeys(newCodecs()) }, false},
		{"user removed", func(w *world, _ *browser) {
			w.person("next", optgate.Owner)
			if err := w.store.DeleteUser(w.t.Context(), userName); err != nil {
				w.t.Fatal(err)
			}
		}, false},
		{"signed out", func(_ *world, b *browser) { b.post("/admin/sign-out", nil) }, false},
		{"signed out, the cookie kept", func(_ *world, b *browser) {
			kept := b.cookie("og_admin").Value
			b.post("/admin/sign-out", nil)
			b.setCookie("og_admin", kept)
		}, false},
		{"ended in another browser", func(w *world, b *browser) {
			w.signedIn().post("/admin/account/end-session", url.Values{"session": {w.sessions()[0].ID}})
		}, false},
		{"another one ended", func(w *world, b *browser) {
			w.signedIn()
			b.post("/admin/account/end-session", url.Values{"session": {w.sessions()[1].ID}})
		}, true},
		{"twenty more sign-ins", func(w *world, _ *browser) {
			for range optgate.MaxSessions {
				w.signedIn()
				w.pass(10 * time.Second) // sign-in is slowed
			}
		}, false},
		{"signed out everywhere, elsewhere", func(w *world, _ *browser) { w.signedIn().post("/admin/account/sign-out", nil) }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.user()
			b := w.signedIn()
			tt.end(w, b)
			want := http.StatusSeeOther
			if tt.in {
				want = http.StatusOK
			}
			wantStatus(t, "the account page", b.get("/admin/account"), want)
		})
	}
}

// Other hosts of the domain can set cookies of the same name, and the browser
// sends the ones with the longer path first.
func TestStrayCookiesEndNoSession(t *testing.T) {
	w := newWorld(t)
	w.user()
	b := w.signedIn()
	session := b.cookie("og_admin").Value
	b.client.Jar = nil
	b.header.Set("Cookie", "og_admin=garbage; og_admin="+session)
	wantStatus(t, "the account page", b.get("/admin/account"), http.StatusOK)
}

func TestSessionIsNewAtSignIn(t *testing.T) {
	w := newWorld(t)
	w.user()
	b := w.signedIn()
	before, token := b.cookie("og_admin").Value, b.token()
	b.signIn(userName, userWord)
	if after := b.cookie("og_admin").Value; after == before || b.token() == token {
		t.Error("a second sign-in kept the session of the first")
	}
}

func TestChangePassword(t *testing.T) {
	const next = "another good password"
	w := newWorld(t)
	w.user()
	b, other := w.signedIn(), w.signedIn()
	w.pass(10 * time.Minute)
	p := b.post("/admin/account/password", url.Values{"old": {"wrong"}, "password": {next}, "again": {next}})
	wantStatus(t, "a wrong current password", p, http.StatusUnprocessableEntity)
	wantText(t, p, "Current password is not right.")
	p = b.post("/admin/account/password", url.Values{"old": {userWord}, "password": {next}, "again": {next}})
	wantStatus(t, "the change", p, http.StatusSeeOther)
	wantText(t, b.get("/admin/account"), "Your password is changed.")
	wantStatus(t, "the other browser", other.get("/admin/account"), http.StatusSeeOther)
	wantStatus(t, "the old password", w.browser().signIn(userName, userWord), http.StatusUnprocessableEntity)
	wantStatus(t, "the new password", w.browser().signIn(userName, next), http.StatusSeeOther)
	wantStatus(t, "another one, just after it", b.post("/admin/account/password", url.Values{"password": {userWord}, "again": {userWord}}), http.StatusSeeOther)
}

func TestForgedForms(t *testing.T) {
	w := newWorld(t)
	w.user()
	w.publish(shop())
	b, other := w.signedIn(), w.signedIn()
	const path = "/admin/sites/shop/categories/analytics"
	tests := []struct {
		name   string
		token  string
		header [2]string
		want   int
	}{
		{"no token", "", [2]string{}, http.StatusForbidden},
		{"made up", strings.Repeat("A", 26), [2]string{}, http.StatusForbidden},
		{"of another session of the same user", other.token(), [2]string{}, http.StatusForbidden},
		{"right, from another site", b.token(), [2]string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		{"right, from a sister domain", b.token(), [2]string{"Sec-Fetch-Site", "same-site"}, http.StatusForbidden},
		{"right, foreign origin in an old browser", b.token(), [2]string{"Origin", "https://evil.example"}, http.StatusForbidden},
		{"in the header, as htmx sends it", "", [2]string{"X-CSRF-Token", b.token()}, http.StatusSeeOther},
		{"right", b.token(), [2]string{"Sec-Fetch-Site", "same-origin"}, http.StatusSeeOther},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := w.latest()
			one := *b
			one.header = b.header.Clone()
			if name, value := tt.header[0], tt.header[1]; name != "" {
				one.header.Set(name, value)
			}
			on := "0"
			if k, _ := before.Config.Category("analytics"); k.Off {
				on = "1"
			}
			p := one.do(http.MethodPost, path, url.Values{"csrf": {tt.token}, "on": {on}})
			wantStatus(t, "the form", p, tt.want)
			if changed := w.latest().Number != before.Number; changed != (tt.want == http.StatusSeeOther) {
				t.Errorf("published: %t, with status %d", changed, p.status)
			}
			if tt.want == http.StatusForbidden {
				wantText(t, p, "Open the page again")
			}
		})
	}
	for _, path := range []string{"/admin/sign-in", setupPath(t, w)} {
		cross := w.browser()
		cross.header.Set("Sec-Fetch-Site", "cross-site")
		wantStatus(t, path+" from another site", cross.do(http.MethodPost, path, setupForm("eve")), http.StatusForbidden)
	}
}
