package sqlitestore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// row is a row of the table entries.
type row struct {
	n, link            int64
	visitor, id, entry []byte
}

// parse returns the entry that a row of that site holds.
func (r *row) parse(site optgate.SiteID) (optgate.Entry, error) {
	e, err := packed.ParseEntry(place(site, r.link), r.entry, slices.Concat(r.visitor, r.id))
	if err == nil && (e.Record == nil) != (r.visitor == nil) {
		err = packed.ErrDamaged
	}
	if err != nil {
		return optgate.Entry{}, fmt.Errorf("entry %d: %w", r.n, err)
	}
	return e, nil
}

// queryEntries reads rows of (n, link, visitor, id, entry) and returns the last
// n, too.
func queryEntries(ctx context.Context, q *sql.Stmt, site optgate.SiteID, args ...any) ([]optgate.Entry, int64, error) {
	rows, err := q.QueryContext(ctx, args...)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	var all []optgate.Entry
	var r row
	for rows.Next() {
		var visitor, id, entry sql.RawBytes
		if err := rows.Scan(&r.n, &r.link, &visitor, &id, &entry); err != nil {
			return nil, 0, err
		}
		r.visitor, r.id, r.entry = visitor, id, entry
		e, err := r.parse(site)
		if err != nil {
			return nil, 0, err
		}
		all = append(all, e)
	}
	return all, r.n, rows.Err()
}

// rows reads rows of (n, link, visitor, id, entry) within the transaction. The
// statement is one that runs too seldom to be prepared.
func (b *batch) rows(statement string, args ...any) ([]row, error) {
	rows, err := b.w.conn.QueryContext(context.Background(), statement, args...)
	if err != nil {
		return nil, b.fail(err)
	}
	defer rows.Close()
	var all []row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.n, &r.link, &r.visitor, &r.id, &r.entry); err != nil {
			return nil, b.fail(err)
		}
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		return nil, b.fail(err)
	}
	return all, nil
}
