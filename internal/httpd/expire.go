package httpd

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"golang.org/x/net/publicsuffix"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

// maxExpired is how many cookies one answer takes away.
const maxExpired = 50

// expireRefused takes from the browser the cookies that came with a decision and
// that only services list which it refuses: scripts cannot reach those that are
// HttpOnly. It is done on the page's own host alone, where they are the site's.
func (s *Server) expireRefused(c echo.Context, site *publish.Site, record *optgate.Record) {
	r := c.Request()
	if r.Header.Get("Cookie") == "" {
		return
	}
	origin := r.Header.Get(echo.HeaderOrigin)
	page, err := url.Parse(origin)
	if err != nil || origin == "" || !site.AllowsOrigin(origin) || !s.ownOrigin(r, origin) {
		return
	}
	goes := refusedCookies(r, &site.Revision.Config, record)
	attributes := "; Path=/; Max-Age=0"
	if s.secure(r) {
		attributes += "; Secure"
	}
	var names []string
	for _, cookie := range r.Cookies() {
		if !slices.Contains(names, cookie.Name) && goes(cookie.Name) && len(names) < maxExpired {
			names = append(names, cookie.Name)
		}
	}
	for _, name := range names {
		// Nobody can see which domain a cookie has.
		c.Response().Header().Add("Set-Cookie", name+"="+attributes)
		for _, domain := range cookieDomains(page.Hostname()) {
			c.Response().Header().Add("Set-Cookie", name+"="+attributes+"; Domain="+domain)
		}
	}
}

// refusedCookies returns what says whether a cookie of that name has to go: a
// refused service lists it, and no allowed or essential one does, nor one that may
// load as nothing was said of it. A decision that
// comes late is not held against a newer one, which the browser's own cookie says.
func refusedCookies(r *http.Request, config *optgate.Config, record *optgate.Record) func(name string) bool {
	allowed := func(id optgate.CategoryID) bool { return id == optgate.Essential || record.Choices[id] }
	newer := map[optgate.CategoryID]bool{}
	for _, cookie := range r.CookiesNamed(config.CookieName()) {
		if choice, err := optgate.ParseChoiceCookie(cookie.Value); err == nil {
			for id, yes := range choice.Choices {
				newer[id] = newer[id] || yes
			}
		}
	}
	var refused, kept []string
	for _, service := range config.Services {
		_, answered := record.Choices[service.Category]
		for _, stored := range service.Cookies {
			switch {
			case stored.Kind != "" && stored.Kind != "cookie":
			case allowed(service.Category) || newer[service.Category] || !answered && config.LoadsBeforeAnswer():
				kept = append(kept, stored.Name)
			case answered:
				refused = append(refused, stored.Name)
			}
		}
	}
	return func(name string) bool {
		matches := func(pattern string) bool { return matchesName(pattern, name) }
		own := name == config.CookieName() || name == config.CookieName()+"_id"
		return !own && slices.ContainsFunc(refused, matches) && !slices.ContainsFunc(kept, matches)
	}
}

// matchesName reports whether a name is among those that a site file means by
// pattern, where "*" stands for anything. A site lists dozens of them, and each
// decision is held against all.
func matchesName(pattern, name string) bool {
	first, rest, wild := strings.Cut(pattern, "*")
	name, ok := strings.CutPrefix(name, first)
	if !wild || !ok {
		return ok && name == ""
	}
	parts := strings.Split(rest, "*")
	last := len(parts) - 1
	for _, part := range parts[:last] {
		if _, name, ok = strings.Cut(name, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(name, parts[last])
}

// cookieDomains returns the domains that a cookie which reaches host can be for:
// host and its parents, as far as one owner has them.
func cookieDomains(host string) []string {
	owned, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil || net.ParseIP(host) != nil {
		return nil
	}
	var domains []string
	for domain := host; ; {
		domains = append(domains, domain)
		_, parent, below := strings.Cut(domain, ".")
		if domain == owned || !below {
			return domains
		}
		domain = parent
	}
}
