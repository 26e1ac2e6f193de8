package httpd

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/components/panel"
	"github.com/optgate/optgate/internal/keys"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

// maxReceiptForm is the most bytes that a form with a receipt may have.
const maxReceiptForm = 16 << 10

// getReceipt answers with the form into which a receipt is pasted.
func (s *Server) getReceipt(c echo.Context) error {
	site, err := s.site(c)
	if err != nil {
		return err
	}
	return s.sendReceiptPage(c, site, panel.ReceiptPage{})
}

// postReceipt says what a receipt says. Whoever has a receipt may ask: nothing
// of the visitor is told but what stands in it.
func (s *Server) postReceipt(c echo.Context) error {
	site, err := s.site(c)
	if err != nil {
		return err
	}
	if err := s.checkOrigin(c, site); err != nil {
		return err
	}
	if err := s.slow(c.Request(), s.reads); err != nil {
		return err
	}
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, maxReceiptForm)
	if err := r.ParseForm(); err != nil {
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			return refuseField(http.StatusRequestEntityTooLarge, "body", "is larger than 16 KiB")
		}
		return refuseField(http.StatusBadRequest, "body", "is not a form")
	}
	// What was printed or sent by mail comes in lines.
	page := panel.ReceiptPage{Text: strings.Join(strings.Fields(r.PostForm.Get("receipt")), "")}
	verifier, err := s.Keys.Verifier()
	if err != nil {
		return err
	}
	receipt, _, err := verifier.Receipt(page.Text)
	switch {
	case err != nil:
		page.Finding = panel.ReceiptForged
	case receipt.Site != site.Revision.Site:
		page.Finding, page.Says = panel.ReceiptForeign, &receipt.Record
	default:
		page.Finding, page.Says = s.held(r.Context(), receipt), &receipt.Record
	}
	return s.sendReceiptPage(c, site, page)
}

// held returns whether the ledger holds what a genuine receipt says.
func (s *Server) held(ctx context.Context, r keys.Receipt) panel.Finding {
	var entry optgate.Entry
	var err error
	if r.Seq == 0 { // it is of before the ledger was chained
		entry, err = s.Ledger.Find(ctx, r.Site, r.ID)
		entry.Chain = r.Chain
	} else {
		entry, err = s.Ledger.EntryAt(ctx, optgate.Place{Site: r.Site, Partition: r.Partition, Seq: r.Seq})
	}
	switch {
	case errors.Is(err, optgate.ErrNotFound):
		return panel.ReceiptMissing
	case err != nil:
		return panel.ReceiptUnproven
	case entry.Chain != r.Chain || entry.Erasure != nil || entry.Record != nil && entry.Record.ID != r.ID:
		return panel.ReceiptMissing
	case entry.Record == nil:
		return panel.ReceiptErased
	}
	return panel.ReceiptHeld
}

// sendReceiptPage answers with what was found out about a receipt.
func (s *Server) sendReceiptPage(c echo.Context, site *publish.Site, page panel.ReceiptPage) error {
	query := sitePageQuery(c, site)
	page.Config, page.Lang, page.StyleURL = &site.Revision.Config, query.Get("lang"), styleURL
	page.Action, page.BackURL = "receipt?"+query.Encode(), "preferences?"+query.Encode()
	page.URLs = panel.OwnURLs{History: "history?lang=" + page.Lang}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	status := http.StatusOK
	if page.Finding == panel.ReceiptUnproven {
		status = http.StatusServiceUnavailable
		h.Set("Retry-After", strconv.Itoa(retryStore))
	}
	return renderPage(c, status, page)
}
