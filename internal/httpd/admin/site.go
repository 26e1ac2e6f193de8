package admin

import (
	"log/slog"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
)

// siteDays is how far back a site's page counts.
const siteDays = 14

func (a *Admin) getSite(c echo.Context, s session) error {
	r, draft, err := a.shownTo(c, s)
	if err != nil {
		return err
	}
	ctx, now := c.Request().Context(), a.Now().UTC()
	p := view.SitePage{
		Frame: a.frame(c, s, "%s", r.Config.Name), Revision: r, Draft: draft, Now: now, Warnings: a.warnings(c),
		Base: a.PublicURL(c.Request()) + "/s/" + string(r.Site) + "/",
	}
	from := now.AddDate(0, 0, 1-siteDays)
	days, err := a.Ledger.Counts(ctx, r.Site, from, now)
	if err != nil {
		a.Log.WarnContext(ctx, "counts unavailable", slog.String("site", string(r.Site)), slog.Any("err", err))
		p.NoCounts = true
	}
	p.Live, _ = a.Sites.Site(r.Site)
	p.Inherited = p.Live.Inherited()
	p.Paused = a.Sites.Paused(r.Site)
	p.Unmarked = a.unmarked(ctx, &r.Config)
	p.Days = view.FillDays(days, from, siteDays)
	return a.render(c, http.StatusOK, view.Site(p))
}

// shownTo returns the site that the path names as s sees it: with what is not
// published yet, if she can edit it. Switches of categories work at once, so
// they show what is published.
func (a *Admin) shownTo(c echo.Context, s session) (optgate.Revision, view.Draft, error) {
	if !s.role.May(optgate.EditSites) {
		r, err := a.site(c)
		return r, view.Draft{}, err
	}
	w, err := a.edited(c)
	if err != nil {
		return optgate.Revision{}, view.Draft{}, err
	}
	r := w.shown
	if w.behind() {
		// The rest is shared: a copy of a big site takes longer than its page.
		r.Config.Categories = slices.Clone(r.Config.Categories)
		for _, k := range w.live.Config.Categories {
			setOff(&r.Config, k.ID, k.Off)
		}
	}
	return r, w.view(), nil
}
