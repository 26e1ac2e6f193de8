package e2e_test

import (
	"strings"
	"testing"

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
	fill(p, "[name=passkey-password]", userPassword)
	p.Press("\r")
}

const passkeyMessage = `document.querySelector("[data-passkey-message]").textContent`

func TestPasskeyInAnAdmin(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	p := browser.New(t, browser.Options{})
	device := p.Authenticator()
	passwordIn(p, w, "account")
	fill(p, "[name=passkey-name]", "My laptop")
	fill(p, "[name=passkey-password]", "not the password")
	p.Press("\r")
	p.WaitFor(passkeyMessage + `.includes("Your password is not right")`)
	checkLooks(t, p, "a passkey refused")
	p.Reload()
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
