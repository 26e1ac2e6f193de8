package admin

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
)

// listDays is how far back the list of sites counts.
const listDays = 7

func (a *Admin) getSites(c echo.Context, s session) error {
	ctx, now := c.Request().Context(), a.Now().UTC()
	p := view.SitesPage{Frame: a.frame(c, s, "Sites"), Now: now, Warnings: a.warnings(c)}
	for _, r := range a.Sites.Sites() {
		row := view.SiteRow{Revision: r, Paused: a.Sites.Paused(r.Site)}
		days, err := a.Ledger.Counts(ctx, r.Site, now.AddDate(0, 0, 1-listDays), now)
		if err != nil {
			a.Log.WarnContext(ctx, "counts unavailable", slog.String("site", string(r.Site)), slog.Any("err", err))
			p.NoCounts = true
		} else {
			row.Total = view.Sum(days)
		}
		p.Sites = append(p.Sites, row)
	}
	return a.render(c, http.StatusOK, view.Sites(p))
}

// warnings returns what is wrong with the store's set-up. That it cannot be
// asked is no reason to withhold the page.
func (a *Admin) warnings(c echo.Context) []string {
	ctx := c.Request().Context()
	w, err := a.Warnings(ctx)
	if err != nil {
		a.Log.WarnContext(ctx, "store warnings unavailable", slog.Any("err", err))
	}
	return w
}

func (a *Admin) getNewSite(c echo.Context, s session) error {
	return a.newSitePage(c, http.StatusOK, s, view.NewSitePage{Language: "en"})
}

func (a *Admin) newSitePage(c echo.Context, status int, s session, p view.NewSitePage) error {
	p.Frame = a.frame(c, s, "New site")
	return a.render(c, status, view.NewSite(p))
}

// postNewSite makes a site with the four categories that Optgate has words for.
func (a *Admin) postNewSite(c echo.Context, s session) error {
	value := func(name string) string { return strings.TrimSpace(c.Request().PostFormValue(name)) }
	p := view.NewSitePage{
		Site: value("site"), Name: value("name"), Origin: value("origin"),
		Language: value("language"), Controller: value("controller"),
	}
	config := &optgate.Config{
		Site: optgate.SiteID(p.Site), Name: p.Name, Origins: []string{strings.TrimSuffix(p.Origin, "/")},
		Languages: []string{p.Language}, Controller: optgate.Controller{Name: p.Controller},
		Categories: []optgate.Category{{ID: optgate.Essential}, {ID: optgate.Functional}, {ID: optgate.Analytics}, {ID: optgate.Marketing}},
		Hold:       optgate.HoldKnown,
	}
	taken := view.Fault{Field: "site", Label: "Id", Msg: "is that of another site: choose another one"}
	if _, ok := a.Sites.Site(config.Site); ok {
		p.Faults = view.Faults{taken}
		return a.newSitePage(c, http.StatusUnprocessableEntity, s, p)
	}
	r, err := a.Sites.Publish(c.Request().Context(), config, 0, s.User, "created")
	if errors.Is(err, optgate.ErrConflict) {
		p.Faults = view.Faults{taken}
		return a.newSitePage(c, http.StatusUnprocessableEntity, s, p)
	}
	if p.Faults = faultsOf(err, siteFields); p.Faults != nil {
		return a.newSitePage(c, http.StatusUnprocessableEntity, s, p)
	}
	if err != nil {
		return err
	}
	a.note(c.Request().Context(), optgate.AuditEntry{User: s.User, Action: "create a site", Site: r.Site, After: r.Config.Name})
	return a.published(c, r, r.Config.Name+" is ready: put its line into the pages.")
}
