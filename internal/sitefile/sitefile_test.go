package sitefile_test

import (
	"errors"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/optgate/optgate/examples"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/sitefile"
)

// small is a site file that has one of each thing. Cases replace one piece.
const small = `# A shop.
site: shop
name: Shop
origins:
  - https://www.shop.example
languages: [en, de]
controller:
  name: Shop Ltd.
policy:
  url:
    en: https://www.shop.example/privacy
  effective: 2018-05-25
categories:
  - id: essential
  - id: marketing
services:
  - id: ads
    name: Ads
    category: marketing
    provider: Ads Inc.
    country: NO
    hosts: ["*.ads.example"]
tags:
  - id: ad-pixel
    service: ads
    kind: pixel
    src: https://ads.example/pixel.gif
theme:
  accent: "#1a56db"
  radius: 0
`

func TestParse(t *testing.T) {
	radius := 0
	want := &optgate.Config{
		Site: "shop", Name: "Shop", Origins: []string{"https://www.shop.example"}, Languages: []string{"en", "de"},
		Controller: optgate.Controller{Name: "Shop Ltd."},
		Policy:     optgate.Policy{URL: optgate.Text{"en": "https://www.shop.example/privacy"}, Effective: "2018-05-25"},
		Categories: []optgate.Category{{ID: optgate.Essential}, {ID: optgate.Marketing}},
		Services: []optgate.Service{{
			ID: "ads", Name: "Ads", Category: optgate.Marketing, Provider: "Ads Inc.", Country: "NO", Hosts: []string{"*.ads.example"},
		}},
		Tags:  []optgate.Tag{{ID: "ad-pixel", Service: "ads", Kind: optgate.TagPixel, Src: "https://ads.example/pixel.gif"}},
		Hold:  optgate.HoldKnown,
		Theme: optgate.Theme{Accent: "#1a56db", Radius: &radius},
	}
	for _, tt := range []struct{ name, file string }{
		{"as written", small},
		{"byte order mark", "\uFEFF" + small},
		{"line ends of Windows", strings.ReplaceAll(small, "\n", "\r\n")},
		{"document marker", "---\n" + small},
		{"all items commented out", small + "texts:\n#  - language: en\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := sitefile.Parse([]byte(tt.file))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// A file that says nothing wants what is known held; what it says is written back.
func TestHold(t *testing.T) {
	for _, tt := range []struct {
		name, line string
		want       optgate.Hold
	}{
		{"not said", "", optgate.HoldKnown},
		{"known", "hold: known\n", optgate.HoldKnown},
		{"third-party", "hold: third-party\n", optgate.HoldThirdParty},
		{"off", "hold: off\n", optgate.HoldOff},
		{"off as text", "hold: \"off\"\n", optgate.HoldOff},
	} {
		t.Run(tt.name, func(t *testing.T) {
			first, err := sitefile.Parse([]byte(small + tt.line))
			if err != nil {
				t.Fatal(err)
			}
			doc, err := sitefile.Marshal(first)
			if err != nil {
				t.Fatal(err)
			}
			second, err := sitefile.Parse(doc)
			if err != nil || first.Hold != tt.want || second.Hold != tt.want {
				t.Errorf("got %q, and %q (%v) after writing and reading; want %q", first.Hold, second.Hold, err, tt.want)
			}
		})
	}
}

func TestParseFaults(t *testing.T) {
	for _, tt := range []struct{ name, old, new, want string }{
		{"misspelt key", "categories:", "categorys:",
			"categorys (line 13:1): unknown, did you mean categories?"},
		{"misspelt key in a list", "country: NO", "contry: NO",
			"services[0].contry (line 21:5): unknown, did you mean country?"},
		{"unknown key", "country: NO", "wavelength: 7",
			"services[0].wavelength (line 21:5): unknown; known here are id, name, category, provider, country, policy, purpose, reason, hosts, cookies"},
		{"two faults, in the file's order", "site: shop\nname: Shop", "site: Shop\nnaem: Shop",
			"site (line 2:1): is 1 to 63 of a-z, 0-9 and hyphen, beginning with a letter or digit\nnaem (line 3:1): unknown, did you mean name?"},
		{"key given twice", "name: Shop\n", "name: Shop\nname: Store\n",
			"name (line 4:1): is given twice, first in line 3"},
		{"duplicate id", "  - id: marketing", "  - id: marketing\n  - id: marketing",
			"categories[2].id (line 16:5): \"marketing\" is a duplicate"},
		{"unknown category", "category: marketing", "category: advertising",
			"services[0].category (line 19:5): \"advertising\" is not one of this site's categories"},
		{"javascript address", "src: https://ads.example/pixel.gif", "src: javascript:alert(1)",
			"tags[0].src (line 27:5): is an address that begins with https://"},
		{"origin with a path", "- https://www.shop.example", "- https://www.shop.example/en",
			"origins[0] (line 5:5): has more than an origin: write https://www.shop.example, without path"},
		{"text for a list", "languages: [en, de]", "languages: en",
			"languages (line 6:1): is a list: begin each item with a hyphen"},
		{"list for text", "name: Ads", "name: [Ads]",
			"services[0].name (line 18:5): is text, not a list or a block of keys"},
		{"text for words by language", "    en: https://www.shop.example/privacy", "    https://www.shop.example/privacy",
			"policy.url (line 10:3): is words by language, as in \"en: Video player\""},
		{"text for a block", "  name: Shop Ltd.", "  Shop Ltd.",
			"controller (line 7:1): is a block of keys: name, address, contact"},
		{"text for a number", "radius: 0", "radius: round",
			"theme.radius (line 30:3): is a whole number, without quotes"},
		{"number too large", "radius: 0", "radius: 99999999999999999999",
			"theme.radius (line 30:3): is a whole number, without quotes"},
		{"fraction", "radius: 0", "radius: 1.5",
			"theme.radius (line 30:3): is a whole number, without quotes"},
		{"text for yes or no", "  - id: marketing", "  - id: marketing\n    off: 'true'",
			"categories[1].off (line 16:5): is true or false, without quotes"},
		{"colour without quotes", `"#1a56db"`, "#1a56db",
			"theme.accent (line 29:3): has no value: fill it in or remove the key; text that begins with # needs quotes, as in \"#1a56db\""},
		{"missing key", "    provider: Ads Inc.\n", "",
			"services[0].provider (line 17:7): is required"},
		{"key that is a list", "name: Ads", "[name]: Ads",
			"line 18, column 11: found an invalid key for this map"},
		{"key after a question mark", "    name: Ads\n", "    ? name\n    : Ads\n",
			"services[0] (line 18:5): has a key that is not a plain word, as in \"name: Shop\""},
		{"second document", "theme:", "---\ntheme:",
			"line 28, column 1: a second document begins here: write one file for each site"},
		{"alias", `"*.ads.example"`, `*.ads.example`,
			"line 22, column 13: text that begins with * needs quotes, as in \"*.example.com\"; aliases are not taken"},
		{"anchor", "name: Ads", "name: &a Ads", "line 18, column 11: text that begins with & needs quotes; anchors are not taken"},
		{"type tag", "name: Ads", "name: !!str Ads", "line 18, column 11: text that begins with ! needs quotes; type tags are not taken"},
		{"merge key", "name: Ads", "<<: {name: Ads}", "line 18, column 5: merge keys are not taken: write the keys out"},
		{"bracket not closed", "[en, de]", "[en, de", "line 7, column 1: ',' or ']' must be specified"},
		{"tab", "  - id: marketing", "\t- id: marketing", "line 15, column 1: found character '\t' that cannot start any token"},
		{"quote not closed", `"#1a56db"`, `"#1a56db`, "line 29, column 11: could not find end character of double-quoted text"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(small, tt.old) {
				t.Fatalf("the small file lacks %q", tt.old)
			}
			_, err := sitefile.Parse([]byte(strings.Replace(small, tt.old, tt.new, 1)))
			var invalid optgate.InvalidErrors
			if !errors.As(err, &invalid) {
				t.Fatalf("got %v, want InvalidErrors", err)
			}
			if got := err.Error(); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// Each of these would cost time or memory out of proportion, or is no text.
func TestParseRefuses(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'i'; c++ {
		bomb += string(c) + ": &" + string(c) + " [" + strings.TrimSuffix(strings.Repeat("*"+string(c-1)+", ", 9), ", ") + "]\n"
	}
	for _, tt := range []struct{ name, file, want string }{
		{"empty", "", "site file: is empty: docs/site-file.md shows the smallest one"},
		{"blank", " \n\n", "site file: is empty: docs/site-file.md shows the smallest one"},
		{"comments only", "# later\n", "site file: has only comments: docs/site-file.md shows the smallest file"},
		{"a word", "shop\n", `line 1, column 1: is not a block of keys, as in "site: shop"`},
		{"a list", "- site: shop\n", `line 1, column 1: is not a block of keys, as in "site: shop"`},
		{"not UTF-8", "site: caf\xe9\n", "site file: is not UTF-8: save it in that encoding"},
		{"too large", "site: shop\n" + strings.Repeat("#\n", 1<<19), "site file: is larger than 1048576 bytes"},
		{"alias bomb", bomb, "line 1, column 4: text that begins with & needs quotes; anchors are not taken"},
		{"deep brackets", "a: " + strings.Repeat("[", 1<<19), "line 1, column 36: is nested deeper than 32 levels"},
		{"deep braces", strings.Repeat("{a: ", 1<<18-1), "line 1, column 129: is nested deeper than 32 levels"},
		{"deep hyphens", strings.Repeat("- ", 1<<19), "line 1, column 65: is nested deeper than 32 levels"},
		{"deep question marks", strings.Repeat("? ", 1<<19), "line 1, column 65: is nested deeper than 32 levels"},
		{"many anchors", strings.Repeat("&a ", 1<<18), "line 1, column 1: text that begins with & needs quotes; anchors are not taken"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := sitefile.Parse([]byte(tt.file))
			if err == nil {
				t.Fatal("got no error")
			}
			if got, _, _ := strings.Cut(err.Error(), "\n"); got != tt.want {
				t.Errorf("got %s\nwant %s", got, tt.want)
			}
			if n := strings.Count(err.Error(), "\n"); n > 100 {
				t.Errorf("got %d lines, want at most 101", n+1)
			}
		})
	}
}

// Signals are the one part with lists by category and with blocks that may be
// empty.
func TestParseSignals(t *testing.T) {
	const file = small + `signals:
  google:
    mode: advanced
    map: {marketing: [ad_storage, ad_user_data]}
    regions: [DE]
    url_passthrough: true
  clarity: {}
  meta: {limited_data_use: true}
  datalayer: true
`
	got, err := sitefile.Parse([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	want := optgate.Signals{
		Google: &optgate.GoogleSignal{
			Mode: optgate.GoogleAdvanced, Map: optgate.SignalMap{"marketing": {"ad_storage", "ad_user_data"}},
			Regions: []string{"DE"}, URLPassthrough: true,
		},
		Clarity: &optgate.WordsSignal{}, Meta: &optgate.MetaSignal{LimitedDataUse: true}, DataLayer: true,
	}
	if !reflect.DeepEqual(got.Signals, want) {
		t.Errorf("got  %+v\nwant %+v", got.Signals, want)
	}
	doc, err := sitefile.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := sitefile.Parse(doc); err != nil || !reflect.DeepEqual(again.Signals, want) {
		t.Errorf("%v in\n%s", err, doc)
	}
	for _, tt := range []struct{ old, new, want string }{
		{"mode: advanced", "mode: strict", "signals.google.mode (line 33:5): is one of basic, advanced"},
		{"{marketing: [ad_storage, ad_user_data]}", "[ad_storage]", `signals.google.map (line 34:5): is lists by category, as in "analytics: [analytics_storage]"`},
		{"[ad_storage, ad_user_data]", "ad_storage", "signals.google.map.marketing (line 34:11): is a list: begin each item with a hyphen"},
		{"ad_user_data]", "ads]", `signals.google.map.marketing (line 34:11): "ads" is not one of ad_storage, ad_user_data, ad_personalization, analytics_storage, functionality_storage, personalization_storage`},
		{"clarity: {}", "clarity:", `signals.clarity (line 37:3): has no value: fill it in or remove the key; text that begins with # needs quotes, as in "#1a56db"`},
		{"clarity: {}", "bing-ads: {}", "signals.bing-ads (line 37:3): unknown; known here are google, microsoft, clarity, meta, tiktok, pinterest, matomo, wordpress, datalayer"},
	} {
		_, err := sitefile.Parse([]byte(strings.Replace(file, tt.old, tt.new, 1)))
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s: got\n%v\nwant\n%s", tt.new, err, tt.want)
		}
	}
}

func TestMarshal(t *testing.T) {
	for _, name := range []string{"tiertime.yaml", "cetus3d.yaml"} {
		t.Run(name, func(t *testing.T) {
			data, err := examples.FS.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			first, err := sitefile.Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := sitefile.Marshal(first)
			if err != nil {
				t.Fatal(err)
			}
			second, err := sitefile.Parse(doc)
			if err != nil {
				t.Fatalf("%v in\n%s", err, doc)
			}
			if second.Hash() != first.Hash() {
				t.Errorf("got another site after writing and reading:\n%s", doc)
			}
		})
	}
}

// What parses can be written and reads the same; nothing panics.
func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte("site: a\nname: {x: [1]}\n"))
	f.Add([]byte("? [a]\n: b\n"))
	f.Add([]byte("tags:\n  - code: |\n      a\n\n      b\n"))
	f.Add([]byte("site: shop\nname: '  #: - \"\\n'\ncontroller: {name: \"\\ta\\n b\\n\"}\norigins: [https://a.example]\nlanguages: [en]\ncategories: [{id: essential}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := sitefile.Parse(data)
		if err != nil {
			var invalid optgate.InvalidErrors
			if !errors.As(err, &invalid) {
				t.Fatalf("got %v, want InvalidErrors", err)
			}
			return
		}
		doc, err := sitefile.Marshal(first)
		if err != nil {
			t.Fatal(err)
		}
		second, err := sitefile.Parse(doc)
		if err != nil {
			t.Fatalf("%v in\n%s", err, doc)
		}
		if first.Hash() != second.Hash() {
			t.Errorf("got another site after writing and reading:\n%s", doc)
		}
	})
}

// Regions are read as they are written, Norway and all others among them, and
// every fault names its region and line.
func TestParseRegions(t *testing.T) {
	const file = small + "gpc: {off: false}\nregions:\n  US-CA: opt-out\n  US: none\n  NO: opt-in\n  \"*\": opt-in\n"
	c, err := sitefile.Parse([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	want := map[optgate.Region]optgate.RegionRule{"US-CA": "opt-out", "US": "none", "NO": "opt-in", "*": "opt-in"}
	if !maps.Equal(c.Regions, want) {
		t.Errorf("got %v, want %v", c.Regions, want)
	}
	again, err := sitefile.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(again), "US-CA: opt-out\n") {
		t.Errorf("got no YAML:\n%s", again)
	}
	for _, tt := range []struct{ name, regions, want string }{
		{"a list", "regions: [US]\n", `regions (line 31:1): is rules by region, as in "US-CA: opt-out"`},
		{"no rule", "regions:\n  US: allow\n", "regions.US (line 32:3): is one of opt-in, opt-out, none"},
		{"Germany", "regions:\n  DE: opt-out\n", "regions.DE (line 32:3): is opt-in: in the EU"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := sitefile.Parse([]byte(small + tt.regions)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
