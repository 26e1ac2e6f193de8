package admin

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/labstack/echo/v4"

	"github.com/optgate/optgate/internal/optgate"
)

// errNoPasskeys reports an address at which browsers offer no passkeys.
var errNoPasskeys = errors.New("admin: no passkeys at this address")

// relyingParty returns what passkeys are for: the admin at the address under which
// r's browser reaches it, and no other. It returns errNoPasskeys for addresses by
// number and for plain http, this machine's own name excepted.
func (a *Admin) relyingParty(r *http.Request) (*webauthn.WebAuthn, error) {
	u, err := url.Parse(a.AdminURL(r))
	if err != nil {
		return nil, errNoPasskeys // the Host header of r is none
	}
	host := u.Hostname()
	local := host == "localhost" || strings.HasSuffix(host, ".localhost")
	if host == "" || net.ParseIP(host) != nil || u.Scheme != "https" && !local {
		return nil, errNoPasskeys
	}
	rp, err := webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: "Optgate", RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: protocol.ResidentKeyRequired(), ResidentKey: protocol.ResidentKeyRequirementRequired,
			UserVerification: protocol.VerificationRequired,
		},
		// Password managers add results that nobody asked for; none is used.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, errNoPasskeys
	}
	return rp, nil
}

// hasPasskeys reports whether r's browser can use passkeys here.
func (a *Admin) hasPasskeys(r *http.Request) bool {
	_, err := a.relyingParty(r)
	return err == nil
}

// holder is a user as the library asks for her.
type holder struct{ optgate.User }

// WebAuthnID returns what passkeys know the user by.
func (h holder) WebAuthnID() []byte { return h.Handle }

// WebAuthnName returns the name that a device shows with a passkey.
func (h holder) WebAuthnName() string { return h.Name }

// WebAuthnDisplayName returns the name that a device shows with a passkey.
func (h holder) WebAuthnDisplayName() string { return h.Name }

// WebAuthnCredentials returns the user's passkeys.
func (h holder) WebAuthnCredentials() []webauthn.Credential {
	var all []webauthn.Credential
	for _, k := range h.Passkeys {
		all = append(all, webauthn.Credential{
			ID: k.ID, PublicKey: k.Public,
			Flags:         webauthn.CredentialFlags{BackupEligible: k.Synced},
			Authenticator: webauthn.Authenticator{SignCount: k.Count},
		})
	}
	return all
}

// challenge is what a browser was asked to sign. The cookie that holds it is
// sealed, and of another name for each of its two purposes.
type challenge struct {
	Data    webauthn.SessionData `json:"data"`
	At      time.Time            `json:"at"`
	Session string               `json:"session,omitempty"` // hash of the id of the session that adds a passkey
	Name    string               `json:"name,omitempty"`    // of the passkey to add
}

// challengeFor is how long a challenge can be answered.
const challengeFor = 5 * time.Minute

// good reports whether the challenge can still be answered.
func (k challenge) good(now time.Time) bool {
	return !k.At.IsZero() && now.Sub(k.At) < challengeFor
}

var (
	// errOldChallenge reports an answer that was given before, or to a challenge
	// from before the last one that was answered.
	errOldChallenge = errors.New("admin: old challenge")

	// errCopied reports a device whose count of signatures went back: somebody may
	// have copied its key.
	errCopied = errors.New("admin: the passkey may be a copy")
)

// signed is what a passkey signed in a browser: for whom, which challenge, and the
// answer.
type signed struct {
	rp        *webauthn.WebAuthn
	challenge challenge
	answer    *protocol.ParsedCredentialAssertionData
}

// takeSigned takes what a passkey signed from a field of a form, and uses the
// browser's challenge up. The error says why it is refused.
func (a *Admin) takeSigned(c echo.Context, field string) (*signed, error) {
	r := c.Request()
	var s signed
	if !a.open(c, passkeyCookie, &s.challenge) || !s.challenge.good(a.Now()) {
		return nil, errOldChallenge
	}
	a.forget(c, passkeyCookie)
	var err error
	if s.rp, err = a.relyingParty(r); err != nil {
		return nil, err
	}
	if s.answer, err = protocol.ParseCredentialRequestResponseBytes([]byte(r.PostFormValue(field))); err != nil {
		return nil, errors.New("the answer cannot be read")
	}
	return &s, nil
}

// usePasskey checks what was signed against the passkeys of u, and notes in u that it
// was given.
func usePasskey(s *signed, u *optgate.User, now time.Time) error {
	find := func(_, handle []byte) (webauthn.User, error) { return holder{*u}, nil }
	_, credential, err := s.rp.ValidatePasskeyLogin(find, s.challenge.Data, s.answer)
	if err != nil {
		return fmt.Errorf("admin: check passkey: %w", err)
	}
	keys := append([]optgate.Passkey(nil), u.Passkeys...)
	for i := range keys {
		key := &keys[i]
		if string(key.ID) != string(credential.ID) {
			continue
		}
		if !s.challenge.At.After(key.Challenged) {
			return errOldChallenge
		}
		if credential.Authenticator.CloneWarning {
			return errCopied
		}
		key.Count, key.Challenged, key.Used = credential.Authenticator.SignCount, s.challenge.At, now
	}
	u.Passkeys = keys
	return nil
}
