package redisstore

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/optgate/optgate/internal/optgate"
)

// Paused implements [optgate.RevisionStore].
func (s *Store) Paused(ctx context.Context) ([]optgate.Paused, error) {
	all, err := readDocs[optgate.Paused](ctx, s, pausedKey)
	if err != nil {
		return nil, fmt.Errorf("redisstore: what is paused: %w", err)
	}
	return all, nil
}

// SetPaused implements [optgate.RevisionStore].
func (s *Store) SetPaused(ctx context.Context, p optgate.Paused) error {
	read := p.Version
	p.Version++
	doc, err := json.Marshal(p)
	if err == nil {
		err = s.swapDoc(ctx, pausedKey, string(p.Site), doc, read, channel)
	}
	if err != nil {
		return fmt.Errorf("redisstore: pause on %s: %w", p.Site, err)
	}
	return nil
}
