package httpd

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/components/panel"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/plainjson"
	"github.com/optgate/optgate/internal/publish"
	"github.com/optgate/optgate/internal/words"
)

// historyCaching lets the history, which is read from the store, be asked for
// seldom.
const historyCaching = "public, max-age=300"

// getHistory answers with what changed from revision to revision, which any
// page may embed.
func (s *Server) getHistory(c echo.Context) error {
	site, entries, err := s.history(c)
	if err != nil {
		return err
	}
	config := &site.Revision.Config
	lang := words.Match(config.Languages, c.QueryParam("lang"), c.Request().Header.Get("Accept-Language"), config.DefaultLanguage())
	page := panel.HistoryPage{Config: config, Lang: lang, StyleURL: styleURL, DeclarationURL: "declaration?lang=" + lang}
	for _, e := range entries {
		page.Revisions = append(page.Revisions, panel.PastRevision{
			Number: e.Revision.Number, At: e.Revision.At, Hash: e.Revision.Hash,
			Effective: effective(e.Revision), Changes: e.Changes,
		})
	}
	if before := olderThan(entries); before > 0 {
		page.OlderURL = "history?" + url.Values{"lang": {lang}, "before": {strconv.Itoa(before)}}.Encode()
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, historyCaching)
	h.Set("Vary", "Accept-Language")
	h.Set("Content-Security-Policy", pagePolicy+"*")
	return renderPage(c, http.StatusOK, page)
}

// pastRevision is a revision as programs get it. Who published it, and the note
// that was left for colleagues, are not the public's.
type pastRevision struct {
	Revision  int       `json:"revision"`
	At        time.Time `json:"at"`
	Hash      string    `json:"revision_sha256"`
	Effective string    `json:"policy_effective,omitempty"`
	// EarlierVisitors is from when on earlier visitors are asked about what is
	// new, if that was not at once.
	EarlierVisitors time.Time   `json:"earlier_visitors,omitzero"`
	Changes         []toldPlain `json:"changes"`
}

// effective returns the day from which a revision holds for everybody: its own,
// or else that of its privacy policy.
func effective(r *optgate.Revision) string {
	if !r.Effective.IsZero() {
		return r.Effective.Format(time.DateOnly)
	}
	return r.Config.Policy.Effective
}

// toldPlain is a change with the sentence that says it.
type toldPlain struct {
	optgate.Change
	Text string `json:"text"`
}

// getHistoryJSON answers with the history for programs.
func (s *Server) getHistoryJSON(c echo.Context) error {
	site, entries, err := s.history(c)
	if err != nil {
		return err
	}
	answer := struct {
		Site      optgate.SiteID `json:"site"`
		Revisions []pastRevision `json:"revisions"`
		Older     string         `json:"older,omitempty"` // address of what is before
	}{Site: site.Revision.Site, Revisions: []pastRevision{}}
	for _, e := range entries {
		r := pastRevision{
			Revision: e.Revision.Number, At: e.Revision.At, Hash: e.Revision.Hash,
			Effective: e.Revision.Config.Policy.Effective, EarlierVisitors: e.Revision.Effective, Changes: []toldPlain{},
		}
		for _, change := range e.Changes {
			r.Changes = append(r.Changes, toldPlain{change, change.String()})
		}
		answer.Revisions = append(answer.Revisions, r)
	}
	if before := olderThan(entries); before > 0 {
		answer.Older = "history.json?before=" + strconv.Itoa(before)
	}
	doc, err := plainjson.Marshal(answer)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, historyCaching)
	h.Set(echo.HeaderAccessControlAllowOrigin, "*")
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, doc)
}

// history returns a page of a site's history, from before the revision that the
// request names.
func (s *Server) history(c echo.Context) (*publish.Site, []publish.Entry, error) {
	site, err := s.site(c)
	if err != nil {
		return nil, nil, err
	}
	before := 0
	if named := c.QueryParam("before"); named != "" {
		if before, err = strconv.Atoi(named); err != nil || before < 1 {
			return nil, nil, refuseField(http.StatusBadRequest, "before", "is not the number of a revision")
		}
	}
	if err := s.slow(c.Request(), s.reads); err != nil {
		return nil, nil, err
	}
	entries, err := s.Registry.History(c.Request().Context(), site.Revision.Site, before)
	if err != nil && !errors.Is(err, optgate.ErrNotFound) {
		return nil, nil, &unavailable{err}
	}
	return site, entries, err
}

// olderThan returns the number before which the next page begins; 0 if there is
// none.
func olderThan(entries []publish.Entry) int {
	if len(entries) == 0 || entries[len(entries)-1].Revision.Number == 1 {
		return 0
	}
	return entries[len(entries)-1].Revision.Number
}
