package redisstore

import (
	"context"
	"fmt"

	"github.com/optgate/optgate/internal/optgate"
)

// PutCheckpoint implements [optgate.CheckpointStore].
func (s *Store) PutCheckpoint(ctx context.Context, site optgate.SiteID, text string) error {
	s.writing.RLock()
	defer s.writing.RUnlock()
	if err := s.runWrite(ctx, putCheckpointScript, []string{checkpointsKey(site)}, text).Err(); err != nil {
		return fmt.Errorf("redisstore: put checkpoint of %s: %w", site, err)
	}
	return nil
}

// Checkpoints implements [optgate.CheckpointStore].
func (s *Store) Checkpoints(ctx context.Context, site optgate.SiteID, after, limit int) ([]string, error) {
	if limit < 1 {
		return nil, fmt.Errorf("redisstore: checkpoints of %s: %w", site, &optgate.InvalidError{Field: "limit", Msg: "is 1 or more"})
	}
	last := int64(-1)
	if after >= 0 {
		last = int64(after + limit - 1)
	}
	texts, err := s.rdb.LRange(ctx, checkpointsKey(site), int64(after), last).Result()
	if err != nil {
		return nil, fmt.Errorf("redisstore: checkpoints of %s: %w", site, err)
	}
	return texts[:min(limit, len(texts))], nil
}
