// Package provider lets people sign in by an OpenID provider, such as the
// directory of their company, which says who they are and what they may do.
package provider

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/optgate/optgate/internal/optgate"
)

// Options say which provider, and who of its people gets in.
type Options struct {
	Issuer   string
	ClientID string
	Secret   string   // may be empty: a client without one is protected by PKCE alone
	Name     string   // for the button; empty: the issuer's host
	Scopes   []string // openid among them
	Claim    string   // that says what a person may do; dots lead into objects
	Roles    []Mapping
	Now      func() time.Time
}

// Mapping gives a role to whoever has a value in the claim.
type Mapping struct {
	Value string
	Role  optgate.Role
}

// Errors of a sign-in.
var (
	// ErrDown reports a provider that does not answer, or not as one.
	ErrDown = errors.New("provider: does not answer")

	// ErrRefused reports an answer that proves nothing.
	ErrRefused = errors.New("provider: sign-in refused")
)

// Person is who signed in at the provider.
type Person struct {
	Issuer, Subject string       // who she is, for ever
	Name            string       // what she is called there now; may be empty
	Role            optgate.Role // empty: none is for her
}

// Provider is an OpenID provider. It is safe for concurrent use.
type Provider struct {
	options Options
	client  *http.Client
	found   atomic.Pointer[oidc.Provider] // nil until it told where its parts are
}

// patience is how long the provider has for one answer: a person waits for it.
const patience = 10 * time.Second

// New returns the provider. It is asked nothing yet, so that a server starts while
// its provider is down.
func New(o Options) *Provider {
	return &Provider{options: o, client: &http.Client{Timeout: patience}}
}

// Name is what people call the provider.
func (p *Provider) Name() string {
	if p.options.Name != "" {
		return p.options.Name
	}
	if u, err := url.Parse(p.options.Issuer); err == nil && u.Host != "" {
		return u.Host
	}
	return p.options.Issuer
}

// Attempt is what a browser that goes to the provider has to come back with. It
// is secret from all but that browser.
type Attempt struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"` // of PKCE
}

// Begin returns where to send the browser, which comes back to the address
// redirect. It returns an error of [ErrDown] if the provider has not told yet where
// that is, and does not now.
func (p *Provider) Begin(ctx context.Context, redirect string) (string, Attempt, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", Attempt{}, err
	}
	a := Attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	config := p.config(found, redirect)
	return config.AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), a, nil
}

func (p *Provider) config(found *oidc.Provider, redirect string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.options.ClientID, ClientSecret: p.options.Secret,
		Endpoint: found.Endpoint(), RedirectURL: redirect, Scopes: p.options.Scopes,
	}
}

// discover asks the provider where its parts are, until it has told once. While
// it is down each asks for herself, so that nobody waits for more than one answer.
func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	if found := p.found.Load(); found != nil {
		return found, nil
	}
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.options.Issuer)
	if err != nil {
		return nil, fmt.Errorf("%w: discover %s: %w", ErrDown, p.options.Issuer, err)
	}
	p.found.Store(found)
	return found, nil
}

// Finish returns who signed in, from what the browser came back with. It returns
// an error of [ErrDown] or [ErrRefused].
func (p *Provider) Finish(ctx context.Context, redirect string, a Attempt, back url.Values) (Person, error) {
	// The issuer is named by providers that know RFC 9207; another one's answer is
	// not for us.
	if issuer := back.Get("iss"); issuer != "" && issuer != p.options.Issuer {
		return Person{}, fmt.Errorf("%w: another issuer answered", ErrRefused)
	}
	if code := back.Get("error"); code != "" {
		return Person{}, fmt.Errorf("%w: error %.40q", ErrRefused, code)
	}
	found, err := p.discover(ctx)
	if err != nil {
		return Person{}, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := p.config(found, redirect).Exchange(ctx, back.Get("code"), oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return Person{}, exchangeError(err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := found.Verifier(&oidc.Config{ClientID: p.options.ClientID, Now: p.options.Now}).Verify(ctx, raw)
	if err != nil {
		return Person{}, fmt.Errorf("%w: check identity token: %w", ErrRefused, err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(a.Nonce)) != 1 {
		return Person{}, fmt.Errorf("%w: the nonce is another one", ErrRefused)
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(token.AccessToken); err != nil {
			return Person{}, fmt.Errorf("%w: check access token: %w", ErrRefused, err)
		}
	}
	claims, err := p.claims(ctx, found, id, token)
	if err != nil {
		return Person{}, err
	}
	return Person{Issuer: id.Issuer, Subject: id.Subject, Name: nameIn(claims), Role: p.roleIn(claims)}, nil
}

// exchangeError tells a provider that is down from one that refuses. What it
// answered is left out but for its code: it may repeat what was sent.
func exchangeError(err error) error {
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	switch {
	case !ok:
		return fmt.Errorf("%w: exchange code: %w", ErrDown, err)
	case refused.Response != nil && refused.Response.StatusCode >= http.StatusInternalServerError:
		return fmt.Errorf("%w: exchange code: status %d", ErrDown, refused.Response.StatusCode)
	}
	return fmt.Errorf("%w: exchange code: error %.40q", ErrRefused, refused.ErrorCode)
}
