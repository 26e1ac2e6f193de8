package publish_test

import (
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

// outside returns a site that tells Google, and has those rules.
func outside(rules map[optgate.Region]optgate.RegionRule) *optgate.Config {
	c := config("shop", "https://shop.example")
	c.Signals.Google, c.Regions = &optgate.GoogleSignal{Map: optgate.SignalMap{"marketing": {"ad_storage"}}}, rules
	return c
}

// What Google is told by region follows from the rules: no region in which
// somebody may have to be asked first is among them.
func TestGoogleIsToldByRegion(t *testing.T) {
	r := openRegistry(t, openStore(t, t.TempDir()))
	for i, tt := range []struct {
		name  string
		rules map[optgate.Region]optgate.RegionRule
		want  string // behind the words; empty: nothing by region
	}{
		{"all are asked first", map[optgate.Region]optgate.RegionRule{"US": "opt-in"}, ""},
		{"a country and a part", map[optgate.Region]optgate.RegionRule{"US": "none", "US-CA": "opt-out", "CA-QC": "opt-out"}, `},false,[],["CA-QC","US"],["marketing"]])`},
		{"a part that is asked first", map[optgate.Region]optgate.RegionRule{"US": "opt-out", "US-NY": "opt-in", "US-CA": "opt-out"}, ``},
		{"one that is not beside one that is", map[optgate.Region]optgate.RegionRule{"US": "opt-in", "US-CA": "opt-out"}, `},false,[],["US-CA"],["marketing"]])`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := r.Publish(t.Context(), outside(tt.rules), i, "test", ""); err != nil {
				t.Fatal(err)
			}
			site, _ := r.Published("shop")
			gate := string(site.Gate.Body())
			if tt.want != "" && !strings.Contains(gate, tt.want) {
				t.Errorf("got no %s", tt.want)
			}
			if got := strings.Contains(gate, "optgate:region\""); got != (tt.want != "") {
				t.Errorf("Google is told by region: %t", got)
			}
		})
	}
	if _, err := r.Publish(t.Context(), outside(map[optgate.Region]optgate.RegionRule{"*": "opt-out"}), 4, "test", ""); err != nil {
		t.Fatal(err)
	}
	site, _ := r.Published("shop")
	gate := string(site.Gate.Body())
	if !strings.Contains(gate, `"JP","KE"`) || strings.Contains(gate, `"DE"`) || strings.Contains(gate, `"*"`) {
		t.Error("elsewhere is not each country but those that are asked first")
	}
	if _, err := r.Pause(t.Context(), "shop", optgate.Pause{Pausable: optgate.Pausable{Category: "marketing"}, By: "ada", Reason: "r"}); err != nil {
		t.Fatal(err)
	}
	site, _ = r.Published("shop")
	if gate := string(site.Gate.Body()); strings.Contains(gate, `"JP","KE"],["marketing"]`) || !strings.Contains(gate, `"JP":1`) {
		t.Error("Google is told that what is paused is granted")
	}
}

// What the notice adds for those who see it, in bytes of brotli; and what such
// regions add to the gate of a site.
const (
	noticeBudget  = 2390
	regionsBudget = 480
)

func TestRegionsKeepTheirBudget(t *testing.T) {
	r := openRegistry(t, openStore(t, t.TempDir()))
	c := example(t, "tiertime.yaml")
	c.Hold = optgate.HoldOff
	sizes := []int{}
	for i, rules := range []map[optgate.Region]optgate.RegionRule{nil, {"US": "opt-out", "US-CA": "opt-out"}} {
		c.Regions = rules
		if _, err := r.Publish(t.Context(), c, i, "test", ""); err != nil {
			t.Fatal(err)
		}
		site, _ := r.Published(c.Site)
		sizes = append(sizes, brotliSize(t, site.Gate))
		for lang, script := range site.Pieces[publish.Notice] {
			got := brotliSize(t, script)
			t.Logf("notice in %s: %d bytes, the budget is %d", lang, got, noticeBudget)
			if got > noticeBudget {
				t.Errorf("notice in %s: got %d bytes, the budget is %d", lang, got, noticeBudget)
			}
		}
	}
	if got := sizes[1] - sizes[0]; got > regionsBudget {
		t.Errorf("regions add %d bytes to the gate, the budget is %d", got, regionsBudget)
	} else {
		t.Logf("regions add %d bytes to the gate", got)
	}
}
