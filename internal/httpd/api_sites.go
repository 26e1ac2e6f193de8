package httpd

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/httpd/admin"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/policy"
	"github.com/optgate/optgate/internal/publish"
)

// revisionHead is a revision without its configuration.
type revisionHead struct {
	Site      optgate.SiteID `json:"site"`
	Number    int            `json:"number"`
	Hash      string         `json:"hash"`
	At        time.Time      `json:"at"`
	Author    string         `json:"author"`
	Note      string         `json:"note,omitempty"`
	Effective time.Time      `json:"effective,omitzero"`
}

func headOf(r *optgate.Revision) revisionHead {
	return revisionHead{r.Site, r.Number, r.Hash, r.At, r.Author, r.Note, r.Effective}
}

// change is a change with its sentence, as the commands say it.
type change struct {
	optgate.Change
	Text string `json:"text"`
}

func changesOf(all []optgate.Change) []change {
	told := []change{}
	for _, c := range all {
		told = append(told, change{c, c.String()})
	}
	return told
}

// siteRow is a site in the list.
type siteRow struct {
	Site    optgate.SiteID `json:"site"`
	Name    string         `json:"name"`
	Origins []string       `json:"origins"`
	Latest  revisionHead   `json:"latest"`
}

// getAPISites answers with all sites, ordered by id.
func (s *Server) getAPISites(c echo.Context, _ admin.Caller) error {
	rows := []siteRow{}
	for _, r := range s.Registry.Sites() {
		rows = append(rows, siteRow{r.Site, r.Config.Name, r.Config.Origins, headOf(&r)})
	}
	return sendJSON(c, http.StatusOK, map[string]any{"sites": rows})
}

// revisionRow is a revision in the history.
type revisionRow struct {
	revisionHead
	Changes []change `json:"changes"`
}

// getRevisions answers with a page of a site's revisions, newest first. Its Link
// header leads to the older ones.
func (s *Server) getRevisions(c echo.Context, _ admin.Caller) error {
	site, err := s.site(c)
	if err != nil {
		return err
	}
	before, err := numberParam(c, "before", 0)
	if err != nil {
		return err
	}
	entries, err := s.Registry.History(c.Request().Context(), site.Revision.Site, before)
	if err != nil {
		return &unavailable{err}
	}
	rows := []revisionRow{}
	for _, e := range entries {
		rows = append(rows, revisionRow{headOf(e.Revision), changesOf(e.Changes)})
	}
	if len(rows) == publish.HistoryPage && rows[len(rows)-1].Number > 1 {
		nextPage(c, "before", strconv.Itoa(rows[len(rows)-1].Number))
	}
	return sendJSON(c, http.StatusOK, map[string]any{"revisions": rows})
}

// nextPage says in the Link header where the next page is.
func nextPage(c echo.Context, name, value string) {
	q := c.QueryParams()
	q.Set(name, value)
	c.Response().Header().Set("Link", "<"+c.Request().URL.Path+"?"+q.Encode()+`>; rel="next"`)
}

// getDiff answers with what changed between two revisions; by itself, in the
// latest.
func (s *Server) getDiff(c echo.Context, _ admin.Caller) error {
	site, err := s.site(c)
	if err != nil {
		return err
	}
	to, err := numberParam(c, "to", site.Revision.Number)
	if err != nil {
		return err
	}
	from, err := numberParam(c, "from", max(to-1, 1))
	if err != nil {
		return err
	}
	before, err := s.past(c, site, from)
	if err != nil {
		return err
	}
	after, err := s.past(c, site, to)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, struct {
		From    int      `json:"from"`
		To      int      `json:"to"`
		Changes []change `json:"changes"`
	}{from, to, changesOf(optgate.Diff(&before.Config, &after.Config))})
}

const (
	countDays    = 30  // that are answered if none are named
	maxCountDays = 800 // that one answer has
)

// getCounts answers with how visitors decided on each day of which there is
// anything to count.
func (s *Server) getCounts(c echo.Context, _ admin.Caller) error {
	site, err := s.site(c)
	if err != nil {
		return err
	}
	to, err := dayParam(c, "to", s.Now().UTC())
	if err != nil {
		return err
	}
	from, err := dayParam(c, "from", to.AddDate(0, 0, 1-countDays))
	if err != nil {
		return err
	}
	if from.After(to) || to.Sub(from) >= maxCountDays*24*time.Hour {
		return refuseField(http.StatusBadRequest, "from", "is up to "+strconv.Itoa(maxCountDays-1)+" days before to")
	}
	days, err := s.Ledger.Counts(c.Request().Context(), site.Revision.Site, from, to)
	if err != nil {
		return &unavailable{err}
	}
	if days == nil {
		days = []optgate.DayCount{}
	}
	return sendJSON(c, http.StatusOK, map[string]any{"days": days})
}

// unmarkedRow is a tag without a mark and the categories that it needs.
type unmarkedRow struct {
	optgate.Unmarked
	First string               `json:"first"`
	Last  string               `json:"last"`
	Needs []optgate.CategoryID `json:"needs"`
}

// getUnmarked answers with the tags that visitors' browsers met in pages without
// a mark, as far as they are still to be held.
func (s *Server) getUnmarked(c echo.Context, _ admin.Caller) error {
	site, err := s.site(c)
	if err != nil {
		return err
	}
	found, err := s.Store.Unmarked(c.Request().Context(), site.Revision.Site)
	if err != nil {
		return &unavailable{err}
	}
	rules, rows := policy.Compile(&site.Revision.Config), []unmarkedRow{}
	for _, t := range found {
		if needs := rules.Match(t.URL(), ""); len(needs) > 0 {
			rows = append(rows, unmarkedRow{t.Unmarked, t.First, t.Last, needs})
		}
	}
	return sendJSON(c, http.StatusOK, map[string]any{"tags": rows})
}
