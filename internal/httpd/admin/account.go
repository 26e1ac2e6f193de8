package admin

import (
	"fmt"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/password"
)

func (a *Admin) getAccount(c echo.Context, s session) error {
	return a.accountPage(c, http.StatusOK, s, nil)
}

func (a *Admin) accountPage(c echo.Context, status int, s session, faults view.Faults) error {
	return a.render(c, status, view.Account(view.AccountPage{Frame: a.frame(c, s, "Account"), Faults: faults}))
}

// postPassword changes the user's password and ends all sessions but this one.
func (a *Admin) postPassword(c echo.Context, s session) error {
	r, ctx := c.Request(), c.Request().Context()
	if wait := a.guess(c, s.User); wait > 0 {
		return a.tooMany(c, wait)
	}
	u, err := a.Users.User(ctx, s.User)
	if err != nil {
		return fmt.Errorf("admin: find user: %w", err)
	}
	word := r.PostFormValue("password")
	faults := newPasswordFaults(word, r.PostFormValue("again"))
	if !password.Verify(u.Password, r.PostFormValue("old")) {
		faults = append(view.Faults{{Field: "old", Label: "Current password", Msg: "is not right"}}, faults...)
	}
	if len(faults) > 0 {
		return a.accountPage(c, http.StatusUnprocessableEntity, s, faults)
	}
	if u.Password, err = password.Hash(word); err != nil {
		return err
	}
	u.Epoch++
	if err := a.Users.UpdateUser(ctx, u); err != nil {
		return fmt.Errorf("admin: change password: %w", err)
	}
	a.Log.InfoContext(ctx, "password changed", slog.String("user", u.Name))
	if err := a.startSession(c, u); err != nil {
		return err
	}
	if err := a.flash(c, "Your password is changed. Every other browser is signed out."); err != nil {
		return err
	}
	return seeOther(c, "/admin/account")
}

// postSignOutEverywhere ends every session of the user.
func (a *Admin) postSignOutEverywhere(c echo.Context, s session) error {
	ctx := c.Request().Context()
	u, err := a.Users.User(ctx, s.User)
	if err != nil {
		return fmt.Errorf("admin: find user: %w", err)
	}
	u.Epoch++
	if err := a.Users.UpdateUser(ctx, u); err != nil {
		return fmt.Errorf("admin: end sessions: %w", err)
	}
	a.forget(c, sessionCookie)
	a.Log.InfoContext(ctx, "signed out everywhere", slog.String("user", u.Name))
	if err := a.flash(c, "You are signed out in every browser."); err != nil {
		return err
	}
	return seeOther(c, "/admin/sign-in")
}
