package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/browser"
)

// TestAnOwnerResetsAnAccount goes from the list of people to the new password.
func TestAnOwnerResetsAnAccount(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	hash, err := userHash()
	must(t, "hash a password", err)
	now := time.Now().UTC().Truncate(time.Millisecond)
	must(t, "create vera", w.store.CreateUser(t.Context(), optgate.User{
		Name: "vera", Password: hash, Role: optgate.Viewer, Created: now,
		Sessions: []optgate.Session{{ID: "one", Since: now, Seen: now, Until: now.Add(time.Hour), By: optgate.ByPassword}, {ID: "two", Since: now, Seen: now, Until: now.Add(time.Hour)}},
		Tokens: []optgate.APIToken{
			{ID: "t1", Name: "Nightly export", Hash: "h1", Scopes: []optgate.Permission{optgate.SeeSites}, Created: now, Expires: now.Add(24 * time.Hour)},
			{ID: "t2", Name: "Unknown", Hash: "h2", Scopes: []optgate.Permission{optgate.SeeSites}, Created: now, Expires: now.Add(24 * time.Hour)},
		},
		Passkeys: []optgate.Passkey{{ID: []byte("key"), Name: "Old phone", Created: now}},
	}))
	p := browser.New(t, browser.Options{})
	signIn(p, w, "people")
	p.Click(`a[href="/admin/people/vera"]`)
	p.WaitFor(`document.querySelector("#h-ways")`)
	checkLooks(t, p, "a person")
	p.Click(`form[action$="/end-session"] button`)
	p.WaitFor(`document.querySelector("#flash").textContent.includes("That is over now")`)
	p.Click(`a[href$="/vera/reset"]`)
	p.WaitFor(`document.querySelectorAll("[name=keep]").length === 3`)
	checkLooks(t, p, "a reset")
	p.Click(`[name=keep][value="token t1"]`)
	w.longAgo(t)
	p.Click(`form[action$="/vera/reset"] .button`)
	p.WaitFor(`document.querySelector("[name=confirm-password]")`)
	fill(p, "[name=confirm-password]", userPassword)
	p.Press("\r")
	p.WaitFor(`document.querySelector("#link")`)
	checkLooks(t, p, "a reset link")
	var link string
	p.Eval(`document.querySelector("#link").textContent`, &link)
	u, err := w.store.User(t.Context(), "vera")
	must(t, "find vera", err)
	if len(u.Sessions) != 0 || len(u.Passkeys) != 0 || len(u.Tokens) != 1 || u.Tokens[0].ID != "t1" || u.HasPassword() {
		t.Errorf("vera has %+v, want the token t1 alone", u)
	}

	q := browser.New(t, browser.Options{NoScript: true})
	q.Goto(strings.TrimSpace(link))
	fill(q, "[name=password]", "a password of her own")
	fill(q, "[name=again]", "a password of her own")
	q.Press("\r")
	q.WaitFor(`location.pathname === "/admin/sign-in"`)
	fill(q, "[name=name]", "vera")
	fill(q, "[name=password]", "a password of her own")
	q.Press("\r")
	q.WaitFor(`location.pathname === "/admin/" && document.querySelector("h1")`)
}
