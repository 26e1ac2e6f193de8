package optgate_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// regionVector is a line of testdata/vectors/regions.json.
type regionVector struct {
	Name    string
	Regions map[optgate.Region]optgate.RegionRule
	Region  optgate.Region
	Rule    optgate.RegionRule
}

func TestRuleIn(t *testing.T) {
	data, err := os.ReadFile("testdata/vectors/regions.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []regionVector
	if err := json.Unmarshal(data, &all); err != nil || len(all) == 0 {
		t.Fatalf("got %d vectors, %v", len(all), err)
	}
	for _, v := range all {
		t.Run(v.Name, func(t *testing.T) {
			c := shop()
			c.Regions = v.Regions
			if got := c.RuleIn(v.Region); got != v.Rule {
				t.Errorf("got %s in %q, want %s", got, v.Region, v.Rule)
			}
		})
	}
}

// What the gate is told has no more in it than it needs: nothing where all are
// asked first, and of elsewhere each country.
func TestRegionTable(t *testing.T) {
	for _, tt := range []struct {
		name    string
		regions map[optgate.Region]optgate.RegionRule
		want    string // JSON
	}{
		{"none", nil, "null"},
		{"all are asked first", map[optgate.Region]optgate.RegionRule{"*": "opt-in", "US": "opt-in"}, "null"},
		{"where no rule counts", map[optgate.Region]optgate.RegionRule{"FR": "none"}, "null"},
		{"a country", map[optgate.Region]optgate.RegionRule{"US": "opt-out"}, `{"US":1}`},
		{"a part", map[optgate.Region]optgate.RegionRule{"US-CA": "opt-out"}, `{"US-CA":1}`},
		{"a country with a part that is stricter", map[optgate.Region]optgate.RegionRule{"US": "none", "US-CA": "opt-out"}, `{"US":1,"US-":2,"US-CA":1}`},
		{"a country with a part that is asked first", map[optgate.Region]optgate.RegionRule{"US": "opt-out", "US-NY": "opt-in"}, `{"US-":1,"US-NY":0}`},
		{"a part that says the same", map[optgate.Region]optgate.RegionRule{"US": "opt-out", "US-CA": "opt-out"}, `{"US":1}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := shop()
			c.Regions = tt.regions
			got, err := json.Marshal(c.RegionTable())
			if err != nil || string(got) != tt.want {
				t.Errorf("got %s, %v, want %s", got, err, tt.want)
			}
		})
	}
	c := shop()
	c.Regions = map[optgate.Region]optgate.RegionRule{"*": "opt-out"}
	table := c.RegionTable()
	if table["JP"] != 1 || table["US"] != 1 {
		t.Error("elsewhere lacks countries")
	}
	for _, country := range []optgate.Region{"DE", "IE", "NO", "GB", "CH", "GI", "*", "XX"} {
		if _, ok := table[country]; ok || len(table) > 249-43 {
			t.Errorf("got %d regions with %s among them", len(table), country)
		}
	}
}

func TestValidateRegions(t *testing.T) {
	rules := func(all ...string) map[optgate.Region]optgate.RegionRule {
		m := map[optgate.Region]optgate.RegionRule{}
		for i := 0; i < len(all); i += 2 {
			m[optgate.Region(all[i])] = optgate.RegionRule(all[i+1])
		}
		return m
	}
	for _, tt := range []struct {
		name    string
		regions map[optgate.Region]optgate.RegionRule
		edit    func(*optgate.Config)
		want    string // the only fault, its start; empty: none
	}{
		{"none", nil, nil, ""},
		{"all sorts", rules("*", "opt-in", "US", "none", "US-CA", "opt-out", "JP-13", "opt-out"), nil, ""},
		{"elsewhere", rules("*", "opt-out"), nil, ""},
		{"the EU, asked first", rules("DE", "opt-in", "FR-75", "opt-in"), nil, ""},
		{"the EU", rules("DE", "opt-out"), nil, "regions.DE: is opt-in: in the EU"},
		{"a part of it", rules("FR-75", "none"), nil, "regions.FR-75: is opt-in: in the EU"},
		{"the EEA", rules("IS", "none"), nil, "regions.IS: is opt-in"},
		{"the United Kingdom", rules("GB-SCT", "opt-out"), nil, "regions.GB-SCT: is opt-in"},
		{"Switzerland", rules("CH", "opt-out"), nil, "regions.CH: is opt-in"},
		{"by a wrong name", rules("UK", "opt-out"), nil, "regions.UK: is written GB"},
		{"Greece by a wrong name", rules("EL", "opt-out"), nil, "regions.EL: is written GR"},
		{"no country", rules("XX", "opt-out"), nil, "regions.XX: is no region"},
		{"words", rules("California", "opt-out"), nil, "regions.California: is no region"},
		{"small letters", rules("us", "opt-out"), nil, "regions.us: is no region"},
		{"nothing", rules("", "opt-out"), nil, "regions.: is no region"},
		{"no rule", rules("US", "allow"), nil, "regions.US: is one of opt-in, opt-out, none"},
		{"an empty rule", rules("US", ""), nil, "regions.US: is one of opt-in, opt-out, none"},
		{"without the signal", rules("US", "opt-out"), func(c *optgate.Config) { c.GPC.Off = true }, "gpc.off: is false where"},
		{"without the signal, nothing shown", rules("US", "none"), func(c *optgate.Config) { c.GPC.Off = true }, "gpc.off: is false where"},
		{"without the signal, all asked first", rules("US", "opt-in"), func(c *optgate.Config) { c.GPC.Off = true }, ""},
		{"blocking third parties", rules("US", "opt-out"), func(c *optgate.Config) { c.Hold = optgate.HoldThirdParty }, "hold: is known or off where"},
		{"blocking third parties, all asked first", rules("US", "opt-in"), func(c *optgate.Config) { c.Hold = optgate.HoldThirdParty }, ""},
		{"holding what is known", rules("US", "opt-out"), func(c *optgate.Config) { c.Hold = optgate.HoldKnown }, ""},
		{"other regions for Google", rules("US", "opt-out"), func(c *optgate.Config) {
			c.Signals.Google = &optgate.GoogleSignal{Regions: []string{"DE"}}
		}, "signals.google.regions: follow from regions"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := shop()
			c.Regions = tt.regions
			if tt.edit != nil {
				tt.edit(c)
			}
			err := c.Validate()
			var bad optgate.InvalidErrors
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("got %v, want a valid configuration", err)
			case tt.want != "" && (!errors.As(err, &bad) || len(bad) != 1 || !strings.HasPrefix(bad[0].Error(), tt.want)):
				t.Errorf("got %v, want one fault, %s...", err, tt.want)
			}
		})
	}
}

// Rules are told when they change, and ask nobody again: no answer becomes
// another one by them.
func TestDiffRegions(t *testing.T) {
	before, after := shop(), shop()
	before.Regions = map[optgate.Region]optgate.RegionRule{"US": "opt-in", "JP": "none", "BR": "opt-in"}
	after.Regions = map[optgate.Region]optgate.RegionRule{"US": "opt-out", "CA": "opt-out", "BR": "opt-in"}
	var got []string
	changes := optgate.Diff(before, after)
	for _, c := range changes {
		got = append(got, c.String())
		if c.Material {
			t.Errorf("%s is material", c)
		}
	}
	want := "region “CA” added: “opt-out”; region “JP” removed: “none”; region “US” changed from “opt-in” to “opt-out”"
	if s := strings.Join(got, "; "); s != want {
		t.Errorf("got %s, want %s", s, want)
	}
	if asked := optgate.Asking(changes, after); asked.New != nil || asked.Again != nil {
		t.Errorf("got %s", asked)
	}
}

// What was left as it was is not recorded as a yes; where all are asked first,
// each category has its answer.
func TestRecordMaySayNothing(t *testing.T) {
	for _, tt := range []struct {
		name   string
		rule   optgate.RegionRule
		action optgate.Action
		ok     bool
	}{
		{"opt-out", optgate.OptOut, optgate.Save, true},
		{"no banner", optgate.NoBanner, optgate.Save, true},
		{"asked first", optgate.OptIn, optgate.Save, false},
		{"all refused", optgate.OptOut, optgate.RejectAll, false},
		{"all accepted", optgate.OptOut, optgate.AcceptAll, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := shop()
			c.Regions = map[optgate.Region]optgate.RegionRule{"US": tt.rule}
			r := answer()
			r.Action, r.Source, r.Choices = tt.action, "gpc", optgate.Choices{"marketing": tt.action == optgate.AcceptAll}
			if err := r.ValidateAgainst(c); (err == nil) != tt.ok {
				t.Errorf("got %v, want it taken: %t", err, tt.ok)
			}
		})
	}
}
