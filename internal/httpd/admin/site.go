package admin

import (
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
)

// siteDays is how far back a site's page counts.
const siteDays = 14

func (a *Admin) getSite(c echo.Context, s session) error {
	r, err := a.site(c)
	if err != nil {
		return err
	}
	ctx, now := c.Request().Context(), a.Now().UTC()
	p := view.SitePage{
		Frame: a.frame(c, s, r.Config.Name), Revision: r, Now: now, Warnings: a.warnings(c),
		Base: a.PublicURL(c.Request()) + "/s/" + string(r.Site) + "/",
	}
	from := now.AddDate(0, 0, 1-siteDays)
	days, err := a.Ledger.Counts(ctx, r.Site, from, now)
	if err != nil {
		a.Log.WarnContext(ctx, "counts unavailable", slog.String("site", string(r.Site)), slog.Any("err", err))
		p.NoCounts = true
	}
	p.Unmarked = a.unmarked(ctx, &r.Config)
	p.Days = view.FillDays(days, from, siteDays)
	return a.render(c, http.StatusOK, view.Site(p))
}
