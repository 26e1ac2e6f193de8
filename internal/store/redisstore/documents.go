package redisstore

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// readDoc returns the document in a field of a hash, or [optgate.ErrNotFound].
func readDoc[T any](ctx context.Context, s *Store, key, field string) (T, error) {
	var v T
	doc, err := s.rdb.HGet(ctx, key, field).Bytes()
	if err == nil {
		err = json.Unmarshal(doc, &v)
	}
	if err != nil {
		var none T
		return none, notFound(err)
	}
	return v, nil
}

// readDocs returns the documents in all fields of a hash, ordered by field.
func readDocs[T any](ctx context.Context, s *Store, key string) ([]T, error) {
	docs, err := s.rdb.HGetAll(ctx, key).Result()
	if err != nil {
		return nil, err
	}
	var all []T
	for _, field := range slices.Sorted(maps.Keys(docs)) {
		var v T
		if err := json.Unmarshal([]byte(docs[field]), &v); err != nil {
			return nil, fmt.Errorf("%s: %w", field, err)
		}
		all = append(all, v)
	}
	return all, nil
}

// swapDoc replaces the document in a field of a hash if its version is read (0:
// none), and tells tell's channel unless that is empty; otherwise it returns
// [optgate.ErrConflict]. To store the very same again succeeds, so that an
// uncertain outcome can be repeated.
func (s *Store) swapDoc(ctx context.Context, key, field string, doc []byte, read int, tell string) error {
	s.writing.RLock()
	defer s.writing.RUnlock()
	return swapped(done(s.runWrite(ctx, swapDocScript, []string{key}, field, doc, read, tell)))
}
