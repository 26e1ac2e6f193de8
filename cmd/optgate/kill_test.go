package main

import (
	"flag"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/testkit/redistest"
)

var kills = flag.Int("kills", 3, "how often to kill the server, on each store")

// clients is how many record at the same time.
const clients = 50

// The process can be killed at any instruction: what it acknowledged is there
// after a restart, once.
func TestKillServer(t *testing.T) {
	t.Run("embedded", func(t *testing.T) { killServer(t, "--data", t.TempDir()) })
	t.Run("redis", func(t *testing.T) {
		redis := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
		killServer(t, "--redis", redis.URL())
	})
}

func killServer(t *testing.T, store ...string) {
	runOptgate(t, append([]string{"apply", "-f", writeSite(t)}, store...)...)
	addr := freeAddr(t)
	var acknowledged, unanswered []sent
	for range *kills {
		p := startServer(t, addr, store...)
		for _, d := range unanswered {
			// Stored or not, the same id again must be welcome.
			if status := postDecision(http.DefaultClient, p.url, d.id, d.visitor); status != http.StatusCreated && status != http.StatusOK {
				t.Fatalf("a retry after the restart got %d", status)
			}
		}
		acknowledged = append(acknowledged, unanswered...)
		// Some hundreds of answers in, at a moment that differs each time.
		var now []sent
		now, unanswered = recordUntilKilled(p, 100+rand.IntN(2000))
		acknowledged = append(acknowledged, now...)
	}
	stored := exportedIDs(t, store...)
	missing, twice := 0, 0
	for _, d := range acknowledged {
		if stored[d.id] == 0 {
			missing++
		}
	}
	for _, n := range stored {
		if n > 1 {
			twice++
		}
	}
	t.Logf("%d kills under %d clients: %d acknowledged, %d stored, %d missing, %d duplicated", *kills, clients, len(acknowledged), len(stored), missing, twice)
	if missing > 0 || twice > 0 || len(acknowledged) < *kills*100 {
		t.Error("acknowledged records are missing or duplicated, or the test recorded too few")
	}
}

// sent is a decision that was sent.
type sent struct{ id, visitor string }

// recordUntilKilled records from many clients, kills the server after so many
// answers, and returns what it acknowledged and what it left unanswered.
func recordUntilKilled(p *process, after int) (acknowledged, unanswered []sent) {
	var mu sync.Mutex
	var answers atomic.Int64
	var wg sync.WaitGroup
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	for range clients {
		wg.Go(func() {
			visitor := ulid.Make().String()
			for {
				d := sent{ulid.Make().String(), visitor}
				status := postDecision(client, p.url, d.id, d.visitor)
				mu.Lock()
				if status == http.StatusCreated {
					acknowledged = append(acknowledged, d)
				} else {
					unanswered = append(unanswered, d)
				}
				mu.Unlock()
				if status != http.StatusCreated {
					return
				}
				if answers.Add(1) == int64(after) {
					p.end(syscall.SIGKILL)
				}
			}
		})
	}
	wg.Wait()
	client.CloseIdleConnections()
	return acknowledged, unanswered
}

// A stop by signal answers what is under way and refuses nothing that it took.
func TestGracefulStop(t *testing.T) {
	store := []string{"--data", t.TempDir()}
	runOptgate(t, append([]string{"apply", "-f", writeSite(t)}, store...)...)
	p := startServer(t, freeAddr(t), store...)
	visitor, ids := ulid.Make().String(), []string{}
	for range 20 {
		id := ulid.Make().String()
		if status := postDecision(http.DefaultClient, p.url, id, visitor); status != http.StatusCreated {
			t.Fatalf("got %d", status)
		}
		ids = append(ids, id)
	}
	p.end(syscall.SIGTERM)
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit status %d, want 0:\n%s", code, p.out.String())
	}
	stored := exportedIDs(t, store...)
	for _, id := range ids {
		if stored[id] != 1 {
			t.Errorf("record %s is stored %d times", id, stored[id])
		}
	}
}
