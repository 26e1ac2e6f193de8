package optgate_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

// shop returns a valid configuration that has one of each thing.
func shop() *optgate.Config {
	return &optgate.Config{
		Site: "shop", Name: "Shop",
		Origins:    []string{"https://www.shop.example", "http://localhost:8080", "https://[2001:db8::1]:8443"},
		Languages:  []string{"en", "pt-BR", "zh-Hant"},
		Controller: optgate.Controller{Name: "Shop Ltd.", Contact: "privacy@shop.example"},
		Categories: []optgate.Category{
			{ID: optgate.Essential}, {ID: optgate.Functional}, {ID: optgate.Marketing},
			{ID: "research", Title: optgate.Text{"en": "Research"}, Description: optgate.Text{"en": "Studies."}},
		},
		Services: []optgate.Service{
			{ID: "cart", Name: "Cart", Category: optgate.Essential, Provider: "Shop Ltd.", Reason: optgate.Text{"en": "You asked for it."}},
			{ID: "ads", Name: "Ads", Category: optgate.Marketing, Provider: "Ads Inc.", Country: "US",
				Policy: "https://ads.example/privacy", Hosts: []string{"*.ads.example"},
				Cookies: []optgate.StoredCookie{{Name: "_ad_*", Kind: "local", Duration: "1 year"}}},
		},
		Tags: []optgate.Tag{
			{ID: "pixel", Service: "ads", Kind: optgate.TagPixel, Src: "https://ads.example/p.gif"},
			{ID: "code", Category: "research", Kind: optgate.TagInline, Code: "run()"},
			{ID: "frame", Service: "ads", Kind: optgate.TagIframe, Src: "https://ads.example/f", Target: "#ad", Title: "Ad"},
		},
		Texts: []optgate.Texts{{Language: "en", Title: "Hello", Body: "We use cookies."}},
		Theme: optgate.Theme{Accent: "#1a56db", Radius: new(int)},
	}
}

