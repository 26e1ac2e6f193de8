package sqlitestore

import (
	"context"
	"database/sql"
	"fmt"
)

// migrations lead from an empty database to the newest schema; user_version
// says how many were run. They are never edited, only appended to.
//
// A record's number n is its site's number and its place in the site's ledger
// (see recordNumber). As the rowid it clusters a site's records in the order in
// which they were taken, so that a scan is a walk and an append lands at an edge
// of the tree, and unlike AUTOINCREMENT it costs no tree of its own: places are
// counted in sites.taken, once a transaction, and are never used again after an
// erasure. The only index leads from visitor and id to n; visitors first, because
// ULIDs are in order of time: the new ones of all sites fall into the same few
// pages. With random keys this is about nine times slower.
//
// From the fourth version on, entries are in the place of records, each with its
// link (see linkNumber), and a site's row holds the heads of its chains: it is
// written in each transaction anyway. What leads to a record is one value (see
// newestKey), because each that is bound costs an append as much as a hash does.
var migrations = []string{`
CREATE TABLE sites (
	no INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	taken INTEGER NOT NULL DEFAULT 0,
	revision INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE records (
	n INTEGER PRIMARY KEY,
	site INTEGER NOT NULL,
	visitor BLOB NOT NULL,
	id BLOB NOT NULL,
	body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX records_visitor ON records (visitor, id, site);
CREATE TABLE counts (
	site INTEGER NOT NULL,
	day TEXT NOT NULL,
	answer BLOB NOT NULL,
	decisions INTEGER NOT NULL,
	PRIMARY KEY (site, day, answer)
) STRICT, WITHOUT ROWID;
CREATE TABLE revisions (
	site TEXT NOT NULL,
	number INTEGER NOT NULL,
	doc BLOB NOT NULL,
	UNIQUE (site, number)
) STRICT;
CREATE TABLE users (
	name TEXT PRIMARY KEY,
	doc BLOB NOT NULL
) STRICT;
CREATE TABLE tokens (
	hash TEXT PRIMARY KEY,
	expires INTEGER NOT NULL
) STRICT;
`, `
CREATE TABLE panels (
	hash TEXT NOT NULL UNIQUE,
	content BLOB NOT NULL
) STRICT;
CREATE TABLE shown (
	site TEXT NOT NULL,
	revision INTEGER NOT NULL,
	language TEXT NOT NULL,
	panel TEXT NOT NULL,
	PRIMARY KEY (site, revision, language, panel)
) STRICT, WITHOUT ROWID;
`, `
CREATE TABLE audit (
	seq INTEGER PRIMARY KEY,
	doc BLOB NOT NULL
) STRICT;
`, `
ALTER TABLE sites ADD COLUMN heads BLOB NOT NULL DEFAULT x'';
ALTER TABLE sites ADD COLUMN expired INTEGER NOT NULL DEFAULT 0;
DROP INDEX records_visitor;
ALTER TABLE records RENAME TO unchained;
CREATE TABLE entries (
	n INTEGER PRIMARY KEY,
	link INTEGER NOT NULL,
	who BLOB,
	entry BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX entries_who ON entries (who) WHERE who IS NOT NULL;
CREATE TABLE answered (
	site INTEGER NOT NULL,
	revision INTEGER NOT NULL,
	visitors INTEGER NOT NULL,
	PRIMARY KEY (site, revision)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoints (
	site TEXT NOT NULL,
	number INTEGER NOT NULL,
	content TEXT NOT NULL,
	UNIQUE (site, number)
) STRICT;
`, `
CREATE TABLE unmarked (
	site TEXT NOT NULL,
	host TEXT NOT NULL,
	path TEXT NOT NULL,
	kind TEXT NOT NULL,
	first TEXT NOT NULL,
	last TEXT NOT NULL,
	PRIMARY KEY (site, host, path, kind)
) STRICT, WITHOUT ROWID;
`, `
CREATE TABLE paused (
	site TEXT PRIMARY KEY,
	version INTEGER NOT NULL,
	doc BLOB NOT NULL
) STRICT, WITHOUT ROWID;
`, `
CREATE TABLE drafts (
	site TEXT PRIMARY KEY,
	version INTEGER NOT NULL,
	doc BLOB NOT NULL
) STRICT;
`, `
CREATE TABLE site_groups (
	id TEXT PRIMARY KEY,
	version INTEGER NOT NULL,
	doc BLOB NOT NULL
) STRICT;
`, `
CREATE TABLE guesses (
	key TEXT PRIMARY KEY,
	back INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`}

// migrate brings the database to the newest schema. Of several processes that
// start at once, one does it and the others find it done.
func migrate(ctx context.Context, db *sql.DB) error {
	var mode string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode=WAL").Scan(&mode); err != nil {
		return fmt.Errorf("switch to a write-ahead log: %w", err)
	}
	if mode != "wal" {
		return fmt.Errorf("switch to a write-ahead log: the file system allows only %q; put the data on a local disk", mode)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version > len(migrations) {
		return fmt.Errorf("schema version %d is newer than %d, the newest that this Optgate knows: run the Optgate that wrote it or a later one", version, len(migrations))
	}
	for ; version < len(migrations); version++ {
		if _, err := tx.ExecContext(ctx, migrations[version]); err != nil {
			return fmt.Errorf("migrate to schema version %d: %w", version+1, err)
		}
		if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version=%d", version+1)); err != nil {
			return fmt.Errorf("migrate to schema version %d: %w", version+1, err)
		}
	}
	return tx.Commit()
}
