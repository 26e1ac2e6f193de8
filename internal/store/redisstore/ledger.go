package redisstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// Append implements [optgate.Ledger]. It is one round trip.
func (s *Store) Append(ctx context.Context, r optgate.Record) (optgate.Record, bool, error) {
	r.At = r.At.UTC().Truncate(time.Millisecond)
	keys, args, err := appendCall(&r)
	if err != nil {
		return optgate.Record{}, false, fmt.Errorf("redisstore: append record: %w", err)
	}
	first, err := s.append(ctx, keys, args)
	if errors.Is(err, redis.Nil) {
		return r, true, nil
	} else if err != nil {
		return optgate.Record{}, false, fmt.Errorf("redisstore: append record %s: %w", r.ID, err)
	}
	stored, err := packed.ParseRecord(r.Site, []byte(first))
	if err != nil {
		return optgate.Record{}, false, fmt.Errorf("redisstore: read record %s: %w", r.ID, err)
	}
	if !stored.SameAnswer(&r) {
		return optgate.Record{}, false, fmt.Errorf("redisstore: append record %s: it holds another answer: %w", r.ID, optgate.ErrConflict)
	}
	return stored, false, nil
}

// append runs appendScript and returns what it returned.
func (s *Store) append(ctx context.Context, keys []string, args []any) (string, error) {
	s.writing.RLock()
	defer s.writing.RUnlock()
	if s.closed {
		return "", redis.ErrClosed
	}
	if s.appends == nil {
		return s.runWrite(ctx, appendScript, keys, args...).Text()
	}
	return s.appends.append(ctx, keys, args)
}

// appendCall returns what appendScript takes for r.
func appendCall(r *optgate.Record) (keys []string, args []any, err error) {
	visitor, err := packed.ParseID("visitor", r.Visitor)
	if err != nil {
		return nil, nil, err
	}
	id, err := packed.ParseID("id", r.ID)
	if err != nil {
		return nil, nil, err
	}
	prefix, stream, bucket := visitorKeys(r.Site, visitor)
	keys = []string{stream, bucket, prefix + "d:" + r.At.Format(keyDay)}
	args = []any{visitor[:], id[:], packed.Record(r, visitor, id), packed.AppendAnswer(nil, r.Action, r.Choices)}
	return keys, args, nil
}

// Current implements [optgate.Ledger].
func (s *Store) Current(ctx context.Context, site optgate.SiteID, visitor string) (optgate.Record, error) {
	found, err := s.records(ctx, site, visitor, 1)
	if err == nil && len(found) == 0 {
		err = optgate.ErrNotFound
	}
	if err != nil {
		return optgate.Record{}, fmt.Errorf("redisstore: current record: %w", err)
	}
	return found[0], nil
}

// Records implements [optgate.Ledger].
func (s *Store) Records(ctx context.Context, site optgate.SiteID, visitor string) ([]optgate.Record, error) {
	found, err := s.records(ctx, site, visitor, 0)
	if err != nil {
		return nil, fmt.Errorf("redisstore: records of a visitor: %w", err)
	}
	return found, nil
}

// records returns a visitor's newest records, or all of them for 0.
func (s *Store) records(ctx context.Context, site optgate.SiteID, visitor string, newest int) ([]optgate.Record, error) {
	v, err := packed.ParseID("visitor", visitor)
	if err != nil {
		return nil, ctx.Err() // what cannot be a visitor's id has no records
	}
	_, stream, bucket := visitorKeys(site, v)
	raw, err := s.run(ctx, recordsScript, []string{stream, bucket}, v[:], newest).StringSlice()
	if err != nil {
		return nil, err
	}
	var found []optgate.Record
	for _, b := range raw {
		r, err := packed.ParseRecord(site, []byte(b))
		if err != nil {
			return nil, err
		}
		found = append(found, r)
	}
	return found, nil
}

// Erase implements [optgate.Ledger].
func (s *Store) Erase(ctx context.Context, site optgate.SiteID, visitor string) (int, error) {
	v, err := packed.ParseID("visitor", visitor)
	if err != nil {
		return 0, ctx.Err()
	}
	_, stream, bucket := visitorKeys(site, v)
	s.writing.RLock()
	defer s.writing.RUnlock()
	n, err := s.runWrite(ctx, eraseScript, []string{stream, bucket}, v[:]).Int()
	if err != nil {
		return 0, fmt.Errorf("redisstore: erase a visitor: %w", err)
	}
	return n, nil
}

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
