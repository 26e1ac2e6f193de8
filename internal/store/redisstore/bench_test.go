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

// benchCallers is how many callers append at once.
const benchCallers = 64

// BenchmarkAppend reports how many records 64 callers append in a second, each
// waiting for her own reply, as a share of what this Redis does when one client
// sends the same calls of the same script in pipelines of 64 on four connections,
// and of what redis-benchmark does so.
func BenchmarkAppend(b *testing.B) {
	server := redistest.Start(b)
	limit := rawPipelines(b, server, 200_000)
	tool := server.BenchmarkAppend(b, redisstore.AppendSource, redistest.Load{Connections: 4, Depth: 64, Calls: 200_000})
	s := open(b, server.URL(), redisstore.Options{})
	defer s.Close()
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
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
	rate := float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(rate, "appends/s")
	b.ReportMetric(rate/limit, "of-raw-pipelines")
	b.ReportMetric(rate/tool, "of-redis-benchmark")
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
	const connections, depth = 4, 64
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
