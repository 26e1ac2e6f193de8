package httpd

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/components/panel"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
	"github.com/optgate/optgate/internal/words"
	"github.com/optgate/optgate/static"
)

// How long browsers and caches may keep what is served.
const (
	gateCaching      = "public, " + gateAges
	firstCaching     = "private, " + gateAges
	gateAges         = "max-age=60, stale-while-revalidate=86400"
	immutableCaching = "public, max-age=31536000, immutable"
	shortCaching     = "public, max-age=60"
)

// site returns the site that a request's path names.
func (s *Server) site(c echo.Context) (*publish.Site, error) {
	id := c.Param("site")
	if optgate.IsSiteID(id) {
		if site, ok := s.Registry.Published(optgate.SiteID(id)); ok {
			return site, nil
		}
	}
	return nil, refuse(http.StatusNotFound, "there is no such site")
}

// getGate answers with the gate, the site's revision inlined. A first visit gets the
// first layer with it, as it would ask for that next; both answers do the same in
// the end. So caches may keep the one for everybody, and browsers either.
func (s *Server) getGate(c echo.Context) error {
	site, err := s.site(c)
	if err != nil {
		return err
	}
	r, h := c.Request(), c.Response().Header()
	asset, caching := site.Gate, gateCaching
	if isFirstVisit(r, &site.Revision.Config) {
		lang := site.Language(c.QueryParam("lang"), r.Header.Get("Accept-Language"))
		if asset, err = site.FirstVisit(lang); err != nil {
			return err
		}
		caching = firstCaching
	}
	h.Set(echo.HeaderCacheControl, caching)
	return sendAsset(c, asset)
}

// getPanel answers with the panel's markup in one language.
func (s *Server) getPanel(c echo.Context) error {
	return s.sendPanel(c, func(site *publish.Site) map[string]*publish.Asset { return site.Panels })
}

// getPiece answers with a piece in one language: what the gate loads.
func (s *Server) getPiece(p publish.Piece) echo.HandlerFunc {
	return func(c echo.Context) error {
		return s.sendPanel(c, func(site *publish.Site) map[string]*publish.Asset { return site.Pieces[p] })
	}
}

// sendPanel answers with one of the assets. Under the hash that the gate names
// it never changes; under an older one it is today's panel, not to be kept.
func (s *Server) sendPanel(c echo.Context, assets func(*publish.Site) map[string]*publish.Asset) error {
	site, err := s.site(c)
	if err != nil {
		return err
	}
	if len(assets(site)) == 0 {
		return refuse(http.StatusNotFound, "this site has no such piece")
	}
	config := &site.Revision.Config
	lang := c.QueryParam("lang")
	asset := assets(site)[lang]
	if asset == nil {
		// A cache must not give everybody what the first visitor's browser speaks.
		c.Response().Header().Add("Vary", "Accept-Language")
		lang = words.Match(config.Languages, lang, c.Request().Header.Get("Accept-Language"), config.DefaultLanguage())
		asset = assets(site)[lang]
	}
	caching := shortCaching
	if c.QueryParam("v") == site.PiecesHash && c.QueryParam("lang") == lang {
		caching = immutableCaching
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, caching)
	h.Set("Content-Language", lang)
	h.Set("Optgate-Revision", strconv.Itoa(site.Revision.Number))
	return sendAsset(c, asset)
}

// getDeclaration answers with the table of services and cookies, which any page
// may embed.
func (s *Server) getDeclaration(c echo.Context) error {
	site, err := s.site(c)
	if err != nil {
		return err
	}
	config := &site.Revision.Config
	lang := words.Match(config.Languages, c.QueryParam("lang"), c.Request().Header.Get("Accept-Language"), config.DefaultLanguage())
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, shortCaching)
	h.Set("Vary", "Accept-Language")
	h.Set("Content-Security-Policy", pagePolicy+"*")
	return renderPage(c, http.StatusOK, panel.DeclarationPage{
		Config: config, Revision: site.Revision.Number, Lang: lang, StyleURL: styleURL, HistoryURL: "history?lang=" + lang,
	})
}

// styleURL is relative to a site's pages, so that it works under any path that
// a proxy puts them on.
var styleURL = "static/" + static.Hashed("panel/page.css")

// getDeclarationJSON answers with the declaration for programs.
func (s *Server) getDeclarationJSON(c echo.Context) error {
	site, err := s.site(c)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, shortCaching)
	return sendAsset(c, site.Declaration)
}

// sendAsset answers from memory. What it sends is the same for every visitor,
// so any page may read it.
func sendAsset(c echo.Context, a *publish.Asset) error {
	body, encoding := a.Encoded(c.Request().Header.Get(echo.HeaderAcceptEncoding))
	h := c.Response().Header()
	etag := a.ETag(encoding)
	h.Set("Etag", etag)
	h.Add("Vary", echo.HeaderAcceptEncoding)
	h.Set(echo.HeaderAccessControlAllowOrigin, "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	if matches(c.Request().Header.Get("If-None-Match"), etag) {
		return c.NoContent(http.StatusNotModified)
	}
	if encoding != publish.Identity {
		h.Set(echo.HeaderContentEncoding, string(encoding))
	}
	h.Set(echo.HeaderContentType, a.Type)
	// Without a length, bodies of over 2 KiB would leave in chunks.
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(body)))
	c.Response().WriteHeader(http.StatusOK)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	if _, err := c.Response().Write(body); err != nil {
		return fmt.Errorf("httpd: send asset: %w", err)
	}
	return nil
}
