package storetest

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

func testGuesses(t *testing.T, b Backend) {
	s, other := b.open(t), b.open(t)
	limit := optgate.GuessLimit{Every: time.Minute, Burst: 3}
	for i, c := range []struct {
		what  string
		store optgate.Store
		key   string
		at    time.Duration
		want  time.Duration
	}{
		{"the first", s, "a", 0, 0},
		{"the second, by another process", other, "a", time.Second, 0},
		{"the third", s, "a", 2 * time.Second, 0},
		{"the fourth", other, "a", 2 * time.Second, 58 * time.Second},
		{"the fourth, on the first process", s, "a", 2 * time.Second, 58 * time.Second},
		{"somebody else's", s, "b", 2 * time.Second, 0},
		{"just before one comes back", s, "a", time.Minute - time.Millisecond, time.Millisecond},
		{"when one comes back", s, "a", time.Minute, 0},
		{"and no second one", s, "a", time.Minute, time.Minute},
		{"by a clock that is a day behind", s, "a", -24 * time.Hour, time.Minute},
		{"a day later", s, "a", 24 * time.Hour, 0},
		{"all have come back by then", s, "a", 24 * time.Hour, 0},
		{"up to the last", s, "a", 24 * time.Hour, 0},
		{"and no more", s, "a", 24 * time.Hour, time.Minute},
	} {
		got, err := c.store.Guess(t.Context(), c.key, limit, start.Add(c.at))
		if err != nil || got != c.want {
			t.Errorf("%d, %s: Guess = %v, %v; want %v", i, c.what, got, err, c.want)
		}
	}
}

// testGuessesAtOnce guesses by two processes at once, which have no more together
// than one of them alone.
func testGuessesAtOnce(t *testing.T, b Backend) {
	stores := []optgate.Store{b.open(t), b.open(t)}
	limit := optgate.GuessLimit{Every: time.Hour, Burst: 5}
	var allowed atomic.Int32
	for _, err := range concurrently(16, func(i int) error {
		wait, err := stores[i%2].Guess(t.Context(), "a", limit, start)
		if err == nil && wait == 0 {
			allowed.Add(1)
		}
		return err
	}) {
		if err != nil {
			t.Errorf("Guess = %v", err)
		}
	}
	if got := allowed.Load(); got != 5 {
		t.Errorf("%d guesses were allowed, want 5", got)
	}
}
