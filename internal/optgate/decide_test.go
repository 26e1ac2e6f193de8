package optgate_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// vectors reads cases that the gate's own tests run as well.
func vectors[T any](tb testing.TB, name string) []T {
	tb.Helper()
	data, err := os.ReadFile("testdata/vectors/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	var cases []T
	if err := json.Unmarshal(data, &cases); err != nil {
		tb.Fatal(err)
	}
	if len(cases) == 0 {
		tb.Fatalf("%s has no cases", name)
	}
	return cases
}

func TestDecideVectors(t *testing.T) {
	for _, tt := range vectors[struct {
		Name     string
		Asked    []optgate.CategoryID
		Choices  optgate.Choices
		Category optgate.CategoryID
		Allows   bool
		Since    optgate.Since // of the revision
		Later    optgate.Later // likewise
		Now      time.Time
		Given    int  // the revision that the choices answered
		MustAsk  bool `json:"must_ask"`
	}](t, "decide.json") {
		t.Run(tt.Name, func(t *testing.T) {
			timing := (&optgate.Revision{Since: tt.Since, Later: tt.Later}).TimingAt(tt.Now)
			held := optgate.Holding(tt.Choices, timing.Since, tt.Given)
			if got := optgate.Allows(tt.Asked, held, tt.Category); got != tt.Allows {
				t.Errorf("Allows: got %t, want %t", got, tt.Allows)
			}
			if got := optgate.MustAsk(tt.Asked, held, timing, tt.Given); got != tt.MustAsk {
				t.Errorf("MustAsk: got %t, want %t", got, tt.MustAsk)
			}
		})
	}
}

func TestAsked(t *testing.T) {
	c := shop()
	c.Categories[1].Off = true
	got := c.Asked()
	if len(got) != 2 || got[0] != optgate.Marketing || got[1] != "research" {
		t.Errorf("got %v, want marketing and research: neither the essential nor what is off", got)
	}
}

func TestTagCategory(t *testing.T) {
	c := shop()
	for i, want := range []optgate.CategoryID{optgate.Marketing, "research", optgate.Marketing} {
		if got := c.TagCategory(c.Tags[i]); got != want {
			t.Errorf("tag %s: got %s, want %s", c.Tags[i].ID, got, want)
		}
	}
}
