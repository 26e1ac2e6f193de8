package redisstore

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/optgate/optgate/internal/optgate"
)

// Paused implements [optgate.RevisionStore].
func (s *Store) Paused(ctx context.Context) ([]optgate.Paused, error) {
	docs, err := s.rdb.HGetAll(ctx, pausedKey).Result()
	if err != nil {
		return nil, fmt.Errorf("redisstore: what is paused: %w", err)
	}
	var all []optgate.Paused
	for _, site := range slices.Sorted(maps.Keys(docs)) {
		var p optgate.Paused
		if err := json.Unmarshal([]byte(docs[site]), &p); err != nil {
			return nil, fmt.Errorf("redisstore: what is paused on %s: %w", site, err)
		}
		all = append(all, p)
	}
	return all, nil
}

// SetPaused implements [optgate.RevisionStore]. Storing the very same again
// succeeds, so that an uncertain outcome can be repeated.
func (s *Store) SetPaused(ctx context.Context, p optgate.Paused) error {
	read := p.Version
	p.Version++
	doc, err := json.Marshal(p)
	if err == nil {
		s.writing.RLock()
		defer s.writing.RUnlock()
		err = swapped(done(s.runWrite(ctx, setPausedScript, []string{pausedKey}, string(p.Site), doc, read, channel)))
	}
	if err != nil {
		return fmt.Errorf("redisstore: pause on %s: %w", p.Site, err)
	}
	return nil
}
