package redisstore_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/redisstore"
	"github.com/optgate/optgate/internal/testkit/redistest"
)

const (
	// visitors record at the same time; so many are on every shard.
	visitors = 48

	// patience is how long recording may take to resume: the nodes' own timeout,
	// their election and what the client needs to notice.
	patience = 6 * time.Second
)

// TestFailover kills masters of a cluster under load. The first shard has two
// replicas, the others one.
func TestFailover(t *testing.T) {
	cluster := redistest.StartCluster(t, []int{2, 1, 1})
	t.Run("WithoutWait", func(t *testing.T) {
		lost, acknowledged, took := failover(t, cluster, 1, 0)
		if lost == 0 {
			t.Error("nothing is lost although the replica was cut off: this test cannot tell what waiting is good for")
		}
		t.Logf("without waiting for replicas: recording resumed %v after the kill; %d of %d acknowledged records lost", took.Round(time.Millisecond), lost, acknowledged)
	})
	t.Run("Wait", func(t *testing.T) {
		for range killCount(1) {
			lost, acknowledged, took := failover(t, cluster, 2, 1)
			t.Logf("waiting for 1 replica: recording resumed %v after the kill; %d of %d acknowledged records lost", took.Round(time.Millisecond), lost, acknowledged)
			if lost != 0 {
				t.Errorf("%d acknowledged records are lost", lost)
			}
		}
	})
	t.Run("OneReplicaAlone", func(t *testing.T) { testOneReplicaAlone(t, cluster) })
}

// masterWith returns the node of a master that has so many replicas.
func masterWith(t *testing.T, cluster *redistest.Cluster, replicas int) int {
	t.Helper()
	for node, n := range cluster.Masters(t.Context()) {
		if n == replicas {
			return node
		}
	}
	t.Fatalf("no master has %d replicas: %v", replicas, cluster.Masters(t.Context()))
	return 0
}

// failover kills the master that has so many replicas while visitors record,
// waits until each of them has recorded again and mends the cluster. It returns
// how many of the acknowledged records were lost and the time from the kill until
// the last visitor could record.
func failover(t *testing.T, cluster *redistest.Cluster, replicas, wait int) (lost, acknowledged int, took time.Duration) {
	t.Helper()
	for node := range cluster.Masters(t.Context()) {
		if err := cluster.Client(node).FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, cluster.URL(), redisstore.Options{Wait: wait})
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var changes atomic.Int64
	go s.Watch(ctx, func() { changes.Add(1) })
	waitFor(t, "the first call of Watch", func() bool { return changes.Load() > 0 })

	victim := masterWith(t, cluster, replicas)
	took, records := recordThrough(t, ctx, s, cluster, victim)
	if err := cluster.Nodes[victim].Restart(); err != nil {
		t.Fatal(err)
	}
	if err := cluster.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := changes.Load()
	c := optgate.Config{Site: "shop", Languages: []string{"en"}}
	if err := s.Publish(t.Context(), optgate.NewRevision(&c, 0, "anna", "", time.UnixMilli(1))); err != nil {
		t.Errorf("Publish after the failover: %v", err)
	}
	waitFor(t, "Watch to hear of it", func() bool { return changes.Load() > before })
	return missing(t, s, records), len(records), took
}

// recordThrough lets visitors record without pause, cuts off the victim's
// replicas, a little later kills it, and goes on until each visitor had something
// acknowledged that she sent after the kill. As a browser does, a visitor sends
// again what failed.
func recordThrough(t *testing.T, ctx context.Context, s optgate.Store, cluster *redistest.Cluster, victim int) (took time.Duration, acknowledged []optgate.Record) {
	t.Helper()
	var killed atomic.Pointer[time.Time]
	var n atomic.Int64
	var mu sync.Mutex
	var recording sync.WaitGroup
	for range visitors {
		recording.Go(func() {
			r := benchRecord()
			for {
				r.ID = ulid.Make().String()
				sent := killed.Load() != nil
				for _, _, err := s.Append(ctx, r); err != nil; _, _, err = s.Append(ctx, r) {
					if ctx.Err() != nil {
						t.Errorf("recording did not resume: %v", err)
						return
					}
				}
				mu.Lock()
				acknowledged = append(acknowledged, r)
				if sent {
					took = max(took, time.Since(*killed.Load()))
				}
				mu.Unlock()
				if sent {
					return
				}
				switch n.Add(1) {
				case 1000:
					if err := cluster.CutOff(ctx, victim); err != nil {
						t.Error(err)
					}
				case 2000:
					cluster.Nodes[victim].Kill()
					if err := cluster.Resume(); err != nil {
						t.Error(err)
					}
					now := time.Now()
					killed.Store(&now)
				}
			}
		})
	}
	recording.Wait()
	if t.Failed() {
		t.FailNow()
	}
	if took > patience {
		t.Errorf("recording resumed %v after the kill, want at most %v", took, patience)
	}
	return took, acknowledged
}

