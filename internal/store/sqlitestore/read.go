package sqlitestore

import (
	"context"
	"database/sql"
	"fmt"
)

// readStatements are the queries, prepared once.
type readStatements struct {
	site, current, visitor, scan, counts,
	latest, revision, user, users, token *sql.Stmt
}

func (q *readStatements) prepare(ctx context.Context, db *sql.DB) error {
	const ofVisitor = "SELECT n, visitor, id, body FROM records WHERE visitor = ? AND site = (SELECT no FROM sites WHERE name = ?) ORDER BY n"
	for _, p := range []struct {
		to  **sql.Stmt
		sql string
	}{
		{&q.site, "SELECT no FROM sites WHERE name = ?"},
		{&q.current, ofVisitor + " DESC LIMIT 1"},
		{&q.visitor, ofVisitor},
		{&q.scan, "SELECT n, visitor, id, body FROM records WHERE n > ? AND n < ? ORDER BY n LIMIT ?"},
		{&q.counts, "SELECT day, answer, decisions FROM counts WHERE site = (SELECT no FROM sites WHERE name = ?) AND day BETWEEN ? AND ?"},
		{&q.latest, "SELECT doc FROM sites JOIN revisions ON site = name AND number = revision ORDER BY name"},
		{&q.revision, "SELECT doc FROM revisions WHERE site = ? AND number = ?"},
		{&q.user, "SELECT doc FROM users WHERE name = ?"},
		{&q.users, "SELECT doc FROM users ORDER BY name"},
		{&q.token, "SELECT 1 FROM tokens WHERE hash = ? AND expires > ?"},
	} {
		var err error
		if *p.to, err = db.PrepareContext(ctx, p.sql); err != nil {
			return fmt.Errorf("prepare %q: %w", p.sql, err)
		}
	}
	return nil
}
