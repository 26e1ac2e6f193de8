// Package policy decides which address belongs to which category: what a site
// says of its services and tags, then a built-in table of the commonest
// trackers. The gate decides the same in the browser, web/hold/policy.ts, by the
// rules that [Policy.MarshalJSON] gives it; both are held to the same vectors.
//
// The most special pattern that matches an address decides: first the one with
// the longest host, then the one with the longest path. The site's own hosts and
// its essential services are never held. What the site says of a host goes
// before what the table says of it and of all below it, except that a captcha,
// a sign-in or a payment that the table knows there stays essential.
package policy

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nlnwa/whatwg-url/url"

	"github.com/optgate/optgate/internal/optgate"
)

// pattern is where a rule applies.
type pattern struct {
	host  string // in lower case; hosts below it, too, unless exact
	path  string // empty, or /a/b without a slash at the end: that, and what is below
	exact bool
}

// String returns p as the browser gets it, which is what an address is looked up
// by: "example.com/path", or "=example.com/path" if it is exact.
func (p pattern) String() string {
	if p.exact {
		return "=" + p.host + p.path
	}
	return p.host + p.path
}

// covers reports whether p applies wherever q does, and is no more special.
func (p pattern) covers(q pattern) bool {
	below := !p.exact && (q.host == p.host || strings.HasSuffix(q.host, "."+p.host)) || p.exact && q.exact && q.host == p.host
	return below && (q.path == p.path || strings.HasPrefix(q.path, p.path+"/") || p.path == "")
}

// needs are categories that all must be allowed; none: it is never held.
type needs []optgate.CategoryID

// String returns n as the browser gets it.
func (n needs) String() string {
	words := make([]string, len(n))
	for i, id := range n {
		words[i] = string(id)
	}
	return strings.Join(words, " ")
}

// Policy is what one configuration of a site means for addresses. It is never
// changed.
type Policy struct {
	rules map[string]needs // by [pattern.String]
	other needs            // of what no rule is about
}

// parser takes hosts that the standard refuses, such as one with an equals sign
// or a space: some browsers do, too.
var parser = url.NewParser(url.WithLaxHostParsing())

// Match returns the categories that must all be allowed before a page may ask
// for an address, or none if it may at once. The address is as a page has it,
// relative to base, which is the page's; an empty base is none. What has no host, such as blob: and
// data:, is never held here, and neither is what browsers cannot parse. Own are
// further hosts that are as good as the page's.
func (p *Policy) Match(address, base string, own ...string) []optgate.CategoryID {
	u, ok := parse(address, base)
	if !ok {
		return nil
	}
	if b, err := parser.Parse(base); err == nil {
		own = append(slices.Clone(own), b.Hostname())
	}
	host := strings.TrimRight(strings.ToLower(u.Hostname()), ".")
	if slices.Contains(own, host) {
		return nil
	}
	for at := "=" + host; at != ""; at = wider(at) {
		for key := at + u.Pathname(); ; {
			if n, ok := p.rules[key]; ok {
				return n
			}
			cut := strings.LastIndexByte(key, '/')
			if cut < 0 {
				break
			}
			key = key[:cut]
		}
	}
	return p.other
}

// Locate returns the host of an address, with its port if that is not the usual
// one, and its path, as browsers read it at base; ok is false for what [Policy.Match]
// never holds because it has no host.
func Locate(address, base string) (host, path string, ok bool) {
	u, ok := parse(address, base)
	if !ok {
		return "", "", false
	}
	return u.Host(), u.Pathname(), true
}

// parse reads an address of the network as browsers do.
func parse(address, base string) (u *url.Url, ok bool) {
	u, err := parser.Parse(address)
	if base != "" {
		u, err = parser.ParseRef(base, address)
	}
	if err != nil {
		return nil, false
	}
	switch u.Protocol() {
	case "http:", "https:", "ws:", "wss:":
		return u, true
	}
	return nil, false
}

// wider returns the next host to look up: the same without the mark of an exact
// pattern, then without its first label, then none.
func wider(at string) string {
	if rest, exact := strings.CutPrefix(at, "="); exact {
		return rest
	}
	_, rest, _ := strings.Cut(at, ".")
	return rest
}

// comEnd stands for the commonest end of a pattern and the space behind it. It is
// in no host, and in no path as [net/url.URL.EscapedPath] has it.
const comEnd = "|"

// MarshalJSON implements [json.Marshaler]: {"r": [[categories, patterns], ...],
// "d": categories}, both lists being joined by spaces; between patterns ".com "
// is written as [comEnd]. "d" is what needs what no pattern is about.
func (p *Policy) MarshalJSON() ([]byte, error) {
	grouped := map[string][]string{}
	for key, n := range p.rules {
		grouped[n.String()] = append(grouped[n.String()], key)
	}
	out := struct {
		Rules [][2]string `json:"r"`
		Other string      `json:"d,omitempty"`
	}{Rules: [][2]string{}, Other: p.other.String()}
	for _, group := range slices.Sorted(maps.Keys(grouped)) {
		slices.Sort(grouped[group])
		out.Rules = append(out.Rules, [2]string{group, strings.ReplaceAll(strings.Join(grouped[group], " "), ".com ", comEnd)})
	}
	doc, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("policy: encode rules: %w", err)
	}
	return doc, nil
}
