package browser

import "github.com/chromedp/cdproto/webauthn"

// Authenticator is a device that holds passkeys for a page's profile, without
// asking anybody to touch it.
type Authenticator struct {
	page *Page
	id   webauthn.AuthenticatorID
}

// Authenticator gives the page a device like a phone or a laptop that knows its
// user.
func (p *Page) Authenticator() *Authenticator {
	p.t.Helper()
	call(p, "switch passkeys on", webauthn.Enable, webauthn.EnableParams{})
	r := call(p, "add an authenticator", webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
		Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
			HasCmtgKey: true, // or the protocol lets no credential be added
		},
	})
	return &Authenticator{p, r.AuthenticatorID}
}

// Knows says whether the device finds that it is its owner who uses it.
func (a *Authenticator) Knows(owner bool) {
	a.page.t.Helper()
	call(a.page, "set who uses the authenticator", webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: a.id, IsUserVerified: owner})
}

// Passkeys returns those that the device holds.
func (a *Authenticator) Passkeys() []*webauthn.Credential {
	a.page.t.Helper()
	return call(a.page, "list passkeys", webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: a.id}).Credentials
}

// Put puts a passkey into the device, as a copy of it would be.
func (a *Authenticator) Put(k *webauthn.Credential) {
	a.page.t.Helper()
	k.CmtgKeys, k.ActiveCmtgKeyIndex = nil, nil
	call(a.page, "add a passkey", webauthn.AddCredential, webauthn.AddCredentialParams{AuthenticatorID: a.id, Credential: k})
}
