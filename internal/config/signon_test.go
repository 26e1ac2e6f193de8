package config_test

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/config"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/provider"
)

var signOnNames = []string{"oidc-issuer", "oidc-client-id", "oidc-client-secret", "oidc-name", "oidc-scopes", "oidc-role-claim", "oidc-roles"}

func parseSignOn(env map[string]string, args ...string) (*config.Config, error) {
	c, _, err := config.Parse("serve", signOnNames, args, func(name string) string { return env[name] }, io.Discard, nil)
	return c, err
}

func TestSignOn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := parseSignOn(map[string]string{"OPTGATE_OIDC_CLIENT_SECRET_FILE": file},
		"--oidc-issuer=https://id.example.com/realms/x", "--oidc-client-id=optgate", "--oidc-roles=cn=admins,ou=groups=owner; staff = viewer")
	if err != nil {
		t.Fatal(err)
	}
	want := provider.Options{
		Issuer: "https://id.example.com/realms/x", ClientID: "optgate", Secret: "hunter2", Scopes: []string{"openid", "profile", "email"}, Claim: "groups",
		Roles: []provider.Mapping{{Value: "cn=admins,ou=groups", Role: optgate.Owner}, {Value: "staff", Role: optgate.Viewer}},
	}
	if !reflect.DeepEqual(c.SignOn, want) {
		t.Errorf("got %+v, want %+v", c.SignOn, want)
	}
	if c, err := parseSignOn(nil); err != nil || c.SignOn.Issuer != "" {
		t.Errorf("without settings: got %+v, %v", c, err)
	}
}

func TestSignOnFaults(t *testing.T) {
	all := []string{"--oidc-issuer=https://id.example.com", "--oidc-client-id=optgate", "--oidc-roles=staff=viewer"}
	for _, tt := range []struct {
		name, want string
		args       []string
	}{
		{"plain http", "--oidc-issuer", []string{"--oidc-issuer=http://id.example.com"}},
		{"a password", "--oidc-issuer", []string{"--oidc-issuer=https://me:hunter2@id.example.com"}},
		{"no client", "--oidc-client-id", all[:1]},
		{"nobody gets in", "--oidc-roles", all[:2]},
		{"no issuer", "--oidc-issuer", all[1:]},
		{"an unknown role", "--oidc-roles", []string{"--oidc-roles=staff=king"}},
		{"no role", "--oidc-roles", []string{"--oidc-roles=staff"}},
		{"no value", "--oidc-roles", []string{"--oidc-roles==owner"}},
		{"no openid", "--oidc-scopes", []string{"--oidc-scopes=profile"}},
		{"a secret as a flag", "oidc-client-secret", append(all, "--oidc-client-secret=hunter2")},
	} {
		_, err := parseSignOn(nil, tt.args...)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want a fault of %s", tt.name, err, tt.want)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the fault tells a secret: %v", tt.name, err)
		}
	}
	if _, err := parseSignOn(nil, append(all[1:], "--oidc-issuer=http://127.0.0.1:9000")...); err != nil {
		t.Errorf("a provider on this machine: got %v", err)
	}
}
