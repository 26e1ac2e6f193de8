package redisstore_test

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/redisstore"
	"github.com/optgate/optgate/internal/store/storetest"
	"github.com/optgate/optgate/internal/testkit/redistest"
)

// counter is a hook that counts round trips.
type counter struct{ trips atomic.Int32 }

func (c *counter) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (c *counter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.trips.Add(1)
		return next(ctx, cmd)
	}
}

func (c *counter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		c.trips.Add(1)
		return next(ctx, cmds)
	}
}

func TestRoundTrips(t *testing.T) {
	server := redistest.Start(t)
	hook := &counter{}
	s := open(t, server.URL(), redisstore.Options{Hook: hook})
	defer s.Close()
	r := benchRecord()
	other := r
	other.Action = optgate.Withdraw
	for _, c := range []struct {
		name string
		call func() error
		want int32
	}{
		{"Append, the store's first", func() error { _, _, err := s.Append(t.Context(), r); return err }, 1},
		{"Append again", func() error { _, _, err := s.Append(t.Context(), r); return err }, 1},
		{"Append with another answer", func() error {
			if _, _, err := s.Append(t.Context(), other); !errors.Is(err, optgate.ErrConflict) {
				return err
			}
			return nil
		}, 1},
		{"Current", func() error { _, err := s.Current(t.Context(), r.Site, r.Visitor); return err }, 1},
		{"Records", func() error { _, err := s.Records(t.Context(), r.Site, r.Visitor); return err }, 1},
		{"Scan", func() error { _, _, err := s.Scan(t.Context(), r.Site, "", 100); return err }, 1},
		{"Counts of a month", func() error { _, err := s.Counts(t.Context(), r.Site, r.At, r.At.AddDate(0, 0, 30)); return err }, 1},
		{"Heads", func() error { _, err := s.Heads(t.Context(), r.Site); return err }, 1},
		{"Erase", func() error {
			_, err := s.Erase(t.Context(), optgate.EraseRequest{Site: r.Site, Visitor: r.Visitor, Reason: optgate.ErasedByVisitor, At: r.At})
			return err
		}, 2},
	} {
		hook.trips.Store(0)
		if err := c.call(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := hook.trips.Load(); got != c.want {
			t.Errorf("%s: %d round trips, want %d", c.name, got, c.want)
		}
	}
}

// TestLayout holds the keys and what fits into them. Data that is there already
// depends on it: a change needs a migration.
func TestLayout(t *testing.T) {
	server := redistest.Start(t)
	rdb := client(t, server)
	s := open(t, server.URL(), redisstore.Options{})
	defer s.Close()
	r := benchRecord()
	r.ID, r.Visitor = "01ARZ3NDEKTSV4RRFFQ69G5FAV", "01BX5ZZKBKACTAV9WEVGEMMVRZ"
	if _, _, err := s.Append(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	keys, err := rdb.Keys(t.Context(), "*").Result()
	slices.Sort(keys)
	want := []string{"og:{shop:23}:a", "og:{shop:23}:d:20260309", "og:{shop:23}:e", "og:{shop:23}:i:901"}
	if err != nil || !slices.Equal(keys, want) {
		t.Fatalf("keys are %q, %v; want %q", keys, err, want)
	}
	visitor := "\x01\x5f\x4b\xff\xcd\x73\x53\x34\xad\xa7\x8e\xdc\x1d\x4a\x6f\x1f"
	entries, err := rdb.HGet(t.Context(), want[3], visitor).Result()
	if err != nil || len(entries) != 25 {
		t.Errorf("the visitor's entry has %d bytes, %v; want 25", len(entries), err)
	}
	second := r
	second.ID = benchRecord().ID
	if _, _, err := s.Append(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{want[0], want[1], want[3]} {
		if encoding, err := rdb.ObjectEncoding(t.Context(), key).Result(); err != nil || encoding != "listpack" {
			t.Errorf("%s is a %s, %v; want a listpack", key, encoding, err)
		}
	}
}

// TestClockSetBack gives the second of four records a time of the future, as
// when a clock is set back behind it. Within the partition the order stays.
func TestClockSetBack(t *testing.T) {
	server := redistest.Start(t)
	rdb := client(t, server)
	s := open(t, server.URL(), redisstore.Options{})
	defer s.Close()
	var want []string
	visitor := benchRecord().Visitor
	for i := range 4 {
		r := benchRecord()
		r.Visitor = visitor
		want = append(want, r.ID)
		if _, created, err := s.Append(t.Context(), r); err != nil || !created {
			t.Fatalf("Append = created %t, %v", created, err)
		}
		if i == 1 {
			lists, err := rdb.Keys(t.Context(), "og:*:e").Result()
			if err != nil || len(lists) != 1 {
				t.Fatalf("lists are %q, %v", lists, err)
			}
			entry, err := rdb.LIndex(t.Context(), lists[0], int64(i)).Result()
			if err != nil {
				t.Fatal(err)
			}
			ahead := binary.BigEndian.AppendUint64(nil, uint64(time.Now().Add(time.Hour).UnixMicro()))[1:]
			if err := rdb.LSet(t.Context(), lists[0], int64(i), string(ahead)+entry[len(ahead):]).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	page, cursor, err := s.Scan(t.Context(), "shop", "", 3)
	if err != nil {
		t.Fatal(err)
	}
	rest, _, err := s.Scan(t.Context(), "shop", cursor, 3)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range append(page, rest...) {
		r := e.Record
		got = append(got, r.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("Scan met %q, want %q", got, want)
	}
	if all, err := s.Records(t.Context(), "shop", visitor); err != nil || len(all) != 4 {
		t.Errorf("Records = %d, %v; want 4", len(all), err)
	}
}

// TestRecordDeletedPastOptgate: a visitor's entry without its record must not
// keep the record out for ever.
func TestRecordDeletedPastOptgate(t *testing.T) {
	server := redistest.Start(t)
	rdb := client(t, server)
	s := open(t, server.URL(), redisstore.Options{})
	defer s.Close()
	r := benchRecord()
	for range 2 {
		if _, created, err := s.Append(t.Context(), r); err != nil || !created {
			t.Fatalf("Append = created %t, %v; want it to be new", created, err)
		}
		if got, err := s.Current(t.Context(), r.Site, r.Visitor); err != nil || got.Record.ID != r.ID {
			t.Errorf("Current = %s, %v; want %s", got.Record.ID, err, r.ID)
		}
		streams, err := rdb.Keys(t.Context(), "og:*:e").Result()
		if err != nil || len(streams) != 1 {
			t.Fatalf("streams are %q, %v", streams, err)
		}
		if err := rdb.Del(t.Context(), streams[0]).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRedisThatStartedAnew(t *testing.T) {
	server := redistest.Start(t, "--appendonly", "yes")
	s := open(t, server.URL(), redisstore.Options{})
	defer s.Close()
	var calls atomic.Int32
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Watch(ctx, func() { calls.Add(1) }) }()
	waitFor(t, "the first call of Watch", func() bool { return calls.Load() > 0 })

	server.Kill()
	if _, _, err := s.Append(t.Context(), benchRecord()); err == nil {
		t.Error("Append succeeded without Redis")
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Error("Ping succeeded without Redis")
	}
	before := calls.Load()
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	// The scripts went with the process: each comes back with its first call.
	if err := client(t, server).ScriptFlush(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "an answer", func() bool { return s.Ping(t.Context()) == nil })
	r := benchRecord()
	if _, created, err := s.Append(t.Context(), r); err != nil || !created {
		t.Errorf("Append after the restart = created %t, %v; want it to be new", created, err)
	}
	if _, err := s.Current(t.Context(), r.Site, r.Visitor); err != nil {
		t.Errorf("Current after the restart = %v", err)
	}
	waitFor(t, "a call of Watch on the new connection", func() bool { return calls.Load() > before })
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Watch = %v, want context.Canceled", err)
	}
}

// waitFor waits until ok returns true.
func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestUnixSocket(t *testing.T) {
	// The path of a socket has about 100 bytes, which a test's directory may exceed.
	dir, err := os.MkdirTemp("", "og")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "redis.sock")
	redistest.Start(t, "--unixsocket", socket)
	s := open(t, "unix://"+socket, redisstore.Options{})
	defer s.Close()
	mustRecord(t, s)
}

func TestDatabaseOfTheURL(t *testing.T) {
	server := redistest.Start(t)
	s := open(t, server.URL()+"/3", redisstore.Options{})
	defer s.Close()
	if err := s.SwapKeys(t.Context(), nil, []byte("ring")); err != nil {
		t.Fatal(err)
	}
	other := open(t, server.URL(), redisstore.Options{})
	defer other.Close()
	if _, err := other.Keys(t.Context()); !errors.Is(err, optgate.ErrNotFound) {
		t.Errorf("Keys in database 0 = %v, want ErrNotFound", err)
	}
}

func TestWarnings(t *testing.T) {
	server := redistest.Start(t)
	rdb := client(t, server)
	for _, user := range [][]any{
		{"noconfig", "on", ">secret", "~*", "&*", "+@all", "-config"},
		{"noinfo", "on", ">secret", "~*", "&*", "+@all", "-info"},
	} {
		if err := rdb.Do(t.Context(), append([]any{"ACL", "SETUSER"}, user...)...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name, user string
		config     map[string]string
		want       []string // one part of each
	}{
		{"nothing on disk", "", map[string]string{"appendonly": "no"}, []string{"set appendonly yes"}},
		{"all well", "", map[string]string{"appendonly": "yes", "appendfsync": "always"}, nil},
		{"a second may be lost", "", map[string]string{"appendonly": "yes", "appendfsync": "everysec"}, []string{"set appendfsync always"}},
		{"flushed some time", "", map[string]string{"appendonly": "yes", "appendfsync": "no"}, []string{"appendfsync no"}},
		{"evicts", "", map[string]string{"appendonly": "yes", "appendfsync": "always", "maxmemory": "100mb", "maxmemory-policy": "allkeys-lru"}, []string{"set maxmemory-policy noeviction"}},
		{"full but keeps all", "", map[string]string{"appendonly": "yes", "appendfsync": "always", "maxmemory": "100mb", "maxmemory-policy": "noeviction"}, nil},
		{"a policy without a limit", "", map[string]string{"appendonly": "yes", "appendfsync": "always", "maxmemory": "0", "maxmemory-policy": "allkeys-lru"}, nil},
		{"several", "", map[string]string{"appendonly": "no", "maxmemory": "100mb", "maxmemory-policy": "allkeys-lru"}, []string{"set appendonly yes", "set maxmemory-policy noeviction"}},
		{"CONFIG is forbidden", "noconfig:secret@", map[string]string{"appendonly": "yes", "maxmemory": "0"}, []string{"may not run CONFIG GET"}},
		{"CONFIG is forbidden, but INFO says enough", "noconfig:secret@", map[string]string{"appendonly": "no"}, []string{"set appendonly yes"}},
		{"INFO is forbidden", "noinfo:secret@", nil, []string{"may not run INFO"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, value := range c.config {
				if err := rdb.ConfigSet(t.Context(), name, value).Err(); err != nil {
					t.Fatal(err)
				}
			}
			s := open(t, "redis://"+c.user+server.Addr(), redisstore.Options{})
			defer s.Close()
			got, err := s.Warnings(t.Context())
			if err != nil || len(got) != len(c.want) {
				t.Fatalf("Warnings = %q, %v; want %d", got, err, len(c.want))
			}
			for i, part := range c.want {
				if !strings.Contains(got[i], part) {
					t.Errorf("warning is %q, want it to say %q", got[i], part)
				}
			}
		})
	}
}

// TestUserWithoutChannels: a user with rights to the keys alone can do all but
// hear of changes at once.
func TestUserWithoutChannels(t *testing.T) {
	server := redistest.Start(t)
	if err := client(t, server).Do(t.Context(), "ACL", "SETUSER", "keys", "on", ">secret", "~og:*", "resetchannels", "+@all").Err(); err != nil {
		t.Fatal(err)
	}
	s := open(t, "redis://keys:secret@"+server.Addr(), redisstore.Options{})
	defer s.Close()
	c := optgate.Config{Site: "shop", Languages: []string{"en"}}
	if err := s.Publish(t.Context(), optgate.NewRevision(&c, 0, "anna", "", time.UnixMilli(1))); err != nil {
		t.Errorf("Publish = %v", err)
	}
}

// TestDocumentedRights runs the store as the user that the documentation gives.
func TestDocumentedRights(t *testing.T) {
	server := redistest.Start(t)
	rdb := client(t, server)
	storetest.Run(t, func(t *testing.T) storetest.Backend {
		if err := rdb.FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		setDocumentedUser(t, rdb)
		return storetest.Backend{
			Name: "Redis as a user with few rights",
			Open: func(t *testing.T) optgate.Store {
				return open(t, "redis://optgate:secret@"+server.Addr(), redisstore.Options{})
			},
			OpenOther: func(t *testing.T) optgate.Store {
				return open(t, "redis://optgate:secret@"+server.Addr()+"/1", redisstore.Options{})
			},
		}
	})
}
