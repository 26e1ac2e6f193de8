package admin

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/totp"
)

const (
	stepCookie = "og_admin_step"
	stepFor    = 5 * time.Minute
)

// step is a sign-in whose password was right and whose code is still to come. It
// is no session and opens nothing.
type step struct {
	User     string    `json:"user"`
	Password string    `json:"password"` // hash of what is kept of it, so that a new password ends the step
	Next     string    `json:"next,omitempty"`
	Until    time.Time `json:"until"`
}

var (
	// errWrongCode reports a code that is wrong, old or used.
	errWrongCode = errors.New("admin: wrong code")

	// errStepOver reports a second step whose first one no longer holds.
	errStepOver = errors.New("admin: the first step no longer holds")
)

// askCode leads a user whose password was right to the second step.
func (a *Admin) askCode(c echo.Context, u optgate.User, next string) error {
	s := step{User: u.Name, Password: hashOf(u.Password), Next: next, Until: a.Now().Add(stepFor).UTC()}
	if err := a.seal(c, stepCookie, stepFor, s); err != nil {
		return err
	}
	return seeOther(c, "/admin/sign-in/code")
}

// step returns the sign-in that the browser has begun.
func (a *Admin) step(c echo.Context) (s step, ok bool) {
	return s, a.open(c, stepCookie, &s) && a.Now().Before(s.Until)
}

func (a *Admin) getCode(c echo.Context) error {
	s, ok := a.step(c)
	if !ok {
		return a.beginAgain(c)
	}
	return a.codePage(c, http.StatusOK, view.CodePage{Name: s.User})
}

func (a *Admin) codePage(c echo.Context, status int, p view.CodePage) error {
	p.Frame = view.Frame{Title: say(c, "Second step")}
	return a.render(c, status, view.Code(p))
}

// beginAgain leads back to the password.
func (a *Admin) beginAgain(c echo.Context) error {
	a.forget(c, stepCookie)
	return seeOther(c, "/admin/sign-in")
}

func (a *Admin) postCode(c echo.Context) error {
	r, ctx := c.Request(), c.Request().Context()
	s, ok := a.step(c)
	if !ok {
		return a.beginAgain(c)
	}
	code, recovery := r.PostFormValue("code"), r.PostFormValue("recovery")
	wait := func() (time.Duration, error) { return a.guessOfClient(c), nil }
	if recovery == "" {
		wait = func() (time.Duration, error) { return a.guessCode(c, s.User) }
	}
	if d, err := wait(); err != nil {
		return err
	} else if d > 0 {
		return a.tooMany(c, d)
	}
	by := optgate.ByCode
	u, err := a.changeUser(ctx, s.User, func(u *optgate.User) error {
		if u.Authenticator == nil || subtle.ConstantTimeCompare([]byte(hashOf(u.Password)), []byte(s.Password)) != 1 {
			return errStepOver
		}
		if recovery == "" {
			return a.useCode(u, code)
		}
		by = optgate.ByRecovery
		return useRecovery(u, recovery)
	})
	switch {
	case errors.Is(err, errWrongCode):
		// Somebody has the password, so this is worth a look if it is often.
		a.Log.WarnContext(ctx, "second step refused", slog.String("user", s.User))
		return a.codePage(c, http.StatusUnprocessableEntity, view.CodePage{Name: s.User, Refused: true})
	case errors.Is(err, errStepOver), errors.Is(err, optgate.ErrNotFound):
		return a.beginAgain(c)
	case err != nil:
		return err
	}
	a.forget(c, stepCookie)
	if by == optgate.ByRecovery {
		a.note(ctx, optgate.AuditEntry{User: u.Name, Action: "use a recovery code", After: fmt.Sprintf("%d left", len(u.Authenticator.Recovery))})
	}
	return a.enter(c, u, by, s.Next)
}

// useCode uses up a code of the user's app. As it goes through [Admin.changeUser],
// of two who send the same code at once one finds it used.
func (a *Admin) useCode(u *optgate.User, code string) error {
	secret, err := a.openSecret(*u)
	if err != nil {
		return err
	}
	last, ok := totp.Check(secret, withoutSpaces(code), a.Now(), u.Authenticator.LastStep)
	if !ok {
		return errWrongCode
	}
	// Sealed anew, by the newest key: the ring keeps old ones for a while only.
	sealed, err := a.sealSecret(u.Name, secret)
	if err != nil {
		return err
	}
	changed := *u.Authenticator
	changed.LastStep, changed.Secret = last, sealed
	u.Authenticator = &changed
	return nil
}

// useRecovery uses up a recovery code.
func useRecovery(u *optgate.User, code string) error {
	hash := []byte(recoveryHash(u.Name, code))
	for i, kept := range u.Authenticator.Recovery {
		if subtle.ConstantTimeCompare([]byte(kept), hash) == 1 {
			changed := *u.Authenticator
			changed.Recovery = slices.Delete(slices.Clone(changed.Recovery), i, i+1)
			u.Authenticator = &changed
			return nil
		}
	}
	return errWrongCode
}

// recoveryHash returns what is kept of a recovery code. A code has 80 random bits,
// so that a fast hash is enough.
func recoveryHash(name, code string) string {
	return hashOf("recovery\n" + name + "\n" + strings.ToUpper(withoutSpaces(code)))
}

// withoutSpaces returns a code without what people put between its groups.
func withoutSpaces(code string) string {
	return strings.NewReplacer(" ", "", "-", "", "\t", "").Replace(code)
}

// secretName is part of what the seal covers: one user's secret opens for no
// other, and never as a cookie.
func secretName(user string) string { return "authenticator of " + user }

func (a *Admin) sealSecret(user, secret string) (string, error) {
	sealed, err := securecookie.EncodeMulti(secretName(user), secret, a.Codecs()...)
	if err != nil {
		return "", fmt.Errorf("admin: seal secret: %w", err)
	}
	return sealed, nil
}

func (a *Admin) openSecret(u optgate.User) (string, error) {
	var secret string
	if err := securecookie.DecodeMulti(secretName(u.Name), u.Authenticator.Secret, &secret, a.Codecs()...); err != nil {
		return "", fmt.Errorf("admin: open the second step of %s, whose key is no longer on the ring: %w", u.Name, err)
	}
	return secret, nil
}
