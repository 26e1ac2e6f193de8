package publish_test

import (
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

// Each case publishes a change after two revisions that 10 and 5 visitors
// answered; the second of them asks the 10 again.
func TestAskedBy(t *testing.T) {
	service := func(id string, category optgate.CategoryID) optgate.Service {
		return optgate.Service{ID: id, Name: id, Category: category, Provider: "Them", Purpose: optgate.Text{"en": "Does things."}}
	}
	for _, tt := range []struct {
		name   string
		change func(*optgate.Config)
		how    []publish.Option
		want   int
	}{
		{name: "words ask nobody", change: func(c *optgate.Config) { c.Name = "Store" }},
		{name: "a new service asks who is not asked already", change: func(c *optgate.Config) {
			c.Services = append(c.Services, service("ads", optgate.Marketing))
		}, want: 5},
		{name: "a new category", change: func(c *optgate.Config) {
			c.Categories = append(c.Categories, optgate.Category{ID: optgate.Functional})
		}, want: 5},
		{name: "one that was off when they answered", change: func(c *optgate.Config) { c.Categories[2].Off = false }, want: 5},
		{name: "what takes effect later, at that time", change: func(c *optgate.Config) {
			c.Services = append(c.Services, service("ads", optgate.Marketing))
		}, how: []publish.Option{publish.Effective(time.Now().AddDate(0, 1, 0))}, want: 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			reg := openRegistry(t, openStore(t, t.TempDir()))
			c := config("shop", "https://shop.example")
			c.Categories = []optgate.Category{{ID: optgate.Essential}, {ID: optgate.Marketing}, {ID: optgate.Analytics, Off: true}}
			if _, err := reg.Publish(t.Context(), c, 0, "ann", ""); err != nil {
				t.Fatal(err)
			}
			c.Services = []optgate.Service{service("map", optgate.Marketing)}
			from, err := reg.Publish(t.Context(), c, 1, "ann", "")
			if err != nil {
				t.Fatal(err)
			}
			tt.change(c)
			to, _, err := reg.Next(t.Context(), c, 2, "ann", "", tt.how...)
			if err != nil {
				t.Fatal(err)
			}
			got, err := reg.AskedBy(t.Context(), &from, &to, map[int]int{1: 10, 2: 5})
			if want := (publish.Asked{Visitors: tt.want, Of: 15}); err != nil || got != want {
				t.Errorf("got %+v, %v; want %+v", got, err, want)
			}
		})
	}
}
