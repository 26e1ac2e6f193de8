package sqlitestore

import (
	"context"
	"time"
)

// wipeAgain is after what time an erasure tries again to empty the write-ahead
// log, if a reader needs that still.
const wipeAgain = time.Second

// emptyLog moves all into the database and empties the write-ahead log, which
// otherwise holds the erased bytes until it is written over. The database itself
// is opened with secure_delete, so that nothing is left in it. It runs in the
// writer's goroutine and never waits.
func (s *Store) emptyLog() {
	if s.wiping || s.checkpoint() {
		return
	}
	s.wiping = true
	time.AfterFunc(wipeAgain, func() {
		// If the store is closed by then, closing has emptied the log.
		_ = s.submit(context.Background(), func(b *batch) error {
			s.wiping = false
			b.afterwards = append(b.afterwards, s.emptyLog)
			return nil
		})
	})
}

// checkpoint reports whether the write-ahead log is empty now.
func (s *Store) checkpoint() bool {
	ctx, conn := context.Background(), s.writer.conn
	if _, err := conn.ExecContext(ctx, "PRAGMA busy_timeout=0"); err != nil {
		return false
	}
	var busy, frames, moved int
	err := conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
	_, restored := conn.ExecContext(ctx, s.busyTimeout())
	return err == nil && restored == nil && busy == 0
}
