package sqlitestore

import (
	"context"
	"fmt"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// Counts implements [optgate.Ledger].
func (s *Store) Counts(ctx context.Context, site optgate.SiteID, from, to time.Time) ([]optgate.DayCount, error) {
	counts, err := s.counts(ctx, site, from, to)
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: counts of %s: %w", site, err)
	}
	return counts, nil
}

func (s *Store) counts(ctx context.Context, site optgate.SiteID, from, to time.Time) ([]optgate.DayCount, error) {
	rows, err := s.reads.counts.QueryContext(ctx, string(site), from.UTC().Format(time.DateOnly), to.UTC().Format(time.DateOnly))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var tally packed.Tally
	for rows.Next() {
		var day string
		var key []byte
		var n int
		if err := rows.Scan(&day, &key, &n); err != nil {
			return nil, err
		}
		if err := tally.Add(day, key, n); err != nil {
			return nil, err
		}
	}
	return tally.Days(), rows.Err()
}

// Answered implements [optgate.Ledger].
func (s *Store) Answered(ctx context.Context, site optgate.SiteID) (map[int]int, error) {
	visitors, err := s.answered(ctx, site)
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: visitors of %s by revision: %w", site, err)
	}
	return visitors, nil
}

func (s *Store) answered(ctx context.Context, site optgate.SiteID) (map[int]int, error) {
	rows, err := s.reads.answered.QueryContext(ctx, string(site))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	visitors := map[int]int{}
	for rows.Next() {
		var revision, n int
		if err := rows.Scan(&revision, &n); err != nil {
			return nil, err
		}
		visitors[revision] = n
	}
	return visitors, rows.Err()
}
