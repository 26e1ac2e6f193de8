package admin

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/keys"
	"github.com/optgate/optgate/internal/optgate"
)

// postErase asks whether all records of a visitor shall be erased, and erases
// them once that was confirmed with a reason. Both are posted, so that no address
// names her. The audit log says who erases whose records and why before it is done.
func (a *Admin) postErase(c echo.Context, s session) error {
	r, err := a.site(c)
	if err != nil {
		return err
	}
	ctx, post := c.Request().Context(), c.Request().PostFormValue
	p := view.ErasePage{Revision: r, Visitor: post("visitor"), Reason: strings.TrimSpace(post("reason"))}
	entries, err := a.Ledger.Records(ctx, r.Site, p.Visitor)
	if err != nil {
		return fmt.Errorf("admin: records to erase: %w", err)
	}
	if p.Records = len(entries); p.Records == 0 {
		return a.erased(c, r, "This visitor has no records here any more. Nothing was erased.")
	}
	if post("confirmed") != "1" {
		return a.erasePage(c, http.StatusOK, s, p)
	}
	if p.Reason == "" {
		p.Faults = faultsOf(&optgate.InvalidError{Field: "reason", Msg: "is required: it is noted in the audit log"}, recordsFields)
		return a.erasePage(c, http.StatusUnprocessableEntity, s, p)
	}
	if err := a.noteFirst(ctx, optgate.AuditEntry{
		User: s.User, Action: "erase records", Site: r.Site, Subject: keys.VisitorHash(p.Visitor), Reason: p.Reason,
		Before: fmt.Sprintf("records: %d", p.Records),
	}); err != nil {
		return err
	}
	n, err := a.Ledger.Erase(ctx, optgate.EraseRequest{Site: r.Site, Visitor: p.Visitor, Reason: optgate.ErasedByAdmin, At: a.Now()})
	if err != nil {
		return fmt.Errorf("admin: erase records: %w", err)
	}
	return a.erased(c, r, "Erased: %d of this visitor’s records. Tombstones keep the chain verifiable.", n)
}

func (a *Admin) erasePage(c echo.Context, status int, s session, p view.ErasePage) error {
	p.Frame = a.frame(c, s, "Erase records")
	return a.render(c, status, view.Erase(p))
}

// erased tells the outcome where records are looked for.
func (a *Admin) erased(c echo.Context, r optgate.Revision, text bilingual.Text, args ...any) error {
	if err := a.flash(c, text, args...); err != nil {
		return err
	}
	return seeOther(c, "/admin/sites/"+string(r.Site)+"/records")
}
