package httpd

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/httpd/admin"
	"github.com/optgate/optgate/internal/optgate"
)

// apiPath is where the API is.
const apiPath = "/api/v1"

// operation is one thing that a program with an API token can do. There is no
// other way to register one, so that none goes without a permission.
type operation struct {
	method, path string // below [apiPath]
	needs        optgate.Permission
	handle       func(echo.Context, admin.Caller) error
	// query are the parameters that it takes. Others are refused: a misspelt
	// dry-run would publish.
	query []string
}

// operations lists all; openapi.yaml describes them.
func (s *Server) operations() []operation {
	const get, put, post, del = http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete
	return []operation{
		{get, "/sites", optgate.SeeSites, s.getAPISites, nil},
		{get, "/sites/:site/config", optgate.SeeSites, s.getConfig, nil},
		{put, "/sites/:site/config", optgate.EditSites, s.putConfig, []string{"dry-run", "effective", "note"}},
		{get, "/sites/:site/revisions", optgate.SeeSites, s.getRevisions, []string{"before"}},
		{get, "/sites/:site/revisions/:number", optgate.SeeSites, s.getRevision, nil},
		{post, "/sites/:site/revisions/:number/roll-back", optgate.EditSites, s.postRollBack, []string{"dry-run", "effective", "note"}},
		{get, "/sites/:site/diff", optgate.SeeSites, s.getDiff, []string{"from", "to"}},
		{get, "/sites/:site/counts", optgate.SeeSites, s.getCounts, []string{"from", "to"}},
		{get, "/sites/:site/unmarked", optgate.SeeSites, s.getUnmarked, nil},
		{get, "/sites/:site/records", optgate.SeeRecords, s.getRecords,
			[]string{"format", "from", "to", "action", "revision", "limit", "cursor"}},
		{get, "/groups", optgate.SeeSites, s.getGroups, nil},
		{get, "/groups/:group", optgate.SeeSites, s.getGroup, nil},
		{put, "/groups/:group", optgate.EditSites, s.putGroup, []string{"dry-run", "effective", "note"}},
		{del, "/groups/:group", optgate.EditSites, s.deleteGroup, []string{"detach"}},
		{get, "/catalogue", optgate.SeeSites, s.getCatalogue, []string{"category"}},
		{get, "/audit", optgate.SeeAudit, s.getAPIAudit, []string{"before", "limit"}},
	}
}

// apiRoutes are for programs with an API token, where the admin is.
func (s *Server) apiRoutes(e *echo.Echo) {
	api := e.Group(apiPath)
	read(api, "/openapi.yaml", getOpenAPI)
	read(api, "/openapi.json", getOpenAPI)
	for _, o := range s.operations() {
		if o.method == http.MethodGet {
			read(api, o.path, s.guarded(o))
			continue
		}
		api.Add(o.method, o.path, s.guarded(o))
	}
}

// guarded returns what handles an operation for those who may.
func (s *Server) guarded(o operation) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set(echo.HeaderCacheControl, "no-store")
		h.Set(echo.HeaderXContentTypeOptions, "nosniff")
		who, err := s.caller(c, o.needs)
		if err != nil {
			return err
		}
		for name, values := range c.QueryParams() {
			if !slices.Contains(o.query, name) {
				return refuseField(http.StatusBadRequest, truncate(name), "is not a parameter here"+known(o.query))
			}
			if len(values) > 1 {
				return refuseField(http.StatusBadRequest, name, "is given twice")
			}
		}
		return o.handle(c, who)
	}
}

// known says which parameters there are.
func known(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ": there are " + strings.Join(names, ", ")
}

// caller returns who asks, who must have the permission.
func (s *Server) caller(c echo.Context, p optgate.Permission) (admin.Caller, error) {
	token, ok := strings.CutPrefix(c.Request().Header.Get("Authorization"), "Bearer ")
	if !ok {
		c.Response().Header().Set("WWW-Authenticate", "Bearer")
		return admin.Caller{}, refuse(http.StatusUnauthorized, "needs an API token: Authorization: Bearer TOKEN")
	}
	if err := s.slow(c.Request(), s.reads); err != nil {
		return admin.Caller{}, err
	}
	who, err := s.admin().Caller(c.Request().Context(), token)
	if errors.Is(err, admin.ErrBadToken) {
		c.Response().Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		return who, refuse(http.StatusUnauthorized, "this API token is unknown, expired or revoked")
	} else if err != nil {
		return who, &unavailable{err}
	}
	if !who.May(p) {
		return who, refuse(http.StatusForbidden, "this API token does not grant "+string(p)+", or its user's role does not any more")
	}
	return who, nil
}
