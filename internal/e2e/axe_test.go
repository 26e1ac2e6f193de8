package e2e_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/browser"
)

// axeFile is installed by "npm ci" in web.
const axeFile = "../../web/node_modules/axe-core/axe.min.js"

// axeRun asks for every rule of WCAG 2.x A and AA and for best practices.
const axeRun = `axe.run(document, {iframes: false, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then((all) => ({
	passes: all.passes.length,
	violations: all.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target.join(" ") + " (" + n.any.concat(n.all, n.none).map((c) => c.message).join("; ") + ")").join(", ")),
}))`

// trueColours makes axe-core see the colours that a browser paints where the
// visitor's system forces its own: axe-core asks for the fill of a text, which
// browsers report as it would be without.
const trueColours = `(() => {
	const real = getComputedStyle, instead = (name) => ({"-webkit-text-fill-color": "color", webkitTextFillColor: "color"})[name] || name;
	window.getComputedStyle = (...of) => new Proxy(real(...of), {
		get: (style, name) => typeof style[name] === "function" ? (...args) => style[name](...args.map(instead)) : style[instead(name)],
	});
})()`

// loadAxe puts axe-core into a page, once.
func loadAxe(t *testing.T, p *browser.Page) {
	t.Helper()
	source, err := os.ReadFile(axeFile)
	if err != nil {
		t.Fatalf("read axe-core: %v; hint: go tool task setup", err)
	}
	var loaded bool
	if p.Eval("!!window.axe", &loaded); !loaded {
		p.Eval(string(source)+";0", nil)
		p.Eval(trueColours, nil)
	}
}

// checkAxe fails the test for each rule that a page as it stands violates.
func checkAxe(t *testing.T, p *browser.Page, what string) {
	t.Helper()
	loadAxe(t, p)
	var result struct {
		Passes     int
		Violations []string
	}
	p.Eval(axeRun, &result)
	for _, v := range result.Violations {
		t.Errorf("%s: %s", what, v)
	}
	if result.Passes == 0 {
		t.Errorf("%s: axe-core found nothing to look at", what)
	}
}

// looks are the ways in which a page is shown.
var looks = []struct {
	name  string
	media browser.Media
	width int
}{
	{"light", browser.Media{}, 1280},
	{"dark", browser.Media{Dark: true}, 1280},
	{"forced colours", browser.Media{ForcedColors: true, Dark: true}, 1280},
	{"320 px", browser.Media{}, 320},
	{"320 px dark", browser.Media{Dark: true}, 320},
}

// checkLooks checks a page in every look.
func checkLooks(t *testing.T, p *browser.Page, what string) {
	t.Helper()
	for _, look := range looks {
		p.Media(look.media)
		p.Viewport(look.width, 800, 0)
		p.WaitFor(`document.getAnimations().length === 0`)
		checkAxe(t, p, what+", "+look.name)
	}
	p.Media(browser.Media{})
	p.Viewport(1280, 800, 0)
}

func TestAxeOnWhatVisitorsSee(t *testing.T) {
	w := newWorld(t)
	for _, page := range []string{"", "ar"} {
		p := browser.New(t, browser.Options{})
		p.Goto(w.at("tiertime", page))
		p.WaitFor(`document.querySelector("#og-panel")`)
		checkLooks(t, p, "banner /"+page)
		p.Click("#og-customise")
		p.WaitFor(`document.querySelector("#og-preferences").open`)
		p.Eval(`document.querySelectorAll("#og-preferences details").forEach((d) => d.open = true)`, nil)
		checkLooks(t, p, "preferences /"+page)
		p.Click("[name=og-analytics]")
		checkLooks(t, p, "preferences with a switch on /"+page)
		p.Click("#og-save")
		p.WaitFor(bannerGone)
		checkLooks(t, p, "after the choice /"+page)
		for _, own := range []string{"/s/tiertime/preferences?lang=", "/s/tiertime/preferences?saved=1&lang=", "/s/tiertime/declaration?lang=", "/s/nowhere/preferences?lang="} {
			p.Goto(w.options.SiteOrigin["tiertime"] + own + page)
			p.WaitFor(`document.querySelector("h1")`)
			checkLooks(t, p, own+page)
		}
	}
}

