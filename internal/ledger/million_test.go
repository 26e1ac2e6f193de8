package ledger_test

import (
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/ledger"
	"github.com/optgate/optgate/internal/store/sqlitestore"
)

var many = flag.Int("records", 20_000, "how many records TestMany writes, exports and verifies")

// TestMany prints how fast a large ledger is exported and verified, and holds
// both to memory that does not grow with it. "task ledger" runs it with a
// million.
func TestMany(t *testing.T) {
	dir := t.TempDir()
	s, err := sqlitestore.Open(t.Context(), dir, sqlitestore.Options{})
	must(t, err)
	k := openKeys(t, s)
	v, err := k.Verifier()
	must(t, err)
	var writers sync.WaitGroup
	for w := range 64 {
		writers.Go(func() {
			for n := w; n < *many; n += 64 {
				r := record(0)
				r.ID, r.Visitor = ulid.Make().String(), ulid.Make().String()
				if _, _, err := s.Append(t.Context(), r); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	writers.Wait()
	_, err = ledger.TakeCheckpoint(t.Context(), s, k, "shop", start)
	must(t, err)
	must(t, s.Close())

	begun := time.Now()
	s, err = sqlitestore.Open(t.Context(), dir, sqlitestore.Options{})
	must(t, err)
	defer func() { must(t, s.Close()) }()
	_, _, err = s.Append(t.Context(), record(1))
	must(t, err)
	t.Logf("opened again with %d records and one more recorded: %s", *many, time.Since(begun).Round(time.Millisecond))

	file, err := os.Create(filepath.Join(dir, "records.jsonl"))
	must(t, err)
	defer func() { must(t, file.Close()) }()
	measure(t, "export", func(ctx context.Context) (int, error) {
		x := ledger.Export{Site: "shop", Format: ledger.JSONLines, Ledger: s, Revisions: revisions{}, Checkpoint: sign(k)}
		return x.Write(ctx, file)
	})
	measure(t, "verify the store", func(ctx context.Context) (int, error) {
		c, err := ledger.Verify(ctx, s, "shop", v)
		return c.Records(), err
	})
	_, err = file.Seek(0, io.SeekStart)
	must(t, err)
	measure(t, "verify the file", func(ctx context.Context) (int, error) {
		c, err := ledger.VerifyLines(file, v)
		return c.Records(), err
	})
}

// cpu returns how long the process has kept a processor busy.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	must(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure runs something on all records and prints how many a second of a core
// and how much memory it held at most, which must not depend on their number.
func measure(t *testing.T, what string, run func(context.Context) (int, error)) {
	t.Helper()
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	var peak uint64
	done, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				runtime.ReadMemStats(&now)
				peak = max(peak, now.HeapInuse)
			}
		}
	}()
	begun := cpu(t)
	n, err := run(t.Context())
	took := cpu(t) - begun
	close(done)
	<-watched
	if err != nil || n != *many+1 {
		t.Fatalf("%s: %d records, %v; want %d", what, n, err, *many+1)
	}
	t.Logf("%s: %d records in %s of a core, %.0f a second, at most %d MB of heap more", what, n, took.Round(time.Millisecond), float64(n)/took.Seconds(),
		(max(peak, before.HeapInuse)-before.HeapInuse)>>20)
	if const64MB := uint64(64 << 20); peak > before.HeapInuse+const64MB {
		t.Errorf("%s held %d MB, want less than 64 whatever their number", what, (peak-before.HeapInuse)>>20)
	}
}
