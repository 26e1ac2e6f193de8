package e2e_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/testkit/browser"
)

// What Tiertime's first page loads from the third parties, by category. Of the
// two for pixel.gif, one is the server's tag and one is what tag.js does.
var (
	analyticsLoads = []string{"stats.example/pixel.gif", "stats.example/pixel.gif", "stats.example/tag.js", "stats.example/view.gif"}
	marketingLoads = []string{"ads.example/pixel.gif", "ads.example/view.gif", "retarget.example/pixel.gif", "retarget.example/tag.js"}
	everythingOnce = slices.Concat(analyticsLoads, marketingLoads)
)

// bannerGone is true once nothing is asked any more.
const bannerGone = `!document.querySelector("#og-panel") && document.querySelector("#og-open")`

// decided is true once a decision is over: the preferences close with the next
// frame.
const decided = bannerGone + ` && !document.querySelector("#og-preferences")?.open`

// visit opens Tiertime's first page in a new profile and waits for the banner.
func visit(t *testing.T, w *world) *browser.Page {
	t.Helper()
	p := browser.New(t, browser.Options{})
	p.Goto(w.at("tiertime", ""))
	p.WaitFor(`document.querySelector("#og-panel")`)
	return p
}

// decide clicks a button of the banner.
func decide(p *browser.Page, button string) {
	p.Click(button)
	p.WaitFor(decided)
}

// choiceCookie returns the answers in the choice cookie.
func choiceCookie(t *testing.T, p *browser.Page) string {
	t.Helper()
	for _, c := range p.Cookies() {
		if c.Name == "og" {
			parts := strings.SplitN(c.Value, ".", 4)
			return parts[len(parts)-1]
		}
	}
	t.Fatal("there is no choice cookie")
	return ""
}

// checkRecord fails the test if a record does not say what is wanted.
func checkRecord(t *testing.T, got optgate.Record, action optgate.Action, source string, yes ...optgate.CategoryID) {
	t.Helper()
	want := optgate.Choices{"functional": false, "analytics": false, "marketing": false}
	for _, id := range yes {
		want[id] = true
	}
	if got.Action != action || got.Source != source || !maps.Equal(got.Choices, want) {
		t.Errorf("got record %s from %s with %v, want %s from %s with %v", got.Action, got.Source, got.Choices, action, source, want)
	}
}

func TestReject(t *testing.T) {
	w := newWorld(t)
	p := visit(t, w)
	decide(p, "#og-reject")
	record := w.recorded("tiertime", 1)[0]
	checkRecord(t, record, optgate.RejectAll, "banner")
	if record.Revision != 1 || record.Language != "en" {
		t.Errorf("got revision %d in %s, want 1 in en", record.Revision, record.Language)
	}
	w.receivesOnly(p)

	p.Reload()
	p.WaitFor(bannerGone)
	w.receivesOnly(p)
	if got, want := choiceCookie(t, p), "analytics:0,functional:0,marketing:0"; got != want {
		t.Errorf("got cookie %s, want %s", got, want)
	}
	w.recorded("tiertime", 1)
}

func TestAccept(t *testing.T) {
	w := newWorld(t)
	p := visit(t, w)
	decide(p, "#og-accept")
	w.receivesOnly(p, everythingOnce...)
	checkRecord(t, w.recorded("tiertime", 1)[0], optgate.AcceptAll, "banner", "functional", "analytics", "marketing")
	p.WaitFor(`document.documentElement.dataset.inline === "ran" && document.querySelector(".recent")`)

	w.forget()
	p.Reload()
	w.receivesOnly(p, everythingOnce...)
	p.WaitFor(bannerGone)
	w.recorded("tiertime", 1)
	for _, c := range p.Cookies() {
		if c.Name == "og_id" && (!c.HTTPOnly || c.SameSite != "Lax") {
			t.Errorf("got the visitor's cookie %+v, want it HttpOnly and SameSite=Lax", c)
		}
	}
}

