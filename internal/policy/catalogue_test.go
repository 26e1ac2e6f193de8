package policy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/catalogue"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/policy"
)

// What the catalogue offers as a service of one category, the table knows under
// no other: whoever lists it later changes nothing for visitors.
func TestTableAgreesWithTheCatalogue(t *testing.T) {
	p := policy.Compile(&optgate.Config{
		Hold: optgate.HoldKnown, Origins: []string{"https://www.shop.example"},
		Categories: []optgate.Category{{ID: optgate.Essential}, {ID: optgate.Functional}, {ID: optgate.Analytics}, {ID: optgate.Marketing}},
	})
	known := 0
	for _, s := range catalogue.All() {
		for _, host := range s.Hosts {
			needs := p.Match("https://"+strings.Replace(host, "*.", "x.", 1)+"/", shopPage)
			if len(needs) == 0 || host == "js.hsforms.net" { // forms are wanted without what else HubSpot does
				continue
			}
			known++
			if !slices.Contains(needs, s.Category) {
				t.Errorf("%s of %s: the table says %q, the catalogue %q", host, s.ID, needs, s.Category)
			}
		}
	}
	if known < 50 {
		t.Errorf("got %d hosts of the catalogue in the table, want most of them", known)
	}
}
