package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	goredis "github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/testkit/redistest"
	"github.com/optgate/optgate/internal/testkit/smalldisk"
)

// answered is what a server said to a decision.
type answered struct {
	status     int
	retryAfter string
	reason     string // the header X-Optgate
}

// decideAs posts a decision and returns the answer, with status 0 if none came.
// The server hears that it comes from that address.
func decideAs(p *process, address string, d sent) answered {
	body := fmt.Sprintf(`{"id":%q,"visitor":%q,"revision":1,"language":"en","action":"save","source":"banner","choices":{"functional":true,"marketing":false}}`, d.id, d.visitor)
	req, err := http.NewRequest(http.MethodPost, p.url+"/s/shop/choices", strings.NewReader(body))
	if err != nil {
		return answered{reason: err.Error()}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Forwarded-For", address)
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		return answered{reason: err.Error()}
	}
	defer func() { _ = r.Body.Close() }() // read to its end, or of no use
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return answered{reason: err.Error()}
	}
	return answered{r.StatusCode, r.Header.Get("Retry-After"), r.Header.Get("X-Optgate")}
}

func newSent() sent { return sent{ulid.Make().String(), ulid.Make().String()} }

// wantLedger checks that the ledger verifies and holds just these decisions, once.
func wantLedger(t *testing.T, acknowledged []sent, store ...string) {
	t.Helper()
	if out := runOptgate(t, append([]string{"verify", "--site", "shop"}, store...)...); !bytes.Contains(out, fmt.Appendf(nil, " in %d entries", len(acknowledged))) {
		t.Errorf("verify says %q, want it to find %d entries", out, len(acknowledged))
	}
	stored := exportedIDs(t, store...)
	for _, d := range acknowledged {
		if stored[d.id] != 1 {
			t.Errorf("record %s is stored %d times, want once", d.id, stored[d.id])
		}
		delete(stored, d.id)
	}
	delete(stored, "") // the checkpoint's line
	if len(stored) > 0 {
		t.Errorf("%d records are stored that were not acknowledged", len(stored))
	}
}

// TestDiskFull fills the disk under a server that records. It says 503 until
// there is room, and nothing that it acknowledged is missing.
func TestDiskFull(t *testing.T) { smalldisk.Run(t, 8<<20, fillDisk) }

