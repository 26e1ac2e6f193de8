package e2e_test

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/browser"
)

// A tag that a page has in its own HTML without a mark is found by the visitor's
// browser and shown to the admin with the markup to use; its query is not.
func TestUnmarkedTagsReachTheAdmin(t *testing.T) {
	w := newWorld(t)
	l := listen(t)
	_, port, err := net.SplitHostPort(l.Addr().String())
	must(t, "read an address", err)
	origin := "http://localhost:" + port
	serve(t, l, serveHTML(fmt.Sprintf(`<!doctype html><html lang="en"><head><script src="%s/s/tiertime/gate.js"></script>`+
		`<link rel=icon href="data:,"><title>Page</title></head><body><p>Page</p>`+
		`<script async src="https://static.hotjar.com/c/hotjar-1.js?visitor=ann"></script>`+
		`<img alt="" src="https://harmless.example/x.gif"></body></html>`, w.options.SiteOrigin["tiertime"])))
	config := w.config("tiertime")
	config.Origins = append(config.Origins, origin)
	config.Hold = optgate.HoldKnown
	w.publish(config)
	w.addUser()

	p := browser.New(t, browser.Options{})
	p.Goto(origin)
	var found []optgate.SeenUnmarked
	eventually(t, "the tag is reported", func() bool {
		found, err = w.store.Unmarked(t.Context(), "tiertime")
		return err != nil || len(found) > 0
	})
	must(t, "read unmarked tags", err)
	want := optgate.Unmarked{Kind: "script", Host: "static.hotjar.com", Path: "/c/hotjar-1.js"}
	if len(found) != 1 || found[0].Unmarked != want {
		t.Errorf("got %+v, want %+v alone", found, want)
	}

	admin := browser.New(t, browser.Options{})
	signIn(admin, w, "sites/tiertime")
	var text string
	admin.Eval(`document.querySelector("#snippet-unmarked-0").textContent`, &text)
	if markup := `<script type="text/plain" data-gate="analytics" data-src="https://static.hotjar.com/c/hotjar-1.js"></script>`; text != markup {
		t.Errorf("got %q to copy, want %q", text, markup)
	}
	admin.Click("section[aria-labelledby=h-unmarked] .tag button.link")
	admin.WaitFor(`document.querySelector("#flash p")?.textContent.includes("off the list") && !document.querySelector("#snippet-unmarked-0")`)
	if log := p.Console(); !strings.Contains(strings.Join(log, "\n"), "hotjar-1.js") {
		t.Errorf("got console %q, want a word about the tag", log)
	}
}
