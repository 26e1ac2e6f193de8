package admin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// tokenPrefix begins every API token, so that scanners for leaked secrets can
// know one.
const tokenPrefix = "optgate_"

// maxTokenDays is how long an API token may be good.
const maxTokenDays = 366

// ErrBadToken reports an API token that is unknown, expired or revoked.
var ErrBadToken = errors.New("admin: no such API token")

// Caller is a program that showed an API token.
type Caller struct {
	User  string
	Token optgate.APIToken
	role  optgate.Role
}

// May reports whether the token and its user's role both have the permission.
func (k Caller) May(p optgate.Permission) bool {
	return k.role.May(p) && slices.Contains(k.Token.Scopes, p)
}

// Name returns the name under which the caller is noted: the user's and the
// token's.
func (k Caller) Name() string { return k.User + "/" + k.Token.Name }

// Caller returns whose API token that is, or an error of [ErrBadToken].
func (a *Admin) Caller(ctx context.Context, token string) (Caller, error) {
	rest, ok := strings.CutPrefix(token, tokenPrefix)
	encoded, secret, found := strings.Cut(rest, ".")
	name, err := base64.RawURLEncoding.DecodeString(encoded)
	if !ok || !found || err != nil {
		return Caller{}, ErrBadToken
	}
	u, err := a.Users.User(ctx, string(name))
	if errors.Is(err, optgate.ErrNotFound) {
		return Caller{}, ErrBadToken
	}
	if err != nil {
		return Caller{}, fmt.Errorf("admin: find user of API token: %w", err)
	}
	hash := []byte(hashOf(secret))
	for _, t := range u.Tokens {
		if subtle.ConstantTimeCompare([]byte(t.Hash), hash) == 1 && a.Now().Before(t.Expires) {
			return Caller{User: u.Name, Token: t, role: u.Role}, nil
		}
	}
	return Caller{}, ErrBadToken
}

func (a *Admin) postNewToken(c echo.Context, s session) error {
	r, ctx := c.Request(), c.Request().Context()
	t := optgate.APIToken{ID: rand.Text()[:10], Name: strings.TrimSpace(r.PostFormValue("token-name")), Created: a.stamp()}
	for _, scope := range r.PostForm["scope"] {
		t.Scopes = append(t.Scopes, optgate.Permission(scope))
	}
	days, err := strconv.Atoi(r.PostFormValue("days"))
	faults := tokenFaults(t, s.role)
	if err != nil || days < 1 || days > maxTokenDays {
		faults = append(faults, view.Fault{Field: "days", Label: "Good for", Msg: fmt.Sprintf("is a number of days from 1 to %d", maxTokenDays)})
	}
	if len(faults) > 0 {
		return a.accountPage(c, http.StatusUnprocessableEntity, s, faults)
	}
	secret := rand.Text()
	t.Hash, t.Expires = hashOf(secret), t.Created.AddDate(0, 0, days)
	_, err = a.changeUser(ctx, s.User, func(u *optgate.User) error {
		u.Tokens = slices.DeleteFunc(u.Tokens, func(k optgate.APIToken) bool { return !a.Now().Before(k.Expires) })
		if len(u.Tokens) >= optgate.MaxTokens {
			return &optgate.InvalidError{Field: "tokens", Msg: fmt.Sprintf("are at most %d: revoke one first", optgate.MaxTokens)}
		}
		u.Tokens = append(u.Tokens, t)
		return nil
	})
	if faults := faultsOf(err, nil); faults != nil {
		return a.accountPage(c, http.StatusUnprocessableEntity, s, faults)
	}
	if err != nil {
		return err
	}
	a.note(ctx, optgate.AuditEntry{User: s.User, Action: "make an API token", Subject: t.Name, After: view.ScopesOf(view.English(ctx), t) + ", until " + t.Expires.Format(time.DateOnly)})
	return a.render(c, http.StatusOK, view.NewToken(view.NewTokenPage{
		Frame: a.frame(c, s, "API token"), Name: t.Name, Until: bilingual.Day(ctx, t.Expires),
		Token: tokenPrefix + base64.RawURLEncoding.EncodeToString([]byte(s.User)) + "." + secret,
	}))
}

// tokenFaults returns what is wrong with a token that a user of that role wants.
func tokenFaults(t optgate.APIToken, role optgate.Role) view.Faults {
	var faults view.Faults
	if t.Name == "" || len(t.Name) > 80 {
		faults = append(faults, view.Fault{Field: "token-name", Label: "What it is for", Msg: "is 1 to 80 characters"})
	}
	if len(t.Scopes) == 0 {
		faults = append(faults, view.Fault{Field: "scope", Label: "What it may do", Msg: "needs at least one choice"})
	}
	for _, scope := range t.Scopes {
		if !role.May(scope) {
			faults = append(faults, view.Fault{Field: "scope", Label: "What it may do", Msg: "is at most what you may do"})
			break
		}
	}
	return faults
}

func (a *Admin) postRevokeToken(c echo.Context, s session) error {
	ctx, id := c.Request().Context(), c.Request().PostFormValue("token")
	var name string
	_, err := a.changeUser(ctx, s.User, func(u *optgate.User) error {
		u.Tokens = slices.DeleteFunc(u.Tokens, func(k optgate.APIToken) bool {
			if k.ID == id {
				name = k.Name
			}
			return k.ID == id
		})
		return nil
	})
	if err != nil {
		return err
	}
	a.note(ctx, optgate.AuditEntry{User: s.User, Action: "revoke an API token", Subject: name})
	if err := a.flash(c, "That token is no longer good."); err != nil {
		return err
	}
	return seeOther(c, "/admin/account")
}
