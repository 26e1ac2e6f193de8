package sqlitestore

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
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

// SetPaused implements [optgate.RevisionStore]. Storing the very same again
// succeeds, so that an uncertain outcome can be repeated.
func (s *Store) SetPaused(ctx context.Context, p optgate.Paused) error {
	read := p.Version
	p.Version++
	doc, err := json.Marshal(p)
	if err == nil {
		err = s.submit(ctx, func(b *batch) error {
			if err := b.setPaused(p, read, doc); err != nil {
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

func (b *batch) setPaused(p optgate.Paused, read int, doc []byte) error {
	var version int
	var there []byte
	err := b.w.conn.QueryRowContext(context.Background(), "SELECT version, doc FROM paused WHERE site = ?", string(p.Site)).Scan(&version, &there)
	switch {
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return b.fail(err)
	case bytes.Equal(there, doc):
		return nil
	case version != read:
		return optgate.ErrConflict
	}
	return b.rare("INSERT INTO paused (site, version, doc) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET version = excluded.version, doc = excluded.doc",
		string(p.Site), p.Version, doc)
}
