package sqlitestore

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"sort"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// cursorKind marks this store's cursors.
const cursorKind = "sqlite"

// Scan implements [optgate.Ledger]. Its cursor is the number of the last entry:
// one writer gives numbers out in the order of commits, so nothing ever appears
// before it.
func (s *Store) Scan(ctx context.Context, site optgate.SiteID, cursor string, limit int) ([]optgate.Entry, string, error) {
	if limit < 1 {
		return nil, "", &optgate.InvalidError{Field: "limit", Msg: "is 1 or more"}
	}
	place := make([]byte, 8)
	if cursor != "" {
		var err error
		if place, err = packed.ParseCursor(cursorKind, site, cursor, len(place)); err != nil {
			return nil, "", fmt.Errorf("sqlitestore: scan %s: %w", site, err)
		}
	}
	last := int64(binary.BigEndian.Uint64(place))
	row, err := s.siteNumber(ctx, site)
	if err != nil {
		return nil, "", fmt.Errorf("sqlitestore: scan %s: %w", site, err)
	}
	from, to := max(last, entryNumber(row.no, 0)), entryNumber(row.no+1, 0)
	page, end, err := queryEntries(ctx, s.reads.scan, site, from, to, limit)
	if err != nil {
		return nil, "", fmt.Errorf("sqlitestore: scan %s: %w", site, err)
	}
	return page, packed.Cursor(cursorKind, site, binary.BigEndian.AppendUint64(nil, uint64(max(last, end)))), nil
}

// EntryAt implements [optgate.Ledger]. Entries of a partition are numbered in
// their order, so that the place is found by halving.
func (s *Store) EntryAt(ctx context.Context, p optgate.Place) (optgate.Entry, error) {
	e, err := s.entryAt(ctx, p)
	if err != nil {
		return optgate.Entry{}, fmt.Errorf("sqlitestore: entry %d of partition %d of %s: %w", p.Seq, p.Partition, p.Site, err)
	}
	return e, nil
}

func (s *Store) entryAt(ctx context.Context, p optgate.Place) (optgate.Entry, error) {
	row, err := s.siteNumber(ctx, p.Site)
	if err != nil {
		return optgate.Entry{}, err
	}
	if p.Partition < 0 || p.Partition >= optgate.Partitions || p.Seq == 0 || p.Seq > row.heads.of(p.Partition).Seq {
		return optgate.Entry{}, optgate.ErrNotFound
	}
	link := linkNumber(optgate.Link{Partition: p.Partition, Seq: p.Seq})
	n, err := s.halve(row, func(from, to int64) (bool, error) {
		var there int64
		err := s.reads.linkFrom.QueryRowContext(ctx, from, to, p.Partition).Scan(&there)
		return err == nil && there < link, ignoreNoRows(err)
	})
	if err != nil {
		return optgate.Entry{}, err
	}
	// What halving found is the first number from which on no earlier entry of
	// the partition comes.
	found, _, err := queryEntries(ctx, s.reads.atLink, p.Site, n, entryNumber(row.no+1, 0), link)
	if err == nil && len(found) == 0 {
		err = optgate.ErrNotFound
	}
	if err != nil {
		return optgate.Entry{}, err
	}
	return found[0], nil
}

// halve returns the first entry number of a site for which before is false. It
// is asked about what lies from one number on, up to the site's end.
func (s *Store) halve(site siteRow, before func(from, to int64) (bool, error)) (int64, error) {
	first, end := entryNumber(site.no, 1), entryNumber(site.no, site.taken)+1
	var failed error
	i := sort.Search(int(end-first), func(i int) bool {
		if failed != nil {
			return true
		}
		var earlier bool
		earlier, failed = before(first+int64(i), end)
		return !earlier
	})
	return first + int64(i), failed
}

// findBefore is how long before the time in its id a record may have been taken:
// clocks of visitors go wrong by minutes.
const findBefore = 10 * time.Minute

// Find implements [optgate.Ledger]. The server's times halve the ledger, as far
// as they are in order.
func (s *Store) Find(ctx context.Context, site optgate.SiteID, id string) (optgate.Entry, error) {
	e, err := s.find(ctx, site, id)
	if err != nil {
		return optgate.Entry{}, fmt.Errorf("sqlitestore: find a record of %s: %w", site, err)
	}
	return e, nil
}

func (s *Store) find(ctx context.Context, site optgate.SiteID, id string) (optgate.Entry, error) {
	wanted, err := packed.ParseID("id", id)
	if err != nil {
		return optgate.Entry{}, errors.Join(ctx.Err(), optgate.ErrNotFound)
	}
	row, err := s.siteNumber(ctx, site)
	if err != nil {
		return optgate.Entry{}, err
	}
	at := ulid.Time(wanted.Time())
	var bounds [2]int64
	for i, t := range []time.Time{at.Add(-findBefore), at.Add(optgate.FindWithin)} {
		bounds[i], err = s.halve(row, func(from, to int64) (bool, error) {
			found, _, err := queryEntries(ctx, s.reads.recordFrom, site, from, to)
			return err == nil && len(found) > 0 && found[0].Record.At.Before(t), err
		})
		if err != nil {
			return optgate.Entry{}, err
		}
	}
	found, _, err := queryEntries(ctx, s.reads.byID, site, bounds[0], bounds[1], wanted[:])
	if err == nil && len(found) == 0 {
		err = optgate.ErrNotFound
	}
	if err != nil {
		return optgate.Entry{}, err
	}
	return found[0], nil
}

// ignoreNoRows returns nil for [sql.ErrNoRows].
func ignoreNoRows(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}
