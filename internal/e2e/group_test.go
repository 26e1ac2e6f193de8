package e2e_test

import (
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/browser"
)

// newGroup makes a group of the first site in the admin, and puts the second into
// it, with what it has of its own.
func newGroup(p *browser.Page, w *world) {
	p.Goto(w.admin("new-group"))
	fill(p, "[name=name]", "Printers")
	fill(p, "[name=group]", "printers")
	p.Eval(`document.querySelector("[name=from]").value = "tiertime"`, nil)
	p.Press("\r")
	p.WaitFor(`location.pathname.endsWith("/groups/printers") && document.querySelector("#flash p")`)
	p.Eval(`document.querySelector("[name=site]").value = "cetus3d"`, nil)
	p.Click(`form[action$="/join"] .button`)
	p.WaitFor(`location.pathname.endsWith("/join") && document.querySelector("[value=keep]")`)
	p.Click(".form .actions .button")
	p.WaitFor(`document.querySelectorAll("[href*=leave]").length === 2`)
}

// What a group says reaches the visitors of its sites once it is published, but
// for what a site says itself; a site that leaves the group keeps what it has.
func TestAGroupOfSites(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	p := browser.New(t, browser.Options{})
	p.Viewport(1280, 1000, 0)
	signIn(p, w, "groups")
	p.WaitFor(`document.querySelector(".empty")`)
	newGroup(p, w)

	p.Click(`.site-nav a[href$="/look"]`)
	p.WaitFor(`document.querySelector("#f-accent")`)
	retype(p, "#f-accent", "#7a1fa2")
	eventually(t, "the preview shows the new accent", func() bool { return previewHas(t, p, plum) })
	p.Click("[value=corner]")
	p.Click(".form .actions .button")
	p.WaitFor(`document.querySelector("#flash").textContent.includes("Look saved")`)
	p.Click(`.draft-bar a[href$="/publish"]`)
	p.WaitFor(`document.querySelectorAll("#h-effects ~ ul > li").length === 2`)
	p.Click(`form[action$="/publish"] .button`)
	p.WaitFor(`document.querySelector("#flash").textContent.includes("published to 2 sites")`)

	banner := func(site optgate.SiteID) (accent string, narrow bool) {
		t.Helper()
		visitor := browser.New(t, browser.Options{})
		visitor.Goto(w.at(site, ""))
		visitor.WaitFor(`document.querySelector("#og-panel")`)
		visitor.Eval(`getComputedStyle(document.querySelector("#og-accept")).backgroundColor`, &accent)
		visitor.Eval(`document.querySelector("#og-panel").getBoundingClientRect().width < 500`, &narrow)
		return accent, narrow
	}
	const groups = "rgb(122, 31, 162)"
	if accent, narrow := banner("tiertime"); accent != groups || !narrow {
		t.Errorf("the first site has %s, narrow %t; want what the group says", accent, narrow)
	}
	own, narrow := banner("cetus3d")
	if own == groups || !narrow {
		t.Errorf("the second site has %s, narrow %t; want its own accent in the group's place", own, narrow)
	}

	p.Click(`a[href$="leave?site=cetus3d"]`)
	p.WaitFor(`location.pathname.endsWith("/leave")`)
	p.Click(".actions .button")
	p.WaitFor(`document.querySelector("#flash").textContent.includes("is out of the group")`)
	if accent, narrow := banner("cetus3d"); accent != own || !narrow {
		t.Errorf("out of the group the site has %s, narrow %t; want what it had", accent, narrow)
	}
	if got := uncaught(p); len(got) > 0 {
		t.Errorf("got errors in the admin: %q", got)
	}
}

func TestAxeOnGroups(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	p := browser.New(t, browser.Options{})
	signIn(p, w, "groups")
	checkLooks(t, p, "no groups")
	p.Goto(w.admin("new-group"))
	p.Click(".form .actions button")
	p.WaitFor(`document.querySelector("#faults")`)
	checkLooks(t, p, "a new group with errors")
	discard(p)
	newGroup(p, w)
	p.Goto(w.admin("groups/printers/look"))
	retype(p, "#f-accent", "#7a1fa2")
	p.Click(".form .actions .button")
	p.WaitFor(`document.querySelector("#flash").textContent.includes("Look saved")`)
	for _, path := range []string{"groups", "groups/printers", "groups/printers/settings", "groups/printers/texts", "groups/printers/signals", "groups/printers/publish", "groups/printers/leave?site=cetus3d", "groups/printers/remove"} {
		p.Goto(w.admin(path))
		checkLooks(t, p, path)
	}
	p.Goto(w.admin("groups/printers/leave?site=cetus3d"))
	p.Click(".actions .button")
	p.WaitFor(`document.querySelector("#flash").textContent.includes("is out of the group")`)
	p.Goto(w.admin("groups/printers/join?site=cetus3d"))
	checkLooks(t, p, "joining a group")
}
