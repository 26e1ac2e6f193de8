package config_test

import (
	"io"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/config"
)

// A value that was meant for another setting may hold that one's password.
func TestFaultsHoldNoPassword(t *testing.T) {
	const secret = "hunter2"
	names := []string{"addr", "redis", "public-url", "decisions-per-minute", "log-level"}
	for _, name := range names {
		for _, value := range []string{"redis://:" + secret + "@", "http://anna:" + secret + "@h:x/y?z", ":" + secret + "@"} {
			if name == "redis" {
				value = strings.TrimPrefix(value, "redis://")
			}
			_, _, err := config.Parse("serve", names, []string{"--" + name, value}, func(string) string { return "" }, io.Discard, nil)
			if err == nil || !strings.Contains(err.Error(), "--"+name) {
				t.Errorf("--%s %s: got %v, want a fault of it", name, value, err)
			} else if strings.Contains(err.Error(), secret) {
				t.Errorf("--%s %s: the fault holds the password: %v", name, value, err)
			}
		}
	}
}
