package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// maxBatch bounds how many writes share a transaction, and with it how long the
// first of them waits for the others.
const maxBatch = 512

// write is one caller's write. Its do runs in the writer's transaction and
// returns the caller's outcome; what it decides, such as a conflict, it decides
// before it changes anything, so that it never has to be undone alone.
type write struct {
	ctx  context.Context
	do   func(b *batch) error
	add  *newRecord // in the place of do: those that wait are appended together
	done chan error // of one place: the writer never waits for a caller who has left
}

// submit runs do in a transaction and returns what it returned once that is on
// disk. If the context ends before the writer has taken it up, nothing is written.
func (s *Store) submit(ctx context.Context, do func(b *batch) error) error {
	return s.await(&write{ctx: ctx, do: do, done: make(chan error, 1)})
}

// await hands a write to the writer and waits for its outcome.
func (s *Store) await(w *write) error {
	if err := s.enqueue(w); err != nil {
		return err
	}
	select {
	case err := <-w.done:
		return err
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

func (s *Store) enqueue(w *write) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return errClosed
	}
	if err := w.ctx.Err(); err != nil {
		return err
	}
	select {
	case s.queue <- w:
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

// patience is which part of the last transaction's time the next one may wait
// for the callers of that to come back.
const patience = 8

// write is the goroutine that writes, until the queue is closed and empty.
func (s *Store) write() {
	defer close(s.stopped)
	var before int // how many writes the last transaction had
	var took time.Duration
	for first := range s.queue {
		group := s.gather(first, before, took/patience)
		start := time.Now()
		s.writer.commit(group)
		before, took = len(group), time.Since(start)
	}
}

// gather returns a transaction's writes. Callers that were just answered are
// about to come back with their next write: without waiting for them they would
// fall into two halves, each with a flush of its own.
func (s *Store) gather(first *write, want int, most time.Duration) []*write {
	runtime.Gosched()
	group := []*write{first}
	timer := time.NewTimer(most)
	defer timer.Stop()
	for patient := true; len(group) < maxBatch && (len(s.queue) > 0 || patient && len(group) < want); {
		select {
		case w, ok := <-s.queue:
			if !ok {
				return group
			}
			group = append(group, w)
		case <-timer.C:
			patient = false
		}
	}
	return group
}

// writer is the connection that writes, with its statements.
type writer struct {
	conn *sql.Conn
	begin, commitTx, rollback,
	findSite, addSite, updateSite,
	addEntry, addEight, findEntry, moveEntry, eraseEntry, setExpired, addCount, addAnswered,
	addRevision, findRevision, setRevision,
	addUser, findUser, updateUser, deleteUser,
	putToken, takeToken, dropTokens *sql.Stmt
}

func newWriter(ctx context.Context, db *sql.DB) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &writer{conn: conn}
	for _, p := range []struct {
		to  **sql.Stmt
		sql string
	}{
		{&w.begin, "BEGIN IMMEDIATE"},
		{&w.commitTx, "COMMIT"},
		{&w.rollback, "ROLLBACK"},
		{&w.findSite, "SELECT no, taken, revision, heads, expired FROM sites WHERE name = ?"},
		{&w.addSite, "INSERT INTO sites (name) VALUES (?) RETURNING no"},
		{&w.updateSite, "UPDATE sites SET taken = ?, heads = ? WHERE no = ?"},
		{&w.addEntry, insertEntries + "(?, ?, ?, ?)"},
		{&w.addEight, insertEntries + strings.Repeat("(?, ?, ?, ?), ", eight-1) + "(?, ?, ?, ?)"},
		{&w.findEntry, "SELECT n, link, who, entry FROM entries WHERE who = ?"},
		{&w.moveEntry, "UPDATE entries SET who = ? WHERE n = ?"},
		{&w.eraseEntry, "UPDATE entries SET who = NULL, entry = ? WHERE n = ?"},
		{&w.setExpired, "UPDATE sites SET expired = ? WHERE no = ?"},
		{&w.addCount, "INSERT INTO counts (site, day, answer, decisions) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET decisions = decisions + excluded.decisions"},
		{&w.addAnswered, "INSERT INTO answered (site, revision, visitors) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET visitors = visitors + excluded.visitors"},
		{&w.addRevision, "INSERT INTO revisions (site, number, doc) VALUES (?, ?, ?)"},
		{&w.findRevision, "SELECT doc FROM revisions WHERE site = ? AND number = ?"},
		{&w.setRevision, "UPDATE sites SET revision = ? WHERE no = ?"},
		{&w.addUser, "INSERT INTO users (name, doc) VALUES (?, ?) ON CONFLICT DO NOTHING"},
		{&w.findUser, "SELECT doc FROM users WHERE name = ?"},
		{&w.updateUser, "UPDATE users SET doc = ? WHERE name = ?"},
		{&w.deleteUser, "DELETE FROM users WHERE name = ?"},
		{&w.putToken, "INSERT INTO tokens (hash, expires) VALUES (?, ?) ON CONFLICT DO UPDATE SET expires = excluded.expires"},
		{&w.takeToken, "DELETE FROM tokens WHERE hash = ? AND expires > ?"},
		{&w.dropTokens, "DELETE FROM tokens WHERE expires <= ?"},
	} {
		if *p.to, err = conn.PrepareContext(ctx, p.sql); err != nil {
			return nil, errors.Join(fmt.Errorf("prepare %q: %w", p.sql, err), conn.Close())
		}
	}
	return w, nil
}

// commit runs the writes of a group in one transaction and answers them. When
// the database fails, it fails all of them.
func (w *writer) commit(group []*write) {
	b := &batch{w: w, sites: map[optgate.SiteID]*siteRow{}, counts: map[countKey]int{}, answered: map[answeredKey]int{}}
	outcomes := make([]error, len(group))
	err := b.exec(w.begin)
	if err == nil {
		var records []*newRecord
		for i, one := range group {
			if outcomes[i] = one.ctx.Err(); outcomes[i] != nil {
				continue
			}
			if one.add != nil {
				records = append(records, one.add)
				continue
			}
			if outcomes[i] = one.do(b); b.failed != nil {
				break
			}
		}
		if err = b.failed; err == nil {
			err = b.addRecords(records)
		}
		if err == nil {
			err = b.finish()
		}
		if err != nil {
			// After some faults SQLite has rolled back by itself; then this one
			// fails, which tells us nothing new.
			w.rollback.ExecContext(context.Background())
		}
	}
	for i, one := range group {
		if err != nil {
			one.done <- err
		} else {
			one.done <- outcomes[i]
		}
	}
	if err == nil {
		for _, f := range b.afterwards {
			f()
		}
	}
}
