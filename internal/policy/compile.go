package policy

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/optgate/optgate/internal/optgate"
)

// Compile returns what c means for addresses. With [optgate.HoldOff] nothing is
// held.
func Compile(c *optgate.Config) *Policy {
	if c.Hold == optgate.HoldOff {
		return &Policy{}
	}
	k := &compiler{config: c, rules: map[pattern]needs{}}
	k.services()
	k.signals()
	k.tags()
	k.origins()
	k.table()
	p := &Policy{rules: map[string]needs{}}
	if c.Hold == optgate.HoldThirdParty {
		p.other = k.all()
	}
	for at, n := range k.rules {
		if len(n) > 0 || p.other != nil || k.shadows(at) {
			p.rules[at.String()] = n
		}
	}
	return p
}

// compiler collects the rules of a site.
type compiler struct {
	config *optgate.Config
	rules  map[pattern]needs
}

// services takes what the site says of its services. A host of several services
// needs all their categories, unless one is essential.
func (k *compiler) services() {
	for _, s := range k.config.Services {
		for _, h := range s.Hosts {
			host, wild := strings.CutPrefix(h, "*.")
			k.require(pattern{host: host, exact: !wild}, s.Category)
		}
	}
}

// require adds a category to what a pattern needs.
func (k *compiler) require(at pattern, category optgate.CategoryID) {
	n, known := k.rules[at]
	switch {
	case category == optgate.Essential || known && len(n) == 0:
		n = needs{}
	case !slices.Contains(n, category):
		n = append(slices.Clone(n), category)
	}
	k.rules[at] = n
}

// tags takes the hosts of the tags that are of no listed service's host. One on
// a host on which the table knows something essential, such as a CDN, speaks for
// its own path alone, and so do those of several categories on one host.
func (k *compiler) tags() {
	listed := k.rules
	k.rules = map[pattern]needs{}
	shared := map[string]needs{}
	for _, t := range k.config.Tags {
		if u, err := url.Parse(t.Src); err == nil && !slices.Contains(shared[u.Hostname()], k.config.TagCategory(t)) {
			shared[u.Hostname()] = append(shared[u.Hostname()], k.config.TagCategory(t))
		}
	}
	for _, t := range k.config.Tags {
		u, err := url.Parse(t.Src)
		if err != nil || u.Host == "" {
			continue
		}
		at := pattern{host: strings.ToLower(u.Hostname()), exact: true}
		if strings.Contains(at.host, ":") {
			at.host = "[" + at.host + "]"
		}
		if len(shared[u.Hostname()]) > 1 {
			at.path = strings.TrimRight(u.EscapedPath(), "/")
		}
		for known, category := range table {
			if category == optgate.Essential && (within(at.host, known.host) || within(known.host, at.host)) {
				at.path = strings.TrimRight(u.EscapedPath(), "/")
			}
		}
		if !covered(listed, at) {
			k.require(at, k.config.TagCategory(t))
		}
	}
	for at, n := range listed {
		k.rules[at] = n
	}
}

// origins makes the site's own hosts free, and their whole domain, but for what
// the site itself lists there.
func (k *compiler) origins() {
	for _, o := range k.config.Origins {
		u, err := url.Parse(o)
		if err != nil {
			continue
		}
		own := pattern{host: u.Hostname(), exact: true}
		if net.ParseIP(own.host) == nil {
			if domain, err := publicsuffix.EffectiveTLDPlusOne(own.host); err == nil {
				if _, listed := k.rules[pattern{host: domain}]; !listed {
					k.rules[pattern{host: domain}] = needs{}
				}
			}
		} else if strings.Contains(own.host, ":") {
			own.host = "[" + own.host + "]"
		}
		for at := range k.rules {
			if at.exact && at.host == own.host {
				delete(k.rules, at)
			}
		}
		k.rules[own] = needs{}
	}
}

// table takes what the table knows of hosts that the site says nothing of, and
// what is essential on the others.
func (k *compiler) table() {
	site := k.rules
	k.rules = map[pattern]needs{}
	for at, category := range table {
		if category == optgate.Essential {
			k.rules[at] = needs{}
			for own := range site {
				// The site's word about a host below goes first, so the exception is
				// said again there.
				if below := (pattern{own.host, at.path, own.exact}); at.path != "" && own.path == "" && within(own.host, at.host) {
					k.rules[below] = needs{}
				}
			}
		} else if !covered(site, at) {
			k.rules[at] = k.known(category)
		}
	}
	for at, n := range site {
		k.rules[at] = n
	}
}

// known returns what a category of the table needs on this site. One that the
// site does not have is like a third party that nobody knows.
func (k *compiler) known(category optgate.CategoryID) needs {
	if _, ok := k.config.Category(category); ok {
		return needs{category} // one that is off is never allowed
	}
	return k.all()
}

// all returns all that visitors are asked about, or else what is never allowed.
func (k *compiler) all() needs {
	if asked := k.config.Asked(); len(asked) > 0 {
		return asked
	}
	return needs{optgate.Marketing}
}

// shadows reports whether at is free where it would be held without it.
func (k *compiler) shadows(at pattern) bool {
	for other, n := range k.rules {
		if other != at && len(n) > 0 && other.covers(pattern{at.host, at.path, at.exact}) {
			return true
		}
	}
	return false
}

// covered reports whether some rule applies wherever at does.
func covered(rules map[pattern]needs, at pattern) bool {
	for other := range rules {
		if other.covers(at) {
			return true
		}
	}
	return false
}

// within reports whether host is domain or below it.
func within(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}
