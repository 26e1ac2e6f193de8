package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// placeBits is how many bits of an entry's number are its place in its site's
// ledger: room for 10^12 entries a site, and for 8 million sites.
const placeBits = 40

// entryNumber returns the rowid of a site's entry.
func entryNumber(site, place int64) int64 { return site<<placeBits | place }

// newEntry is an entry that waits for its link.
type newEntry struct {
	partition int
	leaf      optgate.Digest
	content   []byte    // see packed.AppendContent
	visitor   packed.ID // of a record
	id        packed.ID

	record *optgate.Record // nil if it is none
	counts countKey        // of a record; the site comes later
}

// prepare returns an entry of a record.
func prepare(r *optgate.Record) (newEntry, error) {
	e := newEntry{leaf: r.Leaf(), record: r}
	var err error
	if e.visitor, err = packed.ParseID("visitor", r.Visitor); err != nil {
		return e, err
	}
	if e.id, err = packed.ParseID("id", r.ID); err != nil {
		return e, err
	}
	if e.partition, err = optgate.PartitionOf(r.Visitor); err != nil {
		return e, err
	}
	e.content = packed.AppendContent(make([]byte, 0, 40), &optgate.Entry{Record: r})
	e.counts = countKey{day: r.At.Format(time.DateOnly), key: string(packed.AppendCountKey(make([]byte, 0, 24), r))}
	return e, nil
}

// push links an entry to its chain and writes it. The link is that of no entry
// if its record is there already.
func (b *batch) push(site *siteRow, e newEntry) (optgate.Link, error) {
	link := site.heads.of(e.partition).Next(e.leaf)
	entry := slices.Concat(link.Chain[:], e.content)
	n := entryNumber(site.no, site.taken+1)
	if e.record == nil {
		if err := b.exec(b.w.addEntry, n, linkNumber(link), site.no, entry); err != nil {
			return optgate.Link{}, err
		}
	} else {
		before, err := b.newest(site, e.visitor)
		if err != nil {
			return optgate.Link{}, err
		}
		added, err := b.change(b.w.addRecord, n, linkNumber(link), site.no, e.visitor[:], e.id[:], entry)
		if err != nil || added == 0 {
			return optgate.Link{}, err
		}
		if before > 0 {
			b.answered[answeredKey{site.no, before}]--
		}
		b.answered[answeredKey{site.no, e.record.Revision}]++
		e.counts.site = site.no
		b.counts[e.counts]++
	}
	site.taken++
	site.heads.set(link)
	site.dirty = true
	return link, nil
}

// newest returns the revision of a visitor's newest record, 0 if she has none.
func (b *batch) newest(site *siteRow, visitor packed.ID) (int, error) {
	var n sql.NullInt64
	if err := b.get(b.w.newestRecord, []any{visitor[:], site.no}, &n); err != nil || !n.Valid {
		return 0, err
	}
	rows, err := b.rows("SELECT n, link, visitor, id, entry FROM entries WHERE n = ?", n.Int64)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	e, err := rows[0].parse(site.heads.site)
	if err != nil {
		return 0, b.fail(err)
	}
	return e.Record.Revision, nil
}

// Append implements [optgate.Ledger].
func (s *Store) Append(ctx context.Context, r optgate.Record) (optgate.Entry, bool, error) {
	r.At = r.At.UTC().Truncate(time.Millisecond)
	fresh, err := prepare(&r)
	if err != nil {
		return optgate.Entry{}, false, fmt.Errorf("sqlitestore: append record: %w", err)
	}
	var link optgate.Link
	var there row
	err = s.submit(ctx, func(b *batch) error {
		site, err := b.site(r.Site)
		if err != nil {
			return err
		}
		if link, err = b.push(site, fresh); err != nil || link.Seq > 0 {
			return err
		}
		there = row{visitor: fresh.visitor[:], id: fresh.id[:]}
		return b.get(b.w.findRecord, []any{fresh.visitor[:], site.no, fresh.id[:]}, &there.link, &there.entry)
	})
	switch {
	case err != nil:
		return optgate.Entry{}, false, fmt.Errorf("sqlitestore: append record %s: %w", r.ID, err)
	case link.Seq > 0:
		return optgate.Entry{Link: link, Leaf: fresh.leaf, Record: &r}, true, nil
	}
	first, err := there.parse(r.Site)
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
	all, err := s.visitorEntries(ctx, s.reads.current, site, visitor)
	if err != nil {
		return optgate.Entry{}, fmt.Errorf("sqlitestore: current record: %w", err)
	}
	if len(all) == 0 {
		return optgate.Entry{}, fmt.Errorf("sqlitestore: current record: %w", optgate.ErrNotFound)
	}
	return all[0], nil
}

// Records implements [optgate.Ledger].
func (s *Store) Records(ctx context.Context, site optgate.SiteID, visitor string) ([]optgate.Entry, error) {
	all, err := s.visitorEntries(ctx, s.reads.visitor, site, visitor)
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: records of a visitor: %w", err)
	}
	return all, nil
}

func (s *Store) visitorEntries(ctx context.Context, q *sql.Stmt, site optgate.SiteID, visitor string) ([]optgate.Entry, error) {
	v, err := packed.ParseID("visitor", visitor)
	if err != nil {
		return nil, ctx.Err() // what cannot be a visitor's id has no records
	}
	found, _, err := queryEntries(ctx, q, site, v[:], string(site))
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
