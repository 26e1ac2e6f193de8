package admin

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

const (
	passkeyCookie    = "og_admin_passkey"
	newPasskeyCookie = "og_admin_new_passkey"
	handleLength     = 32
	maxPasskeyName   = 60 // characters
)

// told answers a script, which shows the text.
func told(c echo.Context, status int, text bilingual.Text, args ...any) error {
	return c.JSON(status, map[string]string{"message": say(c, text, args...)})
}

const noPasskeysHere bilingual.Text = "Passkeys need this admin to be at an https address with a name."

// postPasskeyBegin gives the browser a challenge to sign in by. It asks nothing of
// the store, and tells nothing about who has passkeys.
func (a *Admin) postPasskeyBegin(c echo.Context) error {
	rp, err := a.relyingParty(c.Request())
	if err != nil {
		return told(c, http.StatusConflict, noPasskeysHere)
	}
	options, data, err := rp.BeginDiscoverableLogin()
	if err != nil {
		return fmt.Errorf("admin: ask for passkey: %w", err)
	}
	if err := a.seal(c, passkeyCookie, challengeFor, challenge{Data: *data, At: a.stamp()}); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, options)
}

// postPasskey signs in whose passkey signed the challenge.
func (a *Admin) postPasskey(c echo.Context) error {
	r, ctx := c.Request(), c.Request().Context()
	if wait := a.guessOfClient(c); wait > 0 {
		return a.tooMany(c, wait)
	}
	next := localPath(r.PostFormValue("next"))
	refused := func(why error) error {
		a.Log.WarnContext(ctx, "sign-in by passkey refused", slog.Any("why", why))
		return a.signInPage(c, http.StatusUnprocessableEntity, view.SignInPage{Next: next, RefusedPasskey: true})
	}
	given, err := a.takeSigned(c, "credential")
	if err != nil {
		return refused(err)
	}
	users, err := a.Users.Users(ctx)
	if err != nil {
		return fmt.Errorf("admin: list users: %w", err)
	}
	i := slices.IndexFunc(users, func(u optgate.User) bool {
		return len(u.Handle) > 0 && subtle.ConstantTimeCompare(u.Handle, given.answer.Response.UserHandle) == 1
	})
	if i < 0 {
		return refused(errors.New("nobody has this passkey"))
	}
	var bad error
	u, err := a.changeUser(ctx, users[i].Name, func(u *optgate.User) error {
		bad = usePasskey(given, u, a.stamp())
		return bad
	})
	if bad != nil {
		return refused(fmt.Errorf("user %s: %w", users[i].Name, bad))
	}
	if err != nil {
		return err
	}
	return a.enter(c, u, optgate.ByPasskey, next)
}

// postNewPasskeyBegin gives the browser of a user who showed a few minutes ago who
// she is what a new passkey is made of.
func (a *Admin) postNewPasskeyBegin(c echo.Context, s session) error {
	r, ctx := c.Request(), c.Request().Context()
	rp, err := a.relyingParty(r)
	if err != nil {
		return told(c, http.StatusConflict, noPasskeysHere)
	}
	name := strings.TrimSpace(r.PostFormValue("passkey-name"))
	if name == "" || len([]rune(name)) > maxPasskeyName {
		return told(c, http.StatusUnprocessableEntity, "Give it a name of 1 to %d characters.", maxPasskeyName)
	}
	if !a.isFresh(s) {
		return told(c, http.StatusForbidden, "Ten minutes are over: load this page again, and confirm that it is you.")
	}
	u, err := a.Users.User(ctx, s.User)
	if err != nil {
		return fmt.Errorf("admin: find user: %w", err)
	}
	if u.External != nil {
		return told(c, http.StatusConflict, "Your provider looks after how you sign in.")
	}
	if len(u.Passkeys) >= optgate.MaxPasskeys {
		return told(c, http.StatusUnprocessableEntity, "You have %d passkeys: remove one first.", optgate.MaxPasskeys)
	}
	if u, err = a.changeUser(ctx, s.User, giveHandle); err != nil {
		return err
	}
	known := webauthn.Credentials(holder{u}.WebAuthnCredentials()).CredentialDescriptors()
	options, data, err := rp.BeginRegistration(holder{u}, webauthn.WithExclusions(known))
	if err != nil {
		return fmt.Errorf("admin: ask for a new passkey: %w", err)
	}
	k := challenge{Data: *data, At: a.stamp(), Session: hashOf(s.ID), Name: name}
	if err := a.seal(c, newPasskeyCookie, challengeFor, k); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, options)
}

