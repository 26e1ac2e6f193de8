package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/audit"
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// note writes what a user has done to the audit log. What was done is not undone
// because its note failed, but the server's log says so.
func (a *Admin) note(ctx context.Context, e optgate.AuditEntry) {
	if err := a.noteFirst(context.WithoutCancel(ctx), e); err != nil {
		a.Log.ErrorContext(ctx, "audit entry is missing", slog.String("action", e.Action), slog.String("user", e.User), slog.Any("err", err))
	}
}

// noteFirst is for what must not happen without a note, such as a look at a
// person's record.
func (a *Admin) noteFirst(ctx context.Context, e optgate.AuditEntry) error {
	log := audit.Log{Store: a.Trail, Now: a.Now}
	if err := log.Note(ctx, e); err != nil {
		return fmt.Errorf("admin: note %q: %w", e.Action, err)
	}
	a.Log.InfoContext(ctx, e.Action, slog.String("user", e.User), slog.String("site", string(e.Site)))
	return nil
}

const (
	auditRows = 50
	// auditReads is how many entries one page looks through for those that it
	// shows. A rare one may be on a later page.
	auditReads = 2000
)

// auditFilter is what a reader of the log wants to see. An action is looked for
// as it is kept and as it is read.
type auditFilter struct {
	user, action, site string
	from, to           time.Time // to is no longer in it; zero: all
}

func (f auditFilter) fits(ctx context.Context, e optgate.AuditEntry) bool {
	has := func(text string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(f.action)) }
	return (f.user == "" || e.User == f.user || e.Subject == f.user) &&
		(has(e.Action) || has(bilingual.Known(ctx, e.Action))) &&
		(f.site == "" || strings.EqualFold(string(e.Site), f.site)) &&
		!e.At.Before(f.from) && (f.to.IsZero() || e.At.Before(f.to))
}

// readAuditFilter returns what the address of the log asks for. A day that is none
// is as if it were not given.
func readAuditFilter(c echo.Context) auditFilter {
	value := func(name string) string { return strings.TrimSpace(c.QueryParam(name)) }
	f := auditFilter{user: value("user"), action: value("action"), site: value("site")}
	f.from, _ = time.Parse(time.DateOnly, value("from"))
	if last, err := time.Parse(time.DateOnly, value("to")); err == nil {
		f.to = last.AddDate(0, 0, 1)
	}
	return f
}

func (a *Admin) getAudit(c echo.Context, s session) error {
	ctx := c.Request().Context()
	before, err := strconv.ParseUint(c.QueryParam("before"), 10, 64)
	if err != nil {
		before = 0 // from the newest
	}
	filter := readAuditFilter(c)
	p := view.AuditPage{Frame: a.frame(c, s, "Audit log"), Now: a.Now().UTC(), User: filter.user, Action: filter.action, Site: filter.site}
	if !filter.from.IsZero() {
		p.From = filter.from.Format(time.DateOnly)
	}
	if !filter.to.IsZero() {
		p.To = filter.to.AddDate(0, 0, -1).Format(time.DateOnly)
	}
	for read := 0; read < auditReads && len(p.Entries) < auditRows; {
		entries, err := a.Trail.Audit(ctx, before, auditRows)
		if err != nil {
			return fmt.Errorf("admin: read audit log: %w", err)
		}
		for _, e := range entries {
			if len(p.Entries) == auditRows {
				break
			}
			before = e.Seq
			if filter.fits(ctx, e) {
				p.Entries = append(p.Entries, e)
			}
		}
		// They are in the order of time, so what is older fits no more.
		if read += len(entries); len(entries) < auditRows || entries[len(entries)-1].At.Before(filter.from) {
			before = 1
			break
		}
	}
	if before > 1 {
		p.Older = before
	}
	return a.render(c, http.StatusOK, view.Audit(p))
}

// getAuditLines writes the whole log, newest first, as JSON Lines with each
// entry's chain, by which it can be checked elsewhere.
func (a *Admin) getAuditLines(c echo.Context, s session) error {
	ctx := c.Request().Context()
	if err := a.noteFirst(ctx, optgate.AuditEntry{User: s.User, Action: "export the audit log"}); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "application/jsonl; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="optgate-audit.jsonl"`)
	lines := json.NewEncoder(c.Response())
	lines.SetEscapeHTML(false)
	for before := uint64(0); ; {
		entries, err := a.Trail.Audit(ctx, before, auditRows)
		if err != nil {
			return fmt.Errorf("admin: read audit log: %w", err)
		}
		for _, e := range entries {
			if err := lines.Encode(e); err != nil {
				return fmt.Errorf("admin: send audit log: %w", err)
			}
			before = e.Seq
		}
		if len(entries) < auditRows || before == 1 {
			return nil
		}
	}
}
