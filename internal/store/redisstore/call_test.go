package redisstore_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/redisstore"
	"github.com/optgate/optgate/internal/store/storetest"
	"github.com/optgate/optgate/internal/testkit/redistest"
)

// appendTogether appends a record to each of the first partitions of a site at
// the same time, while Redis holds writes up, so that they share calls. It
// returns the errors by partition.
func appendTogether(t *testing.T, s *redisstore.Store, rdb *redis.Client, n int) []error {
	t.Helper()
	records := make([]optgate.Record, n)
	for p := range records {
		records[p] = recordOf(t, p)
	}
	if err := rdb.Do(t.Context(), "CLIENT", "PAUSE", 300, "WRITE").Err(); err != nil {
		t.Fatal(err)
	}
	errs := make([]error, n)
	var callers sync.WaitGroup
	for p := range records {
		callers.Go(func() { _, _, errs[p] = s.Append(t.Context(), records[p]) })
	}
	callers.Wait()
	return errs
}

// recordOf returns a new visitor's record that belongs to a partition.
func recordOf(t *testing.T, p int) optgate.Record {
	for {
		if r := benchRecord(); partition(t, &r) == p {
			return r
		}
	}
}

// TestOneOfManyFails: what is wrong with one partition is no matter of those
// whose records are in the same call.
func TestOneOfManyFails(t *testing.T) {
	const n, bad = 20, 7
	for _, c := range []struct {
		name          string
		damage, mends []any
		lost          int // entries of the partition that the damage takes away
		want          string
	}{
		{"a head that moved", []any{"LTRIM", "og:{shop:7}:e", "0", "-2"}, []any{"PING"}, 1, ""},
		{"an entry gone before the head", []any{"LPOP", "og:{shop:7}:e"}, []any{"PING"}, 1, ""},
		{"a list of another type", []any{"SET", "og:{shop:7}:e", "no list"}, []any{"DEL", "og:{shop:7}:e"}, 2, "WRONGTYPE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := redistest.Start(t)
			rdb := client(t, server)
			s := open(t, server.URL(), redisstore.Options{})
			defer s.Close()
			for range 2 {
				for p, err := range appendTogether(t, s, rdb, n) {
					if err != nil {
						t.Fatalf("partition %d: %v", p, err)
					}
				}
			}
			if calls := scriptCalls(t, rdb); calls >= n {
				t.Fatalf("Redis ran %d scripts for %d records: they did not share calls", calls, 2*n)
			}
			if err := rdb.Do(t.Context(), c.damage...).Err(); err != nil {
				t.Fatal(err)
			}
			for p, err := range appendTogether(t, s, rdb, n) {
				want := ""
				if p == bad {
					want = c.want
				}
				if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
					t.Errorf("partition %d: Append = %v, want %q", p, err, want)
				}
			}
			if err := rdb.Do(t.Context(), c.mends...).Err(); err != nil {
				t.Fatal(err)
			}
			for p, err := range appendTogether(t, s, rdb, n) {
				if err != nil {
					t.Errorf("mended, partition %d: %v", p, err)
				}
			}
			for p := range n {
				want := int64(4)
				if p == bad {
					want -= int64(c.lost)
				}
				if c.want != "" && p == bad {
					want-- // the record that was refused
				}
				key := "og:{shop:" + strconv.Itoa(p) + "}:e"
				if got, err := rdb.LLen(t.Context(), key).Result(); err != nil || got != want {
					t.Errorf("%s has %d entries, %v; want %d", key, got, err, want)
				}
			}
		})
	}
}

// TestCountsOfAnotherType: a record that was written before the call failed is
// there when it is sent again.
func TestCountsOfAnotherType(t *testing.T) {
	server := redistest.Start(t)
	rdb := client(t, server)
	s := open(t, server.URL(), redisstore.Options{})
	defer s.Close()
	r := recordOf(t, 7)
	if err := rdb.Set(t.Context(), "og:{shop:7}:a", "no hash", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Append(t.Context(), r); err == nil || !strings.Contains(err.Error(), "WRONGTYPE") {
		t.Errorf("Append = %v, want WRONGTYPE", err)
	}
	if err := rdb.Del(t.Context(), "og:{shop:7}:a").Err(); err != nil {
		t.Fatal(err)
	}
	if e, created, err := s.Append(t.Context(), r); err != nil || created || e.Seq != 1 {
		t.Errorf("Append again = entry %d, created %t, %v; want entry 1, which is there", e.Seq, created, err)
	}
	if _, _, err := s.Append(t.Context(), recordOf(t, 7)); err != nil {
		t.Error(err)
	}
	if n := storetest.CheckChains(t, s, "shop"); n != 2 {
		t.Errorf("the ledger holds %d entries, want 2", n)
	}
}

// scriptCalls returns how many scripts Redis ran.
func scriptCalls(t *testing.T, rdb *redis.Client) int {
	t.Helper()
	info, err := rdb.InfoMap(t.Context(), "commandstats").Result()
	if err != nil {
		t.Fatal(err)
	}
	said, _, _ := strings.Cut(strings.TrimPrefix(info["Commandstats"]["cmdstat_evalsha"], "calls="), ",")
	n, err := strconv.Atoi(said)
	if err != nil {
		t.Fatalf("the statistics of EVALSHA are %q", info["Commandstats"]["cmdstat_evalsha"])
	}
	return n
}

// TestNodeOfAClusterByItsOwnURL: a Redis that has all slots, but takes no call of
// several, gets one call for each partition.
func TestNodeOfAClusterByItsOwnURL(t *testing.T) {
	server := redistest.Start(t, "--cluster-enabled", "yes")
	rdb := client(t, server)
	if err := rdb.ClusterAddSlotsRange(t.Context(), 0, 16383).Err(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the cluster of one", func() bool {
		info, err := rdb.ClusterInfo(t.Context()).Result()
		return err == nil && strings.Contains(info, "cluster_state:ok")
	})
	s := open(t, server.URL(), redisstore.Options{})
	defer s.Close()
	for range 2 {
		for p, err := range appendTogether(t, s, rdb, 20) {
			if err != nil {
				t.Errorf("partition %d: %v", p, err)
			}
		}
	}
	if n := storetest.CheckChains(t, s, "shop"); n != 40 {
		t.Errorf("the ledger holds %d entries, want 40", n)
	}
}
