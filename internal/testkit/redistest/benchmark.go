package redistest

import (
	"context"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// Load is how redis-benchmark loads a server.
type Load struct {
	Connections int
	Depth       int // of each pipeline; 1: every call waits for its reply
	Calls       int
}

// BenchmarkAppend returns how many calls a second redis-benchmark makes of the
// script that appends records, whose source that is, with one record in each. It
// cannot know heads, so that the script leaves out what is done if the head has
// moved; all else is the same work. The records stay, as they do beside whom this
// is a limit of: Redis is slower the more it holds.
func (s *Server) BenchmarkAppend(t testing.TB, source string, load Load) float64 {
	t.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: s.Addr()})
	defer func() { _ = rdb.Close() }() // nothing is under way
	for _, check := range []struct{ is, never string }{
		{"sub(newest, 8, 39) ~= ARGV[a + 3]", "ARGV[a + 2] == ARGV[a + 3]"},
		{"length ~= seq", "length == -seq"},
	} {
		if !strings.Contains(source, check.is) {
			t.Fatalf("the script has no %q", check.is)
		}
		source = strings.Replace(source, check.is, check.never, 1)
	}
	ctx := context.Background()
	sha, err := rdb.ScriptLoad(ctx, source).Result()
	if err != nil {
		t.Fatal(err)
	}
	const list = "og:{shop:1}:e"
	there := rdb.LLen(ctx, list).Val()
	const id = "abcd__rand_int__" // becomes 16 bytes
	entry := strings.Repeat("e", 32+1+17) + id + id
	host, port, _ := strings.Cut(s.Addr(), ":")
	out, err := exec.CommandContext(ctx, "redis-benchmark", "-h", host, "-p", port, "-q",
		"-c", strconv.Itoa(load.Connections), "-P", strconv.Itoa(load.Depth), "-n", strconv.Itoa(load.Calls), "-r", "1000000",
		"EVALSHA", sha, "4", list, "og:{shop:1}:a", "og:{shop:1}:i:__rand_int__", "og:{shop:1}:d:20260309",
		"1", "0", strings.Repeat("h", 32), "0007", "answer", entry).CombinedOutput()
	m := regexp.MustCompile(`([0-9.]+) requests per second`).FindAllSubmatch(out, -1)
	// Its last calls are not always there: it ends when it has sent enough.
	if err != nil || m == nil || rdb.LLen(ctx, list).Val() < there+int64(load.Calls-load.Connections) {
		t.Fatalf("redis-benchmark: %v\n%s", err, out)
	}
	rate, err := strconv.ParseFloat(string(m[len(m)-1][1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return rate
}