// Embeds come with the category that they were put in: a frame in the page, and
// one that the server holds for an empty place.
func TestEmbeds(t *testing.T) {
	w := newWorld(t)
	p := visit(t, w)
	decide(p, "#og-accept")
	w.receivesOnly(p, everythingOnce...)
	for page, frame := range map[string]string{"video": "video.example/embed/video", "forum": "comments.example/embed/comments"} {
		p.Goto(w.at("tiertime", page))
		p.WaitFor(fmt.Sprintf(`document.querySelector("main iframe").src.includes(%q)`, frame))
		eventually(t, frame+" has loaded", func() bool { return slices.Contains(w.received(), frame) })
		p.WaitFor(`!document.querySelector("main iframe").contentDocument?.querySelector("#og-hold")`)
	}
}

func TestCustomise(t *testing.T) {
	w := newWorld(t)
	p := visit(t, w)
	isChecked := func(want string) {
		t.Helper()
		var got string
		p.Eval(`[...document.querySelectorAll("#og-preferences input")].filter((box) => box.checked).map((box) => box.name).join()`, &got)
		if got != want {
			t.Errorf("got %q checked, want %q", got, want)
		}
	}
	p.Click("#og-customise")
	p.WaitFor(`document.querySelector("#og-preferences").open`)
	isChecked("")
	p.Click("[name=og-analytics]")
	isChecked("og-analytics")

	// A switch is a draft until it is saved.
	p.Press("\x1b")
	p.WaitFor(`!document.querySelector("#og-preferences").open`)
	w.receivesOnly(p)
	if cookies := p.Cookies(); len(cookies) > 0 {
		t.Errorf("got cookies %+v after Esc, want none", cookies)
	}
	p.Click("#og-customise")
	p.WaitFor(`document.querySelector("#og-preferences").open`)
	isChecked("")

	p.Click("[name=og-analytics]")
	p.Click("#og-save")
	p.WaitFor(bannerGone)
	w.receivesOnly(p, analyticsLoads...)
	checkRecord(t, w.recorded("tiertime", 1)[0], optgate.Save, "preferences", "analytics")
	if got, want := choiceCookie(t, p), "analytics:1,functional:0,marketing:0"; got != want {
		t.Errorf("got cookie %s, want %s", got, want)
	}
	w.forget()
	p.Reload()
	w.receivesOnly(p, analyticsLoads...)
	p.Click("#og-open")
	p.WaitFor(`document.querySelector("#og-preferences").open`)
	isChecked("og-analytics")
}

// Marketing alone loads what serves ads, and nothing that counts visits.
func TestMarketingAlone(t *testing.T) {
	w := newWorld(t)
	p := visit(t, w)
	p.Click("#og-customise")
	p.WaitFor(`document.querySelector("#og-preferences")?.open`)
	p.Click("[name=og-marketing]")
	p.Click("#og-save")
	p.WaitFor(bannerGone)
	w.receivesOnly(p, marketingLoads...)
	checkRecord(t, w.recorded("tiertime", 1)[0], optgate.Save, "preferences", "marketing")
	w.forget()
	p.Reload()
	w.receivesOnly(p, marketingLoads...)
}

func TestWithdraw(t *testing.T) {
	w := newWorld(t)
	p := visit(t, w)
	decide(p, "#og-accept")
	w.receivesOnly(p, everythingOnce...)
	p.Click("#og-open")
	p.Eval(`window.same = true`, nil)
	p.Click("#og-preferences [data-og-reject]")
	// Scripts ran, so the page starts anew.
	p.WaitFor(`!window.same && document.readyState === "complete"`)
	records := w.recorded("tiertime", 2)
	checkRecord(t, records[0], optgate.AcceptAll, "banner", "functional", "analytics", "marketing")
	checkRecord(t, records[1], optgate.RejectAll, "preferences")
	if records[0].Visitor != records[1].Visitor {
		t.Error("the two records are of two visitors")
	}
	w.settle(p)
	w.forget()
	p.Reload()
	p.WaitFor(bannerGone)
	w.receivesOnly(p)
	if got, want := choiceCookie(t, p), "analytics:0,functional:0,marketing:0"; got != want {
		t.Errorf("got cookie %s, want %s", got, want)
	}
}

