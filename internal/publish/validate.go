package publish

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/words"
)

// Validate reports every reason for which c cannot be published here: its own
// faults, languages that Optgate has no words for, and a choice cookie that
// another site's pages would take for their own. It returns
// [optgate.InvalidErrors] or nil.
func (r *Registry) Validate(c *optgate.Config) error {
	var bad optgate.InvalidErrors
	if err := c.Validate(); err != nil && !errors.As(err, &bad) {
		return err
	}
	for i, lang := range c.Languages {
		if _, ok := words.For(lang); !ok {
			bad = append(bad, &optgate.InvalidError{
				Field: fmt.Sprintf("languages[%d]", i),
				Msg:   fmt.Sprintf("%.20q is not a language that Optgate speaks: %s", lang, strings.Join(words.Languages(), ", ")),
			})
		}
	}
	for _, other := range r.Sites() {
		if other.Site != c.Site && sharesCookie(c, &other.Config) {
			bad = append(bad, &optgate.InvalidError{
				Field: "cookie.name",
				Msg: fmt.Sprintf("%q or %q is also a cookie of site %q on some of the same pages, so that an answer to one would be taken for an answer to the other: give one of them another cookie.name",
					c.CookieName(), c.CookieName()+"_id", other.Site),
			})
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return bad
}

// Check reports every reason for which [Registry.Publish] would refuse c, as
// [Registry.Validate] does, given the cookie name that c would get. It takes less
// time than [Registry.Next].
func (r *Registry) Check(c *optgate.Config) error { return r.Validate(r.ownCookie(c)) }

// ownCookie returns c with a cookie name of its own, if it has none and the
// usual one is also that of another site on some of the same pages. A name that
// was given in this way stays, so that visitors are not asked again.
func (r *Registry) ownCookie(c *optgate.Config) *optgate.Config {
	if c.Cookie.Name != "" {
		return c
	}
	copied := *c // the rest stays shared: it is not changed here, and big
	own := &copied
	own.Cookie.Name = "og_" + string(c.Site)
	if latest, ok := r.Site(c.Site); ok && latest.Config.Cookie.Name == own.Cookie.Name {
		return own
	}
	for _, other := range r.Sites() {
		if other.Site != c.Site && sharesCookie(c, &other.Config) {
			return own
		}
	}
	return c
}

// Same reports whether to publish c would change nothing.
func (r *Registry) Same(c *optgate.Config, latest *optgate.Revision, how ...Option) bool {
	next := optgate.Revision{Own: latest.Own}
	for _, option := range how {
		option(&next)
	}
	return r.ownCookie(c).Hash() == latest.Hash && next.Own.Same(latest.Own)
}

// sharesCookie reports whether a page of one site can see a cookie of the other
// under the name of one of its own. A cookie domain reaches all hosts below it.
// Paths tell no sites apart: the cookie of the visitor's id goes to every path.
func sharesCookie(a, b *optgate.Config) bool {
	const id = "_id"
	if na, nb := a.CookieName(), b.CookieName(); na != nb && na+id != nb && nb+id != na {
		return false
	}
	for _, oa := range a.Origins {
		for _, ob := range b.Origins {
			ha, hb := host(oa), host(ob)
			if ha == hb || covers(a.Cookie.Domain, hb) || covers(b.Cookie.Domain, ha) {
				return true
			}
		}
	}
	return false
}

// covers reports whether cookies of the domain are sent to the host.
func covers(domain, host string) bool {
	return domain != "" && (host == domain || strings.HasSuffix(host, "."+domain))
}

// host returns the host name of an origin that was validated, or "".
func host(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
