package optgate_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

func TestGPCCategories(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit func(*optgate.Config)
		want []optgate.CategoryID
	}{
		{"by default", func(*optgate.Config) {}, []optgate.CategoryID{"marketing"}},
		{"off", func(c *optgate.Config) { c.GPC = optgate.GPC{Off: true, Categories: []optgate.CategoryID{"research"}} }, nil},
		{"about nothing that is asked, where something loads before an answer", func(c *optgate.Config) {
			c.Regions, c.GPC.Categories = map[optgate.Region]optgate.RegionRule{"US": "opt-out"}, []optgate.CategoryID{"gone"}
		}, []optgate.CategoryID{"functional", "marketing", "research"}},
		{"two, in the site's order", func(c *optgate.Config) { c.GPC.Categories = []optgate.CategoryID{"research", "functional"} }, []optgate.CategoryID{"functional", "research"}},
		{"one that is not asked", func(c *optgate.Config) { c.Categories[2].Off = true }, nil},
		{"a site without marketing", func(c *optgate.Config) { c.Categories = c.Categories[:2] }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := shop()
			tt.edit(c)
			if got := c.GPCCategories(); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestValidateGPC(t *testing.T) {
	for _, tt := range []struct {
		name       string
		categories []optgate.CategoryID
		want       string // the only fault, its start; empty: none
	}{
		{"none", nil, ""},
		{"two", []optgate.CategoryID{"marketing", "research"}, ""},
		{"one that there is not", []optgate.CategoryID{"ads"}, `gpc.categories[0]: "ads" is not one of this site's`},
		{"what is always on", []optgate.CategoryID{"marketing", "essential"}, "gpc.categories[1]: is not essential"},
		{"one twice", []optgate.CategoryID{"marketing", "marketing"}, "gpc.categories[1]: is listed twice"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := shop()
			c.GPC.Categories = tt.categories
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
