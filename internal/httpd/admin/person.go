package admin

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

func (a *Admin) getPerson(c echo.Context, s session) error {
	u, err := a.personOf(c)
	if err != nil {
		return err
	}
	return a.personPage(c, s, u, "")
}

// personPage shows somebody and what lets her in, with a link that was just made
// for her.
func (a *Admin) personPage(c echo.Context, s session, u optgate.User, link string) error {
	return a.render(c, http.StatusOK, view.Person(view.PersonPage{
		Frame: a.frame(c, s, "%s", u.Name), Now: a.Now().UTC(), Row: rowOf(u, s), Link: link,
		Sessions: a.openSessions(u, s), Tokens: u.Tokens, Keys: u.Passkeys,
	}))
}

// changeTheirs changes what lets the person of the path in, notes what ended and
// says so. Change returns what ended in words, or nothing if it was over already.
func (a *Admin) changeTheirs(c echo.Context, s session, action string, change func(*optgate.User) string) error {
	ctx := c.Request().Context()
	var ended string
	u, err := a.changeUser(ctx, c.Param("user"), func(u *optgate.User) error {
		ended = change(u)
		return nil
	})
	if err != nil {
		return err
	}
	said := bilingual.Text("That was over already.")
	if ended != "" {
		a.note(ctx, optgate.AuditEntry{User: s.User, Action: action, Subject: u.Name, Before: ended})
		said = "That is over now, and noted in the audit log."
	}
	if err := a.flash(c, said); err != nil {
		return err
	}
	if u.Name == s.User && sessionIndex(u, hashOf(s.ID)) < 0 {
		a.forget(c, sessionCookie)
	}
	return seeOther(c, view.PersonPath(u.Name, ""))
}

func (a *Admin) postEndTheirSession(c echo.Context, s session) error {
	id := c.Request().PostFormValue("session")
	return a.changeTheirs(c, s, "end a session of somebody", func(u *optgate.User) string {
		return a.endSessions(u, func(k optgate.Session) bool { return k.ID == id })
	})
}

func (a *Admin) postEndTheirSessions(c echo.Context, s session) error {
	return a.changeTheirs(c, s, "end all sessions of somebody", func(u *optgate.User) string {
		return a.endSessions(u, func(optgate.Session) bool { return true })
	})
}

// endSessions ends those sessions of u, and says how many were open.
func (a *Admin) endSessions(u *optgate.User, which func(optgate.Session) bool) string {
	open := 0
	u.Sessions = slices.DeleteFunc(u.Sessions, func(k optgate.Session) bool {
		if which(k) && a.Now().Before(k.Until) {
			open++
		}
		return which(k)
	})
	if open == 0 {
		return ""
	}
	if open == 1 {
		return "1 session"
	}
	return fmt.Sprintf("%d sessions", open)
}

func (a *Admin) postRevokeTheirToken(c echo.Context, s session) error {
	id := c.Request().PostFormValue("token")
	return a.changeTheirs(c, s, "revoke an API token of somebody", func(u *optgate.User) string {
		return keepTokens(u, func(t optgate.APIToken) bool { return t.ID != id })
	})
}

func (a *Admin) postRemoveTheirPasskey(c echo.Context, s session) error {
	id := c.Request().PostFormValue("passkey")
	return a.changeTheirs(c, s, "remove a passkey of somebody", func(u *optgate.User) string {
		return keepPasskeys(u, func(k optgate.Passkey) bool { return hex.EncodeToString(k.ID) != id })
	})
}

// keepTokens revokes the other API tokens of u and names them.
func keepTokens(u *optgate.User, keep func(optgate.APIToken) bool) string {
	var kept []optgate.APIToken
	var ended []string
	for _, t := range u.Tokens {
		if keep(t) {
			kept = append(kept, t)
		} else {
			ended = append(ended, "API token "+t.Name)
		}
	}
	u.Tokens = kept
	return strings.Join(ended, ", ")
}

// keepPasskeys removes the other passkeys of u and names them.
func keepPasskeys(u *optgate.User, keep func(optgate.Passkey) bool) string {
	var kept []optgate.Passkey
	var ended []string
	for _, k := range u.Passkeys {
		if keep(k) {
			kept = append(kept, k)
		} else {
			ended = append(ended, "passkey "+k.Name)
		}
	}
	u.Passkeys = kept
	return strings.Join(ended, ", ")
}

func (a *Admin) getResetLink(c echo.Context, s session) error {
	u, err := a.personOf(c)
	if err != nil {
		return err
	}
	if u.External != nil {
		return a.elsewhere(c, s, u)
	}
	return a.render(c, http.StatusOK, view.Reset(view.ResetPage{
		Frame: a.frame(c, s, "Reset the password of %s", u.Name), Name: u.Name, Self: u.Name == s.User, Now: a.Now().UTC(),
		Tokens: u.Tokens, Keys: u.Passkeys, Authenticator: u.Authenticator,
	}))
}

// What a form asks to keep of what lets somebody in.
const (
	keepPasskey    = "passkey "
	keepToken      = "token "
	keepSecondStep = "second-step"
)

// postResetLink ends the old password, every session, and whatever else lets the
// person in unless the owner said to keep it: a thief's passkey or token must not
// outlive the password that he had. It shows a link by which she sets a new one.
func (a *Admin) postResetLink(c echo.Context, s session) error {
	ctx := c.Request().Context()
	u, err := a.personOf(c)
	if err != nil {
		return err
	}
	if u.External != nil {
		return a.elsewhere(c, s, u)
	}
	if u.Name == s.User {
		return seeOther(c, "/admin/account") // where it needs no link, and cannot lock her out
	}
	keep := c.Request().PostForm["keep"]
	var ended []string
	u, err = a.changeUser(ctx, u.Name, func(u *optgate.User) error {
		ended = a.endAllBut(u, keep)
		return nil
	})
	if err != nil {
		return err
	}
	token := rand.Text()
	if err := a.putLink(ctx, resetHash(u, token), resetFor); err != nil {
		return err
	}
	a.note(ctx, optgate.AuditEntry{User: s.User, Action: "make a reset link", Subject: u.Name, Before: strings.Join(ended, ", "), After: keptOf(u)})
	return a.personPage(c, s, u, a.AdminURL(c.Request())+view.ResetPath(u.Name, token))
}

// keptOf says what still lets u in without the new password.
func keptOf(u optgate.User) string {
	all := []string{waysOf(u)}
	for _, t := range u.Tokens {
		all = append(all, "API token "+t.Name)
	}
	if text := strings.TrimPrefix(strings.Join(all, ", "), ", "); text != "" {
		return "kept: " + text
	}
	return ""
}

// endAllBut ends all that lets u in but what keep names, and says what that was.
func (a *Admin) endAllBut(u *optgate.User, keep []string) []string {
	ended := []string{
		a.endSessions(u, func(optgate.Session) bool { return true }),
		keepPasskeys(u, func(k optgate.Passkey) bool { return slices.Contains(keep, keepPasskey+hex.EncodeToString(k.ID)) }),
		keepTokens(u, func(t optgate.APIToken) bool { return slices.Contains(keep, keepToken+t.ID) }),
	}
	u.Password = "!" + rand.Text() // no password, and another one than at the last reset, so that its link ends
	if u.Authenticator != nil && !slices.Contains(keep, keepSecondStep) {
		u.Authenticator = nil
		ended = append(ended, "second step")
	}
	return slices.DeleteFunc(ended, func(text string) bool { return text == "" })
}
