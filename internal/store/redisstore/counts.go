package redisstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// Days are asked for in round trips of so many, and so many of these at a time:
// while Redis looks up the next ones, those before are decoded.
const (
	daysAtOnce  = 31
	countsTrips = 4
)

const oneDay = 24 * time.Hour

// Counts implements [optgate.Ledger].
func (s *Store) Counts(ctx context.Context, site optgate.SiteID, from, to time.Time) ([]optgate.DayCount, error) {
	from, to = from.UTC().Truncate(oneDay), to.UTC().Truncate(oneDay)
	counts := s.countAll
	if to.Sub(from) >= daysAtOnce*oneDay {
		counts = s.countBySums
	}
	days, err := counts(ctx, site, from, to)
	if err != nil {
		return nil, fmt.Errorf("redisstore: counts of %s: %w", site, err)
	}
	return append([]optgate.DayCount{}, days...), nil // never nil
}

// countAll returns the counts of days from what each partition has of each.
func (s *Store) countAll(ctx context.Context, site optgate.SiteID, from, to time.Time) ([]optgate.DayCount, error) {
	var firsts []time.Time
	for day := from; !day.After(to); day = day.AddDate(0, 0, daysAtOnce) {
		firsts = append(firsts, day)
	}
	parts := make([][]optgate.DayCount, len(firsts))
	trips, ctx := errgroup.WithContext(ctx)
	trips.SetLimit(countsTrips)
	for i, first := range firsts {
		trips.Go(func() error {
			last := first.AddDate(0, 0, daysAtOnce-1)
			if last.After(to) {
				last = to
			}
			var err error
			parts[i], err = s.count(ctx, site, first, last)
			return err
		})
	}
	if err := trips.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(parts...), nil
}

// count returns the counts of the days from first to last.
func (s *Store) count(ctx context.Context, site optgate.SiteID, first, last time.Time) ([]optgate.DayCount, error) {
	type reply struct {
		day string
		cmd *redis.MapStringIntCmd
	}
	var keys [partitions]string
	for p := range keys {
		keys[p] = daysKey(site, p)
	}
	replies := make([]reply, 0, daysAtOnce*partitions)
	pipe := s.rdb.Pipeline()
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		name, inKey := day.Format(time.DateOnly), day.Format(keyDay)
		for _, key := range keys {
			cmd := redis.NewMapStringIntCmd(ctx, "hgetall", key+inKey)
			pipe.Process(ctx, cmd)
			replies = append(replies, reply{name, cmd})
		}
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, err
	}
	var tally packed.Tally
	for _, r := range replies {
		for answer, n := range r.cmd.Val() {
			if err := tally.Add(r.day, []byte(answer), int(n)); err != nil {
				return nil, err
			}
		}
	}
	return tally.Days(), nil
}
