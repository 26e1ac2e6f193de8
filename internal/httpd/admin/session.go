package admin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/optgate"
)

const (
	sessionCookie = "og_admin"
	sessionFor    = 12 * time.Hour
	seenEvery     = time.Hour // how exactly a session's last use is known
)

// session is who is signed in. The cookie holds it sealed; the user holds the
// hash of its ID, so that ending it there ends every copy of the cookie.
type session struct {
	User  string    `json:"user"`
	ID    string    `json:"id"`
	CSRF  string    `json:"csrf"` // what the session's forms carry
	Until time.Time `json:"until"`

	role     optgate.Role
	by       optgate.Proof
	language string // that she chose; may be empty

	confirmed time.Time // when she showed last who she is
}

// session returns the request's session. Without a valid one ok is false; the
// error is the store's.
func (a *Admin) session(c echo.Context) (s session, ok bool, err error) {
	if !a.open(c, sessionCookie, &s) || s.CSRF == "" || !a.Now().Before(s.Until) {
		return session{}, false, nil
	}
	ctx := c.Request().Context()
	u, err := a.Users.User(ctx, s.User)
	if errors.Is(err, optgate.ErrNotFound) {
		return session{}, false, nil
	}
	if err != nil {
		return session{}, false, fmt.Errorf("admin: find user of session: %w", err)
	}
	i := sessionIndex(u, hashOf(s.ID))
	if i < 0 {
		return session{}, false, nil
	}
	s.role, s.by, s.confirmed, s.language = u.Role.OrOwner(), u.Sessions[i].By, u.Sessions[i].Since, u.Language
	if confirmed := u.Sessions[i].Confirmed; confirmed.After(s.confirmed) {
		s.confirmed = confirmed
	}
	if a.Now().Sub(u.Sessions[i].Seen) >= seenEvery {
		a.sawSession(ctx, s)
	}
	return s, true, nil
}

func sessionIndex(u optgate.User, id string) int {
	return slices.IndexFunc(u.Sessions, func(k optgate.Session) bool { return k.ID == id })
}

// hashOf returns what is kept of a secret.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// sawSession notes that a session is in use. It only informs, so a failure
// keeps nobody from working.
func (a *Admin) sawSession(ctx context.Context, s session) {
	_, err := a.changeUser(ctx, s.User, func(u *optgate.User) error {
		if i := sessionIndex(*u, hashOf(s.ID)); i >= 0 {
			u.Sessions[i].Seen = a.stamp()
		}
		return nil
	})
	if err != nil {
		a.Log.WarnContext(ctx, "session's last use not noted", slog.String("user", s.User), slog.Any("err", err))
	}
}

// startSession signs a user in. The session is a new one, whatever the browser
// sent. Those that are over are dropped, and of too many the oldest.
func (a *Admin) startSession(c echo.Context, name string, by optgate.Proof) error {
	s := session{User: name, ID: rand.Text(), CSRF: rand.Text(), Until: a.Now().Add(sessionFor).UTC()}
	u, err := a.changeUser(c.Request().Context(), name, func(u *optgate.User) error {
		u.Sessions = slices.DeleteFunc(u.Sessions, func(k optgate.Session) bool { return !a.Now().Before(k.Until) })
		if extra := len(u.Sessions) - optgate.MaxSessions + 1; extra > 0 {
			u.Sessions = slices.Delete(u.Sessions, 0, extra)
		}
		u.Sessions = append(u.Sessions, optgate.Session{ID: hashOf(s.ID), Since: a.stamp(), Seen: a.stamp(), Until: s.Until, By: by})
		return nil
	})
	if err != nil {
		return err
	}
	if u.Language != "" {
		a.keepLanguage(c, u.Language)
	}
	return a.seal(c, sessionCookie, sessionFor, s)
}

// changeTries bounds how often a change is tried that others get in the way of.
const changeTries = 10

// changeUser changes the user of that name, by whoever else it is changed at
// the same time. An error of change ends it.
func (a *Admin) changeUser(ctx context.Context, name string, change func(*optgate.User) error) (optgate.User, error) {
	for try := 1; ; try++ {
		u, err := a.Users.User(ctx, name)
		if err != nil {
			return u, fmt.Errorf("admin: find user: %w", err)
		}
		if err := change(&u); err != nil {
			return u, err
		}
		if err = a.Users.UpdateUser(ctx, u); err == nil {
			u.Version++
			return u, nil
		}
		if !errors.Is(err, optgate.ErrConflict) || try == changeTries {
			return u, fmt.Errorf("admin: change user: %w", err)
		}
	}
}

// stamp is the time as stores keep it.
func (a *Admin) stamp() time.Time { return a.Now().UTC().Truncate(time.Millisecond) }

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
