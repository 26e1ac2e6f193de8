package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/optgate/optgate/internal/optgate"
)

// batch is one transaction of the writer. Its statements run without a caller's
// context: one who leaves must not undo what the others wait for.
type batch struct {
	w          *writer
	failed     error // the first fault of the database itself
	sites      map[optgate.SiteID]*siteRow
	counts     map[countKey]int
	answered   map[answeredKey]int
	afterwards []func() // to be called once all is on disk
}

// siteRow is a site's row as this transaction knows it.
type siteRow struct {
	no       int64
	taken    int64 // how many entries it ever took
	revision int   // the latest
	heads    heads
	expired  int64 // the place up to which there are only tombstones and erasures
	dirty    bool  // taken and heads have to be written
}

// countKey is a row of the table counts.
type countKey struct {
	site int64
	day  string
	key  string // see packed.AppendCountKey
}

// answeredKey is a row of the table answered.
type answeredKey struct {
	site     int64
	revision int
}

// exec runs a statement.
func (b *batch) exec(s *sql.Stmt, args ...any) error {
	_, err := b.change(s, args...)
	return err
}

// change runs a statement and returns how many rows it changed.
func (b *batch) change(s *sql.Stmt, args ...any) (int64, error) {
	result, err := s.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, b.fail(err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, b.fail(err)
	}
	return n, nil
}

// get reads one row into dest, or returns [sql.ErrNoRows].
func (b *batch) get(s *sql.Stmt, args []any, dest ...any) error {
	err := s.QueryRowContext(context.Background(), args...).Scan(dest...)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return b.fail(err)
	}
	return err
}

// fail notes a fault of the database, which ends the transaction.
func (b *batch) fail(err error) error {
	b.failed = fmt.Errorf("sqlitestore: write: %w", err)
	return b.failed
}

// site returns a site's row, and makes it if it is new.
func (b *batch) site(name optgate.SiteID) (*siteRow, error) {
	if row := b.sites[name]; row != nil {
		return row, nil
	}
	row := &siteRow{heads: heads{site: name}}
	err := b.get(b.w.findSite, []any{string(name)}, &row.no, &row.taken, &row.revision, &row.heads.stored, &row.expired)
	if errors.Is(err, sql.ErrNoRows) {
		err = b.get(b.w.addSite, []any{string(name)}, &row.no)
	}
	if err != nil {
		return nil, err
	}
	b.sites[name] = row
	return row, nil
}

// finish writes what was gathered up and commits.
func (b *batch) finish() error {
	for _, row := range b.sites {
		if row.dirty {
			if err := b.exec(b.w.updateSite, row.taken, row.heads.stored, row.no); err != nil {
				return err
			}
		}
	}
	for k, n := range b.counts {
		if err := b.exec(b.w.addCount, k.site, k.day, []byte(k.key), n); err != nil {
			return err
		}
	}
	for k, n := range b.answered {
		if n != 0 {
			if err := b.exec(b.w.addAnswered, k.site, k.revision, n); err != nil {
				return err
			}
		}
	}
	return b.exec(b.w.commitTx)
}
