package redisstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// Restore implements [optgate.Ledger].
func (s *Store) Restore(ctx context.Context, site optgate.SiteID, entries []optgate.Entry) (int, error) {
	n, err := s.restore(ctx, site, entries)
	if err != nil {
		return n, fmt.Errorf("redisstore: restore entries of %s: %w", site, err)
	}
	return n, nil
}

func (s *Store) restore(ctx context.Context, site optgate.SiteID, entries []optgate.Entry) (int, error) {
	all, err := packed.BySeries(site, entries)
	if err != nil {
		return 0, err
	}
	s.writing.RLock()
	defer s.writing.RUnlock()
	total := 0
	for _, series := range all {
		n, err := s.restoreSeries(ctx, site, series)
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// restoreSeries appends what is missing of a series, a group at a time.
func (s *Store) restoreSeries(ctx context.Context, site optgate.SiteID, series packed.Series) (int, error) {
	p := series[0].Partition
	reply, err := s.run(ctx, headScript, []string{entriesKey(site, p)}).Slice()
	if err != nil {
		return 0, err
	}
	head, err := parseHead(site, p, reply[0], reply[1])
	if err != nil {
		return 0, err
	}
	fresh, last, err := series.New(head)
	if err != nil {
		return 0, err
	}
	if last != nil {
		there, err := s.entryAt(ctx, optgate.Place{Site: site, Partition: p, Seq: last.Seq})
		if err != nil {
			return 0, err
		}
		if there.Chain != last.Chain {
			return 0, fmt.Errorf("entry %d of partition %d is another one here: %w", last.Seq, p, optgate.ErrConflict)
		}
	}
	n := 0
	for group := range slices.Chunk(fresh, maxGroup) {
		if err := s.restoreGroup(ctx, site, head, group); err != nil {
			return n, err
		}
		n += len(group)
		head = group[len(group)-1].Link
	}
	return n, nil
}

// restoreGroup appends entries behind a head.
func (s *Store) restoreGroup(ctx context.Context, site optgate.SiteID, head optgate.Head, group packed.Series) error {
	c := &call{}
	l := newLane(site, head.Partition)
	c.begin(l, head, len(group))
	for _, e := range group {
		if e.Record == nil {
			c.addNote(l, &e)
			continue
		}
		op, _, err := newOp(ctx, e.Record)
		if err != nil {
			return err
		}
		c.add(op, e.Chain)
	}
	replies, err := s.runWrite(ctx, appendScript, c.keys, c.args...).Slice()
	if errors.Is(err, redis.Nil) { // Lua's false: they are written
		return nil
	} else if err != nil {
		return err
	}
	said, _ := replies[0].([]any)
	if len(said) > 0 && said[0] == "there" {
		return fmt.Errorf("a record is there in another place: %w", optgate.ErrConflict)
	}
	return fmt.Errorf("somebody else appended to partition %d: %w", head.Partition, optgate.ErrConflict)
}
