package redisstore

import (
	"context"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// chainPage is how many records are read at once.
const chainPage = 500

// chainStreams gives links to the records that a version before there were
// chains left in streams, partition by partition in their order, and removes
// the streams. If it ends early, or if several processes do it at once, records
// that are chained already are recognised.
func (s *Store) chainStreams(ctx context.Context) error {
	sites, err := s.rdb.HKeys(ctx, latestKey).Result()
	if err != nil {
		return err
	}
	for _, name := range sites {
		site := optgate.SiteID(name)
		pipe := s.rdb.Pipeline()
		var there [partitions]*redis.IntCmd
		for p := range there {
			there[p] = pipe.Exists(ctx, partitionKey(site, p)+"l")
		}
		if _, err := pipe.Exec(ctx); err != nil {
			return err
		}
		for p := range there {
			if there[p].Val() == 0 {
				continue
			}
			if err := s.chainStream(ctx, site, p); err != nil {
				return fmt.Errorf("partition %d of %s: %w", p, site, err)
			}
		}
	}
	return nil
}

// chainStream is chainStreams for one partition.
func (s *Store) chainStream(ctx context.Context, site optgate.SiteID, p int) error {
	stream := partitionKey(site, p) + "l"
	for from := "-"; ; {
		page, err := s.rdb.XRangeN(ctx, stream, from, "+", chainPage).Result()
		if err != nil {
			return err
		}
		for _, m := range page {
			text, _ := m.Values["r"].(string)
			r, err := packed.ParseRecord(site, []byte(text))
			if err != nil {
				return fmt.Errorf("record %s: %w", m.ID, err)
			}
			op, _, err := newOp(ctx, &r)
			if err != nil {
				return fmt.Errorf("record %s: %w", m.ID, err)
			}
			op.count, op.day = nil, uncountedKey(site, p) // its day has been counted
			if answer := s.appends.append(op, site, p); answer.err != nil {
				return fmt.Errorf("record %s: %w", m.ID, answer.err)
			}
			from = "(" + m.ID
		}
		if len(page) < chainPage {
			break
		}
	}
	old := []string{stream}
	for bucket := range buckets {
		old = append(old, partitionKey(site, p)+"v:"+strconv.Itoa(bucket))
	}
	return write(ctx, s, func(ctx context.Context, c redis.Cmdable) *redis.IntCmd { return c.Unlink(ctx, old...) }).Err()
}
