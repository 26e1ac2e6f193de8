package httpd

import (
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/catalogue"
	"github.com/optgate/optgate/internal/httpd/admin"
	"github.com/optgate/optgate/internal/optgate"
)

// catalogueRow is a service of the catalogue: an entry as site files have it, and
// what helps to use it.
type catalogueRow struct {
	optgate.Service
	Signal string `json:"signal,omitempty"` // the consent signal that the vendor understands
	Mark   string `json:"mark,omitempty"`   // the vendor's tag as a page marks it
}

// getCatalogue answers with the catalogue, ordered by name, in all languages that
// it has.
func (s *Server) getCatalogue(c echo.Context, _ admin.Caller) error {
	category := optgate.CategoryID(c.QueryParam("category"))
	standard := []optgate.CategoryID{"", optgate.Essential, optgate.Functional, optgate.Analytics, optgate.Marketing}
	if !slices.Contains(standard, category) {
		return refuseField(http.StatusBadRequest, "category", "is essential, functional, analytics or marketing")
	}
	rows := []catalogueRow{}
	for _, k := range catalogue.All() {
		if category == "" || k.Category == category {
			rows = append(rows, catalogueRow{k.Entry(slices.Sorted(maps.Keys(k.Purpose))), k.Signal, k.Mark})
		}
	}
	return sendJSON(c, http.StatusOK, map[string]any{"services": rows})
}

// getAPIAudit answers with a page of the audit log, newest first, each entry with
// its chain. Its Link header leads to the older ones.
func (s *Server) getAPIAudit(c echo.Context, who admin.Caller) error {
	before, err := numberParam(c, "before", 0)
	if err != nil {
		return err
	}
	limit, err := numberParam(c, "limit", maxPage)
	if err != nil || limit > maxPage {
		return refuseField(http.StatusBadRequest, "limit", "is a number from 1 to "+strconv.Itoa(maxPage))
	}
	ctx := c.Request().Context()
	// Who goes on has been noted at the first page.
	if before == 0 {
		if err := s.admin().NoteAuditExport(ctx, who); err != nil {
			return &unavailable{err}
		}
	}
	entries, err := s.Store.Audit(ctx, uint64(before), limit)
	if err != nil {
		return &unavailable{err}
	}
	if n := len(entries); n == limit && entries[n-1].Seq > 1 {
		nextPage(c, "before", strconv.FormatUint(entries[n-1].Seq, 10))
	}
	if entries == nil {
		entries = []optgate.AuditEntry{}
	}
	return sendJSON(c, http.StatusOK, map[string]any{"entries": entries})
}
