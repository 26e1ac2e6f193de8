package redisstore_test

import (
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/redisstore"
	"github.com/optgate/optgate/internal/testkit/redistest"
)

const (
	// benchCallers is how many callers append at once. The store sends what they
	// say in two pipelines at a time, and redis-benchmark has as many of that depth.
	benchCallers     = 64
	benchConnections = 2

	// benchAppends is how many make a round of each side: a fraction of a second,
	// so that what else the machine does weighs on both.
	benchAppends = 15_000
)

// BenchmarkAppend reports how many records 64 callers append in a second, each
// waiting for her own reply, as a share of what redis-benchmark does with the same
// script, over as many connections and with as many records under way, and of
// what a client does so that knows all heads, sends just such calls of several
// records and never waits for a caller. redis-benchmark sends one record in a call
// and pays Redis's price of a call for each, but its partition is always the same
// and it has nothing to hash. They take turns; an operation is a round of each.
//
// The processor's time tells where the limit is, and hardly depends on what else
// the machine does: where client and Redis share two processors, the rate is at
// most one by the larger, and half of what both together allow.
func BenchmarkAppend(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as the server has it
	// Each side has a Redis of its own, and after each round they hold as much.
	server, beside, third := redistest.Start(b), redistest.Start(b), redistest.Start(b)
	s := open(b, server.URL(), redisstore.Options{})
	defer s.Close()
	rdb, besides := client(b, server), client(b, beside)
	load := redistest.Load{Connections: benchConnections, Depth: benchCallers / benchConnections, Calls: benchAppends}
	appendRound(b, s) // the first one learns the heads
	heads := [benchConnections]redisstore.Heads{{}, {}}
	var tool, raw redistest.Rounds
	var here, there, toolThere time.Duration
	for b.Loop() {
		before := redisTime(b, besides)
		toolLimit := beside.BenchmarkAppend(b, redisstore.AppendSource, load)
		toolThere += redisTime(b, besides) - before

		before = redisTime(b, rdb)
		rate, took := appendRound(b, s)
		here += took
		there += redisTime(b, rdb) - before
		tool.Add(rate, toolLimit)
		raw.Add(rate, rawPipelines(b, third, &heads))
	}
	tool.Report(b, "appends/s", "redis-benchmark")
	raw.Report(b, "appends/s", "raw-pipelines")
	for unit, took := range map[string]time.Duration{"client-µs/append": here, "redis-µs/append": there, "redis-µs/redis-benchmark": toolThere} {
		b.ReportMetric(float64(took.Microseconds())/float64(b.N*benchAppends), unit)
	}
	b.ReportMetric(0, "ns/op") // of a round, which says nothing
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

// redisTime returns how long a Redis was on a processor.
func redisTime(b *testing.B, rdb *redis.Client) time.Duration {
	b.Helper()
	info, err := rdb.InfoMap(b.Context(), "cpu").Result()
	if err != nil {
		b.Fatal(err)
	}
	var sum float64
	for _, part := range []string{"used_cpu_user", "used_cpu_sys"} {
		seconds, err := strconv.ParseFloat(info["CPU"][part], 64)
		if err != nil {
			b.Fatal(err)
		}
		sum += seconds
	}
	return time.Duration(sum * float64(time.Second))
}

// appendRound appends records from all callers, and returns how many a second and
// how long that kept the processor busy.
func appendRound(b *testing.B, s *redisstore.Store) (rate float64, busy time.Duration) {
	b.Helper()
	records := make([]optgate.Record, benchAppends)
	for i := range records {
		records[i] = benchRecord()
	}
	var next atomic.Int64
	start, before := time.Now(), processorTime(b)
	var callers sync.WaitGroup
	for range benchCallers {
		callers.Go(func() {
			for i := next.Add(1) - 1; i < benchAppends; i = next.Add(1) - 1 {
				if _, _, err := s.Append(b.Context(), records[i]); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	callers.Wait()
	return benchAppends / time.Since(start).Seconds(), processorTime(b) - before
}

// benchRecord returns a new visitor's decision.
func benchRecord() optgate.Record {
	return optgate.Record{
		ID: ulid.Make().String(), Site: "shop", Visitor: ulid.Make().String(), Revision: 7, Language: "de",
		Action: optgate.AcceptAll, Source: "banner", At: time.Date(2026, 3, 9, 10, 11, 12, 0, time.UTC),
		Choices: optgate.Choices{optgate.Functional: true, optgate.Analytics: true, optgate.Marketing: true},
	}
}

// rawPipelines returns how many appends a second Redis does when they come
// without anybody waiting for one, as many in a call as callers would fill. Each
// connection appends to partitions of its own, so that it knows the heads
// beforehand.
func rawPipelines(b *testing.B, server *redistest.Server, heads *[benchConnections]redisstore.Heads) float64 {
	const depth = benchCallers / benchConnections
	rdb := client(b, server)
	sha, err := rdb.ScriptLoad(b.Context(), redisstore.AppendSource).Result()
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	var senders sync.WaitGroup
	for own := range benchConnections {
		senders.Go(func() {
			for sent := 0; sent < benchAppends/benchConnections; sent += depth {
				var records [depth]optgate.Record
				for i := range records {
					records[i] = benchRecord()
					for p := -1; p%benchConnections != own; {
						records[i].Visitor = ulid.Make().String()
						p, _ = optgate.PartitionOf(records[i].Visitor)
					}
				}
				keys, args, err := heads[own].Call(records[:]...)
				if err == nil {
					err = rdb.EvalSha(b.Context(), sha, keys, args...).Err()
				}
				if err != redis.Nil {
					b.Error(err)
					return
				}
			}
		})
	}
	senders.Wait()
	return benchAppends / time.Since(start).Seconds()
}
