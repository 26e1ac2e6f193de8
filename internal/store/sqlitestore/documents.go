package sqlitestore

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/optgate/optgate/internal/optgate"
)

// queryDocs reads JSON documents, a row each.
func queryDocs[T any](ctx context.Context, q *sql.Stmt, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		var doc sql.RawBytes
		if err := rows.Scan(&doc); err != nil {
			return nil, err
		}
		var v T
		if err := json.Unmarshal(doc, &v); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// queryDoc reads the one document that q finds, or returns [optgate.ErrNotFound].
func queryDoc[T any](ctx context.Context, q *sql.Stmt, args ...any) (T, error) {
	all, err := queryDocs[T](ctx, q, args...)
	if err == nil && len(all) == 0 {
		err = optgate.ErrNotFound
	}
	if err != nil {
		var none T
		return none, err
	}
	return all[0], nil
}

// versionedTable is a table of documents that are replaced by compare and swap.
type versionedTable struct{ name, key string }

var (
	drafts = versionedTable{"drafts", "site"}
	groups = versionedTable{"site_groups", "id"}
	paused = versionedTable{"paused", "site"}
)

// swap makes doc the document of id, of the version after read, or returns
// [optgate.ErrConflict] if the version in the table is not read (0: none). To
// store the very same again succeeds, so that an uncertain outcome can be repeated.
func (t versionedTable) swap(b *batch, id string, doc []byte, read int) error {
	var version int
	var there []byte
	query := fmt.Sprintf("SELECT version, doc FROM %s WHERE %s = ?", t.name, t.key)
	err := b.w.conn.QueryRowContext(context.Background(), query, id).Scan(&version, &there)
	switch {
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return b.fail(err)
	case bytes.Equal(there, doc):
		return nil
	case version != read:
		return optgate.ErrConflict
	}
	return b.rare(fmt.Sprintf("INSERT OR REPLACE INTO %s (%s, version, doc) VALUES (?, ?, ?)", t.name, t.key), id, read+1, doc)
}
