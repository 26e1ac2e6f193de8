package httpd

import (
	"mime"
	"net/http"
	"path"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/static"
)

// getStatic answers with a file of ours under its hashed name, which never
// changes.
func (s *Server) getStatic(c echo.Context) error {
	name := c.Param("*")
	data, ok := static.Lookup(name)
	if !ok {
		return refuse(http.StatusNotFound, "there is no such file")
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, immutableCaching)
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	return c.Blob(http.StatusOK, mime.TypeByExtension(path.Ext(name)), data)
}
