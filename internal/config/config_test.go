package config_test

import (
	"io"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/config"
)

// A value that was meant for another setting may hold that one's password.
func TestFaultsHoldNoPassword(t *testing.T) {
	const secret = "hunter2"
	names := []string{"addr", "redis", "public-url", "decisions-per-minute", "log-level"}
	for _, name := range names {
		for _, value := range []string{"redis://:" + secret + "@", "http://anna:" + secret + "@h:x/y?z", ":" + secret + "@"} {
			if name == "redis" {
				value = strings.TrimPrefix(value, "redis://")
			}
			_, _, err := config.Parse("serve", names, []string{"--" + name, value}, func(string) string { return "" }, io.Discard, nil)
			if err == nil || !strings.Contains(err.Error(), "--"+name) {
				t.Errorf("--%s %s: got %v, want a fault of it", name, value, err)
			} else if strings.Contains(err.Error(), secret) {
				t.Errorf("--%s %s: the fault holds the password: %v", name, value, err)
			}
		}
	}
}

func TestRedisWait(t *testing.T) {
	for _, c := range []struct {
		name, flag, env string
		want            int
		faulty          bool
	}{
		{name: "default", want: 0},
		{name: "from the environment", env: "2", want: 2},
		{name: "the flag wins", flag: "1", env: "2", want: 1},
		{name: "most", flag: "10", want: 10},
		{name: "too many", flag: "11", faulty: true},
		{name: "negative", flag: "-1", faulty: true},
		{name: "no number", env: "all", faulty: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var args []string
			if c.flag != "" {
				args = []string{"--redis-wait=" + c.flag}
			}
			env := func(name string) string {
				return map[string]string{"OPTGATE_REDIS_WAIT": c.env, "OPTGATE_REDIS": "redis://localhost"}[name]
			}
			got, _, err := config.Parse("serve", []string{"redis", "redis-wait"}, args, env, io.Discard, nil)
			if (err != nil) != c.faulty {
				t.Fatalf("Parse = %v, want a fault: %t", err, c.faulty)
			}
			if err == nil && got.RedisWait != c.want {
				t.Errorf("RedisWait = %d, want %d", got.RedisWait, c.want)
			}
		})
	}
}
