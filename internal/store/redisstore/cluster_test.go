package redisstore_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/redisstore"
	"github.com/optgate/optgate/internal/store/storetest"
	"github.com/optgate/optgate/internal/testkit/redistest"
)

// TestClusterConformance runs the suite on three masters, as the user that the
// documentation gives.
func TestClusterConformance(t *testing.T) {
	cluster := redistest.StartCluster(t, []int{0, 0, 0})
	other := redistest.Start(t)
	url := strings.Replace(cluster.URL(), "://", "://optgate:secret@", 1)
	storetest.Run(t, func(t *testing.T) storetest.Backend {
		for i := range cluster.Nodes {
			rdb := cluster.Client(i)
			if err := rdb.FlushAll(t.Context()).Err(); err != nil {
				t.Fatal(err)
			}
			setDocumentedUser(t, rdb)
		}
		if err := client(t, other).FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		return storetest.Backend{
			Name:      "Redis Cluster of 3 masters",
			Open:      func(t *testing.T) optgate.Store { return open(t, url, redisstore.Options{}) },
			OpenOther: func(t *testing.T) optgate.Store { return open(t, other.URL(), redisstore.Options{}) },
		}
	})
	t.Run("Spread", func(t *testing.T) { testSpread(t, cluster) })
	t.Run("EveryNodeWarns", func(t *testing.T) { testEveryNodeWarns(t, cluster) })
}

// documentedRights are what docs/storage.md gives a user.
const documentedRights = "~og:* &og:* +@read +@write +@scripting +@connection +@pubsub +info +config|get +time +cluster|slots +wait"

// setDocumentedUser makes the user optgate, whose password is secret.
func setDocumentedUser(t *testing.T, rdb *redis.Client) {
	t.Helper()
	if doc, err := os.ReadFile("../../../docs/storage.md"); err != nil || !strings.Contains(string(doc), documentedRights) {
		t.Fatalf("docs/storage.md does not give these rights: %s (%v)", documentedRights, err)
	}
	setUser := []any{"ACL", "SETUSER", "optgate", "reset", "on", ">secret"}
	for _, right := range strings.Fields(documentedRights) {
		setUser = append(setUser, right)
	}
	if err := rdb.Do(t.Context(), setUser...).Err(); err != nil {
		t.Fatal(err)
	}
}

// testSpread shows that what a decision writes is in one slot, and how the
// partitions of a site lie on the masters.
func testSpread(t *testing.T, cluster *redistest.Cluster) {
	for i := range cluster.Nodes {
		if err := cluster.Client(i).FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, cluster.URL(), redisstore.Options{})
	defer s.Close()
	const records = 3000
	slots := map[int64]bool{}
	for range records {
		r := benchRecord()
		if _, created, err := s.Append(t.Context(), r); err != nil || !created {
			t.Fatalf("Append = created %t, %v", created, err)
		}
		keys, _, err := redisstore.Heads{}.Call(r)
		if err != nil {
			t.Fatal(err)
		}
		own := map[int64]bool{}
		for _, key := range keys {
			own[keySlot(t, cluster, key)] = true
			slots[keySlot(t, cluster, key)] = true
		}
		if len(own) != 1 {
			t.Fatalf("the keys %q lie in %d slots, want 1", keys, len(own))
		}
	}
	most := int64(0)
	for i := range cluster.Nodes {
		n := int64(0)
		streams, err := cluster.Client(i).Keys(t.Context(), "og:{shop:*}:e").Result()
		if err != nil {
			t.Fatal(err)
		}
		for _, stream := range streams {
			n += cluster.Client(i).LLen(t.Context(), stream).Val()
		}
		most = max(most, n)
	}
	var worst float64
	var worstSite string
	for i := range 100 {
		site := fmt.Sprintf("site-%d", i)
		if share := worstShare(t, cluster, site); share > worst {
			worst, worstSite = share, site
		}
	}
	share := float64(most) / records
	t.Logf("%d records of one site lie in %d slots, at most %.0f %% of them on one of 3 masters; of 100 sites the worst, %s, has %.0f %% of its partitions on one",
		records, len(slots), 100*share, worstSite, 100*worst)
	if len(slots) != 64 || share > 0.5 || worst > 0.6 {
		t.Errorf("records lie in %d slots, %.2f of them and %.2f of a site's partitions on one master; want 64, at most 0.5 and 0.6", len(slots), share, worst)
	}
}

// worstShare returns the largest share of a site's 64 partitions on one master.
func worstShare(t *testing.T, cluster *redistest.Cluster, site string) float64 {
	t.Helper()
	on := make([]int, len(cluster.Nodes))
	for p := range 64 {
		slot := keySlot(t, cluster, fmt.Sprintf("og:{%s:%d}:e", site, p))
		on[slot*int64(len(on))/16384]++
	}
	return float64(slices.Max(on)) / 64
}

// keySlot returns a key's slot, as Redis says it.
func keySlot(t *testing.T, cluster *redistest.Cluster, key string) int64 {
	t.Helper()
	slot, err := cluster.Client(0).ClusterKeySlot(t.Context(), key).Result()
	if err != nil {
		t.Fatal(err)
	}
	return slot
}

// testEveryNodeWarns gives one node of a cluster settings that forget.
func testEveryNodeWarns(t *testing.T, cluster *redistest.Cluster) {
	s := open(t, cluster.URL(), redisstore.Options{})
	defer s.Close()
	set := func(node int, name, value string) {
		t.Helper()
		if err := cluster.Client(node).ConfigSet(t.Context(), name, value).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range cluster.Nodes {
		set(i, "appendonly", "yes")
		set(i, "appendfsync", "always")
	}
	check := func(name string, want ...string) {
		t.Helper()
		got, err := s.Warnings(t.Context())
		if err != nil || len(got) != len(want) {
			t.Fatalf("%s: Warnings = %q, %v; want %d", name, got, err, len(want))
		}
		for i, part := range want {
			if !strings.Contains(got[i], part) {
				t.Errorf("%s: warning is %q, want it to say %q", name, got[i], part)
			}
		}
	}
	check("all well")
	set(1, "appendfsync", "no")
	check("one node", "("+cluster.Nodes[1].Addr()+")")
	for i := range cluster.Nodes {
		set(i, "appendfsync", "no")
	}
	check("all nodes", "(every node)")
	for i := range cluster.Nodes {
		set(i, "appendfsync", "always")
	}
	cluster.Nodes[2].Kill()
	check("one is dead", "does not answer: look whether it runs ("+cluster.Nodes[2].Addr()+")")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Warnings(ctx); err == nil {
		t.Error("Warnings succeeded with a context that had ended")
	}
}
