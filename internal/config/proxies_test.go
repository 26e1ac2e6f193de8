package config_test

import (
	"fmt"
	"io"
	"testing"

	"github.com/optgate/optgate/internal/config"
)

func TestTrustedProxies(t *testing.T) {
	for _, tt := range []struct{ name, value, want string }{
		{"left out", "", "[]"},
		{"none", "none", "[]"},
		{"address and networks", "127.0.0.1, 10.0.3.0/24,2001:db8::/32", "[127.0.0.1/32 10.0.3.0/24 2001:db8::/32]"},
		{"a name", "proxy.example", "fault"},
		{"too many bits", "10.0.0.0/33", "fault"},
		{"nothing behind a comma", "10.0.3.7,", "fault"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := func(name string) string {
				return map[string]string{"OPTGATE_TRUSTED_PROXIES": tt.value}[name]
			}
			c, _, err := config.Parse("serve", []string{"trusted-proxies"}, nil, env, io.Discard, nil)
			got := "fault"
			if err == nil {
				got = fmt.Sprint(c.TrustedProxies)
				if named := c.TrustedProxies != nil; named != (tt.value != "") {
					t.Errorf("proxies are named: %t", named)
				}
			}
			if got != tt.want {
				t.Errorf("%q is read as %s (%v), want %s", tt.value, got, err, tt.want)
			}
		})
	}
}
