package sqlitestore_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/sqlitestore"
)

var kills = flag.Int("kills", 5, "how often the crash test kills a process that writes")

// crashDir, in the environment, makes the test binary the process to be killed.
const crashDir = "OPTGATE_TEST_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(restartDir); dir != "" {
		if err := restart(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if dir := os.Getenv(crashDir); dir != "" {
		if err := appendUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// appendUntilKilled appends from 50 goroutines and prints "visitor id" for each
// record that was acknowledged, a line in one write.
func appendUntilKilled(dir string) error {
	s, err := sqlitestore.Open(context.Background(), dir, sqlitestore.Options{})
	if err != nil {
		return err
	}
	failed := make(chan error)
	for range 50 {
		go func() {
			visitor := ulid.Make().String()
			for {
				r := crashRecord(visitor)
				if _, _, err := s.Append(context.Background(), r); err != nil {
					failed <- err
					return
				}
				if _, err := os.Stdout.WriteString(r.Visitor + " " + r.ID + "\n"); err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	return <-failed
}

// crashRecord returns a new record of a visitor.
func crashRecord(visitor string) optgate.Record {
	return optgate.Record{
		ID: ulid.Make().String(), Site: "shop", Visitor: visitor, Revision: 1, Language: "en",
		Action: optgate.RejectAll, Source: "banner", Choices: optgate.Choices{optgate.Analytics: false},
		At: time.Date(2026, 3, 9, 10, 11, 12, 0, time.UTC),
	}
}

func TestNothingAcknowledgedIsLost(t *testing.T) {
	dir := t.TempDir()
	acknowledged := map[string]bool{}
	for range *kills {
		for _, line := range killWhileAppending(t, dir) {
			acknowledged[line] = true
		}
		s := open(t, dir)
		checkLedger(t, s, acknowledged)
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	t.Logf("%d kills, %d acknowledged records, none lost", *kills, len(acknowledged))
}

// killWhileAppending runs a process that appends, kills it after a random number
// of acknowledged records and returns all that it acknowledged.
func killWhileAppending(t *testing.T, dir string) []string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var lines []string
	killAt := 1 + rand.IntN(5000)
	for scanner := bufio.NewScanner(out); scanner.Scan(); {
		lines = append(lines, scanner.Text())
		if len(lines) == killAt {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || stderr.Len() > 0 || len(lines) < killAt {
		t.Fatalf("the process ended by itself after %d lines: %v\n%s", len(lines), err, stderr.String())
	}
	return lines
}

// checkLedger checks that each acknowledged "visitor id" is in the ledger once,
// and that ledger, look-up by visitor and counts tell the same.
func checkLedger(t *testing.T, s optgate.Store, acknowledged map[string]bool) {
	t.Helper()
	met := map[string]int{}
	perVisitor := map[string]int{}
	total := 0
	for cursor := ""; ; {
		page, next, err := s.Scan(t.Context(), "shop", cursor, 1000)
		if err != nil {
			t.Fatalf("Scan: %v", err)
		}
		for _, e := range page {
			r := e.Record
			met[r.Visitor+" "+r.ID]++
			perVisitor[r.Visitor]++
		}
		total += len(page)
		if len(page) < 1000 {
			break
		}
		cursor = next
	}
	for line := range acknowledged {
		if met[line] != 1 {
			t.Fatalf("acknowledged record %q is in the ledger %d times, want once", line, met[line])
		}
	}
	if len(met) != total {
		t.Errorf("the ledger holds %d records, %d different ones", total, len(met))
	}
	for visitor, want := range perVisitor {
		if got, err := s.Records(t.Context(), "shop", visitor); err != nil || len(got) != want {
			t.Errorf("Records = %d, %v; the ledger holds %d of this visitor", len(got), err, want)
		}
	}
	day := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)
	counts, err := s.Counts(t.Context(), "shop", day, day)
	if err != nil || len(counts) != 1 || counts[0].Actions[optgate.RejectAll] != total {
		t.Errorf("Counts = %+v, %v; want %d decisions", counts, err, total)
	}
}

// TestTwoProcesses appends from another process and from this one to the same
// directory at the same time.
func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	defer s.Close()
	mine := map[string]bool{}
	stop := make(chan struct{})
	var appending sync.WaitGroup
	appending.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			r := crashRecord(ulid.Make().String())
			if _, _, err := s.Append(t.Context(), r); err != nil {
				t.Errorf("Append: %v", err)
				return
			}
			mine[r.Visitor+" "+r.ID] = true
		}
	})
	theirs := killWhileAppending(t, dir)
	close(stop)
	appending.Wait()
	for _, line := range theirs {
		mine[line] = true
	}
	checkLedger(t, s, mine)
}
