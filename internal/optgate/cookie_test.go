package optgate_test

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

type cookieCase struct {
	Name, Value string
	Invalid     bool
	Revision    int
	At          int64
	Choices     optgate.Choices
}

func TestChoiceCookieVectors(t *testing.T) {
	for _, tt := range vectors[cookieCase](t, "cookie.json") {
		t.Run(tt.Name, func(t *testing.T) {
			got, err := optgate.ParseChoiceCookie(tt.Value)
			if tt.Invalid {
				var invalid *optgate.InvalidError
				if !errors.As(err, &invalid) {
					t.Errorf("got %v and error %v, want an InvalidError", got, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Revision != tt.Revision || got.At.Unix() != tt.At || !maps.Equal(got.Choices, tt.Choices) {
				t.Errorf("got %+v, want %+v", got, tt)
			}
			if s := got.String(); s != tt.Value {
				t.Errorf("written again: got %q, want %q", s, tt.Value)
			}
		})
	}
}

func TestParseChoiceCookieTooLong(t *testing.T) {
	s := "1.1.0." + strings.Repeat("a", 32) + ":1"
	if _, err := optgate.ParseChoiceCookie(s); err != nil {
		t.Fatalf("got %v for the longest category, want none", err)
	}
	if got, err := optgate.ParseChoiceCookie("1.1.0." + strings.Repeat("a", 4096)); err == nil {
		t.Errorf("got %v for 4 KiB, want an error", got)
	}
}

// Whatever parses is written and parsed to the same choice.
func FuzzParseChoiceCookie(f *testing.F) {
	for _, c := range vectors[cookieCase](f, "cookie.json") {
		f.Add(c.Value)
	}
	f.Add("1.1.1767322800.b:1,a:0")
	f.Fuzz(func(t *testing.T, s string) {
		first, err := optgate.ParseChoiceCookie(s)
		if err != nil {
			return
		}
		second, err := optgate.ParseChoiceCookie(first.String())
		if err != nil {
			t.Fatalf("%q was written as %q: %v", s, first, err)
		}
		if second.Revision != first.Revision || !second.At.Equal(first.At) || !maps.Equal(second.Choices, first.Choices) {
			t.Errorf("%q: got %+v the second time, want %+v", s, second, first)
		}
		if first.At.Location() != time.UTC {
			t.Errorf("%q: got a time in %s, want UTC", s, first.At.Location())
		}
	})
}
