package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// named returns the address of a page of the admin at a host with a name, as
// passkeys are for.
func (w *world) named(path string) string { return w.options.SiteOrigin["cetus3d"] + "/admin/" + path }

// passwordIn signs a page in by the password, at the host with a name.
func passwordIn(p *browser.Page, w *world, path string) {
	p.Goto(w.named(path))
	fill(p, "[name=name]", userName)
	fill(p, "[name=password]", userPassword)
	p.Press("\r")
	p.WaitFor(`location.href === "` + w.named(path) + `" && document.querySelector("h1")`)
}

func addPasskey(p *browser.Page, name string) {
	fill(p, "[name=passkey-name]", name)
	p.Press("\r")
}

// longAgo makes every session of the user one that began an hour ago.
func (w *world) longAgo(t *testing.T) {
	t.Helper()
	u, err := w.store.User(t.Context(), userName)
	must(t, "find the user", err)
	for i := range u.Sessions {
		u.Sessions[i].Since, u.Sessions[i].Confirmed = u.Sessions[i].Since.Add(-time.Hour), time.Time{}
	}
	must(t, "change the user", w.store.UpdateUser(t.Context(), u))
}

const passkeyMessage = `document.querySelector("[data-passkey-message]").textContent`

func TestPasskeyInAnAdmin(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	p := browser.New(t, browser.Options{})
	device := p.Authenticator()
	passwordIn(p, w, "account")
	w.longAgo(t)
	addPasskey(p, "My laptop")
	p.WaitFor(passkeyMessage + `.includes("Ten minutes are over")`)
	checkLooks(t, p, "a passkey refused")
	p.Reload()
	p.Click(`form[action="/admin/account/confirm"] button`)
	p.WaitFor(`document.querySelector("[name=confirm-password]")`)
	checkLooks(t, p, "who is it")
	fill(p, "[name=confirm-password]", "not the password")
	p.Press("\r")
	p.WaitFor(`document.querySelector("#faults")?.textContent.includes("Your password is not right")`)
	checkLooks(t, p, "who is it, refused")
	fill(p, "[name=confirm-password]", userPassword)
	p.Press("\r")
	p.WaitFor(`location.pathname === "/admin/account" && document.querySelector("[name=passkey-name]")`)
	addPasskey(p, "My laptop")
	p.WaitFor(`document.querySelector("#flash").textContent.includes("My laptop")`)
	checkLooks(t, p, "an account with a passkey")
	if n := len(device.Passkeys()); n != 1 {
		t.Fatalf("the device holds %d passkeys, want 1", n)
	}
	addPasskey(p, "Once more")
	p.WaitFor(passkeyMessage + `.includes("has a passkey of yours already")`)

	p.Click(`form[action="/admin/sign-out"] button`)
	p.WaitFor(`location.pathname === "/admin/sign-in"`)
	p.Goto(w.named("people"))
	p.WaitFor(`!document.querySelector("[data-passkey]").hidden`)
	checkLooks(t, p, "sign-in with passkeys")
	device.Knows(false)
	p.Click("[data-passkey] button")
	p.WaitFor(passkeyMessage + `.includes("The browser gave no passkey")`)
	checkLooks(t, p, "sign-in without the passkey")
	device.Knows(true)
	p.Click("[data-passkey] button")
	p.WaitFor(`location.pathname === "/admin/people" && document.querySelector("h1").textContent === "People"`)
	p.Goto(w.named("account"))
	p.WaitFor(`document.body.textContent.includes("by passkey")`)

	// What she fills in waits for the passkey that shows who she is.
	w.longAgo(t)
	p.Reload()
	fill(p, "[name=token-name]", "Nightly export")
	p.Click("[name=scope][value='sites:read']")
	p.Click("[action$=new-token] .button")
	p.WaitFor(`document.querySelector("[data-passkey=get]:not([hidden]) button")`)
	p.Click("[data-passkey=get] button")
	p.WaitFor(`document.querySelector("#token") && document.querySelector("h1").textContent === "Nightly export"`)
	p.Goto(w.named("account"))

	// A copy of the passkey, made before it was used again, tells by its count.
	stolen := browser.New(t, browser.Options{})
	copied := device.Passkeys()[0]
	copied.SignCount = 0
	stolen.Authenticator().Put(copied)
	stolen.Goto(w.named("sign-in"))
	stolen.Click("[data-passkey] button")
	stolen.WaitFor(`document.querySelector("#refused")`)
	checkLooks(t, stolen, "a passkey that is not good")

	p.Click(`form[action$="passkeys/remove"] button`)
	p.WaitFor(`document.querySelector("#flash").textContent.includes("no longer signs anybody in")`)
	p.Click(`form[action="/admin/sign-out"] button`)
	p.WaitFor(`document.querySelector("[data-passkey=get]") && !document.querySelector("[data-passkey=get]").hidden`)
	p.Click("[data-passkey] button")
	p.WaitFor(`document.querySelector("#refused")`)
	for _, line := range p.Console() {
		if strings.Contains(line, "Content Security Policy") || strings.HasPrefix(line, "uncaught") {
			t.Errorf("the console has %q", line)
		}
	}
}

// Who has no script, or is at an address by number, has the password.
func TestPasskeysAreOptional(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	p := browser.New(t, browser.Options{NoScript: true})
	p.Goto(w.named("sign-in"))
	p.WaitFor(`document.querySelector("[data-passkey]").hidden`)
	passwordIn(p, w, "account")
	addPasskey(p, "none")
	p.WaitFor(`document.querySelector("#faults").textContent.includes("can only be added by a browser that has passkeys")`)

	q := browser.New(t, browser.Options{})
	signIn(q, w, "account")
	q.WaitFor(`!document.querySelector("[data-passkey]") && document.body.textContent.includes("Passkeys need this admin to be at an https address")`)
}
