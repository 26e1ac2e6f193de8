package e2e_test

import (
	"strconv"
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
)

// From nothing to a site whose pages are right: made in two steps, its line
// copied into a page, and what the check found mended.
func TestANewSiteAndItsPages(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	p := browser.New(t, browser.Options{})
	signIn(p, w, "new-site")
	fill(p, "[name=name]", "The Club")
	fill(p, "[name=origin]", "www.club.example/start")
	p.Click("[name=look]") // there is no such host to look at
	p.Press("\r")
	p.WaitFor(`document.querySelector("[name=site]")?.value === "club" && document.querySelector("[name=origin]").value === "https://www.club.example"`)
	p.Click(`[name=category][value=marketing]`)
	fill(p, "[name=controller]", "Club e.V.")
	p.Press("\r")
	p.WaitFor(`location.pathname === "/admin/sites/club/check" && document.querySelector("#flash").textContent.includes("The Club is ready")`)
	p.WaitFor(`document.querySelector("#snippet-gate").textContent.endsWith('/s/club/gate.js"></script>')`)
	config, _ := w.registry.Site("club")
	if asked := config.Config.Asked(); len(asked) != 2 || asked[0] != "functional" || asked[1] != "analytics" {
		t.Errorf("it asks about %v, want functional and analytics", asked)
	}

	check := func(address, want string) {
		t.Helper()
		p.Eval(`document.querySelector("[name=address]").value = ""`, nil)
		fill(p, "[name=address]", address)
		p.Press("\r")
		p.WaitFor(`document.querySelector("#report .address, #f-address-fault")?.innerText.includes(` + strconv.Quote(want) + `)`)
	}
	check(w.at("tiertime", ""), "has a port that is none of the web") // an origin of another site

	p.Goto(w.admin("sites/tiertime/check"))
	wrong := w.page("/wrong", "en", `<img src="https://www.facebook.com/tr?id=1" alt="">`)
	check(wrong, wrong)
	p.WaitFor(`document.querySelector("#h-broken + * + ul").innerText.includes('<img data-gate="marketing" data-src="https://www.facebook.com/tr?id=1" alt="">')`)
	check(w.at("tiertime", ""), w.at("tiertime", ""))
	p.WaitFor(`document.querySelector("#report h2").textContent.startsWith("All is well")`)

	p.Goto(w.admin("sites/tiertime"))
	p.Click(`a[href$="/overview"]`)
	p.WaitFor(`document.querySelector("h1").textContent === "Overview" && document.querySelector("#h-none")`)
	visitor := visit(t, w)
	decide(visitor, "#og-accept")
	w.recorded("tiertime", 1)
	p.Reload()
	p.WaitFor(`document.querySelector("#s-actions").textContent.includes("1 decision: 100 % accepted all")`)
	if errors := uncaught(p); len(errors) > 0 {
		t.Errorf("got errors in the admin: %q", errors)
	}
}
