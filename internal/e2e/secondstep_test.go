package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/testkit/browser"
	"github.com/optgate/optgate/internal/totp"
)

// enrol sets up an authenticator app for whom the page is signed in as, and
// returns its secret and the recovery codes. Each page on the way is looked at.
func enrol(p *browser.Page, w *world, look func(what string)) (secret string, codes []string) {
	w.t.Helper()
	p.Goto(w.admin("account"))
	p.Click(`form[action$="/account/authenticator"] .button`)
	p.WaitFor(`document.querySelector("#key")`)
	look("setting up an app")
	p.Eval(`document.querySelector("#key").textContent.replaceAll(" ", "")`, &secret)
	fill(p, "[name=code]", codeOf(w, secret, 0))
	p.Press("\r")
	p.WaitFor(`document.querySelector("#codes")`)
	look("recovery codes")
	var text string
	p.Eval(`document.querySelector("#codes").textContent`, &text)
	return secret, strings.Split(text, "\n")
}

// codeOf returns what the app shows so many steps from now.
func codeOf(w *world, secret string, steps int) string {
	w.t.Helper()
	code, err := totp.Code(secret, time.Now().Add(time.Duration(steps)*30*time.Second))
	must(w.t, "make a code", err)
	return code
}

// A code of the next step is good too, and the one that confirmed is used up.
func TestTwoStepsToSignIn(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	home := browser.New(t, browser.Options{NoScript: true})
	signIn(home, w, "account")
	secret, codes := enrol(home, w, func(string) {})

	p := browser.New(t, browser.Options{})
	begin := func() {
		p.Goto(w.admin("people"))
		fill(p, "[name=name]", userName)
		fill(p, "[name=password]", userPassword)
		p.Press("\r")
		p.WaitFor(`document.querySelector("[name=code]")`)
	}
	begin()
	p.Goto(w.admin("people"))
	p.WaitFor(`document.querySelector("[name=password]")`)
	begin()
	fill(p, "[name=code]", "000000")
	p.Press("\r")
	p.WaitFor(`document.querySelector("#refused")`)
	checkLooks(t, p, "the second step, refused")
	fill(p, "[name=code]", codeOf(w, secret, 1))
	p.Press("\r")
	p.WaitFor(`location.pathname === "/admin/people" && document.querySelector("h1").textContent === "People"`)

	p.Click(`form[action="/admin/sign-out"] button`)
	p.WaitFor(`location.pathname === "/admin/sign-in"`)
	begin()
	p.Click("summary")
	fill(p, "[name=recovery]", codes[0])
	p.Press("\r")
	p.WaitFor(`location.pathname === "/admin/people"`)
	p.Goto(w.admin("account"))
	p.WaitFor(`document.body.textContent.includes("9 recovery codes left") && document.body.textContent.includes("by password and recovery code")`)
}
