package httpd

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/optgate"
)

// gpcSince is the day from which Optgate honours Global Privacy Control as it
// does now.
const gpcSince = "2026-11-23"

// getGPC answers whether a site of this server honours Global Privacy Control, in
// the form of the specification's well-known resource.
func (s *Server) getGPC(c echo.Context) error {
	honoured := slices.ContainsFunc(s.Registry.Sites(), func(r optgate.Revision) bool { return !r.Config.GPC.Off })
	c.Response().Header().Set(echo.HeaderCacheControl, "public, max-age=3600")
	return c.JSON(http.StatusOK, map[string]any{"gpc": honoured, "lastUpdate": gpcSince})
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
