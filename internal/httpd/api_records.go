package httpd

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/httpd/admin"
	"github.com/optgate/optgate/internal/keys"
	"github.com/optgate/optgate/internal/ledger"
	"github.com/optgate/optgate/internal/optgate"
)

// maxPage is the most entries that one answer of the feed has.
const maxPage = 1000

// getRecords answers with a site's ledger: all of it, or with limit a page of it
// whose Link header leads on, also to what will be recorded after its end.
func (s *Server) getRecords(c echo.Context, who admin.Caller) error {
	site, err := s.site(c)
	if err != nil {
		return err
	}
	q := c.QueryParams()
	x := ledger.Export{
		Site: site.Revision.Site, Format: ledger.Format(q.Get("format")), Cursor: q.Get("cursor"),
		Ledger: s.Ledger, Revisions: s.Registry, Checkpoint: s.signCheckpoint(site.Revision.Site),
	}
	if x.Format == "" {
		x.Format = ledger.JSONLines
	}
	if !slices.Contains(ledger.Formats, x.Format) {
		return refuseField(http.StatusBadRequest, "format", "is jsonl, csv or iso27560")
	}
	if err := x.Filter.Parse(q.Get("from"), q.Get("to"), q.Get("action"), q.Get("revision")); err != nil {
		return err
	}
	if err := s.noteExport(c, who, x); err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentType, x.Format.Type())
	if q.Has("limit") {
		return s.sendPage(c, x, q)
	}
	if c.Request().Method == http.MethodHead {
		return nil
	}
	_, err = x.Write(c.Request().Context(), c.Response())
	return err
}

// noteExport writes to the audit log who takes records out, before they go.
func (s *Server) noteExport(c echo.Context, who admin.Caller, x ledger.Export) error {
	// A feed is read every few minutes: its first page alone is noted.
	if x.Cursor != "" {
		return nil
	}
	err := s.admin().NoteExport(c.Request().Context(), who, x.Site, string(x.Format))
	if err != nil {
		return &unavailable{err}
	}
	return nil
}

// sendPage sends a page of the ledger.
func (s *Server) sendPage(c echo.Context, x ledger.Export, q url.Values) error {
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil || limit < 1 || limit > maxPage {
		return refuseField(http.StatusBadRequest, "limit", "is a number from 1 to "+strconv.Itoa(maxPage))
	}
	var b bytes.Buffer
	next, err := x.WritePage(c.Request().Context(), &b, limit)
	if err != nil {
		if _, bad := errors.AsType[*optgate.InvalidError](err); bad {
			return err
		}
		return &unavailable{err}
	}
	q.Set("cursor", next)
	c.Response().Header().Set("Link", "<"+c.Request().URL.Path+"?"+q.Encode()+`>; rel="next"`)
	return c.Blob(http.StatusOK, x.Format.Type(), b.Bytes())
}

// signCheckpoint returns what signs the end of an export of a site.
func (s *Server) signCheckpoint(site optgate.SiteID) func([]optgate.Head) (string, error) {
	return func(heads []optgate.Head) (string, error) {
		return s.Keys.SignCheckpoint(keys.Checkpoint{Site: site, At: s.Now().UTC().Truncate(time.Millisecond), Heads: heads})
	}
}
