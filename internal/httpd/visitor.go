package httpd

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/labstack/echo/v4"
	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

// sealedVisitor is the content of the visitor id's cookie. It names the site,
// so that it is worth nothing at another one.
type sealedVisitor struct {
	Site    optgate.SiteID `json:"s"`
	Visitor string         `json:"v"`
}

// visitorHeader names the visitor where the server is on another site than the
// page, so that there are no cookies.
const visitorHeader = "Optgate-Visitor"

// cookieVisitor returns the visitor that the request's cookies prove, or "".
// Several cookies of the name can come, from parent domains: the first that
// opens and is for this site counts.
func (s *Server) cookieVisitor(r *http.Request, config *optgate.Config) string {
	name := config.CookieName() + "_id"
	for _, cookie := range r.CookiesNamed(name) {
		var v sealedVisitor
		if securecookie.DecodeMulti(name, cookie.Value, &v, s.Keys.Codecs()...) == nil && v.Site == config.Site && isULID(v.Visitor) {
			return v.Visitor
		}
	}
	return ""
}

// ownVisitor returns the visitor on whose behalf a request asks for her own
// records, or "". The header is taken only from pages of the site, which alone
// can know the id that it names.
func (s *Server) ownVisitor(c echo.Context, site *publish.Site) (string, error) {
	if v := s.cookieVisitor(c.Request(), &site.Revision.Config); v != "" {
		return v, nil
	}
	named := c.Request().Header.Get(visitorHeader)
	switch {
	case named == "":
		return "", nil
	case !isULID(named):
		return "", refuseField(http.StatusBadRequest, visitorHeader, "is not a ULID")
	case !site.AllowsOrigin(c.Request().Header.Get(echo.HeaderOrigin)):
		return "", refuse(http.StatusForbidden, visitorHeader+" is taken only from pages of the site's origins")
	}
	return named, nil
}

// isULID reports whether s is a ULID in its canonical form.
func isULID(s string) bool {
	id, err := ulid.ParseStrict(s)
	return err == nil && id.String() == s
}

// keepsCookies reports whether the browser would keep cookies of ours: not if
// the page is on another site.
func keepsCookies(r *http.Request) bool { return r.Header.Get("Sec-Fetch-Site") != crossSite }

// setCookies gives the browser the choice and the visitor id of a record.
func (s *Server) setCookies(c echo.Context, config *optgate.Config, r *optgate.Record) error {
	name := config.CookieName()
	sealed, err := securecookie.EncodeMulti(name+"_id", sealedVisitor{r.Site, r.Visitor}, s.Keys.Codecs()...)
	if err != nil {
		return err
	}
	choice := optgate.ChoiceCookie{Revision: r.Revision, At: r.At, Choices: r.Choices}
	maxAge := config.CookieDays() * int(24*time.Hour/time.Second)
	s.setCookie(c, config, cookie{name: name, value: choice.String(), path: config.CookiePath(), maxAge: maxAge})
	// The id goes to every path: the server's addresses need not lie below the
	// choice's.
	s.setCookie(c, config, cookie{name: name + "_id", value: sealed, path: "/", maxAge: maxAge, httpOnly: true})
	return nil
}

// clearCookies takes both cookies from the browser.
func (s *Server) clearCookies(c echo.Context, config *optgate.Config) {
	s.setCookie(c, config, cookie{name: config.CookieName(), path: config.CookiePath()})
	s.setCookie(c, config, cookie{name: config.CookieName() + "_id", path: "/", httpOnly: true})
}

// cookie is one that a browser is given, or loses if its age is 0.
type cookie struct {
	name, value, path string
	maxAge            int // seconds
	httpOnly          bool
}

// setCookie adds a Set-Cookie header. It is written by hand because
// http.Cookie puts values with a comma in quotation marks, which scripts would
// see; every part is of a validated form.
func (s *Server) setCookie(c echo.Context, config *optgate.Config, k cookie) {
	var b strings.Builder
	b.Grow(len(k.name) + len(k.value) + len(k.path) + len(config.Cookie.Domain) + len("=; Path=; Max-Age=34560000; Domain=; HttpOnly; Secure; SameSite=Lax"))
	for _, part := range []string{k.name, "=", k.value, "; Path=", k.path, "; Max-Age=", strconv.Itoa(k.maxAge)} {
		b.WriteString(part)
	}
	if config.Cookie.Domain != "" {
		b.WriteString("; Domain=")
		b.WriteString(config.Cookie.Domain)
	}
	if k.httpOnly {
		b.WriteString("; HttpOnly")
	}
	if s.secure(c.Request()) {
		b.WriteString("; Secure")
	}
	b.WriteString("; SameSite=Lax")
	c.Response().Header().Add("Set-Cookie", b.String())
}
