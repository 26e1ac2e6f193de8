package sitefile_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/sitefile"
)

// shops is a group file that has one of each thing.
const shops = `group: shops
name: All shops
languages: [en, de]
controller: {name: Shop Ltd., contact: privacy@shop.example}
record_days: 365
categories:
  - id: essential
  - id: marketing
services:
  - id: ads
    name: Ads
    category: marketing
    provider: Ads Inc.
tags:
  - id: ads
    service: ads
    kind: pixel
    src: https://ads.example/pixel.gif
theme: {accent: "#1a56db", radius: 0}
signals: {meta: {}}
`

// berlin is a site of it.
const berlin = `site: berlin
group: shops
name: Berlin
origins: [https://berlin.example]
`

// readGroup reads a group file.
func readGroup(t *testing.T, doc string) *optgate.Group {
	t.Helper()
	f, err := sitefile.Read([]byte(doc))
	if err != nil || f.Group == nil {
		t.Fatalf("got %+v, %v; want a group", f, err)
	}
	return f.Group
}

func TestReadGroup(t *testing.T) {
	g := readGroup(t, shops)
	if g.ID != "shops" || g.Settings.Name != "All shops" || g.Settings.Group != "" || g.Settings.Hold != optgate.HoldKnown || g.Settings.RecordDays != 365 {
		t.Errorf("got %+v", g)
	}
	for _, tt := range []struct{ add, want string }{
		{"origins: [https://a.example]", "origins (line 21:1): is for each site to say"},
		{"cookie: {name: x}", "cookie.name (line 21:10): is for each site to say"},
		{"without: [services.ads]", "without (line 21:1): is for the sites of a group"},
		{"texts: [{language: fr}]", `texts[0].language (line 21:10): "fr" is not one of`},
		{"choice_day: 9", "choice_day (line 21:1): unknown, did you mean choice_days?"},
	} {
		if _, err := sitefile.Read([]byte(shops + tt.add)); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.add, err, tt.want)
		}
	}
	if _, err := sitefile.Parse([]byte(shops)); err == nil || !strings.HasPrefix(err.Error(), "group: ") {
		t.Errorf("got %v, want a fault of group where one site is expected", err)
	}
}

func TestReadSiteOfGroup(t *testing.T) {
	for _, tt := range []struct{ name, add, without, fault string }{
		{"as little as there can be", "", "", ""},
		{"what it leaves out", "without: [services.ads, theme.accent]", "services.ads theme.accent", ""},
		{"what it says to have none of", "record_days: 0\nhold: off\ncontroller: {contact: \"\"}", "controller.contact hold record_days", ""},
		{"all items commented out", "languages:\nservices:", "", ""},
		{"misspelt", "without: [services.asd]", "", `without (line 5:1): "services.asd" is nothing that the group has`},
		{"a service of its own with a fault", "services: [{id: map, name: Map, category: maps, provider: M}]", "",
			`services[0].category (line 5:33): "maps" is not one of this site's categories`},
		{"what is inherited does not fit", "categories: []\nwithout: [categories.marketing]", "",
			"signals.meta.category: \"marketing\" is not one of this site's categories (it is inherited from the group shops)"},
		{"an inherited service gets another category", "categories: [{id: essential, off: true}]", "", "categories.essential"},
		{"an order of what there is not", "order: {tag: [a]}", "", "order.tag (line 5:9): unknown, did you mean tags?"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := sitefile.Read([]byte(berlin + tt.add))
			var c *optgate.Config
			if err == nil {
				c, err = f.Resolve(readGroup(t, shops))
			}
			if tt.fault != "" {
				if err == nil || !strings.HasPrefix(err.Error(), tt.fault) {
					t.Errorf("got %v, want %s", err, tt.fault)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(f.Own.Without, " "); got != tt.without {
				t.Errorf("got without %q, want %q", got, tt.without)
			}
			for _, path := range f.Own.Without {
				if c.Says(path) {
					t.Errorf("got %s all the same", path)
				}
			}
			if c.Name != "Berlin" || !slices.Equal(c.Languages, []string{"en", "de"}) {
				t.Errorf("got %+v", c)
			}
		})
	}
}

// What reads as a group or as a site of one can be written, in YAML and JSON,
// and reads the same.
func FuzzWrite(f *testing.F) {
	f.Add([]byte(shops))
	f.Add([]byte(berlin))
	f.Add([]byte(berlin + "without: [services.ads, hold]\norder: {tags: [b, a]}\ngpc: {off: false}\nlanguages: []\n"))
	f.Add([]byte(berlin + "hold: off\nrecord_days: 0\ncontroller: {name: \"\", address: '  a\n  b'}\ntheme: {radius: 0}\n"))
	f.Add([]byte("group: g\n"))
	f.Add([]byte("group: g\nhold: off\ntexts: [{language: de, title: '  x'}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := sitefile.Read(data)
		if err != nil {
			var invalid optgate.InvalidErrors
			if !errors.As(err, &invalid) {
				t.Fatalf("got %v, want InvalidErrors", err)
			}
			return
		}
		for name, write := range map[string]func(*sitefile.File) ([]byte, error){"YAML": sitefile.Write, "JSON": sitefile.WriteJSON} {
			doc, err := write(first)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if second, err := sitefile.Read(doc); err != nil || !second.Same(first) {
				t.Errorf("%s: got %+v, %v, after writing and reading:\n%s", name, second, err, doc)
			}
		}
	})
}
