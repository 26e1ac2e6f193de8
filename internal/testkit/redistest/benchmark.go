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
// script that appends one record, whose source that is, and leaves the server
// empty. It cannot know heads, so that the script leaves out what is done if the
// head has moved; all else is the same work.
func (s *Server) BenchmarkAppend(t testing.TB, source string, load Load) float64 {
	t.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: s.Addr()})
	defer func() { _ = rdb.Close() }() // nothing is under way
	const check = "if seq ~= tonumber(ARGV[1]) or string.sub(newest, 8, 39) ~= ARGV[2] then"
	if !strings.Contains(source, check) {
		t.Fatalf("the script has no line %q", check)
	}
	ctx := context.Background()
	sha, err := rdb.ScriptLoad(ctx, strings.Replace(source, check, "if ARGV[1] == ARGV[2] then", 1)).Result()
	if err != nil {
		t.Fatal(err)
	}
	const id = "abcd__rand_int__" // becomes 16 bytes
	entry := strings.Repeat("e", 32+1+17) + id + id
	host, port, _ := strings.Cut(s.Addr(), ":")
	out, err := exec.CommandContext(ctx, "redis-benchmark", "-h", host, "-p", port, "-q",
		"-c", strconv.Itoa(load.Connections), "-P", strconv.Itoa(load.Depth), "-n", strconv.Itoa(load.Calls), "-r", "1000000",
		"EVALSHA", sha, "4", "og:{shop:1}:e", "og:{shop:1}:a", "og:{shop:1}:i:__rand_int__", "og:{shop:1}:d:20260309",
		"0", strings.Repeat("h", 32), id, id, "0007", entry, "answer").CombinedOutput()
	m := regexp.MustCompile(`([0-9.]+) requests per second`).FindAllSubmatch(out, -1)
	if err != nil || m == nil || rdb.LLen(ctx, "og:{shop:1}:e").Val() == 0 {
		t.Fatalf("redis-benchmark: %v\n%s", err, out)
	}
	rate, err := strconv.ParseFloat(string(m[len(m)-1][1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	if err := rdb.FlushAll(ctx).Err(); err != nil {
		t.Fatal(err)
	}
	return rate
}
