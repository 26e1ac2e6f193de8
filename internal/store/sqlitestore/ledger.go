package sqlitestore

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// placeBits is how many bits of a record's number are its place in its site's
// ledger: room for 10^12 records a site, and for 8 million sites.
const placeBits = 40

// recordNumber returns the rowid of a site's record.
func recordNumber(site, place int64) int64 { return site<<placeBits | place }

// cursorKind marks this store's cursors.
const cursorKind = "sqlite"

// Append implements [optgate.Ledger].
func (s *Store) Append(ctx context.Context, r optgate.Record) (optgate.Record, bool, error) {
	visitor, err := packed.ParseID("visitor", r.Visitor)
	if err != nil {
		return optgate.Record{}, false, fmt.Errorf("sqlitestore: append record: %w", err)
	}
	id, err := packed.ParseID("id", r.ID)
	if err != nil {
		return optgate.Record{}, false, fmt.Errorf("sqlitestore: append record: %w", err)
	}
	r.At = r.At.UTC().Truncate(time.Millisecond)
	body := packed.AppendBody(make([]byte, 0, 32), &r)
	count := countKey{day: r.At.Format(time.DateOnly), answer: string(packed.AppendAnswer(nil, r.Action, r.Choices))}

	var first []byte // the body of the record that was there before
	err = s.submit(ctx, func(b *batch) error {
		site, err := b.site(r.Site)
		if err != nil {
			return err
		}
		added, err := b.change(b.w.addRecord, recordNumber(site.no, site.taken+1), site.no, visitor[:], id[:], body)
		if err != nil {
			return err
		}
		if added == 0 {
			return b.get(b.w.findRecord, []any{visitor[:], id[:], site.no}, &first)
		}
		site.taken++
		site.dirty = true
		key := count
		key.site = site.no
		b.counts[key]++
		return nil
	})
	switch {
	case err != nil:
		return optgate.Record{}, false, fmt.Errorf("sqlitestore: append record %s: %w", r.ID, err)
	case first == nil:
		return r, true, nil
	}
	stored := optgate.Record{ID: r.ID, Site: r.Site, Visitor: r.Visitor}
	if err := packed.ParseBody(first, &stored); err != nil {
		return optgate.Record{}, false, fmt.Errorf("sqlitestore: read record %s: %w", r.ID, err)
	}
	if !stored.SameAnswer(&r) {
		return optgate.Record{}, false, fmt.Errorf("sqlitestore: append record %s: it holds another answer: %w", r.ID, optgate.ErrConflict)
	}
	return stored, false, nil
}

// Current implements [optgate.Ledger].
func (s *Store) Current(ctx context.Context, site optgate.SiteID, visitor string) (optgate.Record, error) {
	all, err := s.visitorRecords(ctx, s.reads.current, site, visitor)
	if err != nil {
		return optgate.Record{}, fmt.Errorf("sqlitestore: current record: %w", err)
	}
	if len(all) == 0 {
		return optgate.Record{}, fmt.Errorf("sqlitestore: current record: %w", optgate.ErrNotFound)
	}
	return all[0], nil
}

// Records implements [optgate.Ledger].
func (s *Store) Records(ctx context.Context, site optgate.SiteID, visitor string) ([]optgate.Record, error) {
	all, err := s.visitorRecords(ctx, s.reads.visitor, site, visitor)
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: records of a visitor: %w", err)
	}
	return all, nil
}

func (s *Store) visitorRecords(ctx context.Context, q *sql.Stmt, site optgate.SiteID, visitor string) ([]optgate.Record, error) {
	v, err := packed.ParseID("visitor", visitor)
	if err != nil {
		return nil, ctx.Err() // what cannot be a visitor's id has no records
	}
	found, _, err := queryRecords(ctx, q, site, v[:], string(site))
	return found, err
}

// Erase implements [optgate.Ledger].
func (s *Store) Erase(ctx context.Context, site optgate.SiteID, visitor string) (int, error) {
	v, err := packed.ParseID("visitor", visitor)
	if err != nil {
		return 0, ctx.Err()
	}
	var n int64
	err = s.submit(ctx, func(b *batch) error {
		var err error
		n, err = b.change(b.w.eraseRecords, v[:], string(site))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("sqlitestore: erase a visitor: %w", err)
	}
	return int(n), nil
}

// Scan implements [optgate.Ledger]. Its cursor is the number of the last record:
// one writer gives numbers out in the order of commits, so nothing ever appears
// before it.
func (s *Store) Scan(ctx context.Context, site optgate.SiteID, cursor string, limit int) ([]optgate.Record, string, error) {
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
	var no int64
	err := s.reads.site.QueryRowContext(ctx, string(site)).Scan(&no)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, "", fmt.Errorf("sqlitestore: scan %s: %w", site, err)
	}
	from, to := max(last, recordNumber(no, 0)), recordNumber(no+1, 0)
	page, end, err := queryRecords(ctx, s.reads.scan, site, from, to, limit)
	if err != nil {
		return nil, "", fmt.Errorf("sqlitestore: scan %s: %w", site, err)
	}
	return page, packed.Cursor(cursorKind, site, binary.BigEndian.AppendUint64(nil, uint64(max(last, end)))), nil
}

// queryRecords reads rows of (n, visitor, id, body) and returns the last n, too.
func queryRecords(ctx context.Context, q *sql.Stmt, site optgate.SiteID, args ...any) ([]optgate.Record, int64, error) {
	rows, err := q.QueryContext(ctx, args...)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	var all []optgate.Record
	var n int64
	for rows.Next() {
		var visitor, id, body sql.RawBytes
		if err := rows.Scan(&n, &visitor, &id, &body); err != nil {
			return nil, 0, err
		}
		r, err := packed.ParseRecord(site, slices.Concat(id, visitor, body))
		if err != nil {
			return nil, 0, fmt.Errorf("record %d: %w", n, err)
		}
		all = append(all, r)
	}
	return all, n, rows.Err()
}

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
		var answer []byte
		var n int
		if err := rows.Scan(&day, &answer, &n); err != nil {
			return nil, err
		}
		if err := tally.Add(day, answer, n); err != nil {
			return nil, err
		}
	}
	return tally.Days(), rows.Err()
}
