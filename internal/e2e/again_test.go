package e2e_test

import (
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// A new service in marketing asks who allowed marketing before; until she
// answers nothing of it loads, and what else she allowed goes on. A typo asks
// nobody.
func TestANewServiceAsksAgain(t *testing.T) {
	w := newWorld(t)
	publish := func(edit func(*optgate.Config)) {
		t.Helper()
		latest, _ := w.registry.Site("tiertime")
		c := latest.Config.Clone()
		edit(c)
		_, err := w.registry.Publish(t.Context(), c, latest.Number, "test", "")
		must(t, "publish", err)
	}
	visitor := visit(t, w)
	decide(visitor, "#og-accept")
	w.receivesOnly(visitor, everythingOnce...)
	w.recorded("tiertime", 1)
	again := func() {
		w.forget()
		visitor.ClearCache()
		visitor.Reload()
	}

	publish(func(c *optgate.Config) { c.Name += "." })
	again()
	visitor.WaitFor(bannerGone)
	w.receivesOnly(visitor, everythingOnce...)

	publish(func(c *optgate.Config) {
		c.Services = append(c.Services, optgate.Service{
			ID: "more-ads", Name: "More adverts", Category: optgate.Marketing, Provider: "More Ads Inc.",
			Purpose: optgate.Text{"en": "Shows more.", "de": "Zeigt mehr.", "ar": "يعرض المزيد."},
		})
	})
	again()
	visitor.WaitFor(`document.querySelector("#og-panel").innerText.includes("asks for: Marketing.")`)
	w.receivesOnly(visitor, analyticsLoads...)
	decide(visitor, "#og-accept")
	w.receivesOnly(visitor, everythingOnce...)
	if record := w.recorded("tiertime", 2)[1]; record.Revision != 3 || !record.Choices[optgate.Marketing] {
		t.Errorf("got an answer to revision %d with %v, want a yes to revision 3", record.Revision, record.Choices)
	}
	again()
	visitor.WaitFor(bannerGone)
	w.receivesOnly(visitor, everythingOnce...)
}
