package e2e_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/testkit/browser"
	"github.com/optgate/optgate/internal/testkit/redistest"
)

// pressPause pauses or resumes by the form of an action ("pause", "resume") that
// is about a field's value.
func pressPause(p *browser.Page, action, field, value string) {
	form := `main form[action$="/` + action + `"]:has([name=` + field + `][value="` + value + `"])`
	p.Click(form + " button")
	p.WaitFor(`document.querySelector("#flash p") && !document.querySelector('` + form + `')`)
}

// ownChoice is the choice cookie, without those of third parties.
const ownChoice = `document.cookie.match(/\bog=[^;]*/)[0]`

// What is paused does not load for a visitor who has accepted it, who is asked
// nothing and whose answer stays; it loads again once it is resumed.
func TestTheAdminPausesAndResumes(t *testing.T) {
	for _, tt := range []struct {
		name, field, value string
		stays              []string
	}{
		{"a category", "category", "marketing", analyticsLoads},
		{"a tag", "tag", "ads-pixel", without(everythingOnce, "ads.example/pixel.gif")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.addUser()
			said := visit(t, w)
			decide(said, "#og-accept")
			w.receivesOnly(said, everythingOnce...)
			record := w.recorded("tiertime", 1)[0]
			var choice string
			said.Eval(ownChoice, &choice)
			admin := browser.New(t, browser.Options{})
			signIn(admin, w, "sites/tiertime")

			pressPause(admin, "pause", tt.field, tt.value)
			admin.WaitFor(`document.querySelector(".note.paused").textContent.includes("by ` + userName + `")`)
			w.forget()
			said.ClearCache()
			said.Reload()
			said.WaitFor(bannerGone)
			w.receivesOnly(said, tt.stays...)
			var after string
			if said.Eval(ownChoice, &after); after != choice {
				t.Errorf("got the choice %s, want it as it was: %s", after, choice)
			}
			fresh := visit(t, w)
			w.forget()
			decide(fresh, "#og-accept")
			w.receivesOnly(fresh, tt.stays...)
			if again := w.recorded("tiertime", 2)[1]; again.Panel != record.Panel || again.Revision != record.Revision || !again.Choices["marketing"] {
				t.Errorf("got revision %d, panel %s and %v, want those of before the pause: %d and %s, all accepted",
					again.Revision, again.Panel, again.Choices, record.Revision, record.Panel)
			}

			pressPause(admin, "resume", tt.field, tt.value)
			admin.WaitFor(`!document.querySelector(".note.paused")`)
			w.forget()
			said.ClearCache()
			said.Reload()
			said.WaitFor(bannerGone)
			w.receivesOnly(said, everythingOnce...)
			w.recorded("tiertime", 2)
		})
	}
}

// without returns all but one.
func without(all []string, one string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == one })
}

func TestAPauseIsLiveOnTheOtherReplica(t *testing.T) {
	redis := redistest.Start(t)
	a := newReplica(t, redis.URL(), nil)
	b := newReplica(t, redis.URL(), a)
	a.addUser()
	admin := browser.New(t, browser.Options{})
	signIn(admin, a, "sites/tiertime")
	const mark = `"z":{"marketing":1}`
	var worst time.Duration
	for i := range 6 {
		action, paused := "pause", i%2 == 0
		if !paused {
			action = "resume"
		}
		// The clock starts at the click, so the way to A and its own work count.
		begin := time.Now()
		pressPause(admin, action, "category", "marketing")
		eventually(t, "the other replica knows of the "+action, func() bool { return strings.Contains(gateOf(t, b), mark) == paused })
		worst = max(worst, time.Since(begin))
	}
	t.Logf("from the click in one replica's admin to the other's gate.js: at most %v of 6", worst.Round(time.Millisecond))
}

func TestAxeOnWhatIsPaused(t *testing.T) {
	w := newWorld(t)
	w.addUser()
	p := browser.New(t, browser.Options{})
	signIn(p, w, "sites/tiertime")
	p.Eval(`document.querySelectorAll(".pause-why").forEach((d) => d.open = true)`, nil)
	checkLooks(t, p, "reasons to pause")
	pressPause(p, "pause", "category", "marketing")
	pressPause(p, "pause", "tag", "stats-page")
	checkLooks(t, p, "a category and a tag are paused")
	p.Goto(w.admin(""))
	checkLooks(t, p, "the sites, one of them with pauses")
}
