package admin

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/password"
)

const (
	inviteFor = 7 * 24 * time.Hour
	resetFor  = 24 * time.Hour
)

// A link's path says what it is good for, and the hash that is kept takes that
// in: a link for a viewer cannot be bent into one for an owner.
func invitationHash(role optgate.Role, token string) string {
	return hashOf("invitation\n" + string(role) + "\n" + token)
}

// resetHash takes in the password that is to be replaced, so that of several
// links the first one used ends the others.
func resetHash(u optgate.User, token string) string {
	return hashOf("reset\n" + u.Name + "\n" + u.Password + "\n" + token)
}

func (a *Admin) putLink(ctx context.Context, hash string, keep time.Duration) error {
	if err := a.Users.PutToken(ctx, optgate.Token{Hash: hash, Expires: a.Now().Add(keep).UTC()}); err != nil {
		return fmt.Errorf("admin: store link: %w", err)
	}
	return nil
}

// postInvite shows a link once; it is the only copy.
func (a *Admin) postInvite(c echo.Context, s session) error {
	ctx := c.Request().Context()
	role, err := optgate.ParseRole(c.Request().PostFormValue("role"))
	if err != nil {
		return err
	}
	token := rand.Text()
	if err := a.putLink(ctx, invitationHash(role, token), inviteFor); err != nil {
		return err
	}
	a.note(ctx, optgate.AuditEntry{User: s.User, Action: "invite", After: string(role)})
	return a.peoplePage(c, http.StatusOK, s, view.PeoplePage{
		Link:     a.AdminURL(c.Request()) + "/admin/invitation/" + string(role) + "/" + token,
		LinkText: say(c, "Send this link to the person who shall be %s. It works once, for 7 days, and is not shown again.", view.RoleName(c.Request().Context(), role)),
	})
}

// link is a one-time link that sets a password.
type link struct {
	hash string
	page view.SetupPage
}

// byLink calls handle with the link that the request's path names, if it can be
// used now.
func (a *Admin) byLink(find func(echo.Context) (link, error), handle func(echo.Context, link) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		l, err := find(c)
		if err == nil {
			err = a.Users.HasToken(c.Request().Context(), l.hash, a.Now())
		}
		if errors.Is(err, optgate.ErrNotFound) {
			return a.linkOver(c)
		}
		if err != nil {
			return fmt.Errorf("admin: find link: %w", err)
		}
		return handle(c, l)
	}
}

// showLink shows the form that a link leads to, and uses nothing up.
func (a *Admin) showLink(c echo.Context, l link) error {
	return a.render(c, http.StatusOK, view.Setup(l.page))
}

// take uses the link up. Of two who do so at the same time one gets false.
func (a *Admin) take(c echo.Context, l link) (bool, error) {
	err := a.Users.TakeToken(c.Request().Context(), l.hash, a.Now())
	if errors.Is(err, optgate.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("admin: take link: %w", err)
	}
	return true, nil
}

func (a *Admin) invitation(c echo.Context) (link, error) {
	role := optgate.Role(c.Param("role"))
	return link{invitationHash(role, c.Param("token")), view.SetupPage{
		Frame: view.Frame{Title: say(c, "You are invited")}, Action: c.Request().URL.Path,
		Lead: say(c, "Choose the name and password by which you sign in. You will be %s. The link that brought you here works once.", view.RoleName(c.Request().Context(), role)),
	}}, nil
}

// postInvitation creates the user. As with the set-up link, everything is
// checked before the link is used up.
func (a *Admin) postInvitation(c echo.Context, l link) error {
	r, ctx := c.Request(), c.Request().Context()
	name, word := strings.TrimSpace(r.PostFormValue("name")), r.PostFormValue("password")
	l.page.Name = name
	l.page.Faults = append(faultsOf(optgate.ValidateUserName(name), userFields), newPasswordFaults(word, r.PostFormValue("again"))...)
	if _, err := a.Users.User(ctx, name); err == nil {
		l.page.Faults = append(l.page.Faults, nameTaken)
	}
	if len(l.page.Faults) > 0 {
		return a.render(c, http.StatusUnprocessableEntity, view.Setup(l.page))
	}
	sealed, err := password.Hash(word)
	if err != nil {
		return err
	}
	if ok, err := a.take(c, l); err != nil {
		return err
	} else if !ok {
		return a.linkOver(c)
	}
	u := optgate.User{Name: name, Password: sealed, Role: optgate.Role(c.Param("role")), Created: a.stamp()}
	if err := a.Users.CreateUser(ctx, u); err != nil {
		err = errors.Join(err, a.putLink(ctx, l.hash, setupAgainFor))
		if errors.Is(err, optgate.ErrConflict) {
			l.page.Faults = view.Faults{nameTaken}
			return a.render(c, http.StatusUnprocessableEntity, view.Setup(l.page))
		}
		return fmt.Errorf("admin: create user: %w", err)
	}
	a.note(ctx, optgate.AuditEntry{User: u.Name, Action: "accept an invitation", After: string(u.Role)})
	if err := a.welcome(c, u, optgate.ByPassword); err != nil {
		return err
	}
	return seeOther(c, "/admin/")
}

// reset returns the link by which the user of the path can set a password, or an
// error of [optgate.ErrNotFound] if there is no such user.
func (a *Admin) reset(c echo.Context) (link, error) {
	u, err := a.personOf(c)
	return link{resetHash(u, c.Param("token")), view.SetupPage{
		Frame: view.Frame{Title: say(c, "Set a new password")}, Action: c.Request().URL.Path, Fixed: u.Name,
		Lead: say(c, "Choose a new password for %s. Every browser that is signed in by the old one will have to sign in again.", u.Name),
	}}, err
}

func (a *Admin) postReset(c echo.Context, l link) error {
	r, ctx := c.Request(), c.Request().Context()
	word := r.PostFormValue("password")
	if l.page.Faults = newPasswordFaults(word, r.PostFormValue("again")); len(l.page.Faults) > 0 {
		return a.render(c, http.StatusUnprocessableEntity, view.Setup(l.page))
	}
	if ok, err := a.take(c, l); err != nil {
		return err
	} else if !ok {
		return a.linkOver(c)
	}
	if err := a.setPassword(ctx, l.page.Fixed, word); err != nil {
		return errors.Join(err, a.putLink(ctx, l.hash, setupAgainFor))
	}
	a.note(ctx, optgate.AuditEntry{User: l.page.Fixed, Action: "reset the password"})
	if err := a.flash(c, "Your password is set. Sign in with it."); err != nil {
		return err
	}
	return seeOther(c, "/admin/sign-in")
}

func (a *Admin) linkOver(c echo.Context) error {
	return a.message(c, http.StatusGone, view.MessagePage{
		Heading: say(c, "This link is no longer good"),
		Text:    []string{say(c, "A link works once and for a limited time. If you used it already, sign in. Otherwise ask an owner for another one.")},
		Link:    "/admin/sign-in", LinkText: say(c, "Go to sign-in"),
	})
}
