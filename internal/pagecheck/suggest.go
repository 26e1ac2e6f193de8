package pagecheck

import (
	"maps"
	"slices"
	"strings"

	"github.com/optgate/optgate/internal/catalogue"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/policy"
)

// Stranger is a host of a page that belongs to a category by the table of
// trackers, and to no service of the catalogue.
type Stranger struct {
	Host     string
	Category optgate.CategoryID
}

// usual is a site of which nothing is known but where it is.
func usual(address string) *optgate.Config {
	return &optgate.Config{
		Hold: optgate.HoldKnown, Origins: []string{address},
		Categories: []optgate.Category{{ID: optgate.Essential}, {ID: optgate.Functional}, {ID: optgate.Analytics}, {ID: optgate.Marketing}},
	}
}

// Services returns the services of the catalogue that p has, or names in its
// scripts, marked or not, in the catalogue's order; and hosts of others that are
// no part of the site, by name.
func (p *Page) Services() ([]catalogue.Service, []Stranger) {
	known, strangers := map[string]bool{}, map[string]optgate.CategoryID{}
	rules := policy.Compile(usual(p.Address))
	for i := range p.Elements {
		e := &p.Elements[i]
		addresses := append([]string{e.Address, e.Attr["data-src"], e.Attr["data-href"]}, named.FindAllString(e.Text, maxNamed)...)
		for _, address := range addresses {
			if strings.HasPrefix(address, "//") {
				address = "https:" + address
			}
			if s, ok := Vendor(address); ok {
				known[s.ID] = true
			} else if needs := rules.Match(address, p.Address); address != "" && len(needs) > 0 {
				strangers[hostOf(address)] = needs[0]
			}
		}
	}
	var services []catalogue.Service
	for _, s := range catalogue.All() {
		if known[s.ID] {
			services = append(services, s)
		}
	}
	var others []Stranger
	for _, host := range slices.Sorted(maps.Keys(strangers)) {
		others = append(others, Stranger{host, strangers[host]})
	}
	return services, others
}
