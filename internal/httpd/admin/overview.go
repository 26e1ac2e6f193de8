package admin

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
)

// getOverview shows a site's numbers. They come from counters alone: no record
// is read.
func (a *Admin) getOverview(c echo.Context, s session) error {
	r, err := a.site(c)
	if err != nil {
		return err
	}
	ctx, now := c.Request().Context(), a.Now().UTC()
	p := view.OverviewPage{Frame: a.frame(c, s, "Overview of %s", r.Config.Name), Revision: r, Period: view.FindPeriod(c.QueryParam("period"))}
	recent, err := a.Ledger.Counts(ctx, r.Site, daysAgo(now, view.CompareDays), now)
	if err == nil {
		p.Recent = view.FillDays(recent, daysAgo(now, view.CompareDays), view.CompareDays)
		p.Points, err = a.points(ctx, r.Site, p.Period, p.Recent)
	}
	if err != nil {
		a.Log.WarnContext(ctx, "counts unavailable", slog.String("site", string(r.Site)), slog.Any("err", err))
		p.NoCounts = true
	}
	if p.Answered, err = a.Ledger.Answered(ctx, r.Site); err != nil {
		a.Log.WarnContext(ctx, "visitors' answers unavailable", slog.String("site", string(r.Site)), slog.Any("err", err))
		p.NoVisitor = true
	}
	return a.render(c, http.StatusOK, view.Overview(p))
}

// daysAgo returns a time on the first of so many days of which today is the last.
func daysAgo(now time.Time, days int) time.Time { return now.AddDate(0, 0, 1-days) }

// points returns the points of a period, of which recent has the newest.
func (a *Admin) points(ctx context.Context, site optgate.SiteID, period view.Period, recent []optgate.DayCount) ([]view.Point, error) {
	days := recent
	if len(recent) < period.Days {
		now := a.Now().UTC()
		from := daysAgo(now, period.Days)
		read, err := a.Ledger.Counts(ctx, site, from, now)
		if err != nil {
			return nil, fmt.Errorf("admin: read counts: %w", err)
		}
		days = view.FillDays(read, from, period.Days)
	}
	return view.Points(days[len(days)-period.Days:], period.Step), nil
}

// getOverviewCSV answers with the counts of each day of a period, one a line,
// also of days without decisions.
func (a *Admin) getOverviewCSV(c echo.Context, s session) error {
	r, err := a.site(c)
	if err != nil {
		return err
	}
	now, period := a.Now().UTC(), view.FindPeriod(c.QueryParam("period"))
	from := daysAgo(now, period.Days)
	days, err := a.Ledger.Counts(c.Request().Context(), r.Site, from, now)
	if err != nil {
		return fmt.Errorf("admin: read counts: %w", err)
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.WriteAll(countLines(view.FillDays(days, from, period.Days))); err != nil {
		return fmt.Errorf("admin: write counts: %w", err)
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, fmt.Sprintf("attachment; filename=%q", string(r.Site)+"-"+period.ID+".csv"))
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8", b.Bytes())
}

// countLines returns days as a table whose columns are what was counted at all.
func countLines(days []optgate.DayCount) [][]string {
	total := view.Sum(days)
	categories := maps.Clone(total.Yes)
	maps.Copy(categories, total.No)
	head := []string{"day"}
	var cells []func(optgate.DayCount) int
	column := func(name string, cell func(optgate.DayCount) int) {
		head, cells = append(head, name), append(cells, cell)
	}
	for _, action := range optgate.Actions {
		column(string(action), func(d optgate.DayCount) int { return d.Actions[action] })
	}
	for _, id := range slices.Sorted(maps.Keys(categories)) {
		column("yes "+string(id), func(d optgate.DayCount) int { return d.Yes[id] })
		column("no "+string(id), func(d optgate.DayCount) int { return d.No[id] })
	}
	for _, name := range slices.Sorted(maps.Keys(total.Sources)) {
		column("source "+name, func(d optgate.DayCount) int { return d.Sources[name] })
		column("yes by source "+name, func(d optgate.DayCount) int { return d.BySource[name].Yes })
		column("no by source "+name, func(d optgate.DayCount) int { return d.BySource[name].No })
	}
	for _, lang := range slices.Sorted(maps.Keys(total.Languages)) {
		column("language "+lang, func(d optgate.DayCount) int { return d.Languages[lang] })
		column("yes in language "+lang, func(d optgate.DayCount) int { return d.ByLanguage[lang].Yes })
		column("no in language "+lang, func(d optgate.DayCount) int { return d.ByLanguage[lang].No })
	}
	for _, number := range slices.Sorted(maps.Keys(total.Revisions)) {
		column("revision "+strconv.Itoa(number), func(d optgate.DayCount) int { return d.Revisions[number] })
	}
	lines := [][]string{head}
	for _, d := range days {
		line := []string{d.Day}
		for _, cell := range cells {
			line = append(line, strconv.Itoa(cell(d)))
		}
		lines = append(lines, line)
	}
	return lines
}
