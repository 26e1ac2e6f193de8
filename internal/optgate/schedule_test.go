package optgate_test

import (
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// A site over a year: some revisions take effect for earlier visitors at once,
// some later.
func TestFollowScheduled(t *testing.T) {
	at := func(day string) time.Time {
		when, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	scheduled := func(revision int, from string) optgate.Scheduled {
		return optgate.Scheduled{Revision: revision, From: at(from)}
	}
	c := shop()
	last := optgate.NewRevision(c, 0, "ada", "", at("2026-01-01"))
	for _, step := range []struct {
		name, day, effective string
		edit                 func(*optgate.Config)
		since                optgate.Since
		later                optgate.Later
		fresh                map[string]int
	}{
		{
			"another recipient from March on", "2026-02-01", "2026-03-01",
			func(c *optgate.Config) { c.Services[1].Provider = "Other Inc." },
			nil, optgate.Later{"marketing": scheduled(2, "2026-03-01")}, map[string]int{"pixel": 2, "frame": 2},
		},
		{
			"a typo meanwhile", "2026-02-02", "",
			func(c *optgate.Config) { c.Name = "Shoppe" },
			nil, optgate.Later{"marketing": scheduled(2, "2026-03-01")}, map[string]int{"pixel": 2, "frame": 2},
		},
		{
			"a new category and a tag of no service from April on", "2026-02-03", "2026-04-01",
			func(c *optgate.Config) {
				c.Categories = append(c.Categories, optgate.Category{ID: "video"})
				c.Tags = append(c.Tags, optgate.Tag{ID: "more", Category: "research", Kind: optgate.TagPixel, Src: "https://x.example/"})
			},
			nil,
			optgate.Later{"marketing": scheduled(2, "2026-03-01"), "video": scheduled(4, "2026-04-01"), "research": scheduled(4, "2026-04-01")},
			map[string]int{"pixel": 2, "frame": 2, "more": 4},
		},
		{
			"March has come, and a typo", "2026-03-02", "",
			func(c *optgate.Config) { c.Name = "Shop" },
			optgate.Since{"marketing": 2},
			optgate.Later{"video": scheduled(4, "2026-04-01"), "research": scheduled(4, "2026-04-01")}, map[string]int{"more": 4},
		},
		{
			"research changes once more, from May on: it is asked once, in April", "2026-03-03", "2026-05-01",
			func(c *optgate.Config) { c.Tags[1].Code = "else()" },
			optgate.Since{"marketing": 2},
			optgate.Later{"video": scheduled(4, "2026-04-01"), "research": scheduled(6, "2026-04-01")}, map[string]int{"more": 4, "code": 6},
		},
		{
			"research changes at once", "2026-03-04", "",
			func(c *optgate.Config) { c.Tags[1].Code = "again()" },
			optgate.Since{"marketing": 2, "research": 7}, optgate.Later{"video": scheduled(4, "2026-04-01")}, nil,
		},
		{
			"functional off", "2026-03-05", "",
			func(c *optgate.Config) { c.Categories[1].Off = true },
			optgate.Since{"marketing": 2, "research": 7}, optgate.Later{"video": scheduled(4, "2026-04-01")}, nil,
		},
		{
			"and on again from June on", "2026-04-02", "2026-06-01",
			func(c *optgate.Config) { c.Categories[1].Off = false },
			optgate.Since{"marketing": 2, "research": 7, "video": 4}, optgate.Later{"functional": scheduled(9, "2026-06-01")}, nil,
		},
		{
			"a category gone before it was asked about", "2026-04-03", "",
			func(c *optgate.Config) { c.Categories = append(c.Categories[:1:1], c.Categories[2:]...) },
			optgate.Since{"marketing": 2, "research": 7, "video": 4}, nil, nil,
		},
	} {
		step.edit(c)
		next := optgate.NewRevision(c, last.Number, "ada", "", at(step.day))
		if step.effective != "" {
			next.Effective = at(step.effective)
		}
		if err := next.ValidateSchedule(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		next.Follow(&last)
		if !maps.Equal(next.Since, step.since) {
			t.Errorf("%s: since %v, want %v", step.name, next.Since, step.since)
		}
		if !reflect.DeepEqual(next.Later, step.later) {
			t.Errorf("%s: later %v, want %v", step.name, next.Later, step.later)
		}
		if !maps.Equal(next.Fresh, step.fresh) {
			t.Errorf("%s: fresh %v, want %v", step.name, next.Fresh, step.fresh)
		}
		last = next
	}
}

func TestValidateSchedule(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, tt := range []struct {
		name      string
		effective time.Time
		want      string // empty: valid
	}{
		{"at once", time.Time{}, ""},
		{"in a month", now.AddDate(0, 1, 0), ""},
		{"now", now, "effective: is over"},
		{"yesterday", now.AddDate(0, 0, -1), "effective: is over"},
		{"in three years", now.AddDate(3, 0, 0), "effective: is more than two years ahead"},
	} {
		r := optgate.NewRevision(shop(), 0, "ada", "", now)
		r.Effective = tt.effective
		if err := r.ValidateSchedule(); (err == nil) != (tt.want == "") || err != nil && !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}
