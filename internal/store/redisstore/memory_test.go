package redisstore_test

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/redisstore"
	"github.com/optgate/optgate/internal/testkit/redistest"
)

// memoryVisitors is how many visitors the memory is measured with.
const memoryVisitors = 1_000_000

// BenchmarkMemory reports how much memory a decision takes in Redis, everything
// included: a million visitors, one decision each, within a week, in the mix of
// answers, sources and languages that a site of two languages has.
func BenchmarkMemory(b *testing.B) {
	server := redistest.Start(b)
	rdb := client(b, server)
	for b.Loop() {
		if err := rdb.FlushAll(b.Context()).Err(); err != nil {
			b.Fatal(err)
		}
		before := usedMemory(b, rdb)
		heads := redisstore.Heads{}
		for at := 0; at < memoryVisitors; at += 500 {
			appendMix(b, rdb, heads, 500)
		}
		b.ReportMetric(float64(usedMemory(b, rdb)-before)/memoryVisitors, "B/decision")
	}
}

// appendMix appends decisions of new visitors in one pipeline.
func appendMix(b *testing.B, rdb *redis.Client, heads redisstore.Heads, n int) {
	panels := []string{optgate.PanelHash([]byte("en")), optgate.PanelHash([]byte("de"))}
	script := redis.NewScript(redisstore.AppendSource)
	if err := script.Load(b.Context(), rdb).Err(); err != nil {
		b.Fatal(err)
	}
	_, err := rdb.Pipelined(b.Context(), func(pipe redis.Pipeliner) error {
		for range n {
			r := benchRecord()
			r.Visitor, r.ID = ulid.Make().String(), ulid.Make().String()
			yes := rand.IntN(10)
			r.Action = []optgate.Action{optgate.AcceptAll, optgate.RejectAll, optgate.Save}[min(yes/4, 2)]
			for id := range r.Choices {
				r.Choices[id] = yes < 4 || yes > 7 && rand.IntN(2) == 0
			}
			r.Source = []string{"banner", "banner", "banner", "preferences", "placeholder"}[rand.IntN(5)]
			language := rand.IntN(2)
			r.Language, r.Panel = []string{"en", "de"}[language], panels[language]
			r.At = r.At.Add(time.Duration(rand.IntN(7*24)) * time.Hour)
			keys, args, err := heads.Call(r)
			if err != nil {
				return err
			}
			script.EvalSha(b.Context(), pipe, keys, args...)
		}
		return nil
	})
	if err != nil && err != redis.Nil {
		b.Fatal(err)
	}
}

// usedMemory returns how much memory Redis uses for data.
func usedMemory(b *testing.B, rdb *redis.Client) int64 {
	b.Helper()
	info, err := rdb.InfoMap(b.Context(), "memory").Result()
	if err != nil {
		b.Fatal(err)
	}
	n, err := strconv.ParseInt(info["Memory"]["used_memory"], 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return n
}
