package sqlitestore_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/store/sqlitestore"
)

// restartDir, in the environment, makes the test binary a process that opens a
// store and records once.
const restartDir = "OPTGATE_TEST_RESTART_DIR"

// restartRecords is how many records a store holds that is opened again.
const restartRecords = 1_000_000

// restart opens the store in dir, records, and prints the milliseconds that this
// took and the most memory that the process had, in MB.
func restart(dir string) error {
	start := time.Now()
	s, err := sqlitestore.Open(context.Background(), dir, sqlitestore.Options{})
	if err != nil {
		return err
	}
	if _, _, err := s.Append(context.Background(), crashRecord(ulid.Make().String())); err != nil {
		return err
	}
	took := time.Since(start)
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	var kB int
	for line := range strings.Lines(string(status)) {
		fmt.Sscanf(line, "VmHWM: %d kB", &kB)
	}
	fmt.Printf("%f %f\n", float64(took.Microseconds())/1000, float64(kB)/1024)
	return s.Close()
}

// BenchmarkRestart reports how long a new process takes until it has recorded a
// decision behind a million others, and how much memory it had.
func BenchmarkRestart(b *testing.B) {
	dir := b.TempDir()
	s := open(b, dir)
	var callers sync.WaitGroup
	for range benchCallers {
		callers.Go(func() {
			for range restartRecords / benchCallers {
				if _, _, err := s.Append(b.Context(), benchRecord()); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	callers.Wait()
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	var ms, mb float64
	for b.Loop() {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), restartDir+"="+dir)
		out, err := cmd.Output()
		if err == nil {
			_, err = fmt.Fscan(bytes.NewReader(out), &ms, &mb)
		}
		if err != nil {
			b.Fatalf("restart: %v\n%s", err, out)
		}
	}
	b.ReportMetric(ms, "ms-until-recorded")
	b.ReportMetric(mb, "MB-resident")
}
