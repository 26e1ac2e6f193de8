package admin

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/optgate"
)

const (
	sessionCookie = "og_admin"
	sessionFor    = 12 * time.Hour
)

// session is who is signed in. It is kept in the cookie alone, sealed.
type session struct {
	User  string    `json:"user"`
	Epoch int       `json:"epoch"` // the user's at sign-in; a later one ends the session
	CSRF  string    `json:"csrf"`  // what the session's forms carry
	Until time.Time `json:"until"`
}

// session returns the request's session. Without a valid one ok is false; the
// error is the store's.
func (a *Admin) session(c echo.Context) (s session, ok bool, err error) {
	if !a.open(c, sessionCookie, &s) || s.CSRF == "" || !a.Now().Before(s.Until) {
		return session{}, false, nil
	}
	u, err := a.Users.User(c.Request().Context(), s.User)
	if errors.Is(err, optgate.ErrNotFound) {
		return session{}, false, nil
	}
	if err != nil {
		return session{}, false, fmt.Errorf("admin: find user of session: %w", err)
	}
	return s, u.Epoch == s.Epoch, nil
}

// startSession signs u in. The session is a new one, whatever the browser sent.
func (a *Admin) startSession(c echo.Context, u optgate.User) error {
	return a.seal(c, sessionCookie, sessionFor, session{
		User: u.Name, Epoch: u.Epoch, CSRF: rand.Text(), Until: a.Now().Add(sessionFor).UTC(),
	})
}

// open reads a sealed cookie into v and reports whether there was a valid one.
// Several of the name can come, as other hosts of the domain can set some: the
// first that opens counts, so that they cannot sign anybody out.
func (a *Admin) open(c echo.Context, name string, v any) bool {
	for _, k := range c.Request().CookiesNamed(name) {
		if securecookie.DecodeMulti(name, k.Value, v, a.Codecs()...) == nil {
			return true
		}
	}
	return false
}

// seal sets a cookie that only we can read and write.
func (a *Admin) seal(c echo.Context, name string, keep time.Duration, v any) error {
	value, err := securecookie.EncodeMulti(name, v, a.Codecs()...)
	if err != nil {
		return fmt.Errorf("admin: seal cookie %s: %w", name, err)
	}
	a.setCookie(c, name, value, int(keep/time.Second))
	return nil
}

func (a *Admin) forget(c echo.Context, name string) { a.setCookie(c, name, "", -1) }

func (a *Admin) setCookie(c echo.Context, name, value string, maxAge int) {
	c.SetCookie(&http.Cookie{
		Name: name, Value: value, Path: "/admin", MaxAge: maxAge,
		HttpOnly: true, Secure: a.Secure(c.Request()), SameSite: http.SameSiteLaxMode,
	})
}
