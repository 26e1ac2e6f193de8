package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/evidence"
	"github.com/optgate/optgate/internal/keys"
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
		Revision: r, Record: named(c.Request().PostFormValue("record")), Reason: strings.TrimSpace(c.Request().PostFormValue("reason")),
	}
	if p.Reason == "" {
		p.Faults = faultsOf(&optgate.InvalidError{Field: "reason", Msg: "is required: it is noted in the audit log"}, recordsFields)
		return a.recordsPage(c, http.StatusUnprocessableEntity, s, p)
	}
	sources := evidence.Sources{Ledger: a.Ledger, Panels: a.Panels, Revision: a.Sites.Revision}
	p.Genuine, err = a.isGenuine(p.Record)
	var found evidence.Found
	if err == nil {
		found, err = sources.Find(ctx, r.Site, p.Record)
	}
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
	if p.Proofs, err = a.prove(ctx, sources, r.Site, found); err != nil {
		return err
	}
	return a.recordsPage(c, http.StatusOK, s, p)
}

// named returns what is looked for without white space: what was printed or sent
// by mail comes in lines, and neither an id nor a receipt has any.
func named(text string) string { return strings.Join(strings.Fields(text), "") }

// isGenuine reports whether what is looked for is a receipt that this
// installation signed. One that it did not is an [optgate.InvalidError] of field
// "record".
func (a *Admin) isGenuine(text string) (bool, error) {
	if evidence.SiteOf(text) == "" {
		return false, nil
	}
	verifier, err := a.Verifier()
	if err != nil {
		return false, fmt.Errorf("admin: verifier of receipts: %w", err)
	}
	if _, _, err := verifier.Receipt(text); err != nil {
		return false, &optgate.InvalidError{Field: "record", Msg: "is a receipt that none of this installation's keys signed: it was forged or altered"}
	}
	return true, nil
}

// prove checks where in the chain each decision is, also against the newest
// checkpoint.
func (a *Admin) prove(ctx context.Context, sources evidence.Sources, site optgate.SiteID, found evidence.Found) ([]evidence.Proof, error) {
	signed, err := a.newestCheckpoint(ctx, site)
	if err != nil {
		return nil, err
	}
	var proofs []evidence.Proof
	for i := range found.Decisions {
		proof, err := sources.Prove(ctx, &found.Decisions[i], signed)
		if err != nil {
			return nil, fmt.Errorf("admin: prove record: %w", err)
		}
		proofs = append(proofs, proof)
	}
	return proofs, nil
}

// newestCheckpoint returns what a site's newest checkpoint says. One that is not
// signed by a known key says nothing.
func (a *Admin) newestCheckpoint(ctx context.Context, site optgate.SiteID) (evidence.Signed, error) {
	texts, err := a.Signed.Checkpoints(ctx, site, -1, 1)
	if err != nil {
		return evidence.Signed{}, fmt.Errorf("admin: newest checkpoint: %w", err)
	}
	verifier, err := a.Verifier()
	if err != nil {
		return evidence.Signed{}, fmt.Errorf("admin: verifier of checkpoints: %w", err)
	}
	for _, text := range texts {
		if k, err := verifier.Checkpoint(text); err == nil && k.Site == site {
			return evidence.Signed{At: k.At, Heads: k.Heads}, nil
		}
	}
	return evidence.Signed{}, nil
}

// noteLook notes that a user is about to see what was found.
func (a *Admin) noteLook(ctx context.Context, s session, p view.RecordsPage, found evidence.Found) error {
	e := optgate.AuditEntry{User: s.User, Action: "look at records", Site: p.Revision.Site, Reason: p.Reason}
	if r := found.Decisions[0].Entry.Record; r != nil {
		e.Subject = keys.VisitorHash(r.Visitor)
	}
	return a.noteFirst(ctx, e)
}

// recordsPage allows the styles of what is shown, each by its hash: the frames
// that they are in have the policy of the page around them.
func (a *Admin) recordsPage(c echo.Context, status int, s session, p view.RecordsPage) error {
	p.Frame = a.frame(c, s, "Records of %s", p.Revision.Config.Name)
	var styles []string
	for i := range p.Found.Decisions {
		styles = append(styles, evidence.Styles(p.Found.Decisions[i].Frames())...)
	}
	const policy = "Content-Security-Policy"
	h := c.Response().Header()
	h.Set(policy, strings.Replace(h.Get(policy), "style-src 'self'", strings.Join(append([]string{"style-src 'self'"}, styles...), " "), 1))
	return a.render(c, status, view.Records(p))
}