// missing returns how many of the records the ledger does not hold. None may be
// there twice, and no others.
func missing(t *testing.T, s optgate.Store, want []optgate.Record) (lost int) {
	t.Helper()
	met := map[string]int{}
	for cursor := ""; ; {
		page, next, err := s.Scan(t.Context(), "shop", cursor, 1000)
		if err != nil {
			t.Fatalf("Scan: %v", err)
		}
		for _, e := range page {
			r := e.Record
			met[r.Visitor+r.ID]++
		}
		if cursor = next; len(page) < 1000 {
			break
		}
	}
	there := 0
	for _, r := range want {
		switch n := met[r.Visitor+r.ID]; n {
		case 0:
			lost++
		case 1:
			there++
		default:
			t.Errorf("record %s is in the ledger %d times", r.ID, n)
		}
	}
	if there != len(met) {
		t.Errorf("the ledger holds %d records that nobody sent", len(met)-there)
	}
	return lost
}

// testOneReplicaAlone kills a master that has one replica, for which every write
// waits: then nothing in that shard is acknowledged any more, but it is written,
// and the operator is told why. When the node is back, all goes on.
func testOneReplicaAlone(t *testing.T, cluster *redistest.Cluster) {
	const said = "Redis has 0 replicas that answer, but --redis-wait asks for 1"
	s := open(t, cluster.URL(), redisstore.Options{Wait: 1})
	defer s.Close()
	told := func(part string) bool {
		all, err := s.Warnings(t.Context())
		return err == nil && strings.Contains(strings.Join(all, "\n"), part)
	}
	master := masterWith(t, cluster, 1)
	addr := cluster.Nodes[master].Addr()
	r := recordOn(t, s, cluster, master)
	if told(addr) {
		t.Error("Warnings names a master that has its replica")
	}
	cluster.Nodes[master].Kill()
	start := time.Now()
	r.ID = ulid.Make().String()
	waitFor(t, "a record that is written and not acknowledged", func() bool {
		_, _, err := s.Append(t.Context(), r)
		if err == nil {
			t.Fatal("Append was acknowledged without a replica")
		}
		return errors.Is(err, redisstore.ErrReplicas)
	})
	t.Logf("records of the shard were written again %v after the kill, and not acknowledged", time.Since(start).Round(time.Millisecond))
	if got, err := s.Current(t.Context(), r.Site, r.Visitor); err != nil || got.Record.ID != r.ID {
		t.Errorf("Current = %s, %v; want what was not acknowledged: %s", got.Record.ID, err, r.ID)
	}
	if _, _, err := s.Append(t.Context(), r); !errors.Is(err, redisstore.ErrReplicas) {
		t.Errorf("Append again = %v, want ErrReplicas: no replica has it", err)
	}
	if !told(said) {
		all, err := s.Warnings(t.Context())
		t.Errorf("Warnings = %q, %v; want %q", all, err, said)
	}
	if err := cluster.Nodes[master].Restart(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "an acknowledgement", func() bool {
		_, created, err := s.Append(t.Context(), r)
		if created {
			t.Fatal("the record was written twice")
		}
		return err == nil
	})
}

// recordOn appends a record of a visitor who belongs to that master.
func recordOn(t *testing.T, s optgate.Store, cluster *redistest.Cluster, master int) optgate.Record {
	t.Helper()
	for range 1000 {
		r := benchRecord()
		keys, _, err := redisstore.Heads{}.Call(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := cluster.Client(master).Exists(t.Context(), keys[0]).Err(); err != nil {
			continue // MOVED: it is another's
		}
		if _, _, err := s.Append(t.Context(), r); err != nil {
			t.Fatalf("Append: %v", err)
		}
		return r
	}
	t.Fatal("found no visitor of that master")
	return optgate.Record{}
}
