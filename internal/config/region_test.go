package config_test

import (
	"fmt"
	"io"
	"testing"

	"github.com/optgate/optgate/internal/config"
)

func TestRegionHeader(t *testing.T) {
	for _, tt := range []struct{ name, value, want string }{
		{"left out", "", "[]"},
		{"one", "CF-IPCountry", "[CF-IPCountry]"},
		{"two", "X-Country, X-Region", "[X-Country X-Region]"},
		{"three", "A,B,C", "fault"},
		{"no header", "CF IPCountry", "fault"},
		{"nothing behind a comma", "CF-IPCountry,", "fault"},
		{"with a line more", "CF-IPCountry\r\nX: y", "fault"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := func(name string) string {
				return map[string]string{"OPTGATE_REGION_HEADER": tt.value}[name]
			}
			c, _, err := config.Parse("serve", []string{"region-header"}, nil, env, io.Discard, nil)
			got := "fault"
			if err == nil {
				got = fmt.Sprint(c.RegionHeaders)
			}
			if got != tt.want {
				t.Errorf("%q is read as %s (%v), want %s", tt.value, got, err, tt.want)
			}
		})
	}
}
