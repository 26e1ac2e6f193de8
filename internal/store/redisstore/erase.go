package redisstore

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// Erase implements [optgate.Ledger].
func (s *Store) Erase(ctx context.Context, r optgate.EraseRequest) (int, error) {
	if !slices.Contains(optgate.ErasureReasons, r.Reason) {
		return 0, fmt.Errorf("redisstore: erase a visitor: %w", &optgate.InvalidError{Field: "reason", Msg: "is none of the reasons of an erasure"})
	}
	s.writing.RLock()
	defer s.writing.RUnlock()
	for range maxTries {
		// Whatever happens to the partition in between moves its head.
		found, head, err := s.records(ctx, r.Site, r.Visitor, 0)
		if err == nil && len(found) > 0 {
			var done bool
			done, err = s.erase(ctx, erasure{site: r.Site, head: head, entries: found, note: optgate.Erasure{Reason: r.Reason, At: r.At}})
			if err == nil && !done {
				continue
			}
		}
		if err != nil {
			return 0, fmt.Errorf("redisstore: erase a visitor: %w", err)
		}
		return len(found), nil
	}
	return 0, fmt.Errorf("redisstore: erase a visitor: %w", errContended)
}

// erasure is a call of eraseScript.
type erasure struct {
	site    optgate.SiteID
	head    optgate.Head
	entries []optgate.Entry // records of the head's partition; may be none
	note    optgate.Erasure // its reason and time
	expired string          // see expiredKey; empty: as it is
}

// erase turns records into tombstones and notes it, or returns false if the head
// has moved.
func (s *Store) erase(ctx context.Context, e erasure) (bool, error) {
	p := e.head.Partition
	keys := []string{entriesKey(e.site, p), answeredKey(e.site, p), expiredKey(e.site, p), uncountedKey(e.site, p)}
	e.note.Site, e.note.Partition, e.note.At = e.site, p, e.note.At.UTC().Truncate(time.Millisecond)
	var tombstones []any
	for _, one := range e.entries {
		visitor, err := packed.ParseID("visitor", one.Record.Visitor)
		if err != nil {
			return false, err
		}
		id, err := packed.ParseID("id", one.Record.ID)
		if err != nil {
			return false, err
		}
		_, bucket := visitorKey(e.site, visitor)
		keys = append(keys, bucket)
		tombstone := packed.AppendContent(one.Chain[:], &optgate.Entry{Leaf: one.Leaf})
		tombstones = append(tombstones, one.Seq, visitor[:], id[:], tombstone)
		e.note.Seqs = append(e.note.Seqs, one.Seq)
	}
	var note []byte
	if len(e.entries) > 0 {
		link := e.head.Next(e.note.Leaf())
		note = packed.AppendContent(link.Chain[:], &optgate.Entry{Erasure: &e.note})
	}
	args := append(append(expected(e.head), note, e.expired), tombstones...)
	moved, err := movedHead(s.runWrite(ctx, eraseScript, keys, args...), e.site, p)
	return moved == nil, err
}

// Expire implements [optgate.Ledger]. Each partition is gone through by itself,
// and what is done to it is one atomic step.
func (s *Store) Expire(ctx context.Context, r optgate.ExpireRequest) (int, bool, error) {
	if r.Limit < 1 {
		return 0, false, fmt.Errorf("redisstore: expire records of %s: %w", r.Site, &optgate.InvalidError{Field: "limit", Msg: "is 1 or more"})
	}
	s.writing.RLock()
	defer s.writing.RUnlock()
	each := (r.Limit + partitions - 1) / partitions
	replies, err := s.everyPartition(ctx, oldestScript, func(p int) ([]string, []any) {
		return []string{entriesKey(r.Site, p), expiredKey(r.Site, p)}, []any{each}
	})
	if err != nil {
		return 0, false, fmt.Errorf("redisstore: expire records of %s: %w", r.Site, err)
	}
	total, more := 0, false
	for p, reply := range replies {
		n, left, err := s.expire(ctx, r, p, reply)
		if err != nil {
			return total, false, fmt.Errorf("redisstore: expire records of %s: partition %d: %w", r.Site, p, err)
		}
		total += n
		more = more || left || len(reply) == 3+each && n > 0
	}
	return total, more, nil
}

// expire erases the old records of a partition that oldestScript returned, and
// reports whether there may be more.
func (s *Store) expire(ctx context.Context, r optgate.ExpireRequest, p int, reply []any) (int, bool, error) {
	head, err := parseHead(r.Site, p, reply[0], reply[1])
	if err != nil {
		return 0, false, err
	}
	passed, _ := reply[2].(int64)
	e := erasure{site: r.Site, head: head, note: optgate.Erasure{Reason: optgate.ErasedByRetention, At: r.At}}
	done := passed
	young := false
	for _, raw := range reply[3:] {
		text, _ := raw.(string)
		one, err := parseEntry(optgate.Place{Site: r.Site, Partition: p, Seq: uint64(done) + 1}, text)
		if err != nil {
			return 0, false, err
		}
		if one.Record != nil {
			if young = !one.Record.At.Before(r.Before); young {
				break
			}
			e.entries = append(e.entries, one)
		}
		done++
	}
	if done == passed {
		return 0, false, nil
	}
	e.expired = strconv.FormatInt(done, 10)
	applied, err := s.erase(ctx, e)
	if err != nil || !applied {
		return 0, err == nil, err // somebody appended: the next call comes here again
	}
	return len(e.entries), !young && uint64(done) < head.Seq, nil
}
