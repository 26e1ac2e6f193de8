package catalogue_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/optgate/optgate/internal/catalogue"
	"github.com/optgate/optgate/internal/optgate"
)

// kinds are what kinds of service there is, so that nobody finds a corner empty.
var kinds = map[string][]string{
	"payment": {"stripe", "paypal", "klarna"}, "captcha": {"turnstile", "hcaptcha", "recaptcha"},
	"video": {"youtube", "vimeo"}, "map": {"google-maps", "openstreetmap"}, "chat": {"intercom", "zendesk"},
	"comments": {"disqus"}, "counting": {"google-analytics", "matomo", "plausible"}, "recording": {"hotjar", "clarity"},
	"advertising": {"google-ads", "meta-pixel", "tiktok-pixel", "linkedin-insight", "microsoft-ads", "pinterest-tag"},
}

func TestCatalogue(t *testing.T) {
	all := catalogue.All()
	if len(all) < 60 {
		t.Errorf("there are %d services, want at least 60", len(all))
	}
	for kind, ids := range kinds {
		for _, id := range ids {
			if _, ok := catalogue.Find(id); !ok {
				t.Errorf("%s is missing, a service of the kind %s", id, kind)
			}
		}
	}
	seen := map[string]bool{}
	for _, s := range all {
		t.Run(s.ID, func(t *testing.T) {
			if seen[s.ID] {
				t.Error("the id is there twice")
			}
			seen[s.ID] = true
			if s.Purpose["en"] == "" || s.Purpose["de"] == "" {
				t.Errorf("the purpose is %v, want English and German", s.Purpose)
			}
			if s.Category == optgate.Essential && (s.Reason["en"] == "" || s.Reason["de"] == "") {
				t.Errorf("the reason is %v, want English and German", s.Reason)
			}
			for _, k := range s.Cookies {
				if k.Duration == "" {
					t.Errorf("%s has no duration", k.Name)
				}
			}
			if s.Category != optgate.Essential && s.Mark == "" {
				t.Error("it says not how its tag is marked")
			}
			checkMark(t, s)
			config := optgate.Config{
				Site: "shop", Name: "Shop", Origins: []string{"https://shop.example"}, Languages: []string{"en", "de"},
				Controller: optgate.Controller{Name: "Shop Ltd"},
				Categories: []optgate.Category{{ID: optgate.Essential}, {ID: optgate.Functional}, {ID: optgate.Analytics}, {ID: optgate.Marketing}},
				Services:   []optgate.Service{s.Entry([]string{"en", "de"})},
			}
			if err := config.Validate(); err != nil {
				t.Errorf("a site could not publish it: %v", err)
			}
		})
	}
}

// checkMark checks that the tag is one element, held in the service's category,
// and loaded from one of its hosts.
func checkMark(t *testing.T, s catalogue.Service) {
	t.Helper()
	if s.Mark == "" {
		return
	}
	nodes, err := html.ParseFragment(strings.NewReader(s.Mark), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil || len(nodes) != 1 || nodes[0].Type != html.ElementNode {
		t.Fatalf("the mark is no single element: %q (%v)", s.Mark, err)
	}
	attributes := map[string]string{}
	for _, a := range nodes[0].Attr {
		attributes[a.Key] = a.Val
	}
	if attributes["data-gate"] != string(s.Category) {
		t.Errorf("the mark holds it in %q, want %q", attributes["data-gate"], s.Category)
	}
	if nodes[0].Data == "script" && attributes["type"] != "text/plain" {
		t.Error("the marked script would run at once")
	}
	if attributes["src"]+attributes["href"] != "" {
		t.Error("the mark loads at once")
	}
	src := attributes["data-src"] + attributes["data-href"]
	u, err := url.Parse(strings.ReplaceAll(src, "{id}", "x"))
	if err != nil || u.Scheme != "https" {
		t.Errorf("the mark loads %q, want an https address", src)
	}
	// Google's tag, its maps and its captcha are on hosts that serve much else.
	shared := []string{"www.googletagmanager.com", "www.google.com", "x", "x.js"}
	if !slices.Contains(shared, u.Host) && !slices.ContainsFunc(s.Hosts, func(h string) bool {
		return h == u.Host || strings.HasPrefix(h, "*.") && strings.HasSuffix(u.Host, h[1:])
	}) {
		t.Errorf("the mark loads from %s, which is none of %v", u.Host, s.Hosts)
	}
}

func TestReadRefuses(t *testing.T) {
	for name, doc := range map[string]string{
		"an unknown key":     "services: [{id: a, colour: red}]",
		"an unknown purpose": "services: [{id: a, cookies: [{name: b, for: nothing}]}]",
		"no YAML":            "services: [",
	} {
		if _, err := catalogue.Read([]byte(doc)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestEntryInOneLanguage(t *testing.T) {
	s, _ := catalogue.Find("matomo")
	e := s.Entry([]string{"de-AT", "fr"})
	if got := e.Purpose; len(got) != 1 || got["de-AT"] == "" {
		t.Errorf("the purpose is %v, want one for de-AT alone", got)
	}
}
