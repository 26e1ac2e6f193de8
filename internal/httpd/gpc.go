package httpd

import (
	"errors"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

// objects reports whether a request says Global Privacy Control: "1" and nothing
// else, in one header or in several.
func objects(r *http.Request) bool { return slices.Contains(r.Header.Values("Sec-GPC"), "1") }

// heed keeps an answer to everything at once from what the browser's Global
// Privacy Control objects to: it is a choice of the rest then. What the visitor
// allowed herself before stays allowed.
func (s *Server) heed(c echo.Context, site *publish.Site, d *decision) error {
	objected := site.Revision.Config.GPCCategories()
	if d.Action != optgate.AcceptAll || len(objected) == 0 || !objects(c.Request()) {
		return nil
	}
	visitor, err := s.ownVisitor(c, site)
	if err != nil {
		return err
	}
	var own optgate.Choices
	if visitor != "" {
		current, err := s.Ledger.Current(c.Request().Context(), site.Revision.Site, visitor)
		switch {
		case err == nil:
			own = optgate.Holding(current.Record.Choices, site.Revision.TimingAt(s.Now()).Since, current.Record.Revision)
		case !errors.Is(err, optgate.ErrNotFound):
			return &unavailable{err}
		}
	}
	d.Action = optgate.Save
	for _, id := range objected {
		d.Choices[id] = own[id]
	}
	return nil
}
