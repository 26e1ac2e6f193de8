package optgate_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// To undo one change leaves the others, and to undo all of them gives back what
// was, in its order.
func TestUndone(t *testing.T) {
	base := shop()
	for _, tt := range []struct {
		name string
		item optgate.Item
		edit func(c *optgate.Config)
	}{
		{"a service that is gone", optgate.Item{Subject: "service", Name: "cart"}, func(c *optgate.Config) { c.Services = c.Services[1:] }},
		{"a service that is new", optgate.Item{Subject: "service", Name: "new"}, func(c *optgate.Config) {
			c.Services = append([]optgate.Service{{ID: "new", Name: "New", Category: optgate.Marketing, Provider: "New Inc."}}, c.Services...)
		}},
		{"a category that says something else", optgate.Item{Subject: "category", Name: "marketing"}, func(c *optgate.Config) {
			i := slices.IndexFunc(c.Categories, func(k optgate.Category) bool { return k.ID == optgate.Marketing })
			c.Categories[i].Title = optgate.Text{"en": "Ads"}
		}},
		{"a setting", optgate.Item{Subject: "setting", Name: "controller.name"}, func(c *optgate.Config) { c.Controller.Name = "Other" }},
		{"a setting that is new", optgate.Item{Subject: "setting", Name: "record_days"}, func(c *optgate.Config) { c.RecordDays = 900 }},
		{"an order", optgate.Item{Subject: "order", Name: "services"}, func(c *optgate.Config) { slices.Reverse(c.Services) }},
		{"texts that are gone", optgate.Item{Subject: "texts", Name: "en"}, func(c *optgate.Config) { c.Texts = nil }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			alone := base.Clone()
			tt.edit(alone)
			if got := optgate.Items(base, alone); got[tt.item] == "" {
				t.Fatalf("the edit changes %v, want %v", got, tt.item)
			}
			if got := optgate.Undone(base, alone, tt.item); len(optgate.Items(base, got)) != 0 {
				t.Errorf("undone it differs by %v, want nothing", optgate.Items(base, got))
			}
			both := alone.Clone()
			both.ChoiceDays = 17
			both.Tags = both.Tags[1:]
			want := optgate.Items(base, both)
			delete(want, tt.item)
			if got := optgate.Items(base, optgate.Undone(base, both, tt.item)); !maps.Equal(got, want) {
				t.Errorf("undone among others it differs by %v, want %v", got, want)
			}
		})
	}
}
