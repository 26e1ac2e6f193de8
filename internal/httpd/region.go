package httpd

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/optgate"
)

// getRegion tells the gate where the visitor is, as far as a proxy says so. The gate
// itself is the same for everybody and lies in caches, so it asks for this apart,
// and only where it matters: on sites that do not ask first everywhere, before an
// answer.
func (s *Server) getRegion(c echo.Context) error {
	site, err := s.site(c)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	for _, name := range s.RegionHeaders {
		h.Add("Vary", name)
	}
	if err := s.checkOrigin(c, site); err != nil {
		return err
	}
	var region optgate.Region
	if site.Revision.Config.LoadsBeforeAnswer() {
		region = s.region(c.Request())
	}
	return sendJSON(c, http.StatusOK, map[string]optgate.Region{"region": region})
}

// region returns where a request comes from, or "" if no proxy that is believed
// says so in a way that has one reading. The first header names the country, or
// the part of it at once; the second one, if there is one, names the part.
func (s *Server) region(r *http.Request) optgate.Region {
	if len(s.RegionHeaders) == 0 || !fromProxy(r, s.TrustedProxies) {
		return ""
	}
	said := make([]string, len(s.RegionHeaders))
	for i, name := range s.RegionHeaders {
		values := r.Header.Values(name)
		// Where there are two, one of them may be the visitor's own.
		if len(values) > 1 {
			return ""
		}
		said[i] = strings.ToUpper(strings.TrimSpace(strings.Join(values, "")))
	}
	country, part := said[0], strings.Join(said[1:], "")
	if whole := country + "-" + strings.TrimPrefix(part, country+"-"); optgate.IsRegion(whole) {
		return optgate.Region(whole)
	}
	if optgate.IsRegion(country) {
		return optgate.Region(country)
	}
	return ""
}
