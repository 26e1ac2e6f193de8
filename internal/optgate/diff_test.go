package optgate_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// told returns changes as people read them, the material ones marked.
func told(changes []optgate.Change) []string {
	var all []string
	for _, c := range changes {
		s := c.String()
		if c.Material {
			s = "! " + s
		}
		if c.Material != (c.Reason != "") {
			s += " (reason: " + c.Reason + ")"
		}
		all = append(all, s)
	}
	return all
}

func TestDiff(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit func(*optgate.Config)
		want []string
	}{
		{"nothing", func(*optgate.Config) {}, nil},
		{"defaults written out", func(c *optgate.Config) {
			c.ChoiceDays, c.Cookie.Name, c.Cookie.Path, c.GPC.Categories = 180, "og", "/", []optgate.CategoryID{"marketing"}
		}, nil},
		{"site's name", func(c *optgate.Config) { c.Name = "Store" }, []string{"site: name changed from “Shop” to “Store”"}},
		{"another controller", func(c *optgate.Config) { c.Controller.Name = "Bigger Ltd." }, []string{"! controller: name changed from “Shop Ltd.” to “Bigger Ltd.”"}},
		{"controller's address", func(c *optgate.Config) { c.Controller.Address = "Dublin" }, []string{"controller: address changed to “Dublin”, was empty"}},
		{"policy", func(c *optgate.Config) {
			c.Policy.URL, c.Policy.Effective = optgate.Text{"en": "https://p.example"}, "2027-01-01"
		}, []string{
			"privacy policy: address (en) changed to “https://p.example”, was empty",
			"privacy policy: effective date changed to “2027-01-01”, was empty",
		}},
		{"answers hold longer", func(c *optgate.Config) { c.ChoiceDays = 365 }, []string{"! answers: days that they hold changed from “180” to “365”"}},
		{"records are kept for a time", func(c *optgate.Config) { c.RecordDays = 400 }, []string{"records: days that they are kept changed from “no end” to “400”"}},
		{"holding switched on", func(c *optgate.Config) { c.Hold = optgate.HoldKnown }, []string{"site: holding of what is not marked changed from “off” to “known”"}},
		{"what the browser's signal is about", func(c *optgate.Config) { c.GPC.Categories = []optgate.CategoryID{"functional", "marketing"} }, []string{
			"site: Global Privacy Control changed from “marketing” to “functional, marketing”",
		}},
		{"the browser's signal is ignored", func(c *optgate.Config) { c.GPC.Off = true }, []string{"site: Global Privacy Control changed from “marketing” to “off”"}},
		{"answers hold shorter", func(c *optgate.Config) { c.ChoiceDays = 30 }, []string{"answers: days that they hold changed from “180” to “30”"}},
		{"languages", func(c *optgate.Config) { c.Languages = []string{"pt-BR", "en", "de"} }, []string{
			"site: languages added: “de”", "site: languages removed: “zh-Hant”",
		}},
		{"order of languages", func(c *optgate.Config) { slices.Reverse(c.Languages) }, []string{"order of languages changed"}},
		{"origin", func(c *optgate.Config) { c.Origins = c.Origins[:2] }, []string{"site: origins removed: “https://[2001:db8::1]:8443”"}},
		{"cookie", func(c *optgate.Config) { c.Cookie.Name = "mine" }, []string{"choice cookie: name changed from “og” to “mine”"}},
		{"category added", func(c *optgate.Config) { c.Categories = append(c.Categories, optgate.Category{ID: "video"}) }, []string{"! category “video” added"}},
		{"category added, off", func(c *optgate.Config) { c.Categories = append(c.Categories, optgate.Category{ID: "video", Off: true}) }, []string{"category “video” added: “switched off”"}},
		{"category removed", func(c *optgate.Config) { c.Categories = slices.Delete(c.Categories, 1, 2) }, []string{"category “functional” removed"}},
		{"category off", func(c *optgate.Config) { c.Categories[1].Off = true }, []string{"category “functional” switched off"}},
		{"category reworded", func(c *optgate.Config) { c.Categories[3].Title["en"] = "Studies" }, []string{"category “research”: title (en) changed from “Research” to “Studies”"}},
		{"categories' order", func(c *optgate.Config) { c.Categories[1], c.Categories[2] = c.Categories[2], c.Categories[1] }, []string{"order of categories changed"}},
		{"service added", func(c *optgate.Config) {
			c.Services = append(c.Services, optgate.Service{ID: "map", Name: "Map", Category: "functional", Provider: "Maps Ltd."})
		}, []string{"! service “Map” (functional) added: “Maps Ltd.”"}},
		{"essential service added", func(c *optgate.Config) {
			c.Services = append(c.Services, optgate.Service{ID: "pay", Name: "Pay", Category: "essential", Provider: "Pay Ltd."})
		}, []string{"service “Pay” (essential) added: “Pay Ltd.”"}},
		{"service removed", func(c *optgate.Config) { c.Services = c.Services[:1] }, []string{"service “Ads” (marketing) removed"}},
		{"service renamed", func(c *optgate.Config) { c.Services[1].Name = "Adverts" }, []string{"service “Adverts” (marketing): name changed from “Ads” to “Adverts”"}},
		{"service in another category", func(c *optgate.Config) { c.Services[1].Category = "functional" }, []string{
			"! service “Ads” (functional): category changed from “marketing” to “functional”",
		}},
		{"essential service now optional", func(c *optgate.Config) { c.Services[0].Category = "functional" }, []string{
			"! service “Cart” (functional): category changed from “essential” to “functional”",
		}},
		{"another provider", func(c *optgate.Config) { c.Services[1].Provider = "More Ads Inc." }, []string{"! service “Ads” (marketing): provider changed from “Ads Inc.” to “More Ads Inc.”"}},
		{"another country", func(c *optgate.Config) { c.Services[1].Country = "SG" }, []string{"! service “Ads” (marketing): country changed from “US” to “SG”"}},
		{"country no longer said", func(c *optgate.Config) { c.Services[1].Country = "" }, []string{"service “Ads” (marketing): country changed from “US” to nothing"}},
		{"first purpose", func(c *optgate.Config) { c.Services[1].Purpose = optgate.Text{"en": "Follows you."} }, []string{
			"! service “Ads” (marketing): purpose (en) changed to “Follows you.”, was empty",
		}},
		{"essential reworded", func(c *optgate.Config) { c.Services[0].Reason["en"] = "You want it." }, []string{
			"service “Cart” (essential): reason (en) changed from “You asked for it.” to “You want it.”",
		}},
		{"hosts", func(c *optgate.Config) { c.Services[1].Hosts = []string{"ads.example"} }, []string{
			"service “Ads” (marketing): hosts added: “ads.example”", "service “Ads” (marketing): hosts removed: “*.ads.example”",
		}},
		{"cookie added", func(c *optgate.Config) {
			c.Services[1].Cookies = append(c.Services[1].Cookies, optgate.StoredCookie{Name: "_x", Duration: "1 day"})
		}, []string{"! cookie “_x of Ads” (marketing) added: “1 day”"}},
		{"cookie of an essential service added", func(c *optgate.Config) { c.Services[0].Cookies = []optgate.StoredCookie{{Name: "cart"}} }, []string{
			"cookie “cart of Cart” (essential) added",
		}},
		{"cookie removed", func(c *optgate.Config) { c.Services[1].Cookies = nil }, []string{"local “_ad_* of Ads” (marketing) removed"}},
		{"kept longer", func(c *optgate.Config) { c.Services[1].Cookies[0].Duration = "13 months" }, []string{
			"! local “_ad_* of Ads” (marketing): duration changed from “1 year” to “13 months”",
		}},
		{"kept shorter", func(c *optgate.Config) { c.Services[1].Cookies[0].Duration = "11 Monate" }, []string{
			"local “_ad_* of Ads” (marketing): duration changed from “1 year” to “11 Monate”",
		}},
		{"kept for the session", func(c *optgate.Config) { c.Services[1].Cookies[0].Duration = "session" }, []string{
			"local “_ad_* of Ads” (marketing): duration changed from “1 year” to “session”",
		}},
		{"kept for who knows", func(c *optgate.Config) { c.Services[1].Cookies[0].Duration = "a while" }, []string{
			"! local “_ad_* of Ads” (marketing): duration changed from “1 year” to “a while”",
		}},
		{"tag of a service", func(c *optgate.Config) { c.Tags[0].Src = "https://ads.example/q.gif" }, []string{
			"tag “pixel” (marketing): address changed from “https://ads.example/p.gif” to “https://ads.example/q.gif”",
		}},
		{"script of no service", func(c *optgate.Config) { c.Tags[1].Code = "more()" }, []string{"! tag “code” (research): script changed"}},
		{"tag added", func(c *optgate.Config) {
			c.Tags = append(c.Tags, optgate.Tag{ID: "px", Category: "research", Kind: optgate.TagPixel, Src: "https://x.example/"})
		}, []string{"! tag “px” (research) added: “https://x.example/”"}},
		{"tag removed", func(c *optgate.Config) { c.Tags = c.Tags[1:] }, []string{"tag “pixel” (marketing) removed"}},
		{"banner's words", func(c *optgate.Config) { c.Texts[0].Title, c.Texts[0].Body = "Hi", "" }, []string{
			"banner “en”: title changed from “Hello” to “Hi”", "banner “en”: text changed from “We use cookies.” to nothing",
		}},
		{"look", func(c *optgate.Config) { c.Theme = optgate.Theme{} }, []string{
			"look: accent changed from “#1a56db” to nothing", "look: radius changed from “0” to nothing",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := shop()
			tt.edit(c)
			for range 3 { // maps have no order
				if got := told(optgate.Diff(shop(), c)); !slices.Equal(got, tt.want) {
					t.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
				}
			}
			if same := optgate.Diff(shop(), c); len(same) == 0 && tt.name != "nothing" && tt.name != "defaults written out" {
				t.Error("got no change")
			}
		})
	}
}

