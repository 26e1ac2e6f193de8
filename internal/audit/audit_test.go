package audit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/optgate/optgate/internal/audit"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/sqlitestore"
)

func now() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

func open(t *testing.T) *sqlitestore.Store {
	t.Helper()
	s, err := sqlitestore.Open(t.Context(), t.TempDir(), sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestNotesByManyAtOnce(t *testing.T) {
	s := open(t)
	log := audit.Log{Store: s, Now: now}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if err := log.Note(t.Context(), optgate.AuditEntry{User: fmt.Sprint("user ", i), Action: "sign in"}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n, err := audit.Verify(t.Context(), s); n != 8 || err != nil {
		t.Errorf("Verify = %d, %v; want 8 entries", n, err)
	}
}

func TestLongTextsAreCut(t *testing.T) {
	s := open(t)
	log := audit.Log{Store: s, Now: now}
	if err := log.Note(t.Context(), optgate.AuditEntry{Action: "erase", Reason: strings.Repeat("ü", 400), After: "\xff<script>\u2028\""}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Audit(t.Context(), 0, 1)
	if err != nil || len(got) != 1 {
		t.Fatalf("the log has %v, %v", got, err)
	}
	if r := got[0].Reason; len(r) > optgate.MaxAuditReason || !utf8.ValidString(r) || !strings.HasSuffix(r, "ü…") {
		t.Errorf("the reason is %q", r)
	}
	if n, err := audit.Verify(t.Context(), s); n != 1 || err != nil {
		t.Errorf("Verify = %d, %v", n, err)
	}
}

// tampered is a log that somebody got at.
type tampered []optgate.AuditEntry // newest first

func (l tampered) AppendAudit(context.Context, optgate.AuditEntry) error { panic("only read") }

func (l tampered) Audit(_ context.Context, before uint64, limit int) ([]optgate.AuditEntry, error) {
	i := 0
	for before > 0 && i < len(l) && l[i].Seq >= before {
		i++
	}
	return l[i:min(len(l), i+limit)], nil
}

func TestTampering(t *testing.T) {
	var whole tampered
	head := optgate.AuditGenesis()
	for i := range 1200 {
		e := optgate.AuditEntry{At: now(), User: "mara", Action: "publish", After: fmt.Sprint(i)}
		e.Follow(head)
		head = e.Head()
		whole = slices.Insert(whole, 0, e)
	}
	at := func(seq int) int { return len(whole) - seq }
	for _, c := range []struct {
		name   string
		change func(tampered) tampered
		broken uint64
	}{
		{"nothing", func(l tampered) tampered { return l }, 0},
		{"an altered entry", func(l tampered) tampered { l[at(700)].User = "eve"; return l }, 700},
		{"the first altered", func(l tampered) tampered { l[at(1)].User = "eve"; return l }, 1},
		{"a deleted entry", func(l tampered) tampered { return slices.Delete(l, at(700), at(700)+1) }, 700},
		{"the first deleted", func(l tampered) tampered { return l[:len(l)-1] }, 1},
		{"two swapped", func(l tampered) tampered {
			l[at(700)], l[at(701)] = l[at(701)], l[at(700)]
			return l
		}, 700},
		{"an entry written anew, with its own chain", func(l tampered) tampered {
			e := l[at(700)]
			e.User = "eve"
			e.Follow(l[at(699)].Head())
			l[at(700)] = e
			return l
		}, 701},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := audit.Verify(t.Context(), c.change(slices.Clone(whole)))
			broken, ok := errors.AsType[*audit.BrokenError](err)
			switch {
			case c.broken == 0 && err != nil:
				t.Errorf("Verify = %v, want none", err)
			case c.broken > 0 && (!ok || broken.Seq < c.broken || broken.Seq > c.broken+1):
				t.Errorf("Verify = %v, want entry %d named", err, c.broken)
			}
		})
	}
}
