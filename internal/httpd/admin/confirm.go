package admin

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/password"
)

// confirmedFor is how long a sign-in, or a confirmation, stands for those that
// would follow it.
const confirmedFor = 10 * time.Minute

// The fields by which a form confirms who sends it.
const (
	confirmWord = "confirm-password"
	confirmKey  = "credential" // as the script for passkeys calls it
)

// isFresh reports whether the user showed who she is a few minutes ago.
func (a *Admin) isFresh(s session) bool { return a.Now().Sub(s.confirmed) < confirmedFor }

// confirmed calls handle for a user who showed who she is a few minutes ago, or
// who does so by the form: who finds an open browser must not change how its owner
// signs in, nor let anybody else in. Otherwise it asks, and sends the form on with
// the answer.
func (a *Admin) confirmed(handle func(echo.Context, session) error) func(echo.Context, session) error {
	return func(c echo.Context, s session) error {
		if a.isFresh(s) {
			return handle(c, s)
		}
		form := c.Request().PostForm
		if !form.Has(confirmWord) && !form.Has(confirmKey) {
			return a.confirmPage(c, http.StatusForbidden, s, nil)
		}
		if wait, err := a.guess(c, s.User); err != nil {
			return err
		} else if wait > 0 {
			return a.tooMany(c, wait)
		}
		confirm := a.confirmByPassword
		if form.Get(confirmKey) != "" {
			confirm = a.confirmByPasskey
		}
		fault, err := confirm(c, s)
		if err != nil {
			return err
		}
		if fault != nil {
			return a.confirmPage(c, http.StatusUnprocessableEntity, s, view.Faults{*fault})
		}
		s.confirmed = a.stamp()
		return handle(c, s)
	}
}

// confirmPage asks who it is, and keeps what the form holds for when she has
// answered.
func (a *Admin) confirmPage(c echo.Context, status int, s session, faults view.Faults) error {
	u, err := a.Users.User(c.Request().Context(), s.User)
	if err != nil {
		return fmt.Errorf("admin: find user: %w", err)
	}
	p := view.ConfirmPage{
		Frame: a.frame(c, s, "Confirm that it is you"), Faults: faults, Action: c.Request().URL.EscapedPath(), Form: url.Values{},
		Password: u.HasPassword(), Passkey: len(u.Passkeys) > 0 && a.hasPasskeys(c.Request()), Back: "/admin/account",
	}
	if strings.HasPrefix(p.Action, "/admin/people") {
		p.Back = "/admin/people"
	}
	if u.External != nil && a.Provider != nil {
		p.Provider = a.Provider.Name()
	}
	for name, values := range c.Request().PostForm {
		if name != "csrf" && name != confirmWord && name != confirmKey {
			p.Form[name] = values
		}
	}
	return a.render(c, status, view.Confirm(p))
}

// confirmByPassword takes the password of the form. A fault is hers, an error is
// not.
func (a *Admin) confirmByPassword(c echo.Context, s session) (*view.Fault, error) {
	ctx := c.Request().Context()
	u, err := a.Users.User(ctx, s.User)
	if err != nil {
		return nil, fmt.Errorf("admin: find user: %w", err)
	}
	if !password.Verify(u.Password, c.Request().PostFormValue(confirmWord)) {
		a.Log.WarnContext(ctx, "confirmation refused", slog.String("user", s.User))
		return &view.Fault{Field: confirmWord, Label: "Your password", Msg: "is not right"}, nil
	}
	return nil, a.noteConfirmed(ctx, s, optgate.ByPassword)
}

// confirmByPasskey takes what a passkey of hers, and of nobody else, signed.
func (a *Admin) confirmByPasskey(c echo.Context, s session) (*view.Fault, error) {
	ctx := c.Request().Context()
	refused := func(why error) (*view.Fault, error) {
		a.Log.WarnContext(ctx, "confirmation by passkey refused", slog.String("user", s.User), slog.Any("why", why))
		return &view.Fault{Label: "The passkey", Msg: "is not one of yours, or it took too long: try again"}, nil
	}
	given, err := a.takeSigned(c, confirmKey)
	if err != nil {
		return refused(err)
	}
	var bad error
	_, err = a.changeUser(ctx, s.User, func(u *optgate.User) error {
		bad = usePasskey(given, u, a.stamp())
		return bad
	})
	if bad != nil {
		return refused(bad)
	}
	if err != nil {
		return nil, err
	}
	return nil, a.noteConfirmed(ctx, s, optgate.ByPasskey)
}

// noteConfirmed keeps with the session that its user showed who she is.
func (a *Admin) noteConfirmed(ctx context.Context, s session, by optgate.Proof) error {
	_, err := a.changeUser(ctx, s.User, func(u *optgate.User) error {
		if i := sessionIndex(*u, hashOf(s.ID)); i >= 0 {
			u.Sessions[i].Confirmed = a.stamp()
		}
		return nil
	})
	if err != nil {
		return err
	}
	a.note(ctx, optgate.AuditEntry{User: s.User, Action: "confirm who it is", After: "by " + string(by)})
	return nil
}

// postConfirm is for who has confirmed, and leads back to the account.
func (a *Admin) postConfirm(c echo.Context, _ session) error { return seeOther(c, "/admin/account") }
