package httpd

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/publish"
)

// crossSite is what a browser sends in Sec-Fetch-Site with the request of
// another site's page.
const crossSite = "cross-site"

// checkOrigin refuses a request that a page of somebody else's made. Browsers
// name the page's origin with every POST and DELETE, and with every GET across
// origins; programs that are no browsers name none and have no visitor's cookies
// either. When the origin is the site's, the answer is readable there.
func (s *Server) checkOrigin(c echo.Context, site *publish.Site) error {
	r := c.Request()
	c.Response().Header().Add("Vary", echo.HeaderOrigin)
	origin := r.Header.Get(echo.HeaderOrigin)
	if origin == "" {
		if r.Header.Get("Sec-Fetch-Site") == crossSite {
			return refuse(http.StatusForbidden, "a page of another site may not do this")
		}
		return nil
	}
	if site.AllowsOrigin(origin) {
		h := c.Response().Header()
		h.Set(echo.HeaderAccessControlAllowOrigin, origin)
		h.Set(echo.HeaderAccessControlAllowCredentials, "true")
		return nil
	}
	if s.ownOrigin(r, origin) {
		return nil
	}
	return refuse(http.StatusForbidden, "the page's origin is not among this site's origins")
}

// ownOrigin reports whether origin is the one under which this server is
// reached: that of its own pages.
func (s *Server) ownOrigin(r *http.Request, origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	if s.PublicURL != nil && strings.EqualFold(u.Host, s.PublicURL.Host) && u.Scheme == s.PublicURL.Scheme {
		return true
	}
	// Behind a proxy that does not say so, https may look like http to us. The
	// other way round, a page that came without https is not ours: anybody on the
	// way to the browser may have written it.
	web := u.Scheme == "https" || u.Scheme == "http" && !s.secure(r)
	return web && strings.EqualFold(u.Host, r.Host)
}

// preflightChoices answers a browser that asks whether the site's page may call
// choices across origins.
func (s *Server) preflightChoices(c echo.Context) error {
	site, err := s.site(c)
	if err != nil {
		return err
	}
	if err := s.checkOrigin(c, site); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderAccessControlAllowMethods, "GET, POST, DELETE")
	h.Set(echo.HeaderAccessControlAllowHeaders, "Content-Type, Optgate-Visitor")
	h.Set(echo.HeaderAccessControlMaxAge, "7200")
	return c.NoContent(http.StatusNoContent)
}
