package redisstore

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// Group implements [optgate.GroupStore].
func (s *Store) Group(ctx context.Context, id optgate.GroupID) (optgate.Group, error) {
	var g optgate.Group
	doc, err := s.rdb.HGet(ctx, groupsKey, string(id)).Bytes()
	if err == nil {
		err = json.Unmarshal(doc, &g)
	}
	if err != nil {
		return optgate.Group{}, fmt.Errorf("redisstore: group %s: %w", id, notFound(err))
	}
	return g, nil
}

// Groups implements [optgate.GroupStore].
func (s *Store) Groups(ctx context.Context) ([]optgate.Group, error) {
	docs, err := s.rdb.HGetAll(ctx, groupsKey).Result()
	if err != nil {
		return nil, fmt.Errorf("redisstore: groups: %w", err)
	}
	var all []optgate.Group
	for _, id := range slices.Sorted(maps.Keys(docs)) {
		var g optgate.Group
		if err := json.Unmarshal([]byte(docs[id]), &g); err != nil {
			return nil, fmt.Errorf("redisstore: group %s: %w", id, err)
		}
		all = append(all, g)
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
		s.writing.RLock()
		defer s.writing.RUnlock()
		err = swapped(done(s.runWrite(ctx, putGroupScript, []string{groupsKey}, string(g.ID), doc, read)))
	}
	if err != nil {
		return fmt.Errorf("redisstore: put group %s: %w", g.ID, err)
	}
	return nil
}
