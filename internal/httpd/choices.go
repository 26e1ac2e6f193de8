package httpd

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/keys"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

// recordedRoom is room in bytes for the answer to a decision: its receipt has some
// 900, more where ids are long.
const recordedRoom = 1280

// recordedJSON returns the answer to a decision. It is written by hand and in one
// piece, for it is made for each one that is recorded; no part of it can need an
// escape.
func (s *Server) recordedJSON(ctx context.Context, e optgate.Entry) ([]byte, error) {
	b := append(append(make([]byte, 0, recordedRoom), `{"id":"`...), e.Record.ID...)
	b, expires, err := s.appendReceipt(ctx, append(b, `","receipt":"`...), e)
	if err != nil {
		return nil, err
	}
	b = expires.AppendFormat(append(b, `","expires":"`...), time.RFC3339Nano)
	return append(b, `"}`...), nil
}

// postChoices records a decision. The browser makes the record's id, so that a
// retry after a lost answer stores nothing twice.
func (s *Server) postChoices(c echo.Context) error {
	site, err := s.site(c)
	if err != nil {
		return err
	}
	if err := s.checkOrigin(c, site); err != nil {
		return err
	}
	if err := s.slow(c.Request(), s.writes); err != nil {
		return err
	}
	if !isJSON(c.Request().Header.Get(echo.HeaderContentType)) {
		return refuseField(http.StatusUnsupportedMediaType, "Content-Type", "is application/json or text/plain")
	}
	d, err := readDecision(c.Response(), c.Request())
	if err != nil {
		return err
	}
	stored, created, err := s.record(c, site, d)
	if err != nil {
		return err
	}
	answer, err := s.recordedJSON(c.Request().Context(), stored)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	return sendDoc(c, status, answer)
}

// isJSON reports whether a content type is one in which a decision comes:
// text/plain too, which a page may send to another origin without asking first.
func isJSON(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	return contentType == "" || err == nil && (t == echo.MIMEApplicationJSON || t == echo.MIMETextPlain)
}

// record validates a decision, appends it to the ledger and sets the visitor's
// cookies.
func (s *Server) record(c echo.Context, site *publish.Site, d decision) (optgate.Entry, bool, error) {
	ctx := c.Request().Context()
	record := optgate.Record{
		ID: d.ID, Site: site.Revision.Site, Visitor: d.Visitor, Revision: d.Revision, Language: d.Language,
		Action: d.Action, Source: d.Source, Choices: d.Choices, Panel: d.Panel, At: s.Now().UTC().Truncate(time.Millisecond),
	}
	// Essential needs no answer. A client may send the obvious one.
	if record.Choices[optgate.Essential] {
		delete(record.Choices, optgate.Essential)
	}
	if err := record.ValidateShape(); err != nil {
		return optgate.Entry{}, false, err
	}
	revision, err := s.Registry.Revision(ctx, record.Site, record.Revision)
	if errors.Is(err, optgate.ErrNotFound) {
		return optgate.Entry{}, false, refuseField(http.StatusUnprocessableEntity, "revision", "was never published")
	} else if err != nil {
		return optgate.Entry{}, false, &unavailable{err}
	}
	if err := record.ValidateAgainst(&revision.Config); err != nil {
		return optgate.Entry{}, false, err
	}
	if err := s.checkPanel(ctx, &record); err != nil {
		return optgate.Entry{}, false, err
	}
	if v := s.cookieVisitor(c.Request(), &site.Revision.Config); v != "" {
		record.Visitor = v
	}
	stored, created, err := s.Ledger.Append(ctx, record)
	if errors.Is(err, optgate.ErrConflict) {
		return optgate.Entry{}, false, refuseField(http.StatusConflict, "id", "is that of a record with another answer")
	} else if err != nil {
		return optgate.Entry{}, false, &unavailable{err}
	}
	if created {
		s.metrics.decided(stored.Record)
	}
	if keepsCookies(c.Request()) {
		if err := s.setCookies(c, &site.Revision.Config, stored.Record); err != nil {
			return optgate.Entry{}, false, fmt.Errorf("httpd: seal visitor cookie: %w", err)
		}
		s.expireRefused(c, site, stored.Record)
	}
	return stored, created, nil
}

// checkPanel refuses a record of a panel that its revision did not show. None
// is well: not every decision is made in a panel.
func (s *Server) checkPanel(ctx context.Context, r *optgate.Record) error {
	if r.Panel == "" {
		return nil
	}
	shown, err := s.Registry.Showed(ctx, r.Site, r.Revision, r.Language, r.Panel)
	if err != nil {
		return &unavailable{err}
	}
	if !shown {
		return refuseField(http.StatusUnprocessableEntity, "panel", fmt.Sprintf("revision %d showed no such panel in this language", r.Revision))
	}
	return nil
}

// appendReceipt appends the receipt of what the ledger holds, and returns when that
// ceases to hold.
func (s *Server) appendReceipt(ctx context.Context, b []byte, e optgate.Entry) ([]byte, time.Time, error) {
	r := *e.Record
	revision, err := s.Registry.Revision(ctx, r.Site, r.Revision)
	if err != nil {
		return nil, time.Time{}, &unavailable{err}
	}
	expires := r.Expires(&revision.Config)
	b, err = s.Keys.AppendSigned(b, keys.Receipt{Record: r, Link: e.Link, RevisionHash: revision.Hash, Expires: expires})
	return b, expires, err
}

// ownRecord is a record as the visitor gets it.
type ownRecord struct {
	optgate.Record
	Expires time.Time `json:"expires"`
	Receipt string    `json:"receipt"`
}

// getChoices answers with the visitor's own records, oldest first. A visitor
// who names herself in no way has none.
func (s *Server) getChoices(c echo.Context) error {
	site, visitor, err := s.ownRequest(c)
	if err != nil {
		return err
	}
	own := []ownRecord{}
	if visitor != "" {
		records, err := s.Ledger.Records(c.Request().Context(), site.Revision.Site, visitor)
		if err != nil {
			return &unavailable{err}
		}
		for _, e := range records {
			receipt, expires, err := s.appendReceipt(c.Request().Context(), nil, e)
			if err != nil {
				return err
			}
			own = append(own, ownRecord{*e.Record, expires, string(receipt)})
		}
	}
	switch c.QueryParam("download") {
	case downloadPage:
		return s.sendRecords(c, site, own)
	case downloadJSON:
		attach(c, site, ".json")
	}
	return sendJSON(c, http.StatusOK, map[string]any{"records": own})
}

// deleteChoices erases the visitor's own records and takes her cookies.
func (s *Server) deleteChoices(c echo.Context) error {
	site, visitor, err := s.ownRequest(c)
	if err != nil {
		return err
	}
	erased, err := s.erase(c, site, visitor)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, map[string]int{"erased": erased})
}

// ownRequest returns the site and the visitor of a request for her own records.
func (s *Server) ownRequest(c echo.Context) (*publish.Site, string, error) {
	site, err := s.site(c)
	if err != nil {
		return nil, "", err
	}
	if err := s.checkOrigin(c, site); err != nil {
		return nil, "", err
	}
	// A visitor's records are as many as she likes to make, and each is signed.
	if err := s.slow(c.Request(), s.reads); err != nil {
		return nil, "", err
	}
	c.Response().Header().Add("Vary", "Cookie, "+visitorHeader)
	visitor, err := s.ownVisitor(c, site)
	return site, visitor, err
}
