package limit_test

import (
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/httpd/limit"
)

func TestTake(t *testing.T) {
	now := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	b := limit.Buckets{Every: time.Second, Burst: 2, Max: 10}
	for i, want := range []time.Duration{0, 0, time.Second, time.Second} {
		if got := b.Take("a", now); got != want {
			t.Errorf("take %d: wait %v, want %v", i+1, got, want)
		}
	}
	if got := b.Take("b", now); got != 0 {
		t.Errorf("another key: wait %v, want 0", got)
	}
	if got := b.Take("a", now.Add(time.Second)); got != 0 {
		t.Errorf("a second later: wait %v, want 0", got)
	}
}

// A key in use is not forgotten when others fill its generation.
func TestKeyInUseIsKept(t *testing.T) {
	now := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	b := limit.Buckets{Every: time.Hour, Burst: 1, Max: 4}
	b.Take("busy", now)
	for i := range 40 {
		b.Take(strconv.Itoa(i), now)
		if b.Take("busy", now) == 0 {
			t.Fatalf("after %d other keys the busy one has a new bucket", i+1)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	now := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	b := limit.Buckets{Every: time.Second, Burst: 1, Max: 1000}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for i := range 200_000 {
		b.Take(strconv.Itoa(i), now)
	}
	const allowed = 2 << 20
	if grown := int64(heap()) - int64(before); grown > allowed {
		t.Errorf("200,000 keys take %d bytes, want at most %d", grown, allowed)
	}
	b.Take("still in use", now)
}
