package admin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/evidence"
	"github.com/optgate/optgate/internal/optgate"
)

// recordsFields are those of the form by which records are looked for.
var recordsFields = []field{
	{path: "record", name: "record", label: "Record, receipt or visitor"},
	{path: "reason", name: "reason", label: "Reason"},
}

func (a *Admin) getRecords(c echo.Context, s session) error {
	r, err := a.site(c)
	if err != nil {
		return err
	}
	return a.recordsPage(c, http.StatusOK, s, view.RecordsPage{Revision: r})
}

// postRecords shows a person's records. What is looked for is posted, so that no
// address, and no log of addresses, names her; and it is shown only once the
// audit log says who looked and why.
func (a *Admin) postRecords(c echo.Context, s session) error {
	r, err := a.site(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	p := view.RecordsPage{
		Revision: r, Record: strings.TrimSpace(c.Request().PostFormValue("record")), Reason: strings.TrimSpace(c.Request().PostFormValue("reason")),
	}
	if p.Reason == "" {
		p.Faults = faultsOf(&optgate.InvalidError{Field: "reason", Msg: "is required: it is noted in the audit log"}, recordsFields)
		return a.recordsPage(c, http.StatusUnprocessableEntity, s, p)
	}
	sources := evidence.Sources{Ledger: a.Ledger, Panels: a.Panels, Revision: a.Sites.Revision}
	found, err := sources.Find(ctx, r.Site, p.Record)
	if errors.Is(err, optgate.ErrNotFound) {
		p.NotFound = true
		return a.recordsPage(c, http.StatusOK, s, p)
	}
	if p.Faults = faultsOf(err, recordsFields); p.Faults != nil {
		return a.recordsPage(c, http.StatusUnprocessableEntity, s, p)
	}
	if err != nil {
		return fmt.Errorf("admin: find records: %w", err)
	}
	if err := a.noteLook(ctx, s, p, found); err != nil {
		return err
	}
	p.Found = found
	return a.recordsPage(c, http.StatusOK, s, p)
}

// noteLook notes that a user is about to see what was found.
func (a *Admin) noteLook(ctx context.Context, s session, p view.RecordsPage, found evidence.Found) error {
	e := optgate.AuditEntry{User: s.User, Action: "look at records", Site: p.Revision.Site, Reason: p.Reason}
	if r := found.Decisions[0].Entry.Record; r != nil {
		visitor := sha256.Sum256([]byte(r.Visitor))
		e.Subject = hex.EncodeToString(visitor[:])
	}
	return a.noteFirst(ctx, e)
}

// recordsPage allows the styles of what is shown, each by its hash: the frames
// that they are in have the policy of the page around them.
func (a *Admin) recordsPage(c echo.Context, status int, s session, p view.RecordsPage) error {
	p.Frame = a.frame(c, s, "Records of "+p.Revision.Config.Name)
	var styles []string
	for i := range p.Found.Decisions {
		styles = append(styles, evidence.Styles(p.Found.Decisions[i].Frames())...)
	}
	const policy = "Content-Security-Policy"
	h := c.Response().Header()
	h.Set(policy, strings.Replace(h.Get(policy), "style-src 'self'", strings.Join(append([]string{"style-src 'self'"}, styles...), " "), 1))
	return a.render(c, status, view.Records(p))
}
