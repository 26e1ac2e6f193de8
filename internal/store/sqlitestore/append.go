package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

const (
	// insertEntries stops at the first entry that is refused; those before it stay.
	// To undo them, SQLite would have to copy each page before it changes it.
	insertEntries = "INSERT OR FAIL INTO entries (n, link, who, entry) VALUES "

	// eight is how many entries are inserted by one statement where there are so
	// many.
	eight = 8
)

// newRecord is a record that is to be appended, and how that went.
type newRecord struct {
	record      *optgate.Record
	visitor, id packed.ID
	partition   int
	leaf        optgate.Digest
	content     []byte   // see packed.AppendContent; then the id
	count       countKey // its site comes later

	link  optgate.Link
	first *row // the record that was there before
}

// newRecordOf returns r as it is to be appended.
func newRecordOf(r *optgate.Record) (*newRecord, error) {
	e := &newRecord{record: r, leaf: r.Leaf()}
	var err error
	if e.visitor, err = packed.ParseID("visitor", r.Visitor); err != nil {
		return nil, err
	}
	if e.id, err = packed.ParseID("id", r.ID); err != nil {
		return nil, err
	}
	if e.partition, err = optgate.PartitionOf(r.Visitor); err != nil {
		return nil, err
	}
	e.content = append(packed.AppendContent(make([]byte, 0, 64), &optgate.Entry{Record: r}), e.id[:]...)
	e.count = countKey{day: r.At.Format(time.DateOnly), key: string(packed.AppendCountKey(make([]byte, 0, 24), r))}
	return e, nil
}

// addRecords appends records in their order, each unless it is there already.
func (b *batch) addRecords(records []*newRecord) error {
	for len(records) > 0 {
		statement, n := b.w.addEntry, 1
		if len(records) >= eight {
			statement, n = b.w.addEight, eight
		}
		added, err := b.addNewcomers(statement, records[:n])
		if err != nil {
			return err
		}
		records = records[added:]
		if added < n {
			if err := b.addOfKnown(records[0]); err != nil {
				return err
			}
			records = records[1:]
		}
	}
	return nil
}

// addNewcomers appends records up to the first whose visitor has one already,
// and returns how many.
func (b *batch) addNewcomers(statement *sql.Stmt, records []*newRecord) (int, error) {
	args := make([]any, 0, 4*eight)
	before := make([]optgate.Head, 0, eight)
	for _, r := range records {
		site, err := b.site(r.record.Site)
		if err != nil {
			return 0, err
		}
		before = append(before, site.heads.of(r.partition))
		args = append(args, b.link(site, r, newestKey(r.visitor, site.no))...)
	}
	_, err := statement.ExecContext(context.Background(), args...)
	added := len(records)
	if isUnique(err) {
		added, err = b.inserted(args)
	}
	if err != nil {
		return 0, b.fail(err)
	}
	for _, r := range records[:added] {
		b.count(r)
	}
	for i := len(records) - 1; i >= added; i-- {
		b.sites[records[i].record.Site].take(before[i])
	}
	return added, nil
}

// isUnique reports whether an entry was refused because there is one of its key.
func isUnique(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE
}

// inserted returns how many of the entries with these arguments are there.
func (b *batch) inserted(args []any) (int, error) {
	for i := 0; i < len(args); i += 4 {
		var n int64
		err := b.w.conn.QueryRowContext(context.Background(), "SELECT n FROM entries WHERE n = ?", args[i]).Scan(&n)
		if errors.Is(err, sql.ErrNoRows) {
			return i / 4, nil
		} else if err != nil {
			return 0, err
		}
	}
	return len(args) / 4, nil
}

// addOfKnown appends a record of a visitor who has one, unless it is that.
func (b *batch) addOfKnown(r *newRecord) error {
	site, err := b.site(r.record.Site)
	if err != nil {
		return err
	}
	if r.first, err = b.find(site, r.visitor, r.id); err != nil || r.first != nil {
		return err
	}
	newest, err := b.entry(newestKey(r.visitor, site.no))
	if err != nil {
		return err
	}
	if newest == nil {
		return b.fail(fmt.Errorf("a visitor's newest record is missing: %w", packed.ErrDamaged))
	}
	e, err := newest.parse(site.heads.site)
	if err != nil {
		return b.fail(err)
	}
	if err := b.exec(b.w.moveEntry, olderKey(r.visitor, site.no, newest.id()), newest.n); err != nil {
		return err
	}
	b.answered[answeredKey{site.no, e.Record.Revision}]--
	b.count(r)
	return b.exec(b.w.addEntry, b.link(site, r, newestKey(r.visitor, site.no))...)
}

// find returns a visitor's record of that id, or nil.
func (b *batch) find(site *siteRow, visitor, id packed.ID) (*row, error) {
	newest, err := b.entry(newestKey(visitor, site.no))
	if err != nil || newest == nil || newest.id() == id {
		return newest, err
	}
	return b.entry(olderKey(visitor, site.no, id))
}

// entry returns the entry with that key, or nil.
func (b *batch) entry(key []byte) (*row, error) {
	var r row
	err := b.get(b.w.findEntry, []any{key}, &r.n, &r.link, &r.who, &r.entry)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &r, err
}

// link links a record to its chain and returns its row.
func (b *batch) link(site *siteRow, r *newRecord, key []byte) []any {
	r.link = site.next(r.partition, r.leaf)
	return []any{entryNumber(site.no, site.taken), linkNumber(r.link), key, slices.Concat(r.link.Chain[:], r.content)}
}

// count counts a record that is appended.
func (b *batch) count(r *newRecord) {
	site := b.sites[r.record.Site]
	r.count.site = site.no
	b.counts[r.count]++
	b.answered[answeredKey{site.no, r.record.Revision}]++
}

// addOther appends an entry that is no record.
func (b *batch) addOther(site *siteRow, e *optgate.Entry) error {
	link := site.next(e.Partition, e.Leaf)
	return b.exec(b.w.addEntry, entryNumber(site.no, site.taken), linkNumber(link), nil, packed.AppendContent(link.Chain[:], e))
}

// next links an entry of that leaf to its chain and takes a place for it.
func (s *siteRow) next(partition int, leaf optgate.Digest) optgate.Link {
	link := s.heads.of(partition).Next(leaf)
	s.heads.set(link)
	s.taken++
	s.dirty = true
	return link
}

// take undoes the last next, of a partition that had that head.
func (s *siteRow) take(before optgate.Head) {
	s.heads.set(before)
	s.taken--
}
