package optgate_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// mergeBase is what both sides of a merge began with.
func mergeBase() *optgate.Config {
	return &optgate.Config{
		Site: "shop", Name: "Shop", Origins: []string{"https://shop.example"}, Languages: []string{"en"},
		Controller: optgate.Controller{Name: "Shop Ltd", Contact: "a@shop.example"},
		Categories: []optgate.Category{{ID: optgate.Essential}, {ID: optgate.Analytics}, {ID: optgate.Marketing}},
		Services:   []optgate.Service{{ID: "a", Provider: "A"}, {ID: "b", Provider: "B"}, {ID: "c", Provider: "C"}},
		Tags:       []optgate.Tag{{ID: "t", Service: "a", Kind: optgate.TagPixel}},
		Texts:      []optgate.Texts{{Language: "en", Title: "Hello"}},
		Theme:      optgate.Theme{Accent: "#111111"},
	}
}

// changed returns the base with changes.
func changed(change func(*optgate.Config)) *optgate.Config {
	c := mergeBase()
	change(c)
	return c
}

func TestMerge(t *testing.T) {
	type edit = func(*optgate.Config)
	ids := func(order ...int) edit {
		return func(c *optgate.Config) {
			old := slices.Clone(c.Services)
			c.Services = nil
			for _, i := range order {
				c.Services = append(c.Services, old[i])
			}
		}
	}
	tests := []struct {
		name                string
		mine, theirs, want  edit
		clash               []string
		wantTaken           edit // with theirs of all clashes; nil: as want
		myItems, theirItems []string
	}{
		{
			name: "different services", myItems: []string{"changed service/a"}, theirItems: []string{"changed service/b"},
			mine:   func(c *optgate.Config) { c.Services[0].Provider = "Mine" },
			theirs: func(c *optgate.Config) { c.Services[1].Provider = "Theirs" },
			want:   func(c *optgate.Config) { c.Services[0].Provider, c.Services[1].Provider = "Mine", "Theirs" },
		}, {
			name: "both add", myItems: []string{"added service/m", "added tag/m"}, theirItems: []string{"added service/o"},
			mine: func(c *optgate.Config) {
				c.Services, c.Tags = append(c.Services, optgate.Service{ID: "m"}), append(c.Tags, optgate.Tag{ID: "m"})
			},
			theirs: func(c *optgate.Config) { c.Services = append(c.Services, optgate.Service{ID: "o"}) },
			want: func(c *optgate.Config) {
				c.Services = append(c.Services, optgate.Service{ID: "o"}, optgate.Service{ID: "m"})
				c.Tags = append(c.Tags, optgate.Tag{ID: "m"})
			},
		}, {
			name: "one removes, the other switches", myItems: []string{"removed service/b"}, theirItems: []string{"changed category/marketing"},
			mine: ids(0, 2), theirs: func(c *optgate.Config) { c.Categories[2].Off = true },
			want: func(c *optgate.Config) { ids(0, 2)(c); c.Categories[2].Off = true },
		}, {
			name: "parts of a group", myItems: []string{"changed setting/controller.name", "changed setting/theme.radius"}, theirItems: []string{"changed setting/controller.contact", "changed setting/theme.accent"},
			mine: func(c *optgate.Config) { c.Controller.Name, c.Theme.Radius = "Mine", new(int) },
			theirs: func(c *optgate.Config) {
				c.Controller.Contact, c.Theme.Accent = "", "#222222"
			},
			want: func(c *optgate.Config) {
				c.Controller = optgate.Controller{Name: "Mine"}
				c.Theme = optgate.Theme{Accent: "#222222", Radius: new(int)}
			},
		}, {
			name: "the same on both sides", myItems: []string{"changed setting/hold"}, theirItems: []string{"changed setting/hold"},
			mine:   func(c *optgate.Config) { c.Hold = optgate.HoldKnown },
			theirs: func(c *optgate.Config) { c.Hold = optgate.HoldKnown },
			want:   func(c *optgate.Config) { c.Hold = optgate.HoldKnown },
		}, {
			name: "the same service otherwise", myItems: []string{"changed service/a"}, theirItems: []string{"changed service/a", "changed setting/name"}, clash: []string{"service/a"},
			mine:      func(c *optgate.Config) { c.Services[0].Provider = "Mine" },
			theirs:    func(c *optgate.Config) { c.Services[0].Country, c.Name = "DE", "Theirs" },
			want:      func(c *optgate.Config) { c.Services[0].Provider, c.Name = "Mine", "Theirs" },
			wantTaken: func(c *optgate.Config) { c.Services[0].Country, c.Name = "DE", "Theirs" },
		}, {
			name: "changed here, removed there", myItems: []string{"changed texts/en"}, theirItems: []string{"removed texts/en"}, clash: []string{"texts/en"},
			mine:      func(c *optgate.Config) { c.Texts[0].Title = "Mine" },
			theirs:    func(c *optgate.Config) { c.Texts = nil },
			want:      func(c *optgate.Config) { c.Texts[0].Title = "Mine" },
			wantTaken: func(c *optgate.Config) { c.Texts = nil },
		}, {
			name: "removed here, changed there", myItems: []string{"removed tag/t"}, theirItems: []string{"changed tag/t"}, clash: []string{"tag/t"},
			mine:      func(c *optgate.Config) { c.Tags = nil },
			theirs:    func(c *optgate.Config) { c.Tags[0].Src = "https://x.example" },
			want:      func(c *optgate.Config) { c.Tags = nil },
			wantTaken: func(c *optgate.Config) { c.Tags[0].Src = "https://x.example" },
		}, {
			name: "order here, content there", myItems: []string{"changed order/services"}, theirItems: []string{"added service/o", "changed service/b"},
			mine: ids(2, 1, 0),
			theirs: func(c *optgate.Config) {
				c.Services[1].Provider = "Theirs"
				c.Services = append(c.Services, optgate.Service{ID: "o"})
			},
			want: func(c *optgate.Config) {
				ids(2, 1, 0)(c)
				c.Services[1].Provider = "Theirs"
				c.Services = append(c.Services, optgate.Service{ID: "o"})
			},
		}, {
			name: "two orders", myItems: []string{"changed order/services"}, theirItems: []string{"changed order/services"}, clash: []string{"order/services"},
			mine: ids(2, 1, 0), theirs: ids(1, 0, 2), want: ids(2, 1, 0), wantTaken: ids(1, 0, 2),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			base, mine, theirs := mergeBase(), changed(tt.mine), changed(tt.theirs)
			checkItems(t, "mine", optgate.Items(base, mine), tt.myItems)
			checkItems(t, "theirs", optgate.Items(base, theirs), tt.theirItems)
			got, clashes := optgate.Merge(base, mine, theirs, nil)
			if want := changed(tt.want); got.Hash() != want.Hash() {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
			taken := map[optgate.Item]bool{}
			var keys []string
			for _, c := range clashes {
				keys, taken[c] = append(keys, c.Key()), true
			}
			if !slices.Equal(keys, tt.clash) {
				t.Errorf("got clashes %v, want %v", keys, tt.clash)
			}
			if tt.wantTaken == nil {
				tt.wantTaken = tt.want
			}
			if got, _ := optgate.Merge(base, mine, theirs, taken); got.Hash() != changed(tt.wantTaken).Hash() {
				t.Errorf("with theirs of all clashes got %+v\nwant %+v", got, changed(tt.wantTaken))
			}
		})
	}
}

// checkItems compares what happened to items.
func checkItems(t *testing.T, what string, items map[optgate.Item]optgate.ChangeKind, want []string) {
	t.Helper()
	var got []string
	for item, kind := range maps.All(items) {
		got = append(got, string(kind)+" "+item.Key())
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// What nobody changed comes through a merge as it was.
func TestMergeOfNothing(t *testing.T) {
	base := mergeBase()
	if got, clashes := optgate.Merge(base, base, base, nil); got.Hash() != base.Hash() || clashes != nil {
		t.Errorf("got %+v, %v; want %+v", got, clashes, base)
	}
	if items := optgate.Items(base, mergeBase()); len(items) != 0 {
		t.Errorf("Items of the same = %v, want none", items)
	}
}
