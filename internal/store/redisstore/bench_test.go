package redisstore_test

import (
	"sync"
	"sync/atomic"
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

	// benchAppends is how many make a round of each side.
	benchAppends = 50_000
)

// BenchmarkAppend reports how many records 64 callers append in a second, each
// waiting for her own reply, as a share of what redis-benchmark does with the same
// script, over as many connections and with as many calls under way, and of what
// a client does so that sends the very same calls and never waits for a caller.
// redis-benchmark's calls are cheaper for Redis: all go to one partition. They take
// turns; an operation is a round of each.
func BenchmarkAppend(b *testing.B) {
	// redis-benchmark leaves its Redis empty, so each side has one.
	server, beside := redistest.Start(b), redistest.Start(b)
	s := open(b, server.URL(), redisstore.Options{})
	defer s.Close()
	load := redistest.Load{Connections: benchConnections, Depth: benchCallers / benchConnections, Calls: benchAppends}
	appendRound(b, s) // the first one learns the heads
	var tool, raw redistest.Rounds
	for b.Loop() {
		toolLimit := beside.BenchmarkAppend(b, redisstore.AppendSource, load)
		rate := appendRound(b, s)
		tool.Add(rate, toolLimit)
		raw.Add(rate, rawPipelines(b, beside, benchAppends))
	}
	tool.Report(b, "appends/s", "redis-benchmark")
	raw.Report(b, "appends/s", "raw-pipelines")
	b.ReportMetric(0, "ns/op") // of a round, which says nothing
}

// appendRound appends records from all callers and returns how many a second.
func appendRound(b *testing.B, s *redisstore.Store) float64 {
	b.Helper()
	var left atomic.Int64
	left.Store(benchAppends)
	start := time.Now()
	var callers sync.WaitGroup
	for range benchCallers {
		callers.Go(func() {
			for left.Add(-1) >= 0 {
				if _, _, err := s.Append(b.Context(), benchRecord()); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	callers.Wait()
	return benchAppends / time.Since(start).Seconds()
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
// without anybody waiting for one. Each connection appends to partitions of its
// own, so that it knows the heads beforehand.
func rawPipelines(b *testing.B, server *redistest.Server, appends int) float64 {
	const connections, depth = benchConnections, benchCallers / benchConnections
	rdb := client(b, server)
	sha, err := rdb.ScriptLoad(b.Context(), redisstore.AppendSource).Result()
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	var senders sync.WaitGroup
	for own := range connections {
		senders.Go(func() {
			heads := map[int]optgate.Head{}
			for sent := 0; sent < appends/connections; sent += depth {
				_, err := rdb.Pipelined(b.Context(), func(pipe redis.Pipeliner) error {
					for range depth {
						r, p := benchRecord(), -1
						for p%connections != own {
							r.Visitor = ulid.Make().String()
							p, _ = optgate.PartitionOf(r.Visitor)
						}
						head, ok := heads[p]
						if !ok {
							head = optgate.Genesis(r.Site, p)
						}
						keys, args, next, err := redisstore.AppendCall(&r, head)
						if err != nil {
							return err
						}
						heads[p] = next
						pipe.EvalSha(b.Context(), sha, keys, args...)
					}
					return nil
				})
				if err != nil && err != redis.Nil {
					b.Error(err)
					return
				}
			}
		})
	}
	senders.Wait()
	rate := float64(appends) / time.Since(start).Seconds()
	if err := rdb.FlushAll(b.Context()).Err(); err != nil {
		b.Fatal(err)
	}
	return rate
}
