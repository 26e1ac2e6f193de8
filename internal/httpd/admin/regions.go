package admin

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// regionField returns the name of the field that lists the regions of a rule.
func regionField(rule optgate.RegionRule) string { return "regions." + string(rule) }

// twice is the rule of a region that stands in two lists, which is none.
const twice optgate.RegionRule = "two"

// regionValues returns the lists of regions, a field for each rule.
func regionValues(c *optgate.Config) map[string]string {
	values := map[string]string{}
	for _, rule := range optgate.RegionRules {
		values[regionField(rule)] = strings.Join(regionsOf(c, rule), " ")
	}
	return values
}

// regionsOf returns the regions with a rule, sorted.
func regionsOf(c *optgate.Config, rule optgate.RegionRule) []string {
	var all []string
	for region, r := range c.Regions {
		if r == rule {
			all = append(all, string(region))
		}
	}
	slices.Sort(all)
	return all
}

func applyRegions(c *optgate.Config, typed map[string]string) {
	c.Regions = nil
	for _, rule := range optgate.RegionRules {
		for _, code := range regions(typed[regionField(rule)]) {
			region, now := optgate.Region(code), rule
			if was, named := c.Regions[region]; named && was != rule {
				now = twice
			}
			if c.Regions == nil {
				c.Regions = map[optgate.Region]optgate.RegionRule{}
			}
			c.Regions[region] = now
		}
	}
}

// regionFaults says where a fault of a region was typed.
func regionFaults(ctx context.Context, c *optgate.Config) []field {
	var fields []field
	for _, region := range slices.Sorted(maps.Keys(c.Regions)) {
		rule, label := c.Regions[region], fmt.Sprintf("“%.40s”", region)
		if rule == twice {
			rule, label = optgate.OptOut, bilingual.Say(ctx, "%s stands in two lists. It", label)
		}
		fields = append(fields, field{fmt.Sprintf("regions.%.40s", region), regionField(rule), label})
	}
	return append(fields, field{"regions", regionField(optgate.OptOut), bilingual.Say(ctx, "Regions")},
		field{"gpc.off", regionField(optgate.OptOut), bilingual.Say(ctx, "Under Signals, Global Privacy Control off")},
		field{"signals.google.regions", regionField(optgate.OptOut), bilingual.Say(ctx, "Under Signals, the regions of Google")})
}

// regionChecks says where trackers load before anybody was asked, and whether it
// can be known who is there.
func (a *Admin) regionChecks(ctx context.Context, c *optgate.Config) []view.Check {
	if !c.LoadsBeforeAnswer() {
		return nil
	}
	lenient := append(regionsOf(c, optgate.OptOut), regionsOf(c, optgate.NoBanner)...)
	all := []view.Check{{
		Text: bilingual.Say(ctx, "In %s nobody is asked first: all loads until a visitor objects. Be sure that the law there allows it.", view.Few(ctx, lenient, manyMissing)),
		Link: "/settings",
	}}
	if !a.TellsRegions {
		all = append(all, view.Check{
			Text: bilingual.Say(ctx, "This server is not told where visitors are (--region-header): on pages that do not say it by data-region, everybody is asked first."),
			Link: "/settings",
		})
	}
	return all
}
