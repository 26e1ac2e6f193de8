package provider_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// liar is a provider that says what a test wants.
type liar struct {
	t      *testing.T
	server *httptest.Server
	key    *rsa.PrivateKey

	asked  url.Values     // of the browser, by the address that it was sent to
	claims map[string]any // of the identity token
	signer *rsa.PrivateKey
	info   map[string]any // where it is asked who it is; nil: the same subject alone
	status int            // of the token's address; 0: 200
	sent   url.Values     // what came there
}

// makeKey makes the key of all providers once: it takes a while.
var makeKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func newLiar(t *testing.T) *liar {
	t.Helper()
	key, err := makeKey()
	if err != nil {
		t.Fatal(err)
	}
	l := &liar{t: t, key: key, signer: key}
	mux := http.NewServeMux()
	l.server = httptest.NewServer(mux)
	t.Cleanup(l.server.Close)
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		l.answer(w, map[string]any{
			"issuer": l.server.URL, "authorization_endpoint": l.server.URL + "/authorize", "token_endpoint": l.server.URL + "/token",
			"userinfo_endpoint": l.server.URL + "/who", "jwks_uri": l.server.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		l.answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("GET /who", func(w http.ResponseWriter, _ *http.Request) { l.answer(w, l.info) })
	mux.HandleFunc("POST /token", l.token)
	return l
}

func (l *liar) answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (l *liar) token(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	l.sent = r.PostForm
	if l.status != 0 {
		w.WriteHeader(l.status)
		l.answer(w, map[string]any{"error": "invalid_grant", "error_description": "the secret hunter2"})
		return
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: l.signer}, (&jose.SignerOptions{}).WithHeader("kid", "k"))
	if err != nil {
		l.t.Error(err)
		return
	}
	id, err := jwt.Signed(signer).Claims(l.claims).Serialize()
	if err != nil {
		l.t.Error(err)
		return
	}
	l.answer(w, map[string]any{"access_token": "access", "token_type": "Bearer", "id_token": id})
}

// truth is what an honest provider says of anna.
func (l *liar) truth() map[string]any {
	return map[string]any{
		"iss": l.server.URL, "sub": "1", "aud": "optgate", "nonce": l.asked.Get("nonce"), "preferred_username": "anna",
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(), "groups": []string{"staff", "editors"},
	}
}
