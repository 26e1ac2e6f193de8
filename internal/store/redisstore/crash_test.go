package redisstore_test

import (
	"cmp"
	"flag"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/redisstore"
	"github.com/optgate/optgate/internal/testkit/redistest"
)

var kills = flag.Int("kills", 0, "how often each test kills Redis; 0: 5 times one server, once the master of a cluster")

// killCount returns how often to kill, unless the flag says it.
func killCount(usual int) int { return cmp.Or(*kills, usual) }

// TestNothingAcknowledgedIsLost kills Redis while 50 callers append. What was
// acknowledged must be there after the restart; what was not is appended again,
// as a browser would, and must not be there twice.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	s := open(t, server.URL(), redisstore.Options{})
	defer s.Close()
	var acknowledged []optgate.Record
	for range killCount(5) {
		stored, uncertain := killWhileAppending(t, server, s)
		acknowledged = append(acknowledged, stored...)
		if err := server.Restart(); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "an answer", func() bool { return s.Ping(t.Context()) == nil })
		for _, r := range uncertain {
			if _, _, err := s.Append(t.Context(), r); err != nil {
				t.Fatalf("Append again: %v", err)
			}
		}
		acknowledged = append(acknowledged, uncertain...)
		checkLedger(t, s, acknowledged)
	}
	t.Logf("%d kills, %d acknowledged records, none lost, none twice", killCount(5), len(acknowledged))
}

// killWhileAppending appends from 50 goroutines, kills Redis after a random
// number of acknowledged records and returns the records that were acknowledged
// and those that failed.
func killWhileAppending(t *testing.T, server *redistest.Server, s optgate.Store) (acknowledged, uncertain []optgate.Record) {
	t.Helper()
	var n atomic.Int64
	killAt := 1 + rand.Int64N(3000)
	var mu sync.Mutex
	var appending sync.WaitGroup
	for range 50 {
		appending.Go(func() {
			visitor := ulid.Make().String()
			for {
				r := optgate.Record{
					ID: ulid.Make().String(), Site: "shop", Visitor: visitor, Revision: 1, Language: "en",
					Action: optgate.RejectAll, Source: "banner", Choices: optgate.Choices{optgate.Analytics: false},
					At: time.Date(2026, 3, 9, 10, 11, 12, 0, time.UTC),
				}
				_, _, err := s.Append(t.Context(), r)
				mu.Lock()
				if err != nil {
					uncertain = append(uncertain, r)
				} else {
					acknowledged = append(acknowledged, r)
				}
				mu.Unlock()
				if err != nil {
					return
				}
				if n.Add(1) == killAt {
					server.Kill()
				}
			}
		})
	}
	appending.Wait()
	return acknowledged, uncertain
}

// checkLedger checks that the ledger holds these records, each once, and no
// others, and that look-up by visitor and counts tell the same.
func checkLedger(t *testing.T, s optgate.Store, want []optgate.Record) {
	t.Helper()
	met := map[string]int{}
	perVisitor := map[string]int{}
	total := 0
	for cursor := ""; ; {
		page, next, err := s.Scan(t.Context(), "shop", cursor, 1000)
		if err != nil {
			t.Fatalf("Scan: %v", err)
		}
		for _, e := range page {
			r := e.Record
			met[r.Visitor+r.ID]++
			perVisitor[r.Visitor]++
		}
		total += len(page)
		if len(page) < 1000 {
			break
		}
		cursor = next
	}
	for _, r := range want {
		if met[r.Visitor+r.ID] != 1 {
			t.Fatalf("acknowledged record %s is in the ledger %d times, want once", r.ID, met[r.Visitor+r.ID])
		}
	}
	if total != len(want) {
		t.Errorf("the ledger holds %d records, want %d", total, len(want))
	}
	for visitor, want := range perVisitor {
		if got, err := s.Records(t.Context(), "shop", visitor); err != nil || len(got) != want {
			t.Errorf("Records = %d, %v; the ledger holds %d of this visitor", len(got), err, want)
		}
	}
	day := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)
	counts, err := s.Counts(t.Context(), "shop", day, day)
	if err != nil || len(counts) != 1 || counts[0].Actions[optgate.RejectAll] != total {
		t.Errorf("Counts = %+v, %v; want %d decisions", counts, err, total)
	}
}
