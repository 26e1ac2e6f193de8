package totp_test

import (
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/totp"
)

// rfcSecret is that of RFC 6238's test vectors, whose codes end in ours: the RFC
// shows eight digits, apps show the last six.
const rfcSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

func TestVectors(t *testing.T) {
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		now := time.Unix(at, 0)
		if got, err := totp.Code(rfcSecret, now); err != nil || got != want {
			t.Errorf("the code at %d is %q, %v; want %q", at, got, err, want)
		}
		if step, ok := totp.Check(rfcSecret, want, now, 0); !ok || step != at/30 {
			t.Errorf("the code of %d: got step %d, %t; want step %d", at, step, ok, at/30)
		}
	}
}

func TestCheck(t *testing.T) {
	now := time.Unix(1111111111, 0)
	step := now.Unix() / 30
	code := func(steps int) string {
		c, err := totp.Code(rfcSecret, now.Add(time.Duration(steps)*30*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, tt := range []struct {
		name, code string
		last, want int64 // 0: refused
	}{
		{"the code of now", code(0), 0, step},
		{"of the step before", code(-1), 0, step - 1},
		{"of the next step", code(1), 0, step + 1},
		{"of two steps before", code(-2), 0, 0},
		{"of two steps later", code(2), 0, 0},
		{"used already", code(0), step, 0},
		{"older than the one used", code(-1), step, 0},
		{"after the one used", code(1), step, step + 1},
		{"nothing", "", 0, 0},
		{"too short", code(0)[:5], 0, 0},
		{"too long", code(0) + "0", 0, 0},
		{"letters", "abcdef", 0, 0},
		{"other digits", "०५०४७१", 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := totp.Check(rfcSecret, tt.code, now, tt.last)
			if got != tt.want || ok != (tt.want != 0) {
				t.Errorf("got step %d, %t; want %d", got, ok, tt.want)
			}
		})
	}
}

func TestSecretsDiffer(t *testing.T) {
	one, err := totp.NewSecret()
	two, err2 := totp.NewSecret()
	if err != nil || err2 != nil || one == two || len(one) != 32 {
		t.Errorf("got %q, %v and %q, %v; want two secrets of 32 characters", one, err, two, err2)
	}
}

func TestDraw(t *testing.T) {
	d, err := totp.Draw(rfcSecret, "mara (optgate.example)")
	if err != nil || d.Size < 29 || strings.Trim(d.Path, "Mhvz-0123456789 ") != "" {
		t.Errorf("got %+v, %v", d, err)
	}
	if _, err := totp.Draw("not base 32!", "mara"); err == nil || strings.Contains(err.Error(), "not base 32!") {
		t.Errorf("a secret that is none: got %v, want an error that does not tell it", err)
	}
}