// What is essential never waits, whether or not something was chosen.
func TestEssentialAlways(t *testing.T) {
	w := newWorld(t)
	third := w.options.ThirdParty
	url := w.page("/essential", "en", fmt.Sprintf(`
		<script type="text/plain" data-gate="essential" data-src="%s/shop.example/basket.js"></script>
		<script type="text/plain" data-gate="essential">document.documentElement.dataset.essential = "ran"</script>
		<img data-gate="essential" data-src="%[1]s/shop.example/mark.gif" alt="">
		<img data-gate="essential marketing" data-src="%[1]s/ads.example/both.gif" alt="">
		<img data-gate="unheard-of" data-src="%[1]s/ads.example/unknown.gif" alt="">
		<button id="count" onclick="this.textContent = +this.textContent + 1">0</button>`, third))
	p := browser.New(t, browser.Options{})
	p.Goto(url)
	essential := []string{"shop.example/basket.js", "shop.example/mark.gif", "shop.example/pixel.gif"}
	w.receivesOnly(p, essential...)
	p.WaitFor(`document.querySelector("#og-panel") && document.documentElement.dataset.essential === "ran"`)
	p.Click("#count")
	p.WaitFor(`document.querySelector("#count").textContent === "1"`)
	if warnings := slices.DeleteFunc(p.Console(), func(s string) bool { return !strings.Contains(s, "unheard-of") }); len(warnings) != 1 {
		t.Errorf("got warnings %q, want one about the unknown category", warnings)
	}

	decide(p, "#og-reject")
	w.forget()
	p.Reload()
	p.WaitFor(bannerGone)
	w.receivesOnly(p, essential...)
}

// The basket and the settings are the shop's own. The first is essential, the
// second kept only with the visitor's leave.
func TestTheShopObeysTheGate(t *testing.T) {
	w := newWorld(t)
	p := browser.New(t, browser.Options{})
	p.Goto(w.at("tiertime", "store"))
	p.WaitFor(`document.querySelector("#og-panel")`)
	p.Eval(`(() => { const s = document.querySelector("[data-setting]"); s.value = "USD"; s.dispatchEvent(new Event("change")) })()`, nil)
	p.WaitFor(`document.querySelector("[data-price]").textContent.startsWith("$")`)
	p.Click("[data-add]")
	w.settle(p)
	var kept int
	if p.Eval("localStorage.length", &kept); kept != 0 {
		t.Errorf("got %d settings kept before the choice, want none", kept)
	}
	decide(p, "#og-accept")
	p.WaitFor(`localStorage.tt_settings === "USD"`)
	p.Click("#og-open")
	p.Click("#og-preferences [data-og-reject]")
	p.WaitFor(`!("tt_settings" in localStorage) && document.cookie.includes("store_cart=")`)
}

func TestTwoSitesShareNothing(t *testing.T) {
	w := newWorld(t)
	p := visit(t, w)
	decide(p, "#og-accept")
	w.receivesOnly(p, everythingOnce...)
	w.recorded("tiertime", 1)
	w.forget()
	p.Goto(w.at("cetus3d", ""))
	p.WaitFor(`document.querySelector("#og-panel").getBoundingClientRect().height > 50`)
	w.receivesOnly(p)
	if cookies := p.Cookies(); len(cookies) > 0 {
		t.Errorf("got cookies %+v at the other site, want none", cookies)
	}
	decide(p, "#og-reject")
	other := w.recorded("cetus3d", 1)[0]
	if other.Visitor == w.records("tiertime")[0].Visitor {
		t.Error("both sites know the visitor by the same id")
	}
	p.Goto(w.at("tiertime", ""))
	w.receivesOnly(p, everythingOnce...)
}
