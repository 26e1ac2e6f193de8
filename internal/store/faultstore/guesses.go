package faultstore

import (
	"context"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// Guess implements [optgate.GuessStore].
func (s *Store) Guess(ctx context.Context, key string, limit optgate.GuessLimit, now time.Time) (time.Duration, error) {
	return get(s, "Guess", func() (time.Duration, error) { return s.Inner.Guess(ctx, key, limit, now) })
}
