package admin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
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
	setupFor      = 24 * time.Hour
	setupAgainFor = time.Hour // after a failure that was not the user's
)

// SetupLink makes a link, good once, for 24 hours and until another user is made,
// by which a user of the admin under baseURL can be created.
func (a *Admin) SetupLink(ctx context.Context, baseURL string) (string, error) {
	token := rand.Text()
	if err := a.putToken(ctx, token, setupFor); err != nil {
		return "", err
	}
	return strings.TrimRight(baseURL, "/") + "/admin/setup/" + token, nil
}

func (a *Admin) putToken(ctx context.Context, token string, keep time.Duration) error {
	hash, err := a.tokenHash(ctx, token)
	if err != nil {
		return err
	}
	if err := a.Users.PutToken(ctx, optgate.Token{Hash: hash, Expires: a.Now().Add(keep).UTC()}); err != nil {
		return fmt.Errorf("admin: store set-up token: %w", err)
	}
	return nil
}

// tokenHash returns what is kept of a token. It takes in who the users are, so
// that links from earlier starts, which stand in logs, end with the first one
// that is used.
func (a *Admin) tokenHash(ctx context.Context, token string) (string, error) {
	users, err := a.Users.Users(ctx)
	if err != nil {
		return "", fmt.Errorf("admin: list users: %w", err)
	}
	h := sha256.New()
	fmt.Fprintln(h, token)
	for _, u := range users {
		fmt.Fprintln(h, u.Name)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// hasToken returns the hash of the token that the path names, or an error of
// [optgate.ErrNotFound] if the link is not good.
func (a *Admin) hasToken(c echo.Context) (hash string, err error) {
	ctx := c.Request().Context()
	if hash, err = a.tokenHash(ctx, c.Param("token")); err != nil {
		return "", err
	}
	if err := a.Users.HasToken(ctx, hash, a.Now()); err != nil {
		return "", fmt.Errorf("admin: find set-up token: %w", err)
	}
	return hash, nil
}

// getSetup shows the form and uses nothing up: programs that preview links come
// here too.
func (a *Admin) getSetup(c echo.Context) error {
	if _, err := a.hasToken(c); errors.Is(err, optgate.ErrNotFound) {
		return a.linkUsed(c)
	} else if err != nil {
		return err
	}
	return a.setupPage(c, http.StatusOK, view.SetupPage{})
}

func (a *Admin) setupPage(c echo.Context, status int, p view.SetupPage) error {
	p.Frame = view.Frame{Title: say(c, "Set up Optgate")}
	p.Action = c.Request().URL.Path
	p.Lead = say(c, "Choose the name and password by which you sign in. The link that brought you here works once.")
	return a.render(c, status, view.Setup(p))
}

func (a *Admin) linkUsed(c echo.Context) error {
	return a.message(c, http.StatusGone, view.MessagePage{
		Heading: say(c, "This link is no longer good"),
		Text: []string{
			say(c, "A set-up link works once, for 24 hours, and until another user is made. If you used it already, sign in with the name and password that you chose."),
			say(c, "As long as there is no user, the server prints a new link in its log each time it starts."),
		},
		Link: "/admin/sign-in", LinkText: say(c, "Go to sign-in"),
	})
}

// postSetup creates the user. Everything is checked before the token is taken,
// so that a typing mistake does not use up the link.
func (a *Admin) postSetup(c echo.Context) error {
	r, ctx := c.Request(), c.Request().Context()
	hash, err := a.hasToken(c)
	if errors.Is(err, optgate.ErrNotFound) {
		return a.linkUsed(c)
	} else if err != nil {
		return err
	}
	p := view.SetupPage{Name: strings.TrimSpace(r.PostFormValue("name"))}
	word := r.PostFormValue("password")
	p.Faults = append(faultsOf(optgate.ValidateUserName(p.Name), userFields), newPasswordFaults(word, r.PostFormValue("again"))...)
	if _, err := a.Users.User(ctx, p.Name); err == nil {
		p.Faults = append(p.Faults, nameTaken)
	}
	if len(p.Faults) > 0 {
		return a.setupPage(c, http.StatusUnprocessableEntity, p)
	}
	sealed, err := password.Hash(word)
	if err != nil {
		return err
	}
	if err := a.Users.TakeToken(ctx, hash, a.Now()); errors.Is(err, optgate.ErrNotFound) {
		return a.linkUsed(c)
	} else if err != nil {
		return fmt.Errorf("admin: take set-up token: %w", err)
	}
	u := optgate.User{Name: p.Name, Password: sealed, Role: optgate.Owner, Created: a.stamp()}
	if err := a.Users.CreateUser(ctx, u); err != nil {
		return a.setupFailed(c, p, err)
	}
	a.note(ctx, optgate.AuditEntry{User: u.Name, Action: "set up the first user", After: string(u.Role)})
	if err := a.welcome(c, u, optgate.ByPassword); err != nil {
		return err
	}
	return seeOther(c, "/admin/")
}

// setupFailed gives the link back, whose user could not be created.
func (a *Admin) setupFailed(c echo.Context, p view.SetupPage, cause error) error {
	if err := a.putToken(c.Request().Context(), c.Param("token"), setupAgainFor); err != nil {
		cause = errors.Join(cause, err)
	}
	if errors.Is(cause, optgate.ErrConflict) {
		p.Faults = []view.Fault{nameTaken}
		return a.setupPage(c, http.StatusUnprocessableEntity, p)
	}
	return fmt.Errorf("admin: create user: %w", cause)
}
