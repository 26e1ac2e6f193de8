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
	for last := int64(-1); ; {
		rows, err := b.rows(`SELECT unchained.n, 0, CAST(visitor || id AS BLOB), name, body FROM unchained JOIN sites ON no = site
			WHERE unchained.n > ? ORDER BY unchained.n LIMIT ?`, last, chainPage)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := b.chainRecord(optgate.SiteID(r.id), r.visitor, r.entry); err != nil {
				return fmt.Errorf("record %d: %w", r.n, err)
			}
			last = r.n
		}
		if len(rows) < chainPage {
			// Their days have been counted.
			clear(b.counts)
			return nil
		}
	}
}

// chainRecord appends a record of that visitor and id.
func (b *batch) chainRecord(name optgate.SiteID, ids, body []byte) error {
	site, err := b.site(name)
	if err != nil {
		return err
	}
	r := optgate.Record{Site: name, Visitor: packed.ID(ids[:len(packed.ID{})]).String(), ID: packed.ID(ids[len(packed.ID{}):]).String()}
	if err := packed.ParseBody(body, &r); err != nil {
		return err
	}
	e, err := prepare(&r)
	if err != nil {
		return err
	}
	_, err = b.push(site, e)
	return err
}
