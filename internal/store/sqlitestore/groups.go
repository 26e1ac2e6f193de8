package sqlitestore

import (
	"context"
	"encoding/json"
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

// PutGroup implements [optgate.GroupStore].
func (s *Store) PutGroup(ctx context.Context, g optgate.Group) error {
	read := g.Version
	g.Version++
	g.At = g.At.UTC().Truncate(time.Millisecond)
	doc, err := json.Marshal(g)
	if err == nil {
		err = s.submit(ctx, func(b *batch) error { return groups.swap(b, string(g.ID), doc, read) })
	}
	if err != nil {
		return fmt.Errorf("sqlitestore: put group %s: %w", g.ID, err)
	}
	return nil
}
