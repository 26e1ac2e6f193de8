package admin

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/password"
)

func (a *Admin) getAccount(c echo.Context, s session) error {
	return a.accountPage(c, http.StatusOK, s, nil)
}

// accountPage shows the account, with what came of the last try to change it.
func (a *Admin) accountPage(c echo.Context, status int, s session, faults view.Faults) error {
	u, err := a.Users.User(c.Request().Context(), s.User)
	if err != nil {
		return fmt.Errorf("admin: find user: %w", err)
	}
	p := view.AccountPage{Frame: a.frame(c, s, "Account"), Faults: faults, Typed: c.Request().PostForm, Fresh: a.isFresh(s), Now: a.Now().UTC(), Tokens: u.Tokens, Authenticator: u.Authenticator, External: u.External,
		Passkeys: u.Passkeys, PasskeysHere: a.hasPasskeys(c.Request())}
	p.Sessions = a.openSessions(u, s)
	return a.render(c, status, view.Account(p))
}

// openSessions lists where u is signed in, the newest first.
func (a *Admin) openSessions(u optgate.User, s session) []view.SessionRow {
	var rows []view.SessionRow
	for _, k := range slices.Backward(u.Sessions) {
		if a.Now().Before(k.Until) {
			rows = append(rows, view.SessionRow{Session: k, This: k.ID == hashOf(s.ID)})
		}
	}
	return rows
}

// setPassword also ends every session of the user: who sets a password may have
// reason to.
func (a *Admin) setPassword(ctx context.Context, name, word string) error {
	sealed, err := password.Hash(word)
	if err != nil {
		return err
	}
	_, err = a.changeUser(ctx, name, func(u *optgate.User) error {
		u.Password, u.Sessions = sealed, nil
		return nil
	})
	return err
}

// endSession ends one session of a user; that it is over already is no error.
func (a *Admin) endSession(ctx context.Context, name, id string) error {
	_, err := a.changeUser(ctx, name, func(u *optgate.User) error {
		u.Sessions = slices.DeleteFunc(u.Sessions, func(k optgate.Session) bool { return k.ID == id })
		return nil
	})
	return err
}

// postEndSession ends the session that the form names.
func (a *Admin) postEndSession(c echo.Context, s session) error {
	ctx, id := c.Request().Context(), c.Request().PostFormValue("session")
	if err := a.endSession(ctx, s.User, id); err != nil {
		return err
	}
	a.note(ctx, optgate.AuditEntry{User: s.User, Action: "end a session"})
	if id == hashOf(s.ID) {
		a.forget(c, sessionCookie)
	}
	if err := a.flash(c, "That session is over."); err != nil {
		return err
	}
	return seeOther(c, "/admin/account")
}

// postPassword changes the user's password and ends all sessions but this one. It
// asks for the old one in its own form, as people expect of it.
func (a *Admin) postPassword(c echo.Context, s session) error {
	r, ctx := c.Request(), c.Request().Context()
	if wait, err := a.guess(c, s.User); err != nil {
		return err
	} else if wait > 0 {
		return a.tooMany(c, wait)
	}
	u, err := a.Users.User(ctx, s.User)
	if err != nil {
		return fmt.Errorf("admin: find user: %w", err)
	}
	word := r.PostFormValue("password")
	faults := newPasswordFaults(word, r.PostFormValue("again"))
	if u.External != nil {
		return a.elsewhere(c, s, u)
	}
	if !a.isFresh(s) && !password.Verify(u.Password, r.PostFormValue("old")) {
		faults = append(view.Faults{{Field: "old", Label: "Current password", Msg: "is not right"}}, faults...)
	}
	if len(faults) > 0 {
		return a.accountPage(c, http.StatusUnprocessableEntity, s, faults)
	}
	if err := a.setPassword(ctx, s.User, word); err != nil {
		return err
	}
	a.note(ctx, optgate.AuditEntry{User: s.User, Action: "change the password"})
	if err := a.startSession(c, u.Name, s.by); err != nil {
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
	_, err := a.changeUser(ctx, s.User, func(u *optgate.User) error {
		u.Sessions = nil
		return nil
	})
	if err != nil {
		return err
	}
	a.forget(c, sessionCookie)
	a.note(ctx, optgate.AuditEntry{User: s.User, Action: "sign out everywhere"})
	if err := a.flash(c, "You are signed out in every browser."); err != nil {
		return err
	}
	return seeOther(c, "/admin/sign-in")
}
