package sqlitestore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// Erase implements [optgate.Ledger].
func (s *Store) Erase(ctx context.Context, r optgate.EraseRequest) (int, error) {
	if !slices.Contains(optgate.ErasureReasons, r.Reason) {
		return 0, fmt.Errorf("sqlitestore: erase a visitor: %w", &optgate.InvalidError{Field: "reason", Msg: "is none of the reasons of an erasure"})
	}
	v, err := packed.ParseID("visitor", r.Visitor)
	if err != nil {
		return 0, ctx.Err()
	}
	var n int
	err = s.submit(ctx, func(b *batch) error {
		site, err := b.site(r.Site)
		if err != nil {
			return err
		}
		first, last := visitorRange(v, site.no)
		rows, err := b.rows("SELECT n, link, who, entry FROM entries WHERE who BETWEEN ? AND ? ORDER BY n", first, last)
		if err != nil {
			return err
		}
		if n = len(rows); n > 0 {
			b.afterwards = append(b.afterwards, s.emptyLog)
		}
		return b.erase(site, rows, optgate.Erasure{Reason: r.Reason, At: r.At})
	})
	if err != nil {
		return 0, fmt.Errorf("sqlitestore: erase a visitor: %w", err)
	}
	return n, nil
}

// erase turns records into tombstones, in order of their numbers, and notes it
// in each partition, in the words of note.
func (b *batch) erase(site *siteRow, rows []row, note optgate.Erasure) error {
	var erased [optgate.Partitions][]uint64
	for _, r := range rows {
		e, err := r.parse(site.heads.site)
		if err != nil {
			return b.fail(err)
		}
		if len(r.who) == len(newestKey(packed.ID{}, 0)) {
			// A visitor's newest record goes last.
			b.answered[answeredKey{site.no, e.Record.Revision}]--
		}
		tombstone := packed.AppendContent(e.Chain[:], &optgate.Entry{Leaf: e.Leaf})
		if err := b.exec(b.w.eraseEntry, tombstone, r.n); err != nil {
			return err
		}
		erased[e.Partition] = append(erased[e.Partition], e.Seq)
	}
	note.Site, note.At = site.heads.site, note.At.UTC().Truncate(time.Millisecond)
	for p, seqs := range erased {
		if len(seqs) == 0 {
			continue
		}
		note.Partition, note.Seqs = p, seqs
		if err := b.addOther(site, &optgate.Entry{Link: optgate.Link{Partition: p}, Leaf: note.Leaf(), Erasure: &note}); err != nil {
			return err
		}
	}
	return nil
}

// Expire implements [optgate.Ledger].
func (s *Store) Expire(ctx context.Context, r optgate.ExpireRequest) (int, bool, error) {
	if r.Limit < 1 {
		return 0, false, fmt.Errorf("sqlitestore: expire records of %s: %w", r.Site, &optgate.InvalidError{Field: "limit", Msg: "is 1 or more"})
	}
	var old []row
	var more bool
	err := s.submit(ctx, func(b *batch) error {
		site, err := b.site(r.Site)
		if err != nil {
			return err
		}
		from := entryNumber(site.no, site.expired)
		rows, err := b.rows("SELECT n, link, who, entry FROM entries WHERE n > ? AND n <= ? ORDER BY n LIMIT ?", from, entryNumber(site.no, site.taken), r.Limit)
		if err != nil {
			return err
		}
		more = len(rows) == r.Limit
		done := from
		for _, one := range rows {
			e, err := one.parse(site.heads.site)
			if err != nil {
				return b.fail(err)
			}
			if e.Record != nil {
				if !e.Record.At.Before(r.Before) {
					more = false
					break
				}
				old = append(old, one)
			}
			done = one.n
		}
		if done == from {
			return nil
		}
		site.expired = done - entryNumber(site.no, 0)
		if err := b.exec(b.w.setExpired, site.expired, site.no); err != nil {
			return err
		}
		if len(old) > 0 {
			b.afterwards = append(b.afterwards, s.emptyLog)
		}
		return b.erase(site, old, optgate.Erasure{Reason: optgate.ErasedByRetention, At: r.At})
	})
	if err != nil {
		return 0, false, fmt.Errorf("sqlitestore: expire records of %s: %w", r.Site, err)
	}
	return len(old), more, nil
}
