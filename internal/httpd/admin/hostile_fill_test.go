package admin_test

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// full returns a configuration with at least one of everything that one can hold.
func full(site optgate.SiteID) *optgate.Config {
	text := func(en string) optgate.Text { return optgate.Text{"en": en, "de": en} }
	radius := 4
	c := shop()
	c.Site = site
	c.Controller.Address, c.Controller.Contact = "1 Road", "privacy at the shop"
	c.Policy = optgate.Policy{URL: text("https://shop.example/privacy"), Effective: "2026-01-01"}
	c.Cookie = optgate.Cookie{Name: string(site), Domain: "shop.example", Path: "/"}
	c.Categories = append(c.Categories, optgate.Category{ID: "social", Title: text("Social"), Description: text("Other networks.")})
	c.Services = append(c.Services, optgate.Service{
		ID: "pay", Name: "Pay", Category: optgate.Essential, Provider: "Pay Inc", Country: "DE", Policy: "https://pay.example/privacy",
		Purpose: text("Takes money."), Reason: text("There is no sale without."), Hosts: []string{"pay.example"},
		Cookies: []optgate.StoredCookie{{Name: "_p", Kind: "cookie", Duration: "1 day", Purpose: text("Pays")}},
	}, optgate.Service{ID: "wall", Name: "Wall", Category: "social", Provider: "Wall Inc", Hosts: []string{"wall.example"}})
	c.Tags = append(c.Tags,
		optgate.Tag{ID: "code", Category: optgate.Marketing, Kind: optgate.TagInline, Code: "void 0"},
		optgate.Tag{ID: "frame", Service: "wall", Kind: optgate.TagIframe, Src: "https://wall.example/", Target: "#wall", Title: "Wall"},
	)
	c.Group = "shops"
	c.Hold = optgate.HoldKnown
	c.Texts = []optgate.Texts{{Language: "en", Title: "Privacy", Body: "Choose."}, {Language: "de", Title: "Privacy", Body: "Choose."}}
	c.Theme = optgate.Theme{Accent: "#336699", Radius: &radius, Position: optgate.Corner, Logo: "https://shop.example/logo.png"}
	c.Signals = optgate.Signals{
		Google:    &optgate.GoogleSignal{Mode: optgate.GoogleBasic, Map: optgate.SignalMap{optgate.Analytics: {"analytics_storage"}}, Regions: []string{"DE"}},
		Microsoft: &optgate.VendorSignal{Category: optgate.Marketing}, Clarity: &optgate.WordsSignal{Map: optgate.SignalMap{optgate.Analytics: {"analytics_Storage"}}},
		Meta: &optgate.MetaSignal{Category: optgate.Marketing}, TikTok: &optgate.VendorSignal{Category: optgate.Marketing}, Pinterest: &optgate.VendorSignal{Category: optgate.Marketing},
		Matomo: &optgate.MatomoSignal{Category: optgate.Analytics}, WordPress: &optgate.WordsSignal{Map: optgate.SignalMap{optgate.Analytics: {"statistics"}}},
	}
	c.GPC = optgate.GPC{Categories: []optgate.CategoryID{optgate.Marketing}}
	c.Regions = map[optgate.Region]optgate.RegionRule{"US": optgate.OptIn}
	return c
}

// leaf is one text of a value.
type leaf struct {
	path string
	get  func() string
	set  func(string)
}

// leaves returns every text in v, however deep, with the paths by which faults
// name them. What holds nothing is reported, as nothing in it would be tested.
func leaves(t *testing.T, v reflect.Value, path string) []leaf {
	t.Helper()
	var all []leaf
	switch v.Kind() {
	case reflect.String:
		all = append(all, leaf{path, v.String, v.SetString})
	case reflect.Pointer:
		if v.IsNil() {
			t.Errorf("%s is nil: give it a value, so that the texts in it are tested", path)
			return nil
		}
		return leaves(t, v.Elem(), path)
	case reflect.Struct:
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			all = append(all, leaves(t, v.Field(i), strings.TrimPrefix(path+"."+name, "."))...)
		}
	case reflect.Slice:
		for i := range v.Len() {
			all = append(all, leaves(t, v.Index(i), fmt.Sprintf("%s[%d]", path, i))...)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			at := path + "." + key.String()
			if v.Type().Elem().Kind() != reflect.String {
				all = append(all, leaves(t, v.MapIndex(key), at)...)
				continue
			}
			all = append(all, leaf{at, func() string { return v.MapIndex(key).String() }, func(s string) { v.SetMapIndex(key, reflect.ValueOf(s).Convert(v.Type().Elem())) }})
		}
	case reflect.Bool, reflect.Int:
	default:
		t.Errorf("%s is a %s, of which this test knows nothing", path, v.Kind())
	}
	return all
}

// freeTexts returns the paths of those texts of a configuration that a site can
// put s into.
func freeTexts(t *testing.T, s string) []string {
	t.Helper()
	c := full("shop")
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	var free []string
	given := map[string]bool{} // by path without indexes
	for _, l := range leaves(t, reflect.ValueOf(c).Elem(), "") {
		before := l.get()
		at := index.ReplaceAllString(l.path, "")
		if given[at] = given[at] || before != ""; before == "" {
			continue
		}
		if l.set(s); c.Validate() == nil {
			free = append(free, l.path)
		} else {
			l.set(before)
		}
	}
	for at, ok := range given {
		if !ok {
			t.Errorf("%s is empty everywhere: give it a value, so that it is tested", at)
		}
	}
	return free
}

var index = regexp.MustCompile(`\[\d+\]`)

// fill returns a full configuration with s in the texts at those paths.
func fill(t *testing.T, site optgate.SiteID, paths []string, s string) *optgate.Config {
	t.Helper()
	c := full(site)
	for _, l := range leaves(t, reflect.ValueOf(c).Elem(), "") {
		if slices.Contains(paths, l.path) {
			l.set(s)
		}
	}
	return c
}

// fillGroup returns a group that says what such a site does, with a draft that
// drops a service.
func fillGroup(t *testing.T, paths []string, s string) optgate.Group {
	t.Helper()
	settings := func(s string) optgate.Config {
		c := fill(t, "shop", paths, s)
		c.Site, c.Group, c.Origins, c.Cookie = "", "", nil, optgate.Cookie{}
		return *c
	}
	g := optgate.Group{ID: "shops", Author: s, Settings: settings(s)}
	g.Draft = &optgate.GroupDraft{Base: g.Settings, Settings: settings("2" + s), Author: s}
	g.Draft.Settings.Services = g.Draft.Settings.Services[1:]
	g.Draft.Settings.Tags = g.Draft.Settings.Tags[1:]
	return g
}
