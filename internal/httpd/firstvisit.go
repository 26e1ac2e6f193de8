package httpd

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/optgate/optgate/internal/optgate"
)

// isFirstVisit reports whether the request for a gate is one of a visitor who has
// answered nothing yet. That can only be told where the browser would have sent
// the choice's cookie with it; in doubt it is not. Neither is it where regions have
// rules of their own, as she may not be asked at all. A wrong answer costs the visitor
// some bytes or a request, and nothing else: the gate alone decides what is asked.
func isFirstVisit(r *http.Request, c *optgate.Config) bool {
	return len(c.Regions) == 0 && r.Header.Get("Sec-Fetch-Mode") == "no-cors" && seesCookie(r, c) && len(r.CookiesNamed(c.CookieName())) == 0
}

// seesCookie reports whether a script's request has the choice's cookie with it, if
// there is one: it belongs to the page's host or to the domain that the site says.
func seesCookie(r *http.Request, c *optgate.Config) bool {
	if c.CookiePath() != "/" {
		return false // a proxy may have changed the path
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin":
		return true
	case "same-site":
		// A cookie is for all ports of its host, or for all hosts of its domain.
		host := (&url.URL{Host: r.Host}).Hostname()
		if c.Cookie.Domain != "" {
			return strings.HasSuffix("."+host, "."+c.Cookie.Domain)
		}
		page, err := url.Parse(r.Referer())
		return err == nil && host != "" && strings.EqualFold(page.Hostname(), host)
	}
	return false
}
