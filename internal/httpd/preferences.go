package httpd

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"
	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/components/panel"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

// maxForm is the most bytes that the form's body may have.
const maxForm = 8 << 10

// getPreferences answers with the preferences as a page, for visitors without
// JavaScript.
func (s *Server) getPreferences(c echo.Context) error {
	site, err := s.site(c)
	if err != nil {
		return err
	}
	page, err := s.preferences(c, site, c.QueryParam("lang"))
	if err != nil {
		return err
	}
	page.Saved = c.QueryParam("saved") == "1"
	if n, err := strconv.Atoi(c.QueryParam("erased")); err == nil && n >= 0 {
		page.Erased = &n
	}
	return s.sendPreferences(c, http.StatusOK, page)
}

// postPreferences records what the form says, then shows the page again, so
// that a reload of it sends nothing twice.
func (s *Server) postPreferences(c echo.Context) error {
	site, err := s.site(c)
	if err != nil {
		return err
	}
	if err := s.checkOrigin(c, site); err != nil {
		return err
	}
	if err := s.slow(c.Request(), s.writes); err != nil {
		return err
	}
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			return refuseField(http.StatusRequestEntityTooLarge, "body", "is larger than 8 KiB")
		}
		return refuseField(http.StatusBadRequest, "body", "is not a form")
	}
	d := s.formDecision(r.PostForm, site)
	if err = s.heed(c, site, &d); err == nil {
		_, _, err = s.record(c, site, d)
	}
	if p := asProblem(err); err != nil && (p.Status == http.StatusUnprocessableEntity || p.Status == http.StatusServiceUnavailable) {
		page, pageErr := s.preferences(c, site, r.PostForm.Get("language"))
		if pageErr != nil {
			return pageErr
		}
		page.Problem = p.Detail
		return s.sendPreferences(c, p.Status, page)
	}
	if err != nil {
		return err
	}
	back := url.Values{"saved": {"1"}, "lang": {r.PostForm.Get("language")}}
	if returnTo := r.FormValue("return"); returnTo != "" {
		back.Set("return", returnTo)
	}
	return c.Redirect(http.StatusSeeOther, "preferences?"+back.Encode())
}

// formDecision reads the decision from a form. An action that says the whole
// decides about all categories, whatever the switches say.
func (s *Server) formDecision(form url.Values, site *publish.Site) decision {
	revision, _ := strconv.Atoi(form.Get("revision")) // 0, if it is no number, is refused as a revision
	d := decision{
		ID: form.Get("id"), Visitor: s.formVisitor(form.Get("id")), Revision: revision, Language: form.Get("language"),
		Action: optgate.Action(form.Get("action")), Source: "form", Choices: optgate.Choices{}, Panel: form.Get("panel"),
	}
	for _, id := range site.Revision.Config.Asked() {
		switch d.Action {
		case optgate.AcceptAll:
			d.Choices[id] = true
		case optgate.Save:
			d.Choices[id] = form.Has("og-" + string(id))
		default:
			d.Choices[id] = false
		}
	}
	return d
}

// newID returns a ULID whose random bits nobody can foresee: [ulid.Make] would
// count on from numbers that are seeded by the time.
func (s *Server) newID() string {
	return ulid.MustNew(ulid.Timestamp(s.Now()), rand.Reader).String()
}

// formVisitor returns the id of a visitor who has none yet. A form that is sent
// twice must say the same visitor twice, so it follows from the record's id, but
// only we can tell how: receipts and exports name records.
func (s *Server) formVisitor(recordID string) string {
	id, err := ulid.ParseStrict(recordID)
	if err != nil {
		return "" // the record is refused for its id
	}
	copy(id[6:], s.Keys.Derive("visitor of "+recordID)) // behind the time
	return id.String()
}

// preferences returns the page as it stands for the request's visitor. If the
// store is down the page is shown without her choice: she can still make one.
func (s *Server) preferences(c echo.Context, site *publish.Site, lang string) (panel.PreferencesPage, error) {
	config := &site.Revision.Config
	page := panel.PreferencesPage{
		Config: config, Revision: site.Revision.Number, RecordID: s.newID(), StyleURL: styleURL, Action: "preferences", DeclarationURL: "declaration",
		GPC:  objects(c.Request()),
		Lang: pageLanguage(c, config, lang),
	}
	page.Panel = site.Shown[page.Lang].Page
	if back := c.FormValue("return"); returnsToSite(site, back) {
		page.BackURL = back
		page.Action += "?" + url.Values{"return": {back}}.Encode()
	}
	page.URLs = ownURLs(page.Lang, page.BackURL)
	visitor, err := s.ownVisitor(c, site)
	if err != nil || visitor == "" {
		return page, err
	}
	s.ownPage(c, &page, visitor)
	current, err := s.Ledger.Current(c.Request().Context(), config.Site, visitor)
	if err == nil {
		since := site.Revision.TimingAt(s.Now()).Since
		page.Choices, page.At = optgate.Holding(current.Record.Choices, since, current.Record.Revision), current.Record.At
	} else if !errors.Is(err, optgate.ErrNotFound) {
		page.OwnFault = http.StatusServiceUnavailable
	}
	return page, nil
}

func (s *Server) sendPreferences(c echo.Context, status int, page panel.PreferencesPage) error {
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Add("Vary", "Cookie, Sec-GPC")
	if status == http.StatusServiceUnavailable {
		h.Set("Retry-After", strconv.Itoa(retryStore))
	}
	return renderPage(c, status, page)
}

// returnsToSite reports whether an address is a page of the site: only there
// does the page link back.
func returnsToSite(site *publish.Site, address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.User == nil && site.AllowsOrigin(u.Scheme+"://"+u.Host)
}
