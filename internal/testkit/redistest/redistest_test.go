package redistest_test

import (
	"net"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/testkit/redistest"
)

func TestKillAndRestart(t *testing.T) {
	s := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	o, err := redis.ParseURL(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	rdb := redis.NewClient(o)
	defer rdb.Close()
	if err := rdb.Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s.Kill()
	}
	if conn, err := net.Dial("tcp", s.Addr()); err == nil {
		conn.Close()
		t.Error("the server still listens after Kill")
	}
	for range 2 {
		if err := s.Restart(); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := rdb.Get(t.Context(), "k").Result(); err != nil || got != "v" {
		t.Errorf("Get after the restart = %q, %v; want v", got, err)
	}
}

func TestTwoServers(t *testing.T) {
	if a, b := redistest.Start(t).URL(), redistest.Start(t).URL(); a == b {
		t.Errorf("both servers are at %s", a)
	}
}

func TestCluster(t *testing.T) {
	c := redistest.StartCluster(t, []int{1, 0, 0})
	rdb := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{c.Nodes[0].Addr()}})
	defer rdb.Close()
	for _, key := range []string{"a", "b", "c", "d"} {
		if err := rdb.Set(t.Context(), key, "v", 0).Err(); err != nil {
			t.Errorf("Set %s: %v", key, err)
		}
	}
	if got := c.Masters(t.Context()); len(got) != 3 || got[0] != 1 {
		t.Errorf("masters and their replicas are %v, want three, the first with one", got)
	}
}
