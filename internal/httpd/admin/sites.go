package admin

import (
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
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
