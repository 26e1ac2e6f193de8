package admin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/provider"
)

const (
	providerCookie = "og_admin_provider"
	providerFor    = 10 * time.Minute
	providerBack   = "/admin/sign-in/provider/back"
)

// journey is a browser's way to the provider and back.
type journey struct {
	Attempt provider.Attempt `json:"attempt"`
	Next    string           `json:"next,omitempty"`
	Until   time.Time        `json:"until"`
}

// getProvider sends the browser to the provider. It is a link and no form: pages of
// the admin let forms lead nowhere else.
func (a *Admin) getProvider(c echo.Context) error {
	if a.Provider == nil {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	r := c.Request()
	to, attempt, err := a.Provider.Begin(r.Context(), a.AdminURL(r)+providerBack)
	if err != nil {
		return a.providerFailed(c, err)
	}
	j := journey{attempt, localPath(c.QueryParam("next")), a.Now().Add(providerFor).UTC()}
	if err := a.seal(c, providerCookie, providerFor, j); err != nil {
		return err
	}
	return seeOther(c, to)
}

// getProviderBack lets in whom the provider sent back, if this browser was sent
// there.
func (a *Admin) getProviderBack(c echo.Context) error {
	if a.Provider == nil {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	r, ctx := c.Request(), c.Request().Context()
	var j journey
	if !a.open(c, providerCookie, &j) || !a.Now().Before(j.Until) ||
		subtle.ConstantTimeCompare([]byte(c.QueryParam("state")), []byte(j.Attempt.State)) != 1 {
		return a.providerFailed(c, fmt.Errorf("%w: this browser was not sent there", provider.ErrRefused))
	}
	a.forget(c, providerCookie)
	if wait := a.guessOfClient(c); wait > 0 {
		return a.tooMany(c, wait)
	}
	person, err := a.Provider.Finish(ctx, a.AdminURL(r)+providerBack, j.Attempt, c.QueryParams())
	if err != nil {
		return a.providerFailed(c, err)
	}
	u, err := a.userOf(ctx, person)
	if errors.Is(err, errNoRole) {
		return a.message(c, http.StatusForbidden, view.MessagePage{
			Heading: say(c, "You have no role here"),
			Text: []string{
				say(c, "%s says who you are, but gives you no role in this Optgate.", a.Provider.Name()),
				say(c, "Ask whoever looks after it to put you into a group that has one. Nothing of you was stored."),
			},
			Link: "/admin/sign-in", LinkText: say(c, "Back to sign-in"),
		})
	}
	if err != nil {
		return err
	}
	return a.enter(c, u, optgate.ByProvider, j.Next)
}

// providerFailed says that the provider let nobody in. What is in the address or
// was answered is for the log alone.
func (a *Admin) providerFailed(c echo.Context, err error) error {
	a.Log.WarnContext(c.Request().Context(), "single sign-on failed", slog.Any("why", err))
	m := view.MessagePage{
		Heading: say(c, "This sign-in did not work"), Link: "/admin/sign-in", LinkText: say(c, "Back to sign-in"),
		Text: []string{say(c, "It took too long, was begun in another browser, or %s refused it. Begin it again.", a.Provider.Name())},
	}
	status := http.StatusUnprocessableEntity
	if errors.Is(err, provider.ErrDown) {
		status = http.StatusServiceUnavailable
		m.Heading = say(c, "%s does not answer", a.Provider.Name())
		m.Text = []string{say(c, "Try again in a moment. Who has a password or a passkey of this Optgate can sign in by it meanwhile.")}
	}
	return a.message(c, status, m)
}

// errNoRole reports a person for whom no role is meant.
var errNoRole = errors.New("admin: no role for this person")

// userOf returns the user who is that person at the provider, with the role that
// she has there now, and makes one at her first sign-in.
func (a *Admin) userOf(ctx context.Context, p provider.Person) (optgate.User, error) {
	who := optgate.External{Issuer: p.Issuer, Subject: p.Subject}
	users, err := a.Users.Users(ctx)
	if err != nil {
		return optgate.User{}, fmt.Errorf("admin: list users: %w", err)
	}
	i := slices.IndexFunc(users, func(u optgate.User) bool { return u.External != nil && *u.External == who })
	switch {
	case i >= 0:
		return a.followRole(ctx, users[i], p.Role)
	case p.Role == "":
		return optgate.User{}, errNoRole
	}
	return a.createExternal(ctx, who, p)
}

// followRole gives a user the role that she has at the provider. If it is none,
// what she could still use ends too.
func (a *Admin) followRole(ctx context.Context, before optgate.User, role optgate.Role) (optgate.User, error) {
	u, err := a.changeUser(ctx, before.Name, func(u *optgate.User) error {
		if role == "" {
			u.Sessions, u.Tokens, u.Role = nil, nil, optgate.Viewer // so that she does not count as an owner
			return nil
		}
		u.Role = role
		return nil
	})
	if err != nil {
		return u, err
	}
	if role == "" {
		a.note(ctx, optgate.AuditEntry{User: u.Name, Action: "lose access", Before: string(before.Role), Reason: "the provider gives no role"})
		return u, errNoRole
	}
	if role != before.Role {
		a.note(ctx, optgate.AuditEntry{
			User: u.Name, Action: "change a role", Subject: u.Name, Before: string(before.Role), After: string(role), Reason: "the provider says so",
		})
	}
	return u, nil
}

// nameTries is how many people of one name there can be.
const nameTries = 20

// createExternal makes the user. A name that somebody else has here gets a number:
// whoever chooses names at the provider must not become another user by that.
func (a *Admin) createExternal(ctx context.Context, who optgate.External, p provider.Person) (optgate.User, error) {
	u := optgate.User{Role: p.Role, External: &who, Created: a.stamp()}
	base := userNameFor(p)
	for try := 1; ; try++ {
		u.Name = base
		if try > 1 {
			u.Name += "-" + strconv.Itoa(try)
		}
		err := a.Users.CreateUser(ctx, u)
		if err == nil {
			a.note(ctx, optgate.AuditEntry{User: u.Name, Action: "sign in for the first time", After: string(u.Role), Reason: "the provider says so"})
			return u, nil
		}
		if !errors.Is(err, optgate.ErrConflict) || try == nameTries {
			return u, fmt.Errorf("admin: create user: %w", err)
		}
		// She may have come by two browsers at once.
		if other, err := a.Users.User(ctx, u.Name); err == nil && other.External != nil && *other.External == who {
			return other, nil
		}
	}
}

// maxBaseName leaves room for a number behind a name of 64 characters.
const maxBaseName = 60

// userNameFor makes a user's name of what a person is called at the provider.
func userNameFor(p provider.Person) string {
	var b strings.Builder
	n := 0
	for _, r := range p.Name {
		if optgate.ValidateUserName(string(r)) == nil && n < maxBaseName {
			b.WriteRune(r)
			n++
		}
	}
	if b.Len() > 0 {
		return b.String()
	}
	sum := sha256.Sum256([]byte(p.Issuer + "\n" + p.Subject))
	return "user-" + hex.EncodeToString(sum[:6])
}

// elsewhere says that a user is looked after at the provider.
func (a *Admin) elsewhere(c echo.Context, s session, u optgate.User) error {
	return a.messageIn(c, http.StatusConflict, s, view.MessagePage{
		Heading: say(c, "%s signs in elsewhere", u.Name),
		Text:    []string{say(c, "Nothing was changed. The provider of single sign-on looks after the password of %s, and says the role at each sign-in.", u.Name)},
		Link:    "/admin/people", LinkText: say(c, "Back to the people"),
	})
}
