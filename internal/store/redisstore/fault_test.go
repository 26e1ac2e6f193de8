package redisstore_test

import (
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/store/redisstore"
	"github.com/optgate/optgate/internal/store/storetest"
	"github.com/optgate/optgate/internal/testkit/redistest"
)

// TestRefusingRedis: a Redis that takes no writes says why, and when it takes
// them again the chains go on where they ended.
func TestRefusingRedis(t *testing.T) {
	server := redistest.Start(t)
	rdb := client(t, server)
	s := open(t, server.URL(), redisstore.Options{})
	defer s.Close()
	first := mustRecord(t, s)
	n := 1
	for _, c := range []struct {
		name          string
		refuse, allow []any
		want          string
	}{
		{"out of memory", []any{"CONFIG", "SET", "maxmemory", "1"}, []any{"CONFIG", "SET", "maxmemory", "0"}, "OOM"},
		{"too few replicas", []any{"CONFIG", "SET", "min-replicas-to-write", "1"}, []any{"CONFIG", "SET", "min-replicas-to-write", "0"}, "NOREPLICAS"},
		{"read-only", []any{"REPLICAOF", "127.0.0.1", redistest.FreePort(t)}, []any{"REPLICAOF", "NO", "ONE"}, "READONLY"},
	} {
		if err := rdb.Do(t.Context(), c.refuse...).Err(); err != nil {
			t.Fatal(err)
		}
		r := benchRecord()
		r.Visitor = first.Visitor
		if _, _, err := s.Append(t.Context(), r); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: Append = %v, want %q in it", c.name, err, c.want)
		}
		if err := rdb.Do(t.Context(), c.allow...).Err(); err != nil {
			t.Fatal(err)
		}
		if _, created, err := s.Append(t.Context(), r); err != nil || !created {
			t.Errorf("%s: Append afterwards = created %t, %v; want it to be new", c.name, created, err)
		}
		if n++; storetest.CheckChains(t, s, "shop") != n {
			t.Errorf("%s: the ledger does not hold %d entries", c.name, n)
		}
	}
}

// cutter passes bytes on between a store and Redis. When told to, it lets the
// next request through and cuts the connection in the middle of the reply.
type cutter struct {
	target string
	cut    atomic.Bool
}

func (c *cutter) serve(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go c.pass(conn)
	}
}

func (c *cutter) pass(conn net.Conn) {
	defer conn.Close()
	redis, err := net.Dial("tcp", c.target)
	if err != nil {
		return
	}
	defer redis.Close()
	go io.Copy(redis, conn)
	b := make([]byte, 64<<10)
	for {
		n, err := redis.Read(b)
		if err != nil {
			return
		}
		if c.cut.CompareAndSwap(true, false) {
			conn.Write(b[:n/2])
			return
		}
		if _, err := conn.Write(b[:n]); err != nil {
			return
		}
	}
}

// TestReplyCutInTheMiddle: what is sent again is the record that was stored.
func TestReplyCutInTheMiddle(t *testing.T) {
	server := redistest.Start(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := &cutter{target: server.Addr()}
	go c.serve(l)
	s := open(t, "redis://"+l.Addr().String(), redisstore.Options{})
	defer s.Close()
	direct := open(t, server.URL(), redisstore.Options{})
	defer direct.Close()
	visitor := mustRecord(t, s).Visitor
	for i := range 5 {
		r := benchRecord()
		r.Visitor = visitor
		c.cut.Store(true)
		s.Append(t.Context(), r) // the client may have tried again by itself
		e, _, err := s.Append(t.Context(), r)
		if err != nil || e.Seq != uint64(i+2) {
			t.Fatalf("Append again = entry %d, %v; want entry %d", e.Seq, err, i+2)
		}
	}
	if n := storetest.CheckChains(t, direct, "shop"); n != 6 {
		t.Errorf("the ledger holds %d entries, want 6", n)
	}
}

// TestSlowRedis: a second is waited for.
func TestSlowRedis(t *testing.T) {
	server := redistest.Start(t)
	rdb := client(t, server)
	s := open(t, server.URL(), redisstore.Options{})
	defer s.Close()
	mustRecord(t, s)
	if err := rdb.Do(t.Context(), "CLIENT", "PAUSE", 1000, "WRITE").Err(); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	mustRecord(t, s)
	if took := time.Since(start); took < 500*time.Millisecond {
		t.Errorf("Redis paused for a second, and the record was there after %v", took)
	}
	if n := storetest.CheckChains(t, s, "shop"); n != 2 {
		t.Errorf("the ledger holds %d entries, want 2", n)
	}
}
