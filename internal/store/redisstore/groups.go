package redisstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// Group implements [optgate.GroupStore].
func (s *Store) Group(ctx context.Context, id optgate.GroupID) (optgate.Group, error) {
	g, err := readDoc[optgate.Group](ctx, s, groupsKey, string(id))
	if err != nil {
		return optgate.Group{}, fmt.Errorf("redisstore: group %s: %w", id, err)
	}
	return g, nil
}

// Groups implements [optgate.GroupStore].
func (s *Store) Groups(ctx context.Context) ([]optgate.Group, error) {
	all, err := readDocs[optgate.Group](ctx, s, groupsKey)
	if err != nil {
		return nil, fmt.Errorf("redisstore: groups: %w", err)
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
		err = s.swapDoc(ctx, groupsKey, string(g.ID), doc, read, "")
	}
	if err != nil {
		return fmt.Errorf("redisstore: put group %s: %w", g.ID, err)
	}
	return nil
}
