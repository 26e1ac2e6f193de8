package redistest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// SentinelMaster is the name under which sentinels watch a master.
const SentinelMaster = "records"

// StartSentinels starts three sentinels that watch a master which has replicas,
// waits until they know each other and these, and returns a redis+sentinel://
// URL. A master that is silent for a second is dead to them.
func StartSentinels(t testing.TB, master *Server, replicas int) string {
	t.Helper()
	const count = 3
	sentinels := make([]*Server, count)
	for i := range sentinels {
		dir := t.TempDir()
		conf := filepath.Join(dir, "sentinel.conf")
		text := fmt.Sprintf("sentinel monitor %[1]s 127.0.0.1 %[2]d 2\nsentinel down-after-milliseconds %[1]s 1000\n"+
			"sentinel failover-timeout %[1]s 5000\n", SentinelMaster, master.port)
		if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
			t.Fatalf("redistest: write %s: %v", conf, err)
		}
		sentinels[i] = &Server{t: t, dir: dir, conf: []string{conf, "--sentinel"}}
	}
	startAll(t, sentinels)
	var addrs []string
	for _, s := range sentinels {
		addrs = append(addrs, s.Addr())
		if err := s.watches(t.Context(), replicas, count-1); err != nil {
			t.Fatal(err)
		}
	}
	return "redis+sentinel://" + strings.Join(addrs, ",") + "/" + SentinelMaster
}

// watches waits until a sentinel knows so many replicas and other sentinels.
func (s *Server) watches(ctx context.Context, replicas, others int) error {
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	rdb := redis.NewSentinelClient(&redis.Options{Addr: s.Addr()})
	defer rdb.Close()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		m, err := rdb.Master(ctx, SentinelMaster).Result()
		if err == nil && m["num-slaves"] == fmt.Sprint(replicas) && m["num-other-sentinels"] == fmt.Sprint(others) {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("redistest: the sentinel %s knows of %v: %w", s.Addr(), m, ctx.Err())
		}
	}
}
