package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

var auditTests = map[string]func(*testing.T, Backend){
	"Audit":           testAudit,
	"AuditManyAtOnce": testAuditManyAtOnce,
}

// entriesFrom returns n entries that follow head.
func entriesFrom(head optgate.Head, n int) []optgate.AuditEntry {
	var all []optgate.AuditEntry
	for i := range n {
		e := optgate.AuditEntry{At: start.Add(time.Duration(i) * time.Second), User: "mara", Action: "publish", Site: "shop", After: fmt.Sprint("revision ", i)}
		e.Follow(head)
		head = e.Head()
		all = append(all, e)
	}
	return all
}

func testAudit(t *testing.T, b Backend) {
	s, other := b.open(t), b.open(t)
	if got, err := s.Audit(t.Context(), 0, 10); err != nil || len(got) != 0 {
		t.Fatalf("Audit of nothing = %v, %v; want none", got, err)
	}
	all := entriesFrom(optgate.AuditGenesis(), 5)
	for i, e := range all {
		if i > 0 {
			gap := e
			gap.Seq++
			if err := s.AppendAudit(t.Context(), gap); !errors.Is(err, optgate.ErrConflict) {
				t.Errorf("AppendAudit with a gap = %v, want ErrConflict", err)
			}
			again := all[i-1]
			again.After = "something else"
			if err := other.AppendAudit(t.Context(), again); !errors.Is(err, optgate.ErrConflict) {
				t.Errorf("AppendAudit of another entry with a number that is taken = %v, want ErrConflict", err)
			}
		}
		for range 2 { // repeated, as after a lost answer
			if err := s.AppendAudit(t.Context(), e); err != nil {
				t.Fatalf("AppendAudit(%d) = %v", e.Seq, err)
			}
		}
	}
	for _, c := range []struct {
		before uint64
		limit  int
		want   []uint64
	}{
		{0, 10, []uint64{5, 4, 3, 2, 1}}, {0, 2, []uint64{5, 4}}, {4, 2, []uint64{3, 2}}, {2, 5, []uint64{1}}, {1, 5, nil}, {99, 2, []uint64{5, 4}},
	} {
		got, err := other.Audit(t.Context(), c.before, c.limit)
		var seqs []uint64
		for _, e := range got {
			seqs = append(seqs, e.Seq)
			if !reflect.DeepEqual(e, all[e.Seq-1]) {
				t.Errorf("entry %d is %+v, want %+v", e.Seq, e, all[e.Seq-1])
			}
		}
		if err != nil || !reflect.DeepEqual(seqs, c.want) {
			t.Errorf("Audit(%d, %d) = %v, %v; want %v", c.before, c.limit, seqs, err, c.want)
		}
	}
}

func testAuditManyAtOnce(t *testing.T, b Backend) {
	stores := []optgate.Store{b.open(t), b.open(t)}
	added := 0
	for _, err := range concurrently(16, func(i int) error {
		e := optgate.AuditEntry{At: start, User: fmt.Sprint("user", i), Action: "sign in"}
		e.Follow(optgate.AuditGenesis())
		return stores[i%2].AppendAudit(t.Context(), e)
	}) {
		switch {
		case err == nil:
			added++
		case !errors.Is(err, optgate.ErrConflict):
			t.Errorf("AppendAudit = %v, want ErrConflict", err)
		}
	}
	if added != 1 {
		t.Errorf("%d entries got the number 1, want one", added)
	}
}
