package sqlitestore

import (
	"context"
	"database/sql"
	"fmt"
)

// readStatements are the queries, prepared once.
type readStatements struct {
	site, current, visitor, scan, linkFrom, atLink, recordFrom, byID, counts, answered,
	latest, paused, revision, draft, group, groups, user, users, token *sql.Stmt
}

func (q *readStatements) prepare(ctx context.Context, db *sql.DB) error {
	const columns = "SELECT n, link, who, entry FROM entries "
	for _, p := range []struct {
		to  **sql.Stmt
		sql string
	}{
		{&q.site, "SELECT no, taken, heads, expired FROM sites WHERE name = ?"},
		{&q.current, columns + "WHERE who = ?"},
		{&q.visitor, columns + "WHERE who BETWEEN ? AND ? ORDER BY n"},
		{&q.scan, columns + "WHERE n > ? AND n < ? ORDER BY n LIMIT ?"},
		{&q.linkFrom, "SELECT link FROM entries WHERE n >= ? AND n < ? AND link & 63 = ? ORDER BY n LIMIT 1"},
		{&q.atLink, columns + "WHERE n >= ? AND n < ? AND link = ? ORDER BY n LIMIT 1"},
		{&q.recordFrom, columns + "WHERE n >= ? AND n < ? AND who IS NOT NULL ORDER BY n LIMIT 1"},
		{&q.byID, columns + "WHERE n >= ? AND n < ? AND who IS NOT NULL AND substr(entry, -16) = ? ORDER BY n LIMIT 1"},
		{&q.counts, "SELECT day, answer, decisions FROM counts WHERE site = (SELECT no FROM sites WHERE name = ?) AND day BETWEEN ? AND ?"},
		{&q.answered, "SELECT revision, visitors FROM answered WHERE site = (SELECT no FROM sites WHERE name = ?) AND visitors > 0"},
		{&q.latest, "SELECT doc FROM sites JOIN revisions ON site = name AND number = revision ORDER BY name"},
		{&q.paused, "SELECT doc FROM paused ORDER BY site"},
		{&q.revision, "SELECT doc FROM revisions WHERE site = ? AND number = ?"},
		{&q.draft, "SELECT doc FROM drafts WHERE site = ?"},
		{&q.group, "SELECT doc FROM site_groups WHERE id = ?"},
		{&q.groups, "SELECT doc FROM site_groups ORDER BY id"},
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