func TestAxeOnTheShop(t *testing.T) {
	w := newWorld(t)
	p := visit(t, w)
	decide(p, "#og-accept")
	for _, page := range []string{"store", "video", "forum", "policy"} {
		p.Goto(w.at("cetus3d", page))
		checkLooks(t, p, page)
	}
	p.Goto(w.options.ThirdParty + "/")
	p.WaitFor(`!document.querySelector("[data-hits]").hidden`)
	checkLooks(t, p, "third parties")
}

func TestAxeOnTheAdmin(t *testing.T) {
	w := newWorld(t)
	link, err := w.server.SetupLink(t.Context(), w.options.SiteOrigin["tiertime"])
	must(t, "make a set-up link", err)
	p := browser.New(t, browser.Options{})
	p.Goto(w.admin(""))
	checkLooks(t, p, "welcome")
	p.Goto(link)
	checkLooks(t, p, "set-up")
	p.Goto(link + "x")
	checkLooks(t, p, "used link")
	w.addUser()
	p.Goto(w.admin("sign-in"))
	checkLooks(t, p, "sign-in")
	fill(p, "[name=name]", userName)
	fill(p, "[name=password]", "not the password")
	p.Press("\r")
	p.WaitFor(`document.querySelector("#refused")`)
	checkLooks(t, p, "sign-in refused")
	signIn(p, w, "")
	must(t, "write answers", writeAnswers(t.Context(), w.store, "tiertime"))
	for _, path := range []string{
		"", "account", "new-site", "sites/tiertime", "sites/tiertime/overview", "sites/cetus3d/overview", "sites/tiertime/check", "sites/tiertime/new-tag", "sites/tiertime/tags/stats-page", "sites/tiertime/tags/comments",
		"sites/tiertime/tags/ads-pixel/remove", "sites/tiertime/new-service?category=marketing", "sites/tiertime/services/store",
		"sites/tiertime/services/ads", "sites/tiertime/services/ads/remove", "sites/nowhere",
		"sites/tiertime/look", "sites/tiertime/texts?lang=ar", "sites/tiertime/signals", "sites/tiertime/settings", "sites/tiertime/categories",
		"sites/tiertime/preview?preview-width=phone",
		"people", "people/" + userName, "people/" + userName + "/remove", "people/" + userName + "/reset", "audit", "audit?user=nobody",
	} {
		p.Goto(w.admin(path))
		checkLooks(t, p, "admin/"+path)
	}
	p.Goto(w.admin("people"))
	p.Click("[action$=invite] .button")
	p.WaitFor(`document.querySelector("#link")`)
	checkLooks(t, p, "an invitation")
	p.Goto(w.admin("account"))
	fill(p, "[name=token-name]", "Nightly export")
	p.Click("[name=scope]")
	p.Click("[action$=new-token] .button")
	p.WaitFor(`document.querySelector("#token")`)
	checkLooks(t, p, "a new token")
	p.Goto(w.admin("account"))
	checkLooks(t, p, "the account with a token")
	enrol(p, w, func(what string) { checkLooks(t, p, what) })
	p.Goto(w.admin("account"))
	checkLooks(t, p, "the account with a second step")
	for _, form := range []string{"new-site", "sites/tiertime/new-tag", "sites/tiertime/new-service"} {
		p.Goto(w.admin(form))
		p.Click(".form .actions button")
		p.WaitFor(`document.querySelector("#faults")`)
		checkLooks(t, p, "admin/"+form+" with errors")
		discard(p)
	}
	p.Goto(w.admin("sites/tiertime/overview?period=90d"))
	p.Eval(`document.querySelectorAll("details").forEach((d) => d.open = true)`, nil)
	checkLooks(t, p, "the overview with its tables")
	p.Goto(w.admin("sites/tiertime/check"))
	p.Eval(`document.querySelector("[name=address]").value = ""`, nil)
	fill(p, "[name=address]", w.page("/wrong", "en", `<img src="https://www.facebook.com/tr?id=1" alt=""><img data-gate="adverts" data-src="/a.gif" alt="">`))
	p.Press("\r")
	p.WaitFor(`document.querySelector("#h-broken") && document.querySelector("#h-improve")`)
	checkLooks(t, p, "what a check found")
	p.Goto(w.admin("new-site"))
	fill(p, "[name=name]", "The Club")
	fill(p, "[name=origin]", "[::1]") // may not be looked at, which is said
	p.Press("\r")
	p.WaitFor(`document.querySelector("[name=controller]") && document.querySelector(".note")`)
	checkLooks(t, p, "a new site, second step")
	p.Goto(w.admin("sites/tiertime/signals"))
	p.Eval(`document.querySelectorAll(".signal > .check input").forEach((box) => { box.checked = true })`, nil)
	checkLooks(t, p, "all that a vendor needs")
	p.Goto(w.admin("sites/tiertime/look"))
	retype(p, "#f-accent", "#ffee00")
	p.Click(".form .actions .button")
	p.WaitFor(`document.querySelector("#faults")`)
	checkLooks(t, p, "a look that is refused")
	discard(p)
	p.Goto(w.admin("sites/tiertime"))
	toggle(p, "marketing", false)
	checkLooks(t, p, "a category is off")
	p.Goto(w.admin("sites/tiertime/publish"))
	checkLooks(t, p, "nothing to publish")
	p.Goto(w.admin("sites/tiertime/tags/ads-pixel/remove"))
	p.Click("form[action$=remove] .button")
	p.WaitFor(`document.querySelector(".draft-bar")`)
	checkLooks(t, p, "a site with a draft")
	for _, path := range []string{"publish", "publish/discard", "history/1"} {
		p.Goto(w.admin("sites/tiertime/" + path))
		checkLooks(t, p, "a draft, "+path)
	}
	r, _ := w.registry.Site("tiertime")
	r.Config.Tags = slices.DeleteFunc(slices.Clone(r.Config.Tags), func(t optgate.Tag) bool { return t.ID == "stats-page" })
	for i := range r.Config.Tags {
		r.Config.Tags[i].Src += "?new"
	}
	_, err = w.registry.Publish(t.Context(), &r.Config, r.Number, "apply", "")
	must(t, "publish past the draft", err)
	p.Goto(w.admin("sites/tiertime/publish"))
	p.WaitFor(`document.querySelector("[action$=take-over]")`)
	checkLooks(t, p, "a draft that is behind")
}

// TestAxeOnAnEmptyAdmin looks at the admin before there is a site.
func TestAxeOnAnEmptyAdmin(t *testing.T) {
	w := newEmptyWorld(t)
	w.addUser()
	p := browser.New(t, browser.Options{})
	signIn(p, w, "")
	p.WaitFor(`document.querySelector(".empty")`)
	checkLooks(t, p, "no sites")
}

// A check that never fails would prove nothing: this page is wrong.
func TestAxeFindsFaults(t *testing.T) {
	w := newWorld(t)
	p := browser.New(t, browser.Options{})
	p.Goto(w.page("/wrong", "en", `<main><h1>Page</h1><img src="data:,"><input><p style="color:#999;background:#aaa">dim</p></main>`))
	loadAxe(t, p)
	var result struct{ Violations []string }
	p.Eval(axeRun, &result)
	got := strings.Join(result.Violations, " ")
	for _, want := range []string{"image-alt:", "label:", "color-contrast:"} {
		if !strings.Contains(got, want) {
			t.Errorf("got violations %q, want %s among them", got, want)
		}
	}
}
