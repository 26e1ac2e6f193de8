package sqlitestore

import (
	"context"
	"fmt"

	"github.com/optgate/optgate/internal/optgate"
)

// PutCheckpoint implements [optgate.CheckpointStore].
func (s *Store) PutCheckpoint(ctx context.Context, site optgate.SiteID, text string) error {
	err := s.submit(ctx, func(b *batch) error {
		return b.rare(`INSERT INTO checkpoints (site, number, content)
			SELECT ?1, 1 + coalesce(max(number), 0), ?2 FROM checkpoints WHERE site = ?1
			HAVING ?2 IS NOT (SELECT content FROM checkpoints WHERE site = ?1 ORDER BY number DESC LIMIT 1)`, string(site), text)
	})
	if err != nil {
		return fmt.Errorf("sqlitestore: put checkpoint of %s: %w", site, err)
	}
	return nil
}

// Checkpoints implements [optgate.CheckpointStore].
func (s *Store) Checkpoints(ctx context.Context, site optgate.SiteID, after, limit int) ([]string, error) {
	if limit < 1 {
		return nil, fmt.Errorf("sqlitestore: checkpoints of %s: %w", site, &optgate.InvalidError{Field: "limit", Msg: "is 1 or more"})
	}
	texts, err := s.checkpoints(ctx, site, after, limit)
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: checkpoints of %s: %w", site, err)
	}
	return texts, nil
}

func (s *Store) checkpoints(ctx context.Context, site optgate.SiteID, after, limit int) ([]string, error) {
	rows, err := s.readDB.QueryContext(ctx, `SELECT content FROM checkpoints WHERE site = ?1 AND number > CASE WHEN ?2 < 0
		THEN ?2 + (SELECT coalesce(max(number), 0) FROM checkpoints WHERE site = ?1) ELSE ?2 END ORDER BY number LIMIT ?3`, string(site), after, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var texts []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, rows.Err()
}
