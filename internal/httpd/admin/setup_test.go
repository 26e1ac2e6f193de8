package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// setupPath returns the path of a fresh one-time link.
func setupPath(t *testing.T, w *world) string {
	t.Helper()
	link, err := w.admin.SetupLink(t.Context(), "https://optgate.example/")
	if err != nil {
		t.Fatal(err)
	}
	path, ok := strings.CutPrefix(link, "https://optgate.example")
	if !ok || !strings.HasPrefix(path, "/admin/setup/") {
		t.Fatalf("the link is %q, want one under https://optgate.example/admin/setup/", link)
	}
	return path
}

func setupForm(name string) url.Values {
	return url.Values{"name": {name}, "password": {userWord}, "again": {userWord}}
}

func TestSetupOnce(t *testing.T) {
	w := newWorld(t)
	path := setupPath(t, w)
	for range 3 {
		wantStatus(t, "looking at the link", w.browser().get(path), http.StatusOK)
	}
	b := w.browser()
	p := b.do(http.MethodPost, path, setupForm(userName))
	wantStatus(t, "set-up", p, http.StatusSeeOther)
	wantText(t, b.get("/admin/"), "There is no site yet")

	again := w.browser()
	wantStatus(t, "looking at a used link", again.get(path), http.StatusGone)
	wantStatus(t, "using a link twice", again.do(http.MethodPost, path, setupForm("eve")), http.StatusGone)
	users, err := w.store.Users(t.Context())
	if err != nil || len(users) != 1 {
		t.Errorf("there are %d users (%v), want 1", len(users), err)
	}
	if strings.Contains(w.log(), strings.TrimPrefix(path, "/admin/setup/")) || strings.Contains(w.log(), userWord) {
		t.Errorf("the log tells a secret:\n%s", w.log())
	}
}

func TestSetupByTwoAtOnce(t *testing.T) {
	w := newWorld(t)
	path := setupPath(t, w)
	statuses := make(chan int, 2)
	var both sync.WaitGroup
	for _, name := range []string{"ann", "bob"} {
		b := w.browser()
		both.Go(func() { statuses <- b.do(http.MethodPost, path, setupForm(name)).status })
	}
	both.Wait()
	if sum := <-statuses + <-statuses; sum != http.StatusSeeOther+http.StatusGone {
		t.Errorf("the two answers add up to %d, want one 303 and one 410", sum)
	}
	users, err := w.store.Users(t.Context())
	if err != nil || len(users) != 1 {
		t.Errorf("there are %d users (%v), want 1", len(users), err)
	}
}

func TestSetupExpires(t *testing.T) {
	w := newWorld(t)
	path := setupPath(t, w)
	w.pass(24 * time.Hour)
	wantStatus(t, "looking at an expired link", w.browser().get(path), http.StatusGone)
	wantStatus(t, "using an expired link", w.browser().do(http.MethodPost, path, setupForm(userName)), http.StatusGone)
}

func TestSetupFaultsKeepTheLink(t *testing.T) {
	w := newWorld(t)
	w.user()
	path := setupPath(t, w)
	tests := []struct {
		name string
		form url.Values
		want string
	}{
		{"short password", url.Values{"name": {"ann"}, "password": {"short"}, "again": {"short"}}, "Password is shorter than 10 characters."},
		{"two passwords", url.Values{"name": {"ann"}, "password": {userWord}, "again": {userWord + "x"}}, "Password again is another one than above."},
		{"no name", url.Values{"password": {userWord}, "again": {userWord}}, "Name is 1 to 64 letters"},
		{"name taken", setupForm(userName), "Name is taken"},
		{"hostile name", setupForm(`"><script>alert(1)</script>`), "&lt;script&gt;alert(1)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := w.browser().do(http.MethodPost, path, tt.form)
			wantStatus(t, "set-up", p, http.StatusUnprocessableEntity)
			wantText(t, p, tt.want)
			if strings.Contains(p.body, userWord) {
				t.Error("the page repeats the password")
			}
		})
	}
	wantStatus(t, "set-up after all that", w.browser().do(http.MethodPost, path, setupForm("ann")), http.StatusSeeOther)
}

func TestWithoutUsersNobodyRegisters(t *testing.T) {
	w := newWorld(t)
	wantStatus(t, "the admin", w.browser().get("/admin/"), http.StatusSeeOther)
	p := w.browser().get("/admin/sign-in")
	wantText(t, p, "the server’s log")
	if strings.Count(p.body, "<form") != 1 || !strings.Contains(p.body, `action="/admin/language"`) {
		t.Error("the page of a server without users has a form besides that for the language")
	}
}

// A server that is started three times prints three links into its log.
func TestSetupEndsEarlierLinks(t *testing.T) {
	w := newWorld(t)
	earlier, path := setupPath(t, w), setupPath(t, w)
	wantStatus(t, "the later link", w.browser().do(http.MethodPost, path, setupForm(userName)), http.StatusSeeOther)
	wantStatus(t, "looking at the earlier link", w.browser().get(earlier), http.StatusGone)
	wantStatus(t, "using the earlier link", w.browser().do(http.MethodPost, earlier, setupForm("eve")), http.StatusGone)
	wantStatus(t, "a link made since", w.browser().do(http.MethodPost, setupPath(t, w), setupForm("ann")), http.StatusSeeOther)
}