// To say a purpose otherwise, or in one more language, is no other purpose.
func TestDiffRewordedPurpose(t *testing.T) {
	before := shop()
	before.Services[1].Purpose = optgate.Text{"en": "Shows ads."}
	after := before.Clone()
	after.Services[1].Purpose = optgate.Text{"en": "Shows adverts.", "pt-BR": "Mostra anúncios."}
	want := []string{
		"service “Ads” (marketing): purpose (en) changed from “Shows ads.” to “Shows adverts.”",
		"service “Ads” (marketing): purpose (pt-BR) changed to “Mostra anúncios.”, was empty",
	}
	if got := told(optgate.Diff(before, after)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A series of revisions, with what each asks earlier visitors.
func TestFollow(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	c := shop()
	last := optgate.NewRevision(c, 0, "ada", "", now)
	for _, step := range []struct {
		name  string
		edit  func(*optgate.Config)
		since optgate.Since
		says  string
	}{
		{"a typo", func(c *optgate.Config) { c.Texts[0].Body = "We like cookies." }, nil, "nobody is asked again"},
		{"a service's provider", func(c *optgate.Config) { c.Services[1].Provider = "Other Inc." },
			optgate.Since{"marketing": 3}, "visitors will be asked again about marketing"},
		{"a typo again", func(c *optgate.Config) { c.Name = "Shoppe" }, optgate.Since{"marketing": 3}, "nobody is asked again"},
		{"a category off", func(c *optgate.Config) { c.Categories[1].Off = true }, optgate.Since{"marketing": 3}, "nobody is asked again"},
		{"it is on again as it was", func(c *optgate.Config) { c.Categories[1].Off = false }, optgate.Since{"marketing": 3},
			"visitors who have not answered it will be asked about functional"},
		{"off once more", func(c *optgate.Config) { c.Categories[1].Off = true }, optgate.Since{"marketing": 3}, "nobody is asked again"},
		{"a service in what is off", func(c *optgate.Config) {
			c.Services = append(c.Services, optgate.Service{ID: "map", Name: "Map", Category: "functional", Provider: "Maps Ltd."})
		}, optgate.Since{"marketing": 3, "functional": 8}, "nobody is asked again"},
		{"on, with something new", func(c *optgate.Config) { c.Categories[1].Off, c.Services[2].Country = false, "US" },
			optgate.Since{"marketing": 3, "functional": 9}, "visitors will be asked again about functional"},
		{"a new category", func(c *optgate.Config) { c.Categories = append(c.Categories, optgate.Category{ID: "video"}) },
			optgate.Since{"marketing": 3, "functional": 9, "video": 10}, "visitors who have not answered it will be asked about video"},
		{"a category gone", func(c *optgate.Config) { c.Categories = c.Categories[:4] },
			optgate.Since{"marketing": 3, "functional": 9}, "nobody is asked again"},
		{"the same name comes back", func(c *optgate.Config) { c.Categories = append(c.Categories, optgate.Category{ID: "video"}) },
			optgate.Since{"marketing": 3, "functional": 9, "video": 12}, "visitors who have not answered it will be asked about video"},
		{"another controller", func(c *optgate.Config) { c.Controller.Name = "Bigger Ltd." },
			optgate.Since{"functional": 13, "marketing": 13, "research": 13, "video": 13},
			"visitors will be asked again about functional, marketing, research, video"},
	} {
		step.edit(c)
		next := optgate.NewRevision(c, last.Number, "ada", "", now)
		hash := next.Hash
		changes := next.Follow(&last)
		if len(changes) == 0 {
			t.Errorf("%s: got no changes", step.name)
		}
		if got, want := next.Since, step.since; len(got) != len(want) || !sameSince(got, want) {
			t.Errorf("%s: got %v, want %v", step.name, got, want)
		}
		if got := optgate.Asking(changes, c).String(); got != step.says {
			t.Errorf("%s: got %q, want %q", step.name, got, step.says)
		}
		if next.Config.Hash() != hash {
			t.Errorf("%s: the hash covers more than the configuration", step.name)
		}
		last = next
	}
}

func sameSince(a, b optgate.Since) bool {
	for id, n := range a {
		if b[id] != n {
			return false
		}
	}
	return true
}

// No part of a configuration changes unnoticed: not one value of it, also if a
// field is added one day.
func TestDiffNoticesEveryField(t *testing.T) {
	full := telling()
	full.Controller.Address = "Dublin"
	full.Policy = optgate.Policy{URL: optgate.Text{"en": "https://shop.example/privacy"}, Effective: "2026-01-01"}
	full.Cookie = optgate.Cookie{Name: "mine", Domain: "shop.example", Path: "/a"}
	full.ChoiceDays = 90
	full.Hold = optgate.HoldThirdParty
	full.Categories[2].Off = true
	full.Services[1].Purpose = optgate.Text{"en": "Shows ads."}
	full.Services[1].Cookies[0].Purpose = optgate.Text{"en": "Counts."}
	doc, err := json.Marshal(full)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(doc, &tree); err != nil {
		t.Fatal(err)
	}
	tried := 0
	var walk func(path string, v any, set func(any))
	walk = func(path string, v any, set func(any)) {
		var other any
		switch v := v.(type) {
		case map[string]any:
			for key, inner := range v {
				walk(path+"."+key, inner, func(x any) { v[key] = x })
			}
			return
		case []any:
			for i, inner := range v {
				walk(fmt.Sprintf("%s[%d]", path, i), inner, func(x any) { v[i] = x })
			}
			return
		case string:
			other = v + "x"
		case float64:
			other = v + 1
		case bool:
			other = !v
		}
		if path == ".site" {
			return // two sites are not compared
		}
		tried++
		set(other)
		changed, err := json.Marshal(tree)
		set(v)
		var c optgate.Config
		if err == nil {
			err = json.Unmarshal(changed, &c)
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(optgate.Diff(full, &c)) == 0 {
			t.Errorf("%s: a change is not noticed", path)
		}
	}
	walk("", tree, nil)
	if tried < 50 {
		t.Errorf("%d values were tried, want all", tried)
	}
}
