package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/password"
	"github.com/optgate/optgate/internal/testkit/browser"
)

const (
	userName     = "mara"
	userPassword = "a lamp, a spool, a spanner"
)

var userHash = sync.OnceValues(func() (string, error) { return password.Hash(userPassword) })

// addUser makes the user that tests sign in as.
func (w *world) addUser() {
	w.t.Helper()
	hash, err := userHash()
	must(w.t, "hash a password", err)
	must(w.t, "create a user", w.store.CreateUser(w.t.Context(), optgate.User{Name: userName, Password: hash, Created: time.Now()}))
}

// admin returns the address of a page of the admin.
func (w *world) admin(path string) string { return w.options.SiteOrigin["tiertime"] + "/admin/" + path }

// fill types into a field that is empty.
func fill(p *browser.Page, selector, text string) {
	p.Click(selector)
	p.Press(text)
}

// signIn signs the page's profile in and leaves it at a page of the admin.
func signIn(p *browser.Page, w *world, path string) {
	p.Goto(w.admin(path))
	fill(p, "[name=name]", userName)
	fill(p, "[name=password]", userPassword)
	p.Press("\r")
	p.WaitFor(fmt.Sprintf(`location.href === %q && document.readyState === "complete" && document.querySelector("h1")`, w.admin(path)))
}

// toggle presses the switch of a category on a site's page and waits until it
// says so.
func toggle(p *browser.Page, category string, on bool) {
	p.Click("#switch-" + category)
	p.WaitFor(fmt.Sprintf(`document.querySelector("#switch-%s").getAttribute("aria-checked") === "%t" && document.querySelector("#flash p")`, category, on))
}

// publishDraft goes from a site's page to its publish page and publishes what is
// there.
func publishDraft(p *browser.Page) {
	p.Click(`.draft-bar a[href$="/publish"]`)
	p.WaitFor(`location.pathname.endsWith("/publish") && document.querySelector("h1").textContent === "Publish"`)
	p.Click(`form[action$="/publish"] .button`)
	p.WaitFor(`!location.pathname.endsWith("/publish") && document.querySelector("#flash").textContent.includes("Published as revision")`)
}

// The gate is cached for a minute, and may be used once more while a new one is
// fetched. So visitors from before look again with an emptied cache, as they
// would after that minute.
func TestTheAdminSwitchesACategoryOffAndOn(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	said := visit(t, w)
	decide(said, "#og-accept")
	w.receivesOnly(said, everythingOnce...)
	w.recorded("tiertime", 1)
	admin := browser.New(t, browser.Options{})
	signIn(admin, w, "sites/tiertime")

	toggle(admin, "marketing", false)
	w.forget()
	later := visit(t, w) // in a new profile
	later.Click("#og-customise")
	later.WaitFor(`document.querySelector("#og-preferences").open && !document.querySelector("[name=og-marketing]")`)
	later.Press("\x1b")
	decide(later, "#og-accept")
	w.receivesOnly(later, analyticsLoads...)
	record := w.recorded("tiertime", 2)[1]
	if _, asked := record.Choices["marketing"]; asked || record.Revision != 2 {
		t.Errorf("got an answer to revision %d with %v, want one to revision 2 that knows no marketing", record.Revision, record.Choices)
	}
	w.forget()
	said.ClearCache()
	said.Reload()
	said.WaitFor(bannerGone)
	w.receivesOnly(said, analyticsLoads...)

	// On again: who allowed it before is not asked again, who was not asked is.
	toggle(admin, "marketing", true)
	w.forget()
	said.ClearCache()
	said.Reload()
	said.WaitFor(bannerGone)
	w.receivesOnly(said, everythingOnce...)
	w.forget()
	later.ClearCache()
	later.Reload()
	later.WaitFor(`document.querySelector("#og-panel")`)
	w.receivesOnly(later, analyticsLoads...)
	decide(later, "#og-reject")
	checkRecord(t, w.recorded("tiertime", 3)[2], optgate.RejectAll, "banner")
}

