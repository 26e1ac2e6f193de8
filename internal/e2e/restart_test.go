package e2e_test

import (
	"slices"
	"testing"

	"github.com/optgate/optgate/internal/testkit/browser"
	"github.com/optgate/optgate/internal/testkit/redistest"
)

// ownRecords returns the actions of the visitor's own records.
func ownRecords(p *browser.Page) []string {
	var actions []string
	p.Eval(`fetch("/s/tiertime/choices").then((r) => r.json()).then((all) => all.records.map((r) => r.action))`, &actions)
	return actions
}

// The whole program is killed and started again, on each store: a choice, an
// admin's session, a configuration and all records are as they were.
func TestRestart(t *testing.T) {
	path := program(t)
	for _, store := range []string{"embedded", "redis"} {
		t.Run(store, func(t *testing.T) {
			addr := freeAddr(t)
			args := []string{"--data", t.TempDir()}
			if store == "redis" {
				args = append(args, "--redis", redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always").URL())
			}
			server := startDemo(t, path, addr, args...)
			site, admin := server.url+"/demo/tiertime/", server.url+"/admin/sites/tiertime"
			visitor := browser.New(t, browser.Options{})
			visitor.Goto(site)
			visitor.WaitFor(`document.querySelector("#og-panel")`)
			decide(visitor, "#og-reject")
			waitRecords(t, visitor, "reject_all")

			// The link of a run that was killed is still good in the next.
			server.kill()
			link := server.setupLink(t)
			server = startDemo(t, path, addr, args...)
			owner := browser.New(t, browser.Options{})
			owner.Goto(link)
			fill(owner, "[name=name]", userName)
			fill(owner, "[name=password]", userPassword)
			fill(owner, "[name=again]", userPassword)
			owner.Press("\r")
			owner.WaitFor(`document.querySelectorAll(".site-row").length === 2`)
			owner.Goto(admin)
			toggle(owner, "functional", false)

			server.kill()
			server = startDemo(t, path, addr, args...)
			owner.Goto(admin)
			owner.WaitFor(`document.querySelector("#switch-functional").getAttribute("aria-checked") === "false"`)
			visitor.ClearCache()
			visitor.Goto(site)
			visitor.WaitFor(bannerGone)
			visitor.Click("#og-open")
			visitor.Click("#og-preferences [data-og-accept]")
			waitRecords(t, visitor, "reject_all", "accept_all")

			server.kill()
			startDemo(t, path, addr, args...)
			visitor.ClearCache() // the trackers may have had to move to another port
			visitor.Reload()
			visitor.WaitFor(`document.documentElement.dataset.retarget === "ran"`)
			waitRecords(t, visitor, "reject_all", "accept_all")
			var receipts []string
			visitor.Eval(`optgate.record().then((r) => [r.action, typeof r.receipt])`, &receipts)
			if want := []string{"accept_all", "string"}; !slices.Equal(receipts, want) {
				t.Errorf("the newest record is %q, want %q", receipts, want)
			}
		})
	}
}

// waitRecords waits until the visitor's own records are those wanted.
func waitRecords(t *testing.T, p *browser.Page, want ...string) {
	t.Helper()
	eventually(t, "the visitor has as many records", func() bool { return len(ownRecords(p)) >= len(want) })
	if got := ownRecords(p); !slices.Equal(got, want) {
		t.Errorf("got records %q, want %q", got, want)
	}
}