// giveHandle makes the user known to passkeys by something that is no name.
func giveHandle(u *optgate.User) error {
	if len(u.Handle) == 0 {
		u.Handle = make([]byte, handleLength)
		_, _ = rand.Read(u.Handle) // documented never to return an error
	}
	return nil
}

// postNewPasskey keeps the passkey that the browser made.
func (a *Admin) postNewPasskey(c echo.Context, s session) error {
	r, ctx := c.Request(), c.Request().Context()
	refused := func(msg bilingual.Text) error {
		return a.accountPage(c, http.StatusUnprocessableEntity, s, view.Faults{{Label: "The passkey", Msg: say(c, msg)}})
	}
	if r.PostFormValue("credential") == "" {
		return refused("can only be added by a browser that has passkeys, and JavaScript on")
	}
	var k challenge
	if !a.open(c, newPasskeyCookie, &k) || k.Session != hashOf(s.ID) || !k.good(a.Now()) {
		return refused("took too long to come: try again")
	}
	a.forget(c, newPasskeyCookie)
	rp, err := a.relyingParty(r)
	if err != nil {
		return refused("is not possible at this address")
	}
	answer, err := protocol.ParseCredentialCreationResponseBytes([]byte(r.PostFormValue("credential")))
	if err != nil {
		return refused("cannot be read")
	}
	users, err := a.Users.Users(ctx)
	if err != nil {
		return fmt.Errorf("admin: list users: %w", err)
	}
	for _, u := range users {
		if keyIndex(u, answer.RawID) >= 0 {
			return refused("is registered already")
		}
	}
	var bad error
	_, err = a.changeUser(ctx, s.User, func(u *optgate.User) error {
		credential, err := rp.CreateCredential(holder{*u}, k.Data, answer)
		if bad = err; bad != nil {
			return bad
		}
		u.Passkeys = append(slices.Clone(u.Passkeys), optgate.Passkey{
			ID: credential.ID, Name: k.Name, Public: credential.PublicKey, Created: a.stamp(), Challenged: k.At,
			Count: credential.Authenticator.SignCount, Synced: credential.Flags.BackupEligible,
		})
		return nil
	})
	if bad != nil {
		a.Log.WarnContext(ctx, "new passkey refused", slog.String("user", s.User), slog.Any("why", bad))
		return refused("was not accepted: it is for another address, or the device did not check that it is you")
	}
	if err != nil {
		return err
	}
	a.note(ctx, optgate.AuditEntry{User: s.User, Action: "add a passkey", After: k.Name})
	if err := a.flash(c, "From now on you can sign in by the passkey “%s”.", k.Name); err != nil {
		return err
	}
	return seeOther(c, "/admin/account")
}

func keyIndex(u optgate.User, id []byte) int {
	return slices.IndexFunc(u.Passkeys, func(k optgate.Passkey) bool { return string(k.ID) == string(id) })
}

func (a *Admin) postRemovePasskey(c echo.Context, s session) error {
	ctx := c.Request().Context()
	id, err := hex.DecodeString(c.Request().PostFormValue("passkey"))
	if err != nil {
		return &optgate.InvalidError{Field: "passkey", Msg: "is not the id of one"}
	}
	var name string
	_, err = a.changeUser(ctx, s.User, func(u *optgate.User) error {
		if i := keyIndex(*u, id); i >= 0 {
			name = u.Passkeys[i].Name
			u.Passkeys = slices.Delete(slices.Clone(u.Passkeys), i, i+1)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if name != "" {
		a.note(ctx, optgate.AuditEntry{User: s.User, Action: "remove a passkey", Before: name})
	}
	if err := a.flash(c, "That passkey no longer signs anybody in. Remove it from your device too."); err != nil {
		return err
	}
	return seeOther(c, "/admin/account")
}