// An editor collects changes, which visitors do not see, looks at them and
// publishes them; another editor is told when both change the same.
func TestADraftIsPublished(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	p, other := browser.New(t, browser.Options{}), browser.New(t, browser.Options{NoScript: true})
	signIn(p, w, "sites/tiertime")
	signIn(other, w, "sites/tiertime/tags/ads-pixel")
	p.Goto(w.admin("sites/tiertime/tags/ads-pixel/remove"))
	p.Click("form[action$=remove] .button")
	p.WaitFor(`document.querySelector(".draft-bar strong").textContent === "1 change not published."`)
	visitor := visit(t, w)
	decide(visitor, "#og-accept")
	w.receivesOnly(visitor, everythingOnce...)

	other.Click(".form .actions .button")
	other.WaitFor(`document.querySelector(".note-warn").textContent.includes("Your entries are kept")`)
	other.Goto(w.admin("sites/tiertime"))
	publishDraft(other)
	p.Reload()
	p.WaitFor(`document.querySelector("h1") && !document.querySelector(".draft-bar")`)
	w.forget()
	later := visit(t, w)
	decide(later, "#og-accept")
	w.receivesOnly(later, slices.DeleteFunc(slices.Clone(everythingOnce), func(s string) bool { return s == "ads.example/pixel.gif" })...)
	if got := uncaught(p); len(got) > 0 {
		t.Errorf("got errors in the admin: %q", got)
	}
}

// status returns the status of a GET without cookies.
func status(t *testing.T, url string) int {
	t.Helper()
	r, err := http.Get(url)
	must(t, "get "+url, err)
	_ = r.Body.Close() // only the status counts
	return r.StatusCode
}

func TestFirstRun(t *testing.T) {
	w := newWorld(t)
	link, err := w.server.SetupLink(t.Context(), w.options.SiteOrigin["tiertime"])
	must(t, "make a set-up link", err)
	p := browser.New(t, browser.Options{})
	p.Goto(w.admin(""))
	p.WaitFor(`document.querySelector("h1").textContent === "Welcome to Optgate"`)
	p.Goto(link)
	fill(p, "[name=name]", userName)
	fill(p, "[name=password]", userPassword)
	fill(p, "[name=again]", userPassword)
	p.Press("\r")
	p.WaitFor(`location.pathname === "/admin/" && document.querySelectorAll(".site-row").length === 2`)

	p.Click(`a[href="/admin/sites/tiertime"]`)
	p.WaitFor(`document.querySelector("#switch-functional")`)
	toggle(p, "functional", false)
	p.Click(`a[href$="/new-tag"]`)
	p.WaitFor(`document.querySelector("[name=id]")`)
	fill(p, "[name=id]", "shop-pixel")
	p.Click("[value=pixel]")
	p.Eval(`document.querySelector("[name=owner]").value = "service:ads"`, nil)
	fill(p, "[name=src]", w.options.ThirdParty+"/ads.example/new.gif")
	p.Press("\r")
	p.WaitFor(`location.pathname.endsWith("/sites/tiertime") && document.querySelector("#flash").textContent.includes("Tag shop-pixel is added")`)
	publishDraft(p)

	visitor := visit(t, w)
	w.receivesOnly(visitor)
	decide(visitor, "#og-accept")
	w.receivesOnly(visitor, append([]string{"ads.example/new.gif"}, everythingOnce...)...)
	record := w.recorded("tiertime", 1)[0]
	if _, asked := record.Choices["functional"]; asked || record.Revision != 3 {
		t.Errorf("got an answer to revision %d with %v, want one to revision 3 that knows nothing functional", record.Revision, record.Choices)
	}

	p.Click(`form[action="/admin/sign-out"] button`)
	p.WaitFor(`location.pathname === "/admin/sign-in"`)
	p.Goto(w.admin("sites/tiertime"))
	p.WaitFor(`location.pathname === "/admin/sign-in"`)
	p.Goto(link)
	p.WaitFor(`document.querySelector("h1").textContent === "This link is no longer good" && !document.querySelector("[type=password]")`)
	if got, want := status(t, link), http.StatusGone; got != want {
		t.Errorf("the used link: got %d, want %d", got, want)
	}
	if errors := uncaught(p); len(errors) > 0 {
		t.Errorf("got errors in the admin: %q", errors)
	}
}

// uncaught returns the errors that a page's scripts left to the console.
func uncaught(p *browser.Page) []string {
	return slices.DeleteFunc(p.Console(), func(s string) bool {
		return !strings.HasPrefix(s, "uncaught") && !strings.HasPrefix(s, "error")
	})
}

// Everything in the admin is a form or a link.
func TestTheAdminWithoutScripts(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	p := browser.New(t, browser.Options{NoScript: true})
	signIn(p, w, "sites/tiertime")
	toggle(p, "marketing", false)
	visitor := visit(t, w)
	decide(visitor, "#og-accept")
	w.receivesOnly(visitor, analyticsLoads...)
	p.Click(`form[action="/admin/sign-out"] button`)
	p.WaitFor(`location.pathname === "/admin/sign-in"`)
}
