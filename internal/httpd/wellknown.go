package httpd

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// getGPC answers whether this server honours Global Privacy Control, in the form
// of the specification's well-known resource: no, as the gate does not act on the
// signal.
func (s *Server) getGPC(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "public, max-age=3600")
	return c.JSON(http.StatusOK, map[string]any{"gpc": false, "lastUpdate": s.Started.UTC().Format(time.DateOnly)})
}

// getJWKS answers with the keys that verify receipts.
func (s *Server) getJWKS(c echo.Context) error {
	set, err := s.Keys.JWKS()
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "public, max-age=300")
	h.Set(echo.HeaderAccessControlAllowOrigin, "*")
	return c.Blob(http.StatusOK, "application/jwk-set+json", set)
}
