package admin

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
)

func (a *Admin) getPeople(c echo.Context, s session) error {
	return a.peoplePage(c, http.StatusOK, s, view.PeoplePage{})
}

func (a *Admin) peoplePage(c echo.Context, status int, s session, p view.PeoplePage) error {
	users, err := a.Users.Users(c.Request().Context())
	if err != nil {
		return fmt.Errorf("admin: list users: %w", err)
	}
	p.Frame, p.Now = a.frame(c, s, "People"), a.Now().UTC()
	for _, u := range users {
		p.Users = append(p.Users, rowOf(u, s))
	}
	return a.render(c, status, view.People(p))
}

func rowOf(u optgate.User, s session) view.UserRow {
	row := view.UserRow{
		Name: u.Name, Role: u.Role.OrOwner(), Created: u.Created, Self: u.Name == s.User, SecondStep: u.Authenticator != nil,
		Passkeys: len(u.Passkeys), Tokens: len(u.Tokens), External: u.External != nil, Waiting: u.External == nil && !u.HasPassword(),
	}
	for _, k := range u.Sessions {
		if k.Seen.After(row.Seen) {
			row.Seen = k.Seen
		}
	}
	return row
}

// personOf returns the user that the path names.
func (a *Admin) personOf(c echo.Context) (optgate.User, error) {
	u, err := a.Users.User(c.Request().Context(), c.Param("user"))
	if err != nil {
		return u, fmt.Errorf("admin: find user: %w", err)
	}
	return u, nil
}

func (a *Admin) lastOwner(c echo.Context, s session) error {
	return a.messageIn(c, http.StatusConflict, s, view.MessagePage{
		Heading: say(c, "Somebody has to be an owner"),
		Text:    []string{say(c, "Nothing was changed. This is the only owner left: make somebody else an owner first.")},
		Link:    "/admin/people", LinkText: say(c, "Back to the people"),
	})
}

func (a *Admin) postRole(c echo.Context, s session) error {
	ctx := c.Request().Context()
	u, err := a.personOf(c)
	if err != nil {
		return err
	}
	role, err := optgate.ParseRole(c.Request().PostFormValue("role"))
	if err != nil {
		return err
	}
	if u.External != nil {
		return a.elsewhere(c, s, u)
	}
	_, err = a.changeUser(ctx, u.Name, func(u *optgate.User) error {
		u.Role = role
		return nil
	})
	if errors.Is(err, optgate.ErrLastOwner) {
		return a.lastOwner(c, s)
	}
	if err != nil {
		return err
	}
	a.note(ctx, optgate.AuditEntry{User: s.User, Action: "change a role", Subject: u.Name, Before: string(u.Role.OrOwner()), After: string(role)})
	if err := a.flash(c, "%s is now %s.", u.Name, view.RoleName(c.Request().Context(), role)); err != nil {
		return err
	}
	return seeOther(c, view.PersonPath(u.Name, ""))
}

func (a *Admin) getRemoveUser(c echo.Context, s session) error {
	u, err := a.personOf(c)
	if err != nil {
		return err
	}
	return a.render(c, http.StatusOK, view.RemoveUser(view.RemoveUserPage{Frame: a.frame(c, s, "Remove %s", u.Name), Name: u.Name}))
}

func (a *Admin) postRemoveUser(c echo.Context, s session) error {
	ctx := c.Request().Context()
	u, err := a.personOf(c)
	if err != nil {
		return err
	}
	if err := a.Users.DeleteUser(ctx, u.Name); errors.Is(err, optgate.ErrLastOwner) {
		return a.lastOwner(c, s)
	} else if err != nil {
		return fmt.Errorf("admin: remove user: %w", err)
	}
	a.note(ctx, optgate.AuditEntry{User: s.User, Action: "remove a user", Subject: u.Name, Before: string(u.Role.OrOwner())})
	if err := a.flash(c, "%s can no longer sign in.", u.Name); err != nil {
		return err
	}
	return seeOther(c, "/admin/people")
}
