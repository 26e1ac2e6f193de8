package policy_test

import (
	"encoding/json"
	"os"
	"slices"
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
