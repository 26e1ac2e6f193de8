// Package httpd answers HTTP: the gate and the panel to pages, choices from
// visitors, the admin to its users. It and its sub-packages are the only ones
// that know Echo and securecookie.
package httpd

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/optgate/optgate/internal/httpd/admin"
	"github.com/optgate/optgate/internal/httpd/limit"
	"github.com/optgate/optgate/internal/keys"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/pagecheck"
	"github.com/optgate/optgate/internal/provider"
	"github.com/optgate/optgate/internal/publish"
)

// Server answers HTTP. Its fields are set before the first call of a method
// and not changed afterwards.
type Server struct {
	Ledger    optgate.Ledger
	Store     optgate.Store // for the admin and for readiness
	Registry  *publish.Registry
	Keys      *keys.Keys
	PublicURL *url.URL // under which browsers reach the server; nil: as each request says
	// AdminURL is under which browsers reach the admin; nil: [Server.PublicURL], or
	// as each request says if the admin has an address of its own.
	AdminURL *url.URL
	Provider *provider.Provider // for single sign-on to the admin; nil: none
	// DecisionsPerMinute is how many decisions one client address may record a
	// minute, how often it may ask for records, and how often it may report what
	// is not marked; 0 means no limit.
	DecisionsPerMinute int
	// TrustedProxies are whom X-Forwarded-For and X-Forwarded-Proto are believed; nil:
	// every loopback, link-local or private address.
	TrustedProxies []netip.Prefix
	// RegionHeaders are in which these proxies say where a visitor is: the country or
	// the part of it, then the part if it comes apart. None: nobody says it.
	RegionHeaders []string
	// CheckLoopback lets the admin check pages of this machine, under origins of the
	// site that are loopback by name. It is for machines on which a site is made.
	CheckLoopback bool
	// Site answers what no route of Optgate's does; nil: nothing does.
	Site    http.Handler
	Version string
	Log     *slog.Logger
	Now     func() time.Time

	metrics *metrics
	client  echo.IPExtractor // address of the client
	writes  *limit.Buckets   // decisions of an address
	reads   *limit.Buckets   // a visitor's requests for her own records
	reports *limit.Buckets   // reports of unmarked tags
	noted   noted            // which of these were stored today
	place   AdminPlace
}

// Handlers are what to serve on which address.
type Handlers struct {
	Public  http.Handler // sites and, unless it has an address of its own, the admin
	Admin   http.Handler // the admin alone
	Metrics http.Handler
}

// Handlers returns the handlers. With [AdminOnOwnAddress] the public one lacks
// the admin.
func (s *Server) Handlers(adminPlace AdminPlace) Handlers {
	s.metrics, s.place, s.client = newMetrics(s), adminPlace, clientAddress(s.TrustedProxies)
	s.writes, s.reads, s.reports = newLimit(s.DecisionsPerMinute), newLimit(s.DecisionsPerMinute), newLimit(s.DecisionsPerMinute)
	public, adminOnly := s.echo(), s.echo()
	s.publicRoutes(public)
	if adminPlace == AdminBesideSites {
		s.adminRoutes(public)
	}
	switch {
	case s.Site != nil:
		public.Any("/*", echo.WrapHandler(s.Site))
	case adminPlace == AdminBesideSites:
		read(public, "/", toAdmin)
	}
	read(adminOnly, "/", toAdmin)
	s.adminRoutes(adminOnly)
	s.commonRoutes(adminOnly)
	return Handlers{Public: public, Admin: adminOnly, Metrics: s.metrics.handler()}
}

// AdminPlace says where the admin is served.
type AdminPlace int

// The places of the admin.
const (
	AdminBesideSites AdminPlace = iota
	AdminOnOwnAddress
)

// echo returns an Echo with what all routes have in common.
func (s *Server) echo() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.handleError
	e.Use(s.observe, middleware.RecoverWithConfig(middleware.RecoverConfig{
		DisablePrintStack: true,
		LogErrorFunc: func(c echo.Context, err error, stack []byte) error {
			s.Log.ErrorContext(c.Request().Context(), "handler panicked",
				slog.String("route", c.Path()), slog.Any("err", err), slog.String("stack", string(stack)))
			return err
		},
	}))
	return e
}

// admin returns what answers the admin's routes.
func (s *Server) admin() *admin.Admin {
	return &admin.Admin{
		Users: s.Store, Guesses: s.Store, Derive: s.Keys.Derive, Ledger: s.Ledger, Trail: s.Store, Panels: s.Store, Unmarked: s.Store, Signed: s.Store, Verifier: s.Keys.Verifier, Drafts: s.Store, Warnings: s.warnings, Sites: s.Registry, Codecs: s.Keys.Codecs,
		PublicURL: s.publicURL, AdminURL: s.adminURL, Provider: s.Provider, Secure: s.secure, ClientKey: s.clientKey, Log: s.Log, Now: s.Now,
		Pages: &pagecheck.Fetcher{Loopback: s.CheckLoopback}, Gate: s.gateOf, TellsRegions: len(s.RegionHeaders) > 0,
	}
}

// gateOf returns what is served as a site's gate, or nil.
func (s *Server) gateOf(id optgate.SiteID) []byte {
	site, ok := s.Registry.Published(id)
	if !ok {
		return nil
	}
	body, _ := site.Gate.Encoded("identity")
	return body
}

// SetupLink makes a one-time link by which a user of the admin can be created.
func (s *Server) SetupLink(ctx context.Context, baseURL string) (string, error) {
	return s.admin().SetupLink(ctx, baseURL)
}

// secure reports whether the browser sent r over https.
func (s *Server) secure(r *http.Request) bool {
	return s.scheme(r) == "https"
}

// scheme returns the scheme by which the browser sent r, on the word of a proxy
// that is believed. There is no such word for the host: a proxy passes Host on.
func (s *Server) scheme(r *http.Request) string {
	switch {
	case r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" && fromProxy(r, s.TrustedProxies):
		return "https"
	case s.PublicURL != nil:
		return s.PublicURL.Scheme
	}
	return "http"
}

// publicURL returns scheme://host[:port][/path] under which r's browser reaches
// the server, without a slash at its end.
func (s *Server) publicURL(r *http.Request) string {
	if s.PublicURL != nil {
		return s.PublicURL.String()
	}
	return s.scheme(r) + "://" + r.Host
}

// adminURL is publicURL for the admin, which can be elsewhere.
func (s *Server) adminURL(r *http.Request) string {
	switch {
	case s.AdminURL != nil:
		return s.AdminURL.String()
	case s.place == AdminOnOwnAddress:
		return s.scheme(r) + "://" + r.Host
	}
	return s.publicURL(r)
}
