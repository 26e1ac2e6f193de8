package redisstore

import (
	"context"
	"fmt"
)

// Keys implements [optgate.KeyStore].
func (s *Store) Keys(ctx context.Context) ([]byte, error) {
	ring, err := s.rdb.Get(ctx, keyRingKey).Bytes()
	if err != nil {
		return nil, fmt.Errorf("redisstore: read keys: %w", notFound(err))
	}
	return ring, nil
}

// SwapKeys implements [optgate.KeyStore].
func (s *Store) SwapKeys(ctx context.Context, old, ring []byte) error {
	args := []any{ring}
	if old != nil {
		args = append(args, old)
	}
	s.writing.RLock()
	defer s.writing.RUnlock()
	if err := swapped(done(s.runWrite(ctx, swapKeysScript, []string{keyRingKey}, args...))); err != nil {
		return fmt.Errorf("redisstore: swap keys: %w", err)
	}
	return nil
}
