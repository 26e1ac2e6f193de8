package httpd

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/publish"
)

// publicRoutes are for visitors' browsers, for sites and for operators' probes.
func (s *Server) publicRoutes(e *echo.Echo) {
	site := e.Group("/s/:site")
	read(site, "/gate.js", s.getGate)
	read(site, "/panel", s.getPanel)
	for _, p := range publish.Pieces() {
		read(site, "/"+string(p)+".js", s.getPiece(p))
	}
	read(site, "/region", s.getRegion)
	read(site, "/choices", s.getChoices)
	site.POST("/choices", s.postChoices)
	site.DELETE("/choices", s.deleteChoices)
	site.OPTIONS("/choices", s.preflightChoices)
	site.POST("/unmarked", s.postUnmarked)
	read(site, "/preferences", s.getPreferences)
	site.POST("/preferences", s.postPreferences)
	read(site, "/preferences/erase", s.getErase)
	site.POST("/preferences/erase", s.postErase)
	read(site, "/receipt", s.getReceipt)
	site.POST("/receipt", s.postReceipt)
	read(site, "/declaration", s.getDeclaration)
	read(site, "/declaration.json", s.getDeclarationJSON)
	read(site, "/history", s.getHistory)
	read(site, "/history.json", s.getHistoryJSON)
	read(site, "/static/*", s.getStatic) // a proxy may show a site's addresses alone

	read(e, "/.well-known/gpc.json", s.getGPC)
	read(e, "/.well-known/jwks.json", s.getJWKS)
	s.commonRoutes(e)
}

// adminRoutes are for users of the admin.
func (s *Server) adminRoutes(e *echo.Echo) {
	read(e, "/admin", toAdmin)
	s.admin().Register(e.Group("/admin"))
	s.apiRoutes(e)
}

// toAdmin sends whoever comes to the bare address on.
func toAdmin(c echo.Context) error { return c.Redirect(http.StatusSeeOther, "/admin/") }

// commonRoutes are on every address.
func (s *Server) commonRoutes(e *echo.Echo) {
	read(e, "/static/*", s.getStatic)
	read(e, "/healthz", s.getHealth)
	read(e, "/readyz", s.getReady)
}

// read registers a handler for GET and, as RFC 9110 has it, for HEAD.
func read(r interface {
	Match([]string, string, echo.HandlerFunc, ...echo.MiddlewareFunc) []*echo.Route
}, path string, h echo.HandlerFunc) {
	r.Match([]string{http.MethodGet, http.MethodHead}, path, h)
}
