package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"modernc.org/sqlite"

	"github.com/optgate/optgate/internal/optgate"
)

var _ optgate.Store = (*Store)(nil)

var errClosed = errors.New("sqlitestore: the store is closed")

// The files of a data directory.
const (
	databaseName = "optgate.db"
	keysName     = "keys.json"
)

// readers is how many readers may run at once. They do not wait for the writer.
const readers = 4

// Options are the settings of [Open]. Its zero value is good.
type Options struct {
	// BusyTimeout is how long to wait for another process's write; 0 means 10 s.
	BusyTimeout time.Duration

	// WatchEvery is how often [Store.Watch] looks for what other processes
	// published; 0 means 200 ms.
	WatchEvery time.Duration
}

// Store is an [optgate.Store] in a directory.
type Store struct {
	dir      string
	opts     Options
	readDB   *sql.DB
	reads    readStatements
	writeDB  *sql.DB
	writer   *writer
	queue    chan *write
	stopped  chan struct{} // closed when the writer has answered its last
	warnings []string
	wiping   bool // the log is to be emptied again; of the writer's goroutine

	mu       sync.RWMutex // held shared while queueing, so that Close queues nothing behind the end
	closed   bool
	watchers watchers
}

// Open opens the store in dir and makes it first if there is none. The context
// bounds opening only. Its errors are for the operator: they name the path and
// say what to do.
func Open(ctx context.Context, dir string, o Options) (*Store, error) {
	if o.BusyTimeout == 0 {
		o.BusyTimeout = 10 * time.Second
	}
	if o.WatchEvery == 0 {
		o.WatchEvery = 200 * time.Millisecond
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: open %s: %w", dir, err)
	}
	warnings, err := prepareDir(dir)
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: open: %w", err)
	}
	// SQLite's own builds flush by fdatasync, which leaves out a file's times;
	// this one has to be told. Where the system has none, fsync stays.
	if _, err := sqlite.Fdatasync(true); err != nil && !errors.Is(err, sqlite.ErrFdatasyncUnavailable) {
		return nil, fmt.Errorf("sqlitestore: open %s: %w", dir, err)
	}
	s := &Store{
		dir: dir, opts: o, warnings: warnings,
		queue: make(chan *write, maxBatch), stopped: make(chan struct{}),
	}
	if err := s.open(ctx); err != nil {
		return nil, fmt.Errorf("sqlitestore: open %s: %w", filepath.Join(dir, databaseName), errors.Join(err, s.closeDBs()))
	}
	go s.write()
	return s, nil
}

func (s *Store) open(ctx context.Context) error {
	var err error
	if s.writeDB, err = sql.Open("sqlite", s.dsn("_txlock=immediate", "_synchronous=FULL", "_pragma=cache_size(-32000)", "_pragma=secure_delete(1)")); err != nil {
		return err
	}
	s.writeDB.SetMaxOpenConns(1)
	if err := s.checkWhole(ctx); err != nil {
		return err
	}
	if err := migrate(ctx, s.writeDB); err != nil {
		return err
	}
	if s.writer, err = newWriter(ctx, s.writeDB); err != nil {
		return err
	}
	if err := s.writer.chainRecords(ctx); err != nil {
		return err
	}
	if s.readDB, err = sql.Open("sqlite", s.dsn("_query_only=1")); err != nil {
		return err
	}
	s.readDB.SetMaxOpenConns(readers)
	s.readDB.SetMaxIdleConns(readers)
	return s.reads.prepare(ctx, s.readDB)
}

// checkWhole looks whether the file has as many pages as it says, so that a copy
// that was interrupted is told at the start and not by the first visitor whose
// page is missing. What is in the write-ahead log need not be in the file yet.
func (s *Store) checkWhole(ctx context.Context) error {
	path := filepath.Join(s.dir, databaseName)
	var pages, size int64
	if err := s.writeDB.QueryRowContext(ctx, "SELECT * FROM pragma_page_count, pragma_page_size").Scan(&pages, &size); err != nil {
		return err
	}
	if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
		return nil
	}
	info, err := os.Stat(path)
	if err == nil && info.Size() < pages*size {
		err = fmt.Errorf("malformed: it has %d of %d bytes, as a copy that was interrupted: restore the last backup", info.Size(), pages*size)
	}
	return err
}

// busyTimeout is the statement that sets how long to wait for another process.
func (s *Store) busyTimeout() string {
	return "PRAGMA busy_timeout=" + strconv.FormatInt(s.opts.BusyTimeout.Milliseconds(), 10)
}

// dsn names the database for database/sql.
func (s *Store) dsn(params ...string) string {
	query := "_busy_timeout=" + strconv.FormatInt(s.opts.BusyTimeout.Milliseconds(), 10) + "&_foreign_keys=1"
	for _, p := range params {
		query += "&" + p
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(s.dir, databaseName)), RawQuery: query}
	return u.String()
}

// Ping implements [optgate.Store]. It reads, and makes sure that the files are
// still those that were opened: a deleted database would go on to take writes.
func (s *Store) Ping(ctx context.Context) error {
	var version int
	if err := s.readDB.QueryRowContext(ctx, "PRAGMA schema_version").Scan(&version); err != nil {
		return fmt.Errorf("sqlitestore: ping: %w", err)
	}
	if _, err := os.Stat(filepath.Join(s.dir, databaseName)); err != nil {
		return fmt.Errorf("sqlitestore: ping: %w", err)
	}
	return nil
}

// Warnings implements [optgate.Store].
func (s *Store) Warnings(ctx context.Context) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("sqlitestore: warnings: %w", err)
	}
	return s.warnings, nil
}

// Close implements [optgate.Store].
func (s *Store) Close() error {
	s.mu.Lock()
	was := s.closed
	s.closed = true
	s.mu.Unlock()
	if was {
		return nil
	}
	close(s.queue)
	<-s.stopped
	// Whoever copies the database of a server that was stopped shall find all in
	// one file. Another process may be at it: then that one does this later.
	_, err := s.writer.conn.ExecContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)")
	if err := errors.Join(err, s.closeDBs()); err != nil {
		return fmt.Errorf("sqlitestore: close %s: %w", s.dir, err)
	}
	return nil
}

func (s *Store) closeDBs() error {
	var errs []error
	if s.writer != nil {
		errs = append(errs, s.writer.conn.Close())
	}
	for _, db := range []*sql.DB{s.readDB, s.writeDB} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}
