package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/sqlitestore"
	"github.com/optgate/optgate/internal/testkit/redistest"
)

const (
	// benchConnections is how many visitors' connections there are, and how many
	// redis-benchmark opens for the limit.
	benchConnections = 64

	// benchDecisions and benchCalls are how many make a round of each side, about a
	// second.
	benchDecisions = 10_000
	benchCalls     = 20_000
)

// BenchmarkRecord reports how many decisions a second the whole server records,
// HTTP in, Redis, out, each connection waiting for its answer, as a share of what
// redis-benchmark does with the script that records, over as many connections and
// to a Redis of the same settings: as docs/storage.md recommends them, with the
// last second at risk, and with nothing on disk, where Redis costs least and the
// share is smallest. The two take turns; an operation is a round of each. Server
// and load share a process, so that one profile (-cpuprofile) shows where the time
// goes.
func BenchmarkRecord(b *testing.B) {
	b.Run("fsync=always", func(b *testing.B) { benchmarkRecord(b, "--appendonly", "yes", "--appendfsync", "always") })
	b.Run("fsync=everysec", func(b *testing.B) { benchmarkRecord(b, "--appendonly", "yes", "--appendfsync", "everysec") })
	b.Run("memory", func(b *testing.B) { benchmarkRecord(b) })
}

func benchmarkRecord(b *testing.B, settings ...string) {
	// Each side has a Redis of its own; that whose turn it is not does nothing.
	server, beside := redistest.Start(b, settings...), redistest.Start(b, settings...)
	source, err := os.ReadFile("../../internal/store/redisstore/scripts/append.lua")
	if err != nil {
		b.Fatal(err)
	}
	addr := serveHere(b, "--redis", server.URL(), "--decisions-per-minute", "0", "--log-level", "warn")
	recordRound(b, addr) // the first one fills caches and pools
	var rounds redistest.Rounds
	var busy time.Duration
	for b.Loop() {
		limit := beside.BenchmarkAppend(b, string(source), redistest.Load{Connections: benchConnections, Depth: 1, Calls: benchCalls})
		rate, took := recordRound(b, addr)
		rounds.Add(rate, limit)
		busy += took
	}
	rounds.Report(b, "decisions/s", "redis-benchmark")
	// Unlike the others, this hardly depends on what else the machine does.
	b.ReportMetric(float64(busy.Microseconds())/float64(b.N*benchDecisions), "cpu-µs/decision")
	b.ReportMetric(0, "ns/op") // of a round, which says nothing
}

// readyRecords is how many records a server has that is started again.
const readyRecords = 1_000_000

// BenchmarkReady reports how long a server takes from its start until it is ready
// and has recorded a decision behind a million others, with the embedded store,
// and how much memory it had at most.
func BenchmarkReady(b *testing.B) {
	dir := b.TempDir()
	fillStore(b, dir)
	var took time.Duration
	var most int
	for b.Loop() {
		addr := freeAddr(b)
		start := time.Now()
		p := startServer(b, addr, "--data", dir)
		if status := postDecision(http.DefaultClient, p.url, ulid.Make().String(), ulid.Make().String()); status != http.StatusCreated {
			b.Fatalf("got %d", status)
		}
		took += time.Since(start)
		most = max(most, residentMB(b, p.cmd.Process.Pid))
		p.end(syscall.SIGTERM)
	}
	b.ReportMetric(float64(took.Milliseconds())/float64(b.N), "ms-until-recorded")
	b.ReportMetric(float64(most), "MB")
	b.ReportMetric(0, "ns/op") // it is the above
}