func fillDisk(t *testing.T, disk *smalldisk.Disk) {
	store := []string{"--data", filepath.Join(disk.Dir, "data")}
	runOptgate(t, append([]string{"apply", "-f", writeSite(t)}, store...)...)
	p := startServer(t, freeAddr(t), store...)
	var acknowledged []sent
	for range 20 {
		d := newSent()
		if got := decideAs(p, "127.0.0.1", d); got.status != http.StatusCreated {
			t.Fatalf("got %+v", got)
		}
		acknowledged = append(acknowledged, d)
	}

	empty := disk.Fill()
	var refused sent
	for refused.id == "" {
		d := newSent()
		switch got := decideAs(p, "127.0.0.1", d); {
		case got.status == http.StatusCreated && len(acknowledged) < 10_000:
			acknowledged = append(acknowledged, d) // there was room inside of its files
		case got.status == http.StatusServiceUnavailable && got.retryAfter != "":
			refused = d
		default:
			t.Fatalf("got %+v on a full disk, want 503 with Retry-After", got)
		}
	}
	for _, path := range []string{"/s/shop/gate.js", "/s/shop/panel?lang=en", "/s/shop/declaration"} {
		r, err := http.Get(p.url + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close() // not read
		if r.StatusCode != http.StatusOK {
			t.Errorf("%s: got %d on a full disk, want 200", path, r.StatusCode)
		}
	}

	empty()
	if got := decideAs(p, "127.0.0.1", refused); got.status != http.StatusCreated {
		t.Errorf("got %+v when there was room again, want 201", got)
	}
	acknowledged = append(acknowledged, refused)
	wantLedger(t, acknowledged, store...) // beside the server
	p.end(syscall.SIGTERM)
	if said := p.out.String(); !strings.Contains(said, "disk is full") {
		t.Errorf("the server's log does not say that the disk is full:\n%s", said)
	}
	wantLedger(t, acknowledged, store...)
}

// TestFlood lets one client send without pause. It is told to wait, others are
// served meanwhile, and the ledger holds what was acknowledged.
func TestFlood(t *testing.T) {
	const perMinute, flooders, others = 30, 4, 40
	store := []string{"--data", t.TempDir()}
	runOptgate(t, append([]string{"apply", "-f", writeSite(t)}, store...)...)
	p := startServer(t, freeAddr(t), append([]string{"--decisions-per-minute", fmt.Sprint(perMinute), "--trusted-proxies", "127.0.0.1/32"}, store...)...)
	var mu sync.Mutex
	var acknowledged []sent
	var refused atomic.Int64
	var served atomic.Bool
	flooded := make(chan struct{}) // closed when somebody was refused
	var once sync.Once
	start := time.Now()
	var flood sync.WaitGroup
	for range flooders {
		flood.Go(func() {
			for !served.Load() {
				d := newSent()
				switch got := decideAs(p, "203.0.113.9", d); {
				case got.status == http.StatusCreated:
					mu.Lock()
					acknowledged = append(acknowledged, d)
					mu.Unlock()
				case got.status == http.StatusTooManyRequests && got.retryAfter != "" && strings.Contains(got.reason, "too many requests"):
					refused.Add(1)
					once.Do(func() { close(flooded) })
				default:
					t.Errorf("the flood got %+v, want 201 or 429 with Retry-After", got)
					return
				}
			}
		})
	}
	var visitors []sent
	select {
	case <-flooded:
	case <-time.After(30 * time.Second):
		t.Error("nobody was refused within 30 s")
	}
	for i := range others {
		d := newSent()
		if got := decideAs(p, fmt.Sprintf("198.51.100.%d", i+1), d); got.status != http.StatusCreated {
			t.Errorf("somebody else got %+v, want 201", got)
		}
		visitors = append(visitors, d)
	}
	served.Store(true)
	flood.Wait()
	// A burst of two minutes' worth, and what came due since.
	if most := perMinute*2 + int(time.Since(start).Minutes()*perMinute) + 1; len(acknowledged) > most || refused.Load() == 0 {
		t.Errorf("of the flood %d were acknowledged and %d refused, want at most %d acknowledged", len(acknowledged), refused.Load(), most)
	}
	wantLedger(t, append(acknowledged, visitors...), store...)
}

// TestRedisFaults takes from a server what it needs of Redis. It says 503, or
// waits, and when Redis is well again goes on where it was.
func TestRedisFaults(t *testing.T) {
	redis := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	rdb := goredis.NewClient(&goredis.Options{Addr: redis.Addr()})
	defer func() { _ = rdb.Close() }() // nothing is under way
	does := func(args ...any) func() {
		return func() {
			if err := rdb.Do(t.Context(), args...).Err(); err != nil {
				t.Fatalf("%v: %v", args, err)
			}
		}
	}
	store := []string{"--redis", redis.URL()}
	runOptgate(t, append([]string{"apply", "-f", writeSite(t)}, store...)...)
	p := startServer(t, freeAddr(t), store...)
	var acknowledged []sent
	for _, c := range []struct {
		name        string
		break_, fix func()
		want        int
		atLeast     time.Duration
	}{
		{"out of memory", does("CONFIG", "SET", "maxmemory", "1"), does("CONFIG", "SET", "maxmemory", "0"), http.StatusServiceUnavailable, 0},
		{"slow", does("CLIENT", "PAUSE", "1000", "WRITE"), func() {}, http.StatusCreated, 500 * time.Millisecond},
		{"read-only", does("REPLICAOF", "127.0.0.1", redistest.FreePort(t)), does("REPLICAOF", "NO", "ONE"), http.StatusServiceUnavailable, 0},
		{"gone", redis.Kill, func() {
			if err := redis.Restart(); err != nil {
				t.Fatal(err)
			}
		}, http.StatusServiceUnavailable, 0},
	} {
		c.break_()
		d := newSent()
		start := time.Now()
		got := decideAs(p, "127.0.0.1", d)
		if got.status != c.want || (c.want == http.StatusServiceUnavailable) != (got.retryAfter != "") || time.Since(start) < c.atLeast {
			t.Errorf("%s: got %+v after %v, want %d", c.name, got, time.Since(start), c.want)
		}
		c.fix()
		for deadline := time.Now().Add(15 * time.Second); ; {
			if got = decideAs(p, "127.0.0.1", d); got.status == http.StatusCreated || got.status == http.StatusOK {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s: got %+v 15 s after it was over", c.name, got)
			}
		}
		acknowledged = append(acknowledged, d)
		wantLedger(t, acknowledged, store...)
	}
}
