package sqlitestore

import (
	"context"
	"fmt"
)

// LimitPages bounds the database's size, as a full disk does, to so many pages
// more than it has; a negative number lifts the bound.
func (s *Store) LimitPages(more int) error {
	return s.submit(context.Background(), func(b *batch) error {
		var pages int
		if err := b.w.conn.QueryRowContext(context.Background(), "PRAGMA page_count").Scan(&pages); err != nil {
			return err
		}
		if more < 0 {
			more = 1 << 30
		}
		return b.w.conn.QueryRowContext(context.Background(), fmt.Sprintf("PRAGMA max_page_count=%d", pages+more)).Scan(&pages)
	})
}

// FirstSchema is the schema of databases from before there were chains.
var FirstSchema = migrations[0]
