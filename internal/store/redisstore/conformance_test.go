package redisstore_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/redisstore"
	"github.com/optgate/optgate/internal/store/storetest"
	"github.com/optgate/optgate/internal/testkit/redistest"
)

func TestConformance(t *testing.T) {
	server := redistest.Start(t)
	rdb := client(t, server)
	info, err := rdb.InfoMap(t.Context(), "server").Result()
	if err != nil {
		t.Fatal(err)
	}
	storetest.Run(t, func(t *testing.T) storetest.Backend {
		if err := rdb.FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		return storetest.Backend{
			Name:      "Redis " + info["Server"]["redis_version"],
			Open:      func(t *testing.T) optgate.Store { return open(t, server.URL(), redisstore.Options{}) },
			OpenOther: func(t *testing.T) optgate.Store { return open(t, server.URL()+"/1", redisstore.Options{}) },
		}
	})
}

// open opens a store that the caller closes.
func open(t testing.TB, url string, o redisstore.Options) *redisstore.Store {
	t.Helper()
	s, err := redisstore.Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// client returns a client past the store.
func client(t testing.TB, server *redistest.Server) *redis.Client {
	t.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { rdb.Close() })
	return rdb
}

// partition returns the partition of a record.
func partition(t testing.TB, r *optgate.Record) int {
	t.Helper()
	p, err := optgate.PartitionOf(r.Visitor)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
