package sqlitestore

import (
	"context"
	"fmt"
	"slices"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// Restore implements [optgate.Ledger].
func (s *Store) Restore(ctx context.Context, site optgate.SiteID, entries []optgate.Entry) (int, error) {
	n, err := s.restore(ctx, site, entries)
	if err != nil {
		return n, fmt.Errorf("sqlitestore: restore entries of %s: %w", site, err)
	}
	return n, nil
}

func (s *Store) restore(ctx context.Context, name optgate.SiteID, entries []optgate.Entry) (int, error) {
	all, err := packed.BySeries(name, entries)
	if err != nil {
		return 0, err
	}
	total := 0
	for _, series := range all {
		fresh, err := s.missing(ctx, name, series)
		if err == nil && len(fresh) > 0 {
			err = s.submit(ctx, func(b *batch) error { return b.restore(name, fresh) })
		}
		if err != nil {
			return total, err
		}
		total += len(fresh)
	}
	return total, nil
}

// missing returns which entries of a series are not there yet.
func (s *Store) missing(ctx context.Context, site optgate.SiteID, series packed.Series) (packed.Series, error) {
	row, err := s.siteNumber(ctx, site)
	if err != nil {
		return nil, err
	}
	fresh, last, err := series.New(row.heads.of(series[0].Partition))
	if err != nil || last == nil {
		return fresh, err
	}
	there, err := s.entryAt(ctx, optgate.Place{Site: site, Partition: last.Partition, Seq: last.Seq})
	if err != nil {
		return nil, err
	}
	if there.Chain != last.Chain {
		return nil, fmt.Errorf("entry %d of partition %d is another one here: %w", last.Seq, last.Partition, optgate.ErrConflict)
	}
	return fresh, nil
}

// restore appends entries if they follow the head still.
func (b *batch) restore(name optgate.SiteID, fresh packed.Series) error {
	site, err := b.site(name)
	if err != nil {
		return err
	}
	if fresh[0].Follows(site.heads.of(fresh[0].Partition)) != nil {
		return fmt.Errorf("somebody else appended to partition %d: %w", fresh[0].Partition, optgate.ErrConflict)
	}
	// What could be refused is looked at before anything is written.
	waiting := make([]*newRecord, len(fresh))
	for i, e := range fresh {
		if e.Record == nil {
			continue
		}
		if waiting[i], err = newRecordOf(e.Record); err != nil {
			return err
		}
		if there, err := b.find(site, waiting[i].visitor, waiting[i].id); err != nil {
			return err
		} else if there != nil {
			return fmt.Errorf("record %s is there in another place: %w", e.Record.ID, optgate.ErrConflict)
		}
	}
	for len(fresh) > 0 {
		n := slices.IndexFunc(waiting, func(r *newRecord) bool { return r == nil })
		if n < 0 {
			n = len(waiting)
		}
		if n == 0 {
			n, err = 1, b.addOther(site, &fresh[0])
		} else {
			err = b.addRecords(waiting[:n])
		}
		if err != nil {
			return err
		}
		fresh, waiting = fresh[n:], waiting[n:]
	}
	return nil
}
