package admin

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/password"
)

const (
	deviceCookie = "og_admin_device"
	deviceFor    = 180 * 24 * time.Hour
)

// device is a browser that has signed in to an account before.
type device struct {
	User string `json:"user"`
	ID   string `json:"id"`
}

func (a *Admin) getSignIn(c echo.Context) error {
	if _, ok, err := a.session(c); err == nil && ok {
		return seeOther(c, "/admin/")
	}
	// Whether there are users is asked last and may fail: the form is shown even
	// while the store is down.
	if users, err := a.Users.Users(c.Request().Context()); err == nil && len(users) == 0 && a.Provider == nil {
		return a.render(c, http.StatusOK, view.NoUsers(view.Frame{Title: say(c, "Welcome")}))
	}
	return a.signInPage(c, http.StatusOK, view.SignInPage{Next: localPath(c.QueryParam("next"))})
}

func (a *Admin) signInPage(c echo.Context, status int, p view.SignInPage) error {
	p.Frame, p.Passkeys = view.Frame{Title: say(c, "Sign in")}, a.hasPasskeys(c.Request())
	if a.Provider != nil {
		p.Provider = a.Provider.Name()
	}
	if a.open(c, flashCookie, &p.Flash) {
		a.forget(c, flashCookie)
	}
	return a.render(c, status, view.SignIn(p))
}

func (a *Admin) postSignIn(c echo.Context) error {
	r := c.Request()
	ctx := r.Context()
	name, next := strings.TrimSpace(r.PostFormValue("name")), localPath(r.PostFormValue("next"))
	if wait, err := a.guess(c, name); err != nil {
		return err
	} else if wait > 0 {
		return a.tooMany(c, wait)
	}
	u, err := a.Users.User(ctx, name)
	known := !errors.Is(err, optgate.ErrNotFound)
	if known && err != nil {
		return fmt.Errorf("admin: find user: %w", err)
	}
	if !password.Verify(u.Password, r.PostFormValue("password")) || !known {
		// An unknown name is not logged: it may be a password in the wrong field.
		a.Log.WarnContext(ctx, "sign-in refused", slog.String("user", u.Name), slog.Bool("known", known))
		return a.signInPage(c, http.StatusUnprocessableEntity, view.SignInPage{Name: name, Next: next, Refused: true})
	}
	if u.Authenticator != nil {
		return a.askCode(c, u, next)
	}
	return a.enter(c, u, optgate.ByPassword, next)
}

// enter lets a user in who has shown who she is, and leads to the page that she
// wanted.
func (a *Admin) enter(c echo.Context, u optgate.User, by optgate.Proof, next string) error {
	if err := a.welcome(c, u, by); err != nil {
		return err
	}
	a.note(c.Request().Context(), optgate.AuditEntry{User: u.Name, Action: "sign in", After: "by " + string(by)})
	if next == "" {
		next = "/admin/"
	}
	return seeOther(c, next)
}

// welcome starts a session and remembers the browser.
func (a *Admin) welcome(c echo.Context, u optgate.User, by optgate.Proof) error {
	if err := a.seal(c, deviceCookie, deviceFor, device{u.Name, rand.Text()}); err != nil {
		return err
	}
	return a.startSession(c, u.Name, by)
}

func (a *Admin) tooMany(c echo.Context, wait time.Duration) error {
	seconds := int(math.Ceil(wait.Seconds()))
	c.Response().Header().Set("Retry-After", strconv.Itoa(seconds))
	return a.message(c, http.StatusTooManyRequests, view.MessagePage{
		Heading: say(c, "Too many attempts"),
		Text: []string{bilingual.Count(c.Request().Context(), seconds,
			"To keep guessing slow, sign-in pauses after several attempts in a row. Try again in %d second.",
			"To keep guessing slow, sign-in pauses after several attempts in a row. Try again in %d seconds.")},
		Link: "/admin/sign-in", LinkText: say(c, "Back to sign-in"),
	})
}

func (a *Admin) postSignOut(c echo.Context, s session) error {
	ctx := c.Request().Context()
	if err := a.endSession(ctx, s.User, hashOf(s.ID)); err != nil {
		return err
	}
	a.forget(c, sessionCookie)
	a.note(ctx, optgate.AuditEntry{User: s.User, Action: "sign out"})
	if err := a.flash(c, "You are signed out."); err != nil {
		return err
	}
	return seeOther(c, "/admin/sign-in")
}

// localPath returns next if it is a page of the admin, otherwise nothing, so that
// a link to the sign-in page cannot lead on to another site.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/admin/") || strings.Contains(next, `\`) || strings.ContainsFunc(next, unicode.IsControl) ||
		strings.Contains(next, "//") || strings.Contains(next, "..") {
		return ""
	}
	return next
}
