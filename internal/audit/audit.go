// Package audit writes and checks the log of what users did.
package audit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/optgate/optgate/internal/optgate"
)

// Log writes to an audit log. Its fields are set before the first call of a
// method and not changed afterwards.
type Log struct {
	Store optgate.AuditStore
	Now   func() time.Time
}

// tries bounds how often an entry is tried that others get in the way of.
const tries = 50

// Note appends e, of which the caller leaves number, time and chain to it. Texts
// that are too long are cut, as an entry that says less is better than none.
func (l *Log) Note(ctx context.Context, e optgate.AuditEntry) error {
	e.At = l.Now().UTC().Truncate(time.Millisecond)
	e.Reason = cut(e.Reason, optgate.MaxAuditReason)
	e.Before, e.After = cut(e.Before, optgate.MaxAuditText), cut(e.After, optgate.MaxAuditText)
	for try := 1; ; try++ {
		newest, err := l.Store.Audit(ctx, 0, 1)
		if err != nil {
			return fmt.Errorf("audit: read newest entry: %w", err)
		}
		head := optgate.AuditGenesis()
		if len(newest) > 0 {
			head = newest[0].Head()
		}
		e.Follow(head)
		if err = l.Store.AppendAudit(ctx, e); err == nil {
			return nil
		}
		if !errors.Is(err, optgate.ErrConflict) || try == tries {
			return fmt.Errorf("audit: append entry: %w", err)
		}
	}
}

// cut returns at most limit bytes of s, as valid UTF-8.
func cut(s string, limit int) string {
	s = strings.ToValidUTF8(s, "�")
	if len(s) <= limit {
		return s
	}
	s = s[:limit-len("…")]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}

// BrokenError says at which entry a log ceases to be the one that was written.
type BrokenError struct {
	Seq uint64 // number of the entry that is missing or altered
	Msg string
}

// Error implements error.
func (e *BrokenError) Error() string { return fmt.Sprintf("audit: entry %d %s", e.Seq, e.Msg) }

// page is how many entries are in memory at once.
const page = 500

// Verify reads the whole log, from the newest entry to the first, and returns
// how many there are. It returns a [*BrokenError] for what is not as it was
// written. That the newest ones were cut off it cannot see.
func Verify(ctx context.Context, store optgate.AuditStore) (int, error) {
	n := 0
	var next *optgate.AuditEntry // the entry after the one at hand
	for before := uint64(0); ; {
		entries, err := store.Audit(ctx, before, page)
		if err != nil {
			return n, fmt.Errorf("audit: read log: %w", err)
		}
		for i := range entries {
			if next != nil {
				if err := check(next, entries[i].Head()); err != nil {
					return n, err
				}
			}
			next = &entries[i]
			n++
		}
		if len(entries) < page {
			break
		}
		before = next.Seq
	}
	if next == nil {
		return 0, nil
	}
	return n, check(next, optgate.AuditGenesis())
}

// check reports why e is not the entry after head.
func check(e *optgate.AuditEntry, head optgate.Head) error {
	switch {
	case e.Seq != head.Seq+1:
		return &BrokenError{e.Seq - 1, "is missing"}
	case !e.Follows(head):
		return &BrokenError{e.Seq, "was altered, or the one before it was"}
	}
	return nil
}
