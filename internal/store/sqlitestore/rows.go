package sqlitestore

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

const idSize = len(packed.ID{})

// newestKey is the column who of a visitor's newest record: her id (16 bytes) and
// the site's number (4). A new visitor thus shows when her record is inserted,
// without being looked for.
func newestKey(visitor packed.ID, site int64) []byte {
	return binary.BigEndian.AppendUint32(slices.Clip(visitor[:]), uint32(site))
}

// olderKey is the column who of an older record: the same with the record's id.
func olderKey(visitor packed.ID, site int64, id packed.ID) []byte {
	return append(newestKey(visitor, site), id[:]...)
}

// visitorRange returns between what the records of a visitor of a site lie, both
// included.
func visitorRange(visitor packed.ID, site int64) (first, last any) {
	return newestKey(visitor, site), olderKey(visitor, site, packed.ID(bytes.Repeat([]byte{0xff}, idSize)))
}

// row is a row of the table entries. What entry holds ends with the id if it is
// that of a record.
type row struct {
	n, link    int64
	who, entry []byte
}

// id returns the id of a row's record.
func (r *row) id() (id packed.ID) {
	if len(r.entry) >= idSize {
		id = packed.ID(r.entry[len(r.entry)-idSize:])
	}
	return id
}

// visitor returns the visitor of a row's record.
func (r *row) visitor() (id packed.ID) {
	if len(r.who) >= idSize {
		id = packed.ID(r.who[:idSize])
	}
	return id
}

// parse returns the entry that a row of that site holds.
func (r *row) parse(site optgate.SiteID) (optgate.Entry, error) {
	entry := r.entry
	var ids []byte
	if r.who != nil {
		visitor, id := r.visitor(), r.id()
		entry, ids = entry[:max(0, len(entry)-idSize)], append(visitor[:], id[:]...)
	}
	p := place(site, r.link)
	e, err := packed.ParseEntry(p, entry, ids)
	if err == nil && (e.Record == nil) != (r.who == nil) {
		err = packed.ErrDamaged
	}
	if err != nil {
		return optgate.Entry{}, fmt.Errorf("entry %d of partition %d: %w", p.Seq, p.Partition, err)
	}
	return e, nil
}

// queryEntries reads rows of (n, link, who, entry) and returns the last n, too.
func queryEntries(ctx context.Context, q *sql.Stmt, site optgate.SiteID, args ...any) ([]optgate.Entry, int64, error) {
	rows, err := q.QueryContext(ctx, args...)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	var all []optgate.Entry
	var r row
	for rows.Next() {
		var who, entry sql.RawBytes
		if err := rows.Scan(&r.n, &r.link, &who, &entry); err != nil {
			return nil, 0, err
		}
		r.who, r.entry = who, entry
		e, err := r.parse(site)
		if err != nil {
			return nil, 0, err
		}
		all = append(all, e)
	}
	return all, r.n, rows.Err()
}

// rows reads rows of (n, link, who, entry) within the transaction. The statement
// is one that runs too seldom to be prepared.
func (b *batch) rows(statement string, args ...any) ([]row, error) {
	rows, err := b.w.conn.QueryContext(context.Background(), statement, args...)
	if err != nil {
		return nil, b.fail(err)
	}
	defer rows.Close()
	var all []row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.n, &r.link, &r.who, &r.entry); err != nil {
			return nil, b.fail(err)
		}
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		return nil, b.fail(err)
	}
	return all, nil
}
