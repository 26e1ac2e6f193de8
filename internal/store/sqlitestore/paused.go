package sqlitestore

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/optgate/optgate/internal/optgate"
)

// Paused implements [optgate.RevisionStore].
func (s *Store) Paused(ctx context.Context) ([]optgate.Paused, error) {
	all, err := queryDocs[optgate.Paused](ctx, s.reads.paused)
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: what is paused: %w", err)
	}
	return all, nil
}

// SetPaused implements [optgate.RevisionStore].
func (s *Store) SetPaused(ctx context.Context, p optgate.Paused) error {
	read := p.Version
	p.Version++
	doc, err := json.Marshal(p)
	if err == nil {
		err = s.submit(ctx, func(b *batch) error {
			if err := paused.swap(b, string(p.Site), doc, read); err != nil {
				return err
			}
			b.afterwards = append(b.afterwards, s.watchers.notify)
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("sqlitestore: pause on %s: %w", p.Site, err)
	}
	return nil
}