func TestValidate(t *testing.T) {
	if err := shop().Validate(); err != nil {
		t.Errorf("got %v, want a valid configuration", err)
	}
	for _, tt := range []struct {
		name  string
		spoil func(*optgate.Config)
		want  string // fault's field and the start of its message
	}{
		{"site id with a slash", func(c *optgate.Config) { c.Site = "a/b" }, "site: is 1 to 63"},
		{"site id too long", func(c *optgate.Config) { c.Site = optgate.SiteID(strings.Repeat("a", 64)) }, "site: is 1 to 63"},
		{"no name", func(c *optgate.Config) { c.Name = " " }, "name: is required"},
		{"control character", func(c *optgate.Config) { c.Name = "a\x00" }, "name: holds a control"},
		{"not UTF-8", func(c *optgate.Config) { c.Name = "a\xff" }, "name: holds a control"},
		{"name too long", func(c *optgate.Config) { c.Name = strings.Repeat("a", 201) }, "name: is longer than 200"},
		{"no controller", func(c *optgate.Config) { c.Controller.Name = "" }, "controller.name: is required"},
		{"contact that runs code", func(c *optgate.Config) { c.Controller.Contact = "javascript:alert(1)" }, "controller.contact: is an address"},
		{"policy that runs code", func(c *optgate.Config) { c.Policy.URL = optgate.Text{"en": "javascript:alert(1)"} }, "policy.url.en: is an address"},
		{"policy with a password", func(c *optgate.Config) { c.Policy.URL = optgate.Text{"en": "https://a:b@shop.example"} }, "policy.url.en: holds a user name"},
		{"no such day", func(c *optgate.Config) { c.Policy.Effective = "2018-02-30" }, "policy.effective: is a date"},
		{"choice for longer than browsers keep it", func(c *optgate.Config) { c.ChoiceDays = 401 }, "choice_days: is 1 to 400"},
		{"unknown extent of holding", func(c *optgate.Config) { c.Hold = "all" }, "hold: is one of known, third-party, off"},
		{"negative choice", func(c *optgate.Config) { c.ChoiceDays = -1 }, "choice_days: is 1 to 400"},

		{"no origins", func(c *optgate.Config) { c.Origins = nil }, "origins: are required"},
		{"origin with a path", func(c *optgate.Config) { c.Origins[0] = "https://a.example/" }, "origins[0]: has more than an origin"},
		{"origin with a query", func(c *optgate.Config) { c.Origins[0] = "https://a.example?" }, "origins[0]: has more than an origin"},
		{"origin with a user", func(c *optgate.Config) { c.Origins[0] = "https://u@a.example" }, "origins[0]: has more than an origin"},
		{"origin in capitals", func(c *optgate.Config) { c.Origins[0] = "https://A.example" }, "origins[0]: is written in lower case"},
		{"origin without scheme", func(c *optgate.Config) { c.Origins[0] = "a.example" }, "origins[0]: is an origin such as"},
		{"origin of another scheme", func(c *optgate.Config) { c.Origins[0] = "ftp://a.example" }, "origins[0]: is an origin such as"},
		{"http origin", func(c *optgate.Config) { c.Origins[0] = "http://a.example" }, "origins[0]: is http"},
		{"origin with a wildcard", func(c *optgate.Config) { c.Origins[0] = "https://*.a.example" }, "origins[0]: names no host"},
		{"origin in another script", func(c *optgate.Config) { c.Origins[0] = "https://büro.example" }, "origins[0]: names no host"},
		{"origin with the usual port", func(c *optgate.Config) { c.Origins[0] = "https://a.example:443" }, "origins[0]: has the port that browsers leave out: write https://a.example"},
		{"origin with an empty port", func(c *optgate.Config) { c.Origins[0] = "https://a.example:" }, "origins[0]: has the port"},
		{"origin twice", func(c *optgate.Config) { c.Origins[1] = c.Origins[0] }, "origins[1]: is listed twice"},

		{"cookie name with a sign", func(c *optgate.Config) { c.Cookie.Name = "a=b" }, "cookie.name: is 1 to"},
		{"cookie path that adds an attribute", func(c *optgate.Config) { c.Cookie.Path = "/;Domain=x" }, "cookie.path: is a path"},
		{"cookie domain that is a suffix", func(c *optgate.Config) { c.Cookie.Domain = "example" }, "cookie.domain: is a domain"},
		{"cookie domain of others", func(c *optgate.Config) {
			c.Origins, c.Cookie.Domain = []string{"https://notshop.example"}, "shop.example"
		}, "cookie.domain: shop.example does not cover origins[0]"},

		{"no languages", func(c *optgate.Config) { c.Languages, c.Texts = nil, nil }, "languages: are required"},
		{"language in a path", func(c *optgate.Config) { c.Languages[1] = "../en" }, "languages[1]: is a language tag"},
		{"language in capitals", func(c *optgate.Config) { c.Languages[1] = "PT" }, "languages[1]: is a language tag"},
		{"language twice", func(c *optgate.Config) { c.Languages[1] = "en" }, "languages[1]: is listed twice"},

		{"nothing essential", func(c *optgate.Config) { c.Categories, c.Services = c.Categories[1:], c.Services[1:] }, `categories: lack "essential"`},
		{"essential switched off", func(c *optgate.Config) { c.Categories[0].Off = true }, "categories.essential: is always on"},
		{"category with a colon", func(c *optgate.Config) { c.Categories[3].ID, c.Tags = "a:1", nil }, "categories[3].id: is 1 to 32"},
		{"category twice", func(c *optgate.Config) { c.Categories[2].ID, c.Services, c.Tags = "functional", nil, nil }, `categories[2].id: "functional" is a duplicate`},
		{"own category without words", func(c *optgate.Config) { c.Categories[3].Title = nil }, "categories[3].title: is required"},

		{"service id with a space", func(c *optgate.Config) { c.Services[0].ID = "a b" }, "services[0].id: is 1 to 63"},
		{"service twice", func(c *optgate.Config) { c.Services[0].ID = "ads" }, `services[1].id: "ads" is a duplicate`},
		{"service without provider", func(c *optgate.Config) { c.Services[0].Provider = "" }, "services[0].provider: is required"},
		{"essential without reason", func(c *optgate.Config) { c.Services[0].Reason = nil }, "services[0].reason: is required"},
		{"unknown category", func(c *optgate.Config) { c.Services[1].Category = "nonsense" }, `services[1].category: "nonsense" is not one`},
		{"country in words", func(c *optgate.Config) { c.Services[1].Country = "China" }, "services[1].country: is a country code"},
		{"host with a path", func(c *optgate.Config) { c.Services[1].Hosts[0] = "a.example/x" }, "services[1].hosts[0]: is a host name"},
		{"unknown kind of storage", func(c *optgate.Config) { c.Services[1].Cookies[0].Kind = "magic" }, "services[1].cookies[0].kind: is one of cookie, local"},
		{"words in no language", func(c *optgate.Config) { c.Services[1].Purpose = optgate.Text{"english": "x"} }, `services[1].purpose: "english" is not a language tag`},

		{"tag twice", func(c *optgate.Config) { c.Tags[1].ID = "pixel" }, `tags[1].id: "pixel" is a duplicate`},
		{"tag of an unknown service", func(c *optgate.Config) { c.Tags[0].Service = "nobody" }, `tags[0].service: "nobody" is not one`},
		{"tag of an unknown category", func(c *optgate.Config) { c.Tags[1].Category = "nonsense" }, `tags[1].category: "nonsense" is not one`},
		{"tag of nothing", func(c *optgate.Config) { c.Tags[1].Category = "" }, "tags[1].service: is required"},
		{"tag of both", func(c *optgate.Config) { c.Tags[0].Category = optgate.Marketing }, "tags[0].category: is the service's"},
		{"unknown kind of tag", func(c *optgate.Config) { c.Tags[0].Kind = "beacon" }, "tags[0].kind: is one of pixel, script, inline, iframe"},
		{"tag that runs code", func(c *optgate.Config) { c.Tags[0].Src = "javascript:alert(1)" }, "tags[0].src: is an address"},
		{"tag without scheme", func(c *optgate.Config) { c.Tags[0].Src = "//ads.example/p.gif" }, "tags[0].src: is an address"},
		{"tag over http", func(c *optgate.Config) { c.Tags[0].Src = "http://ads.example/p.gif" }, "tags[0].src: is http"},
		{"pixel with code", func(c *optgate.Config) { c.Tags[0].Code = "x()" }, "tags[0].code: is only for inline"},
		{"inline without code", func(c *optgate.Config) { c.Tags[1].Code = "" }, "tags[1].code: is required"},
		{"inline with an address", func(c *optgate.Config) { c.Tags[1].Src = "https://ads.example" }, "tags[1].src: is not for inline"},
		{"code too long", func(c *optgate.Config) { c.Tags[1].Code = strings.Repeat(";", 16<<10+1) }, "tags[1].code: is longer than 16384"},
		{"frame without name", func(c *optgate.Config) { c.Tags[2].Title = "" }, "tags[2].title: is required"},
		{"frame without place", func(c *optgate.Config) { c.Tags[2].Target = "" }, "tags[2].target: is required"},
		{"pixel with a place", func(c *optgate.Config) { c.Tags[0].Target = "#x" }, "tags[0].target: and title are only"},

		{"texts in another language", func(c *optgate.Config) { c.Texts[0].Language = "fr" }, `texts[0].language: "fr" is not one`},
		{"texts twice", func(c *optgate.Config) { c.Texts = append(c.Texts, c.Texts[0]) }, `texts[1].language: "en" is a duplicate`},
		{"colour that ends the rule", func(c *optgate.Config) { c.Theme.Accent = "red;}" }, "theme.accent: is a colour"},
		{"position that does not exist", func(c *optgate.Config) { c.Theme.Position = "top" }, "theme.position: is one of bar, corner, centre"},
		{"logo from elsewhere", func(c *optgate.Config) { c.Theme.Logo = "https://cdn.example/logo.svg" }, "theme.logo: is the address of a picture on one of the site's origins"},
		{"logo without address", func(c *optgate.Config) { c.Theme.Logo = "/logo.svg" }, "theme.logo: is the address"},
		{"logo that is a script", func(c *optgate.Config) { c.Theme.Logo = "javascript:alert(1)" }, "theme.logo: is the address"},
		{"radius too large", func(c *optgate.Config) { *c.Theme.Radius = 25 }, "theme.radius: is 0 to 24"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := shop()
			tt.spoil(c)
			err := c.Validate()
			var invalid optgate.InvalidErrors
			if !errors.As(err, &invalid) {
				t.Fatalf("got %v, want InvalidErrors", err)
			}
			if len(invalid) != 1 || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got %v\nwant one fault, %s...", err, tt.want)
			}
		})
	}
}

