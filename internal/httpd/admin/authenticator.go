package admin

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/totp"
)

const (
	enrolCookie   = "og_admin_enrol"
	enrolFor      = 15 * time.Minute
	recoveryCodes = 10
)

// enrolment is a secret that an app is about to take over. Nothing of it is kept
// on the server until a code proves that the app has it.
type enrolment struct {
	Session string    `json:"session"` // hash of the session's id
	Secret  string    `json:"secret"`
	Until   time.Time `json:"until"`
}

// postAuthenticator shows a new secret for an app.
func (a *Admin) postAuthenticator(c echo.Context, s session) error {
	u, err := a.Users.User(c.Request().Context(), s.User)
	if err != nil {
		return fmt.Errorf("admin: find user: %w", err)
	}
	if u.External != nil {
		return a.elsewhere(c, s, u)
	}
	secret, err := totp.NewSecret()
	if err != nil {
		return err
	}
	e := enrolment{Session: hashOf(s.ID), Secret: secret, Until: a.Now().Add(enrolFor).UTC()}
	if err := a.seal(c, enrolCookie, enrolFor, e); err != nil {
		return err
	}
	return a.enrolPage(c, http.StatusOK, s, e, nil)
}

func (a *Admin) enrolPage(c echo.Context, status int, s session, e enrolment, faults view.Faults) error {
	account := s.User
	if u, err := url.Parse(a.AdminURL(c.Request())); err == nil {
		account += " at " + u.Host // apps list several Optgates
	}
	drawing, err := totp.Draw(e.Secret, account)
	if err != nil {
		return err
	}
	return a.render(c, status, view.Enrol(view.EnrolPage{
		Frame: a.frame(c, s, "Set up an app"), QR: drawing, Secret: inGroups(e.Secret), Faults: faults,
	}))
}

// inGroups puts a space behind every four characters, for people who type them.
func inGroups(text string) string {
	var b strings.Builder
	for i, r := range text {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// errHasAuthenticator reports that another browser was faster.
var errHasAuthenticator = errors.New("admin: there is an authenticator already")

// postConfirmAuthenticator turns the second step on once a code shows that the app
// has the secret, and shows the recovery codes.
func (a *Admin) postConfirmAuthenticator(c echo.Context, s session) error {
	r, ctx := c.Request(), c.Request().Context()
	var e enrolment
	if !a.open(c, enrolCookie, &e) || e.Session != hashOf(s.ID) || !a.Now().Before(e.Until) {
		return a.accountPage(c, http.StatusUnprocessableEntity, s, view.Faults{{Label: "Setting up the app", Msg: "took too long: begin again"}})
	}
	last, ok := totp.Check(e.Secret, withoutSpaces(r.PostFormValue("code")), a.Now(), 0)
	if !ok {
		return a.enrolPage(c, http.StatusUnprocessableEntity, s, e, view.Faults{{
			Field: "code", Label: "Code", Msg: "is not the one that the app should show now: look at it again, and whether the phone's clock is right",
		}})
	}
	sealed, err := a.sealSecret(s.User, e.Secret)
	if err != nil {
		return err
	}
	codes, hashes := newRecoveryCodes(s.User)
	_, err = a.changeUser(ctx, s.User, func(u *optgate.User) error {
		if u.Authenticator != nil {
			return errHasAuthenticator
		}
		u.Authenticator = &optgate.Authenticator{Secret: sealed, Since: a.stamp(), LastStep: last, Recovery: hashes}
		return nil
	})
	if errors.Is(err, errHasAuthenticator) {
		return a.accountPage(c, http.StatusConflict, s, view.Faults{{Label: "A second step", Msg: "is set up already: remove it first"}})
	}
	if err != nil {
		return err
	}
	a.forget(c, enrolCookie)
	a.note(ctx, optgate.AuditEntry{User: s.User, Action: "set up a second step"})
	return a.recoveryPage(c, s, codes)
}

func (a *Admin) recoveryPage(c echo.Context, s session, codes []string) error {
	return a.render(c, http.StatusOK, view.RecoveryCodes(view.RecoveryCodesPage{Frame: a.frame(c, s, "Recovery codes"), Codes: codes}))
}

// newRecoveryCodes returns recovery codes as they are shown, and what is kept of
// them.
func newRecoveryCodes(user string) (codes, hashes []string) {
	for range recoveryCodes {
		code := rand.Text()[:16] // 80 bits
		codes = append(codes, strings.ReplaceAll(inGroups(code), " ", "-"))
		hashes = append(hashes, recoveryHash(user, code))
	}
	return codes, hashes
}

// postRecoveryCodes replaces the recovery codes, used ones and others.
func (a *Admin) postRecoveryCodes(c echo.Context, s session) error {
	ctx := c.Request().Context()
	codes, hashes := newRecoveryCodes(s.User)
	_, err := a.changeUser(ctx, s.User, func(u *optgate.User) error {
		if u.Authenticator == nil {
			return errStepOver
		}
		changed := *u.Authenticator
		changed.Recovery = hashes
		u.Authenticator = &changed
		return nil
	})
	if errors.Is(err, errStepOver) {
		return seeOther(c, "/admin/account")
	}
	if err != nil {
		return err
	}
	a.note(ctx, optgate.AuditEntry{User: s.User, Action: "make recovery codes"})
	return a.recoveryPage(c, s, codes)
}

func (a *Admin) postRemoveAuthenticator(c echo.Context, s session) error {
	ctx := c.Request().Context()
	_, err := a.changeUser(ctx, s.User, func(u *optgate.User) error {
		u.Authenticator = nil
		return nil
	})
	if err != nil {
		return err
	}
	a.note(ctx, optgate.AuditEntry{User: s.User, Action: "remove the second step"})
	if err := a.flash(c, "From now on your password alone is asked for."); err != nil {
		return err
	}
	return seeOther(c, "/admin/account")
}

// waysOf names what lets a user in besides the password.
func waysOf(u optgate.User) string {
	var all []string
	if u.Authenticator != nil {
		all = append(all, "second step")
	}
	for _, k := range u.Passkeys {
		all = append(all, "passkey "+k.Name)
	}
	return strings.Join(all, ", ")
}

func (a *Admin) getRemoveSecondStep(c echo.Context, s session) error {
	u, err := a.personOf(c)
	if err != nil {
		return err
	}
	return a.render(c, http.StatusOK, view.RemoveSecondStep(view.SecondStepPage{Frame: a.frame(c, s, "Remove second step and passkeys"), Name: u.Name}))
}

// postRemoveSecondStep is for others: an owner removes her own with her password.
func (a *Admin) postRemoveSecondStep(c echo.Context, s session) error {
	ctx := c.Request().Context()
	u, err := a.personOf(c)
	if err != nil {
		return err
	}
	if u.Name == s.User {
		return seeOther(c, "/admin/account")
	}
	_, err = a.changeUser(ctx, u.Name, func(u *optgate.User) error {
		u.Authenticator, u.Passkeys = nil, nil
		return nil
	})
	if err != nil {
		return err
	}
	a.note(ctx, optgate.AuditEntry{User: s.User, Action: "remove second step and passkeys", Subject: u.Name, Before: waysOf(u)})
	if err := a.flash(c, "%s can sign in by the password alone.", u.Name); err != nil {
		return err
	}
	return seeOther(c, view.PersonPath(u.Name, ""))
}
