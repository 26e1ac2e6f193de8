package provider_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/provider"
)

const back = "https://optgate.example/admin/back"

func (l *liar) provider() *provider.Provider {
	return provider.New(provider.Options{
		Issuer: l.server.URL, ClientID: "optgate", Secret: "hunter2", Scopes: []string{"openid", "profile"}, Claim: "groups", Now: time.Now,
		Roles: []provider.Mapping{{Value: "admins", Role: optgate.Owner}, {Value: "editors", Role: optgate.Editor}, {Value: "staff", Role: optgate.Viewer}},
	})
}

// begin sends a browser there and returns what it has to come back with.
func (l *liar) begin(p *provider.Provider) provider.Attempt {
	l.t.Helper()
	to, attempt, err := p.Begin(l.t.Context(), back)
	if err != nil {
		l.t.Fatal(err)
	}
	u, err := url.Parse(to)
	if err != nil {
		l.t.Fatal(err)
	}
	l.asked = u.Query()
	return attempt
}

func TestFinish(t *testing.T) {
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	claim := func(name string, value any) func(*liar) { return func(l *liar) { l.claims[name] = value } }
	for _, tt := range []struct {
		name string
		lie  func(*liar)
		want provider.Person // without the issuer
		err  error
	}{
		{name: "the truth", lie: func(*liar) {}, want: provider.Person{Subject: "1", Name: "anna", Role: optgate.Editor}},
		{name: "the first mapping wins", lie: claim("groups", []string{"staff", "admins", "editors"}), want: provider.Person{Subject: "1", Name: "anna", Role: optgate.Owner}},
		{name: "a claim of one value", lie: claim("groups", "staff"), want: provider.Person{Subject: "1", Name: "anna", Role: optgate.Viewer}},
		{name: "no mapping", lie: claim("groups", []string{"guests"}), want: provider.Person{Subject: "1", Name: "anna"}},
		{name: "values that are no texts", lie: claim("groups", []any{1, true, map[string]any{"staff": true}}), want: provider.Person{Subject: "1", Name: "anna"}},
		{name: "a role's own name", lie: claim("groups", "owner"), want: provider.Person{Subject: "1", Name: "anna"}},
		{name: "groups told when asked", lie: func(l *liar) {
			delete(l.claims, "groups")
			l.info = map[string]any{"sub": "1", "groups": []string{"admins"}}
		}, want: provider.Person{Subject: "1", Name: "anna", Role: optgate.Owner}},
		{name: "what is signed counts more", lie: func(l *liar) {
			delete(l.claims, "preferred_username")
			l.info = map[string]any{"sub": "1", "groups": []string{"admins"}, "email": "anna@example.com"}
		}, want: provider.Person{Subject: "1", Name: "anna@example.com", Role: optgate.Editor}},
		{name: "told of somebody else", lie: func(l *liar) {
			delete(l.claims, "groups")
			l.info = map[string]any{"sub": "2", "groups": []string{"admins"}}
		}, err: provider.ErrRefused},
		{name: "another nonce", lie: claim("nonce", "x"), err: provider.ErrRefused},
		{name: "no nonce", lie: claim("nonce", nil), err: provider.ErrRefused},
		{name: "for another client", lie: claim("aud", "another"), err: provider.ErrRefused},
		{name: "of another issuer", lie: claim("iss", "https://evil.example"), err: provider.ErrRefused},
		{name: "expired", lie: claim("exp", time.Now().Add(-time.Minute).Unix()), err: provider.ErrRefused},
		{name: "an access token of another", lie: claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), err: provider.ErrRefused},
		{name: "signed by another", lie: func(l *liar) { l.signer = other }, err: provider.ErrRefused},
		{name: "a refusal", lie: func(l *liar) { l.status = 400 }, err: provider.ErrRefused},
		{name: "an outage", lie: func(l *liar) { l.status = 502 }, err: provider.ErrDown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLiar(t)
			p := l.provider()
			attempt := l.begin(p)
			l.claims = l.truth()
			tt.lie(l)
			got, err := p.Finish(t.Context(), back, attempt, url.Values{"code": {"the code"}})
			if !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) {
				t.Fatalf("got %+v, %v; want %v", got, err, tt.err)
			}
			if err != nil {
				if strings.Contains(err.Error(), "hunter2") {
					t.Errorf("the error tells a secret: %v", err)
				}
				return
			}
			if tt.want.Issuer = l.server.URL; got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			sum := sha256.Sum256([]byte(l.sent.Get("code_verifier")))
			if l.asked.Get("code_challenge_method") != "S256" || l.asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) {
				t.Errorf("PKCE: asked %v, sent %v", l.asked, l.sent)
			}
		})
	}
}

func TestAnswersOfTheBrowser(t *testing.T) {
	l := newLiar(t)
	p := l.provider()
	attempt := l.begin(p)
	l.claims = l.truth()
	for _, answer := range []url.Values{
		{"error": {"access_denied"}, "error_description": {"<script>"}},
		{"code": {"the code"}, "iss": {"https://evil.example"}},
	} {
		if got, err := p.Finish(t.Context(), back, attempt, answer); !errors.Is(err, provider.ErrRefused) {
			t.Errorf("%v: got %+v, %v; want it refused", answer, got, err)
		}
	}
	if got, err := p.Finish(t.Context(), back, attempt, url.Values{"code": {"the code"}, "iss": {l.server.URL}}); err != nil || got.Name != "anna" {
		t.Errorf("the right issuer: got %+v, %v", got, err)
	}
}

// A provider that is down at the start is found once it is up.
func TestDown(t *testing.T) {
	l := newLiar(t)
	options := provider.Options{Issuer: l.server.URL, ClientID: "optgate", Claim: "groups", Now: time.Now}
	handler := l.server.Config.Handler
	l.server.Config.Handler = nil // answers 404 to everything
	p := provider.New(options)
	if _, _, err := p.Begin(t.Context(), back); !errors.Is(err, provider.ErrDown) {
		t.Errorf("got %v, want that it does not answer", err)
	}
	l.server.Config.Handler = handler
	if _, _, err := p.Begin(t.Context(), back); err != nil {
		t.Errorf("got %v once it is up", err)
	}
	if got := provider.New(provider.Options{Issuer: "https://id.example.com/realms/x"}).Name(); got != "id.example.com" {
		t.Errorf("it is called %q", got)
	}
}
