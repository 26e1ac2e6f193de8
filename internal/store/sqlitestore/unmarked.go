package sqlitestore

import (
	"context"
	"fmt"

	"github.com/optgate/optgate/internal/optgate"
)

// SawUnmarked implements [optgate.UnmarkedStore].
func (s *Store) SawUnmarked(ctx context.Context, site optgate.SiteID, day string, tags []optgate.Unmarked) error {
	gone, err := optgate.UnmarkedGone(day)
	if err == nil {
		err = s.submit(ctx, func(b *batch) error {
			if err := b.rare("DELETE FROM unmarked WHERE site = ? AND last <= ?", string(site), gone); err != nil {
				return err
			}
			for _, t := range tags {
				if err := b.rare(`INSERT INTO unmarked (site, host, path, kind, first, last) SELECT ?1, ?2, ?3, ?4, ?5, ?5
					WHERE (SELECT count(*) FROM unmarked WHERE site = ?1) < ?6
					OR EXISTS (SELECT 1 FROM unmarked WHERE site = ?1 AND host = ?2 AND path = ?3 AND kind = ?4)
					ON CONFLICT DO UPDATE SET last = max(last, excluded.last)`,
					string(site), t.Host, t.Path, t.Kind, day, optgate.MaxUnmarked); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("sqlitestore: note unmarked tags of %s: %w", site, err)
	}
	return nil
}

// Unmarked implements [optgate.UnmarkedStore].
func (s *Store) Unmarked(ctx context.Context, site optgate.SiteID) ([]optgate.SeenUnmarked, error) {
	tags, err := s.unmarked(ctx, site)
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: unmarked tags of %s: %w", site, err)
	}
	return tags, nil
}

func (s *Store) unmarked(ctx context.Context, site optgate.SiteID) ([]optgate.SeenUnmarked, error) {
	rows, err := s.readDB.QueryContext(ctx, "SELECT host, path, kind, first, last FROM unmarked WHERE site = ? ORDER BY host, path, kind", string(site))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var tags []optgate.SeenUnmarked
	for rows.Next() {
		var t optgate.SeenUnmarked
		if err := rows.Scan(&t.Host, &t.Path, &t.Kind, &t.First, &t.Last); err != nil {
			return nil, err
		}
		tags = append(tags, t)
	}
	return tags, rows.Err()
}

// ForgetUnmarked implements [optgate.UnmarkedStore].
func (s *Store) ForgetUnmarked(ctx context.Context, site optgate.SiteID, tag optgate.Unmarked) error {
	err := s.submit(ctx, func(b *batch) error {
		return b.rare("DELETE FROM unmarked WHERE site = ? AND host = ? AND path = ? AND kind = ?", string(site), tag.Host, tag.Path, tag.Kind)
	})
	if err != nil {
		return fmt.Errorf("sqlitestore: forget unmarked tag of %s: %w", site, err)
	}
	return nil
}
