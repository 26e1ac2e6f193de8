package e2e_test

import (
	"testing"
	"time"

	"github.com/optgate/optgate/internal/httpd"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/provider"
	"github.com/optgate/optgate/internal/testkit/browser"
	"github.com/optgate/optgate/internal/testkit/openid"
)

// signOn gives the world a real OpenID provider, on another site than the admin.
func (w *world) signOn() *openid.Provider {
	w.t.Helper()
	directory := openid.Start(w.t, w.named("sign-in/provider/back"))
	w.server.Provider = provider.New(provider.Options{
		Issuer: directory.Issuer, ClientID: openid.ClientID, Secret: openid.Secret, Name: "The Directory", Scopes: []string{"openid", "profile"},
		Claim: "groups", Roles: []provider.Mapping{{Value: "staff", Role: optgate.Owner}}, Now: time.Now,
	})
	w.front.optgate = w.server.Handlers(httpd.AdminBesideSites).Public
	return directory
}

func TestSingleSignOn(t *testing.T) {
	w := newWorld(t)
	directory := w.signOn()
	w.addUser()
	p := browser.New(t, browser.Options{})
	there := func() {
		p.Goto(w.named("people"))
		p.WaitFor(`document.querySelector("h1").textContent === "Sign in"`)
		p.Click(`a[href^="/admin/sign-in/provider"]`)
		p.WaitFor(`document.querySelector("[name=username]")`)
		fill(p, "[name=username]", "anna")
		fill(p, "[name=password]", openid.Password)
		p.Press("\r")
	}
	there()
	p.WaitFor(`document.querySelector("h1")?.textContent === "You have no role here"`)
	checkLooks(t, p, "no role")
	p.Goto(w.named("sign-in"))
	checkLooks(t, p, "sign-in with single sign-on")

	directory.SetGroups(openid.Anna, "staff")
	there()
	p.WaitFor(`location.pathname === "/admin/people" && document.body.textContent.includes("single sign-on")`)
	checkLooks(t, p, "people with single sign-on")
	p.Goto(w.named("account"))
	p.WaitFor(`document.body.textContent.includes("by single sign-on")`)
	checkLooks(t, p, "the account of single sign-on")

	p.Click(`form[action="/admin/sign-out"] button`)
	p.WaitFor(`location.pathname === "/admin/sign-in"`)
	directory.Stop()
	p.Goto(w.named("sign-in/provider/back?code=x&state=y"))
	p.WaitFor(`document.querySelector("h1").textContent === "This sign-in did not work"`)
	checkLooks(t, p, "a sign-in that did not work")
}
