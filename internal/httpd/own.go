package httpd

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/components/panel"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
	"github.com/optgate/optgate/internal/words"
	"github.com/optgate/optgate/static"
)

// ownURLs are the addresses of a visitor's own records, relative to the
// preferences. No address names her: her cookie does.
func ownURLs(lang, back string) panel.OwnURLs {
	return panel.OwnURLs{
		History: "history?lang=" + lang, JSON: "choices?download=1", Page: "choices?download=page&lang=" + lang,
		Erase: "preferences/erase?" + pageQuery(lang, back).Encode(), Receipts: "receipt?" + pageQuery(lang, back).Encode(),
	}
}

// pageQuery is what leads from page to page: the language and the way back to
// the site, if there is one.
func pageQuery(lang, back string) url.Values {
	query := url.Values{"lang": {lang}}
	if back != "" {
		query.Set("return", back)
	}
	return query
}

// ownPage puts the visitor's records into the preferences. What keeps them from
// being read is said in their place: choosing works without them.
func (s *Server) ownPage(c echo.Context, page *panel.PreferencesPage, visitor string) {
	err := s.slow(c.Request(), s.reads)
	var entries []optgate.Entry
	if err == nil {
		if entries, err = s.Ledger.Records(c.Request().Context(), page.Config.Site, visitor); err != nil {
			err = &unavailable{err}
		}
	}
	if err != nil {
		page.OwnFault = asProblem(err).Status
		return
	}
	for _, e := range entries {
		page.Own = append(page.Own, *e.Record)
	}
}

// pageLanguage returns the language in which a page for a visitor is shown.
func pageLanguage(c echo.Context, config *optgate.Config, wanted string) string {
	return words.Match(config.Languages, wanted, c.Request().Header.Get("Accept-Language"), config.DefaultLanguage())
}

// The ways in which a visitor's records are downloaded.
const (
	downloadJSON = "1"
	downloadPage = "page"
)

// attach makes browsers keep an answer as a file.
func attach(c echo.Context, site *publish.Site, ending string) {
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="privacy-records-`+string(site.Revision.Site)+ending+`"`)
}

// sendRecords answers with a visitor's records as a page that needs no other
// file, to be kept or printed.
func (s *Server) sendRecords(c echo.Context, site *publish.Site, own []ownRecord) error {
	sheet, err := static.FS.ReadFile("panel/page.css")
	if err != nil {
		return err
	}
	config := &site.Revision.Config
	page := panel.RecordsPage{
		Config: config, Lang: pageLanguage(c, config, c.QueryParam("lang")), At: s.Now(),
		StyleURL: "data:text/css;base64," + base64.StdEncoding.EncodeToString(sheet),
	}
	for _, r := range own {
		page.Records = append(page.Records, panel.SignedRecord{Record: r.Record, Receipt: r.Receipt})
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src data:; frame-ancestors 'none'")
	attach(c, site, ".html")
	return renderPage(c, http.StatusOK, page)
}

// getErase asks the visitor whether her records are to be erased: no link
// erases anything.
func (s *Server) getErase(c echo.Context) error {
	site, err := s.site(c)
	if err != nil {
		return err
	}
	return s.sendErase(c, site, http.StatusOK)
}

// postErase erases the visitor's own records, then shows the preferences, so
// that a reload sends nothing twice.
func (s *Server) postErase(c echo.Context) error {
	site, visitor, err := s.ownRequest(c)
	if err != nil {
		return err
	}
	erased, err := s.erase(c, site, visitor)
	if p := asProblem(err); err != nil && p.Status == http.StatusServiceUnavailable {
		return s.sendErase(c, site, p.Status)
	} else if err != nil {
		return err
	}
	query := sitePageQuery(c, site)
	query.Set("erased", strconv.Itoa(erased))
	return c.Redirect(http.StatusSeeOther, "../preferences?"+query.Encode())
}

// erase erases a visitor's records and takes her cookies, and returns how many
// records there were.
func (s *Server) erase(c echo.Context, site *publish.Site, visitor string) (int, error) {
	erased := 0
	if visitor != "" {
		var err error
		if erased, err = s.Ledger.Erase(c.Request().Context(), optgate.EraseRequest{
			Site: site.Revision.Site, Visitor: visitor, Reason: optgate.ErasedByVisitor, At: s.Now(),
		}); err != nil {
			return 0, &unavailable{err}
		}
	}
	if keepsCookies(c.Request()) {
		s.clearCookies(c, &site.Revision.Config)
	}
	return erased, nil
}

// sitePageQuery returns the language of a page and the way back.
func sitePageQuery(c echo.Context, site *publish.Site) url.Values {
	back := c.QueryParam("return")
	if !returnsToSite(site, back) {
		back = ""
	}
	return pageQuery(pageLanguage(c, &site.Revision.Config, c.QueryParam("lang")), back)
}

// sendErase answers with the question, and with why erasing failed if it did.
func (s *Server) sendErase(c echo.Context, site *publish.Site, status int) error {
	query := sitePageQuery(c, site)
	// The page lies a step below the others.
	page := panel.ErasePage{
		Config: &site.Revision.Config, Lang: query.Get("lang"), StyleURL: "../" + styleURL,
		Action: "erase?" + query.Encode(), BackURL: "../preferences?" + query.Encode(),
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	if status != http.StatusOK {
		page.Fault = status
		h.Set("Retry-After", strconv.Itoa(retryStore))
	}
	return renderPage(c, status, page)
}