// Faults are told together, so that one round mends them.
func TestValidateTellsAll(t *testing.T) {
	var none optgate.Config
	err := none.Validate()
	for _, field := range []string{"site", "name", "origins", "languages", "controller.name", "categories"} {
		if err == nil || !strings.Contains("\n"+err.Error(), "\n"+field+": ") {
			t.Errorf("got %v, want a fault of %s, too", err, field)
		}
	}
}

// The hash names a revision's content: it must not depend on the order of a
// map, and must change with any word.
func TestHash(t *testing.T) {
	a, b := shop(), shop()
	a.Policy.URL = optgate.Text{"en": "https://a.example", "de": "https://b.example"}
	b.Policy.URL = optgate.Text{"de": "https://b.example", "en": "https://a.example"}
	if a.Hash() != b.Hash() || a.Hash() != a.Clone().Hash() {
		t.Errorf("got %s, %s and %s, want the same three times", a.Hash(), b.Hash(), a.Clone().Hash())
	}
	b.Texts[0].Body += "!"
	if a.Hash() == b.Hash() {
		t.Errorf("got %s for two different configurations", a.Hash())
	}
}

func TestCloneIsDeep(t *testing.T) {
	c := shop()
	before := c.Hash()
	d := c.Clone()
	d.Services[1].Cookies[0].Name, d.Categories[3].Title["en"], *d.Theme.Radius = "x", "x", 9
	if got := c.Hash(); got != before {
		t.Errorf("got hash %s after editing a copy, want %s", got, before)
	}
}