// fillStore makes a store with a site and very many records.
func fillStore(b *testing.B, dir string) {
	b.Helper()
	runOptgate(b, "apply", "-f", writeSite(b), "--data", dir)
	s, err := sqlitestore.Open(b.Context(), dir, sqlitestore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	var callers sync.WaitGroup
	for range benchConnections {
		callers.Go(func() {
			for range readyRecords / benchConnections {
				r := optgate.Record{
					ID: ulid.Make().String(), Site: "shop", Visitor: ulid.Make().String(), Revision: 1, Language: "en", Action: optgate.AcceptAll,
					Source: "banner", Choices: optgate.Choices{"functional": true, "marketing": true}, At: time.Now().UTC().Truncate(time.Millisecond),
				}
				if _, _, err := s.Append(b.Context(), r); err != nil {
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
}

// residentMB returns the most memory that a process had resident.
func residentMB(b *testing.B, pid int) int {
	b.Helper()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		var kB int
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kB); n == 1 {
			return kB >> 10
		}
	}
	b.Fatal("the system does not say how much memory a process had")
	return 0
}

// recordRound records decisions over all connections and returns how many a
// second, and how long that kept this process's part of the processor busy.
func recordRound(b *testing.B, addr string) (rate float64, busy time.Duration) {
	b.Helper()
	requests := make([][]byte, benchDecisions)
	for i := range requests {
		requests[i] = decisionRequest()
	}
	var next atomic.Int64
	start, before := time.Now(), processorTime(b)
	var visitors sync.WaitGroup
	for range benchConnections {
		visitors.Go(func() {
			if err := decideAll(b.Context(), addr, requests, &next); err != nil {
				b.Error(err)
			}
		})
	}
	visitors.Wait()
	return benchDecisions / time.Since(start).Seconds(), processorTime(b) - before
}

// processorTime returns how long this process was on a processor.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// serveHere applies a site and serves it in this process until the benchmark ends.
func serveHere(b *testing.B, store ...string) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close() // for the server to take
	file := bytes.NewReader([]byte(`{site: shop, name: Shop, origins: ["https://shop.example"], languages: [en], controller: {name: Shop Ltd.},
  categories: [{id: essential}, {id: functional}, {id: marketing}]}`))
	var out bytes.Buffer
	p := &program{env: func(string) string { return "" }, stdin: file, stdout: &out, stderr: &out}
	if code := run(b.Context(), p, append([]string{"apply", "-f", "-"}, store[:2]...)); code != 0 {
		b.Fatal(out.String())
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		run(ctx, &program{env: p.env, stdin: p.stdin, stdout: io.Discard, stderr: io.Discard}, append([]string{"serve", "--addr", addr}, store...))
	}()
	b.Cleanup(func() { stop(); <-ended })
	for deadline := time.Now().Add(20 * time.Second); ; {
		r, err := http.Get("http://" + addr + "/readyz")
		if err == nil {
			_ = r.Body.Close() // not read
			return addr
		}
		if time.Now().After(deadline) {
			b.Fatal(err)
		}
	}
}

// decisionRequest returns a new visitor's decision as it comes over a connection.
func decisionRequest() []byte {
	body := fmt.Sprintf(`{"id":"%s","visitor":"%s","revision":1,"language":"en","action":"save","source":"banner","choices":{"functional":true,"marketing":false}}`,
		ulid.Make(), ulid.Make())
	return fmt.Appendf(nil, "POST /s/shop/choices HTTP/1.1\r\nHost: shop.example\r\nOrigin: https://shop.example\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		len(body), body)
}

// decideAll sends requests over one connection until none are left. It speaks
// just as much HTTP as it needs: a client that does more would take the server's
// time.
func decideAll(ctx context.Context, addr string, requests [][]byte, next *atomic.Int64) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // all answers were read
	answers := bufio.NewReader(conn)
	for i := int(next.Add(1)) - 1; i < len(requests); i = int(next.Add(1)) - 1 {
		if _, err := conn.Write(requests[i]); err != nil {
			return err
		}
		if err := readCreated(answers); err != nil {
			return err
		}
	}
	return nil
}

// readCreated reads an answer, which is to be 201.
func readCreated(r *bufio.Reader) error {
	status, err := r.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 201 ")) {
		return fmt.Errorf("got %q", status)
	}
	length := 0
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) == 2 {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
	}
	_, err = r.Discard(length)
	return err
}
