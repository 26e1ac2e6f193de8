package sqlitestore

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"
)

// watchers are the [Store.Watch] calls that run. Each has a channel of one
// place: a second change before the first was seen is the same news.
type watchers struct {
	mu  sync.Mutex
	all map[chan struct{}]struct{}
}

func (w *watchers) add() chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all == nil {
		w.all = map[chan struct{}]struct{}{}
	}
	c := make(chan struct{}, 1)
	w.all[c] = struct{}{}
	return c
}

func (w *watchers) remove(c chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.all, c)
}

// notify wakes every watcher of this process.
func (w *watchers) notify() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.all {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Watch implements [optgate.RevisionStore]. What this process publishes it hears
// at once. For other processes it asks SQLite on a connection of its own whether
// anything was committed, which reads one page from memory, and only then
// whether that was a revision or a pause: the numbers of both only grow.
func (s *Store) Watch(ctx context.Context, changed func()) error {
	published := s.watchers.add()
	defer s.watchers.remove(published)
	if err := s.watch(ctx, published, changed); err != nil {
		return fmt.Errorf("sqlitestore: watch: %w", err)
	}
	return nil
}

func (s *Store) watch(ctx context.Context, published chan struct{}, changed func()) error {
	// data_version is only comparable on one connection, and readers have a use
	// for all of theirs.
	db, err := sql.Open("sqlite", s.dsn("_query_only=1"))
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	var version, last int64 = -1, -1
	tick := time.NewTicker(s.opts.WatchEvery)
	defer tick.Stop()
	for {
		var v int64
		if err := conn.QueryRowContext(ctx, "PRAGMA data_version").Scan(&v); err != nil {
			return err
		}
		if v != version {
			version = v
			var newest int64
			if err := conn.QueryRowContext(ctx, "SELECT (SELECT coalesce(max(rowid), 0) FROM revisions) + (SELECT coalesce(sum(version), 0) FROM paused)").Scan(&newest); err != nil {
				return err
			}
			if newest != last {
				last = newest
				changed()
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.stopped:
			return errClosed
		case <-published:
		case <-tick.C:
		}
	}
}
