package sqlitestore

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// Group implements [optgate.GroupStore].
func (s *Store) Group(ctx context.Context, id optgate.GroupID) (optgate.Group, error) {
	g, err := queryDoc[optgate.Group](ctx, s.reads.group, string(id))
	if err != nil {
		return optgate.Group{}, fmt.Errorf("sqlitestore: group %s: %w", id, err)
	}
	return g, nil
}

// Groups implements [optgate.GroupStore].
func (s *Store) Groups(ctx context.Context) ([]optgate.Group, error) {
	all, err := queryDocs[optgate.Group](ctx, s.reads.groups)
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: groups: %w", err)
	}
	return all, nil
}

// PutGroup implements [optgate.GroupStore]. Storing the very same again succeeds,
// so that an uncertain outcome can be repeated.
func (s *Store) PutGroup(ctx context.Context, g optgate.Group) error {
	read := g.Version
	g.Version++
	g.At = g.At.UTC().Truncate(time.Millisecond)
	doc, err := json.Marshal(g)
	if err == nil {
		err = s.submit(ctx, func(b *batch) error { return b.putGroup(g, doc, read) })
	}
	if err != nil {
		return fmt.Errorf("sqlitestore: put group %s: %w", g.ID, err)
	}
	return nil
}

func (b *batch) putGroup(g optgate.Group, doc []byte, read int) error {
	var version int
	var there []byte
	err := b.w.conn.QueryRowContext(context.Background(), "SELECT version, doc FROM site_groups WHERE id = ?", string(g.ID)).Scan(&version, &there)
	switch {
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return b.fail(err)
	case bytes.Equal(there, doc):
		return nil
	case version != read:
		return optgate.ErrConflict
	}
	return b.rare("INSERT OR REPLACE INTO site_groups (id, version, doc) VALUES (?, ?, ?)", string(g.ID), g.Version, doc)
}
