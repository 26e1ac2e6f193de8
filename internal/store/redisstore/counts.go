package redisstore

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// daysAtOnce is how many days are asked for in one round trip.
const daysAtOnce = 31

// Counts implements [optgate.Ledger].
func (s *Store) Counts(ctx context.Context, site optgate.SiteID, from, to time.Time) ([]optgate.DayCount, error) {
	var tally packed.Tally
	to = to.UTC().Truncate(24 * time.Hour)
	for day := from.UTC().Truncate(24 * time.Hour); !day.After(to); day = day.AddDate(0, 0, daysAtOnce) {
		last := day.AddDate(0, 0, daysAtOnce-1)
		if last.After(to) {
			last = to
		}
		if err := s.count(ctx, &tally, site, day, last); err != nil {
			return nil, fmt.Errorf("redisstore: counts of %s: %w", site, err)
		}
	}
	return tally.Days(), nil
}

// count adds the days from first to last to tally.
func (s *Store) count(ctx context.Context, tally *packed.Tally, site optgate.SiteID, first, last time.Time) error {
	type reply struct {
		day string
		cmd *redis.MapStringIntCmd
	}
	var replies []reply
	pipe := s.rdb.Pipeline()
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		for p := range partitions {
			cmd := redis.NewMapStringIntCmd(ctx, "hgetall", dayKey(site, p, day))
			pipe.Process(ctx, cmd)
			replies = append(replies, reply{day.Format(time.DateOnly), cmd})
		}
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return err
	}
	for _, r := range replies {
		for answer, n := range r.cmd.Val() {
			if err := tally.Add(r.day, []byte(answer), int(n)); err != nil {
				return err
			}
		}
	}
	return nil
}
