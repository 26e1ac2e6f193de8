package policy_test

import (
	"slices"
	"testing"

	"github.com/nlnwa/whatwg-url/url"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/policy"
)

// Whatever an address looks like, nothing panics, the spelling that a browser
// makes of it means the same, and the page's own host is free.
func FuzzMatch(f *testing.F) {
	for _, v := range vectors(f) {
		for _, c := range v.Cases {
			f.Add(c.URL, shopPage)
		}
	}
	p := policy.Compile(&optgate.Config{
		Hold: optgate.HoldThirdParty, Origins: []string{"https://www.shop.example"},
		Categories: []optgate.Category{{ID: optgate.Essential}, {ID: optgate.Analytics}, {ID: optgate.Marketing}},
	})
	f.Fuzz(func(t *testing.T, address, base string) {
		got := p.Match(address, base)
		if slices.Contains(got, optgate.Essential) {
			t.Errorf("%q: got %q, which are more than can be asked", address, got)
		}
		u, err := url.ParseRef(base, address)
		if base == "" {
			u, err = url.Parse(address)
		}
		if err != nil {
			return // no browser asks for it
		}
		if again := p.Match(u.Href(false), base); !slices.Equal(again, got) {
			t.Errorf("%q at %q: got %q, and %q as %q", address, base, got, again, u.Href(false))
		}
		if own := p.Match(address, base, u.Hostname()); own != nil && u.Hostname() == trimmed(u.Hostname()) {
			t.Errorf("%q: got %q though the host is the page's", address, own)
		}
	})
}

// trimmed returns a host without dots at its end.
func trimmed(host string) string {
	for len(host) > 0 && host[len(host)-1] == '.' {
		host = host[:len(host)-1]
	}
	return host
}
