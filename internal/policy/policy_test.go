package policy_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/policy"
)

// vector is a site and what its policy says of addresses. The browser's twin is
// held to the same in internal/gatetest.
type vector struct {
	Name  string
	Site  optgate.Config
	Cases []struct {
		Name string
		URL  string
		Base *string // nil: that of a page of the shop
		Own  []string
		Want []optgate.CategoryID
	}
}

// shopPage is the page that asks, if a case does not say.
const shopPage = "https://www.shop.example/a/b?c"

func vectors(tb testing.TB) []vector {
	tb.Helper()
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		tb.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(data, &all); err != nil {
		tb.Fatal(err)
	}
	return all
}

func TestMatch(t *testing.T) {
	for _, v := range vectors(t) {
		p := policy.Compile(&v.Site)
		for _, c := range v.Cases {
			t.Run(v.Name+"/"+c.Name, func(t *testing.T) {
				base := shopPage
				if c.Base != nil {
					base = *c.Base
				}
				if got := p.Match(c.URL, base, c.Own...); !slices.Equal(got, c.Want) {
					t.Errorf("%q: got %q, want %q", c.URL, got, c.Want)
				}
			})
		}
	}
}

// The browser gets ".com " between patterns in one sign, which nothing that a
// site may write brings in.
func TestEndsAreWrittenShort(t *testing.T) {
	c := optgate.Config{
		Site: "shop", Origins: []string{"https://www.shop.example"}, Hold: optgate.HoldThirdParty,
		Categories: []optgate.Category{{ID: optgate.Essential}, {ID: optgate.Marketing}},
		Services:   []optgate.Service{{ID: "last", Category: optgate.Marketing, Hosts: []string{"*.zzz.com"}}},
		Tags: []optgate.Tag{
			{ID: "a", Category: optgate.Marketing, Kind: optgate.TagScript, Src: "https://cdnjs.cloudflare.com/a|b.com%20c.js"},
		},
	}
	doc, err := json.Marshal(policy.Compile(&c))
	if err != nil {
		t.Fatal(err)
	}
	var sent struct {
		Rules [][2]string `json:"r"`
	}
	if err := json.Unmarshal(doc, &sent); err != nil {
		t.Fatal(err)
	}
	for _, rule := range sent.Rules {
		if rule[0] != string(optgate.Marketing) {
			continue
		}
		if strings.Contains(rule[1], ".com ") {
			t.Errorf("got %q, want no end written in full but the last", rule[1])
		}
		patterns := strings.Split(strings.ReplaceAll(rule[1], "|", ".com "), " ")
		for _, want := range []string{"=cdnjs.cloudflare.com/a%7Cb.com%20c.js", "criteo.com", "criteo.net", "facebook.net", "zzz.com"} {
			if !slices.Contains(patterns, want) {
				t.Errorf("got %q, want %s among them", patterns, want)
			}
		}
		return
	}
	t.Errorf("got %s, want a list of marketing", doc)
}
