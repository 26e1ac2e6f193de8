package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// placeBits is how many bits of an entry's number are its place in its site's
// ledger: room for 10^12 entries a site, and for 8 million sites.
const placeBits = 40

// entryNumber returns the rowid of a site's entry.
func entryNumber(site, place int64) int64 { return site<<placeBits | place }

// Append implements [optgate.Ledger].
func (s *Store) Append(ctx context.Context, r optgate.Record) (optgate.Entry, bool, error) {
	r.At = r.At.UTC().Truncate(time.Millisecond)
	fresh, err := newRecordOf(&r)
	if err != nil {
		return optgate.Entry{}, false, fmt.Errorf("sqlitestore: append record: %w", err)
	}
	if err := s.await(&write{ctx: ctx, add: fresh, done: make(chan error, 1)}); err != nil {
		return optgate.Entry{}, false, fmt.Errorf("sqlitestore: append record %s: %w", r.ID, err)
	}
	if fresh.first == nil {
		return optgate.Entry{Link: fresh.link, Leaf: fresh.leaf, Record: &r}, true, nil
	}
	first, err := fresh.first.parse(r.Site)
	if err != nil {
		return optgate.Entry{}, false, fmt.Errorf("sqlitestore: read record %s: %w", r.ID, err)
	}
	if !first.Record.SameAnswer(&r) {
		return optgate.Entry{}, false, fmt.Errorf("sqlitestore: append record %s: it holds another answer: %w", r.ID, optgate.ErrConflict)
	}
	return first, false, nil
}

// Current implements [optgate.Ledger].
func (s *Store) Current(ctx context.Context, site optgate.SiteID, visitor string) (optgate.Entry, error) {
	found, err := s.visitorEntries(ctx, site, visitor, func(v packed.ID, no int64) (*sql.Stmt, []any) {
		return s.reads.current, []any{newestKey(v, no)}
	})
	if err == nil && len(found) == 0 {
		err = optgate.ErrNotFound
	}
	if err != nil {
		return optgate.Entry{}, fmt.Errorf("sqlitestore: current record: %w", err)
	}
	return found[0], nil
}

// Records implements [optgate.Ledger].
func (s *Store) Records(ctx context.Context, site optgate.SiteID, visitor string) ([]optgate.Entry, error) {
	found, err := s.visitorEntries(ctx, site, visitor, func(v packed.ID, no int64) (*sql.Stmt, []any) {
		first, last := visitorRange(v, no)
		return s.reads.visitor, []any{first, last}
	})
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: records of a visitor: %w", err)
	}
	return found, nil
}

// visitorEntries returns what a query about a visitor of a site finds.
func (s *Store) visitorEntries(ctx context.Context, site optgate.SiteID, visitor string, query func(packed.ID, int64) (*sql.Stmt, []any)) ([]optgate.Entry, error) {
	v, err := packed.ParseID("visitor", visitor)
	if err != nil {
		return nil, ctx.Err() // what cannot be a visitor's id has no records
	}
	row, err := s.siteNumber(ctx, site)
	if err != nil {
		return nil, err
	}
	statement, args := query(v, row.no)
	found, _, err := queryEntries(ctx, statement, site, args...)
	return found, err
}

// siteNumber returns a site's number and what its row tells of its ledger. An
// unknown site has number 0, which none has.
func (s *Store) siteNumber(ctx context.Context, site optgate.SiteID) (siteRow, error) {
	row := siteRow{heads: heads{site: site}}
	err := s.reads.site.QueryRowContext(ctx, string(site)).Scan(&row.no, &row.taken, &row.heads.stored, &row.expired)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return row, err
}

// Heads implements [optgate.Ledger].
func (s *Store) Heads(ctx context.Context, site optgate.SiteID) ([]optgate.Head, error) {
	row, err := s.siteNumber(ctx, site)
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: heads of %s: %w", site, err)
	}
	return row.heads.all(), nil
}
