package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// chainPage is how many records are read at once.
const chainPage = 1000

// chainRecords gives links to the records of a database that was made before
// there were chains, in the order in which they were taken. It is one
// transaction, and every process runs it before it appends.
func (w *writer) chainRecords(ctx context.Context) error {
	one := &write{ctx: ctx, done: make(chan error, 1), do: func(b *batch) error {
		var name string
		err := w.conn.QueryRowContext(ctx, "SELECT name FROM sqlite_schema WHERE name = 'unchained'").Scan(&name)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err == nil {
			err = b.chainRecords()
		}
		if err != nil {
			return b.fail(err)
		}
		return b.rare("DROP TABLE unchained")
	}}
	w.commit([]*write{one})
	if err := <-one.done; err != nil {
		return fmt.Errorf("chain the records of an earlier version: %w", err)
	}
	return nil
}

func (b *batch) chainRecords() error {
	// The records get new places, without the gaps of erasures.
	if err := b.rare("UPDATE sites SET taken = 0"); err != nil {
		return err
	}
	names, err := b.siteNames()
	if err != nil {
		return err
	}
	for last := int64(-1); ; {
		rows, err := b.rows(`SELECT n, site, CAST(visitor || id AS BLOB), body FROM unchained WHERE n > ? ORDER BY n LIMIT ?`, last, chainPage)
		if err != nil {
			return err
		}
		records := make([]*newRecord, len(rows))
		for i, r := range rows {
			if records[i], err = unchained(names[r.link], &r); err != nil {
				return b.fail(fmt.Errorf("record %d: %w", r.n, err))
			}
			last = r.n
		}
		if err := b.addRecords(records); err != nil {
			return err
		}
		if len(rows) < chainPage {
			// Their days have been counted.
			clear(b.counts)
			return nil
		}
	}
}

// unchained returns the record of a row, which has the site's number in the
// place of a link, both ids one after the other, and a body.
func unchained(site optgate.SiteID, r *row) (*newRecord, error) {
	if len(r.who) != 2*idSize {
		return nil, packed.ErrDamaged
	}
	record := optgate.Record{Site: site, Visitor: packed.ID(r.who[:idSize]).String(), ID: packed.ID(r.who[idSize:]).String()}
	if err := packed.ParseBody(r.entry, &record); err != nil {
		return nil, err
	}
	return newRecordOf(&record)
}

// siteNames returns all sites by their numbers.
func (b *batch) siteNames() (map[int64]optgate.SiteID, error) {
	rows, err := b.w.conn.QueryContext(context.Background(), "SELECT no, name FROM sites")
	if err != nil {
		return nil, b.fail(err)
	}
	defer rows.Close()
	names := map[int64]optgate.SiteID{}
	for rows.Next() {
		var no int64
		var name optgate.SiteID
		if err := rows.Scan(&no, &name); err != nil {
			return nil, b.fail(err)
		}
		names[no] = name
	}
	return names, rows.Err()
}
