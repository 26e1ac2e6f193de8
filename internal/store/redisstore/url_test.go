package redisstore_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/store/redisstore"
	"github.com/optgate/optgate/internal/testkit/redistest"
)

func TestParseURL(t *testing.T) {
	for _, c := range []struct {
		url      string
		addrs    []string
		user     string
		password string
		db       int
		tls      bool
		master   string
		cluster  bool
	}{
		{url: "redis://localhost", addrs: []string{"localhost:6379"}},
		{url: "redis://:secret@10.0.0.1:6380/2", addrs: []string{"10.0.0.1:6380"}, password: "secret", db: 2},
		{url: "rediss://anna:s%40e%2Fc@cache.example.com:6380", addrs: []string{"cache.example.com:6380"}, user: "anna", password: "s@e/c", tls: true},
		{url: "redis://[::1]:6379/0", addrs: []string{"[::1]:6379"}},
		{url: "unix:///run/redis/redis.sock?db=1", addrs: []string{"/run/redis/redis.sock"}, db: 1},
		{url: "redis+sentinel://a:26379,b:26379/mymaster", addrs: []string{"a:26379", "b:26379"}, master: "mymaster"},
		{url: "redis+sentinel://anna:s%40e@a:26379,[::1]:26379/my-master?db=4", addrs: []string{"a:26379", "[::1]:26379"}, user: "anna", password: "s@e", db: 4, master: "my-master"},
		{url: "redis+cluster://a:7000,b:7001", addrs: []string{"a:7000", "b:7001"}, cluster: true},
		{url: "rediss+cluster://:secret@a:7000/", addrs: []string{"a:7000"}, password: "secret", cluster: true, tls: true},
	} {
		o, err := redisstore.ParseURL(c.url)
		if err != nil {
			t.Errorf("%s: %v", c.url, err)
			continue
		}
		if !slices.Equal(o.Addrs, c.addrs) || o.Username != c.user || o.Password != c.password || o.DB != c.db ||
			(o.TLSConfig != nil) != c.tls || o.MasterName != c.master || o.IsClusterMode != c.cluster {
			t.Errorf("%s is read as %q, user %q, password %q, db %d, TLS %t, master %q, cluster %t; want %+v",
				c.url, o.Addrs, o.Username, o.Password, o.DB, o.TLSConfig != nil, o.MasterName, o.IsClusterMode, c)
		}
	}
}

func TestErrorsHoldNoSecret(t *testing.T) {
	server := redistest.Start(t, "--requirepass", "right")
	for name, url := range map[string]string{
		"no scheme":                "hunter2@localhost:6379",
		"unknown scheme":           "http://:hunter2@localhost",
		"unescaped slash":          "redis://anna:hunter2/x@localhost:6379",
		"unescaped hash":           "redis://anna:hunter2#x@localhost:6379",
		"digits and a hash":        "redis://anna:20262026#x@localhost:6379",
		"digits and a slash":       "redis+sentinel://anna:20262026/x@localhost:6379",
		"unescaped space":          "redis://anna:hunter2 x@localhost:6379",
		"bad escape":               "redis://anna:hunter2%zz@localhost:6379",
		"password as port":         "redis://localhost:hunter2",
		"password as database":     "redis://localhost:6379/hunter2",
		"password as option":       "redis://localhost:6379?hunter2=1",
		"sentinel without master":  "redis+sentinel://:hunter2@a:1,b:2",
		"sentinel, unescaped":      "redis+sentinel://:hunter2/@a:1,b:2/m",
		"cluster with a path":      "redis+cluster://:hunter2@a:1/0",
		"cluster with a database":  "redis+cluster://:hunter2@a:1?db=1",
		"cluster without a port":   "redis+cluster://:hunter2@a:1,b",
		"unknown kind":             "redis+ring://:hunter2@a:1",
		"empty":                    "",
		"wrong password":           "redis://:hunter2@" + server.Addr(),
		"wrong user and password":  "redis://anna:hunter2@" + server.Addr(),
		"nobody listens":           "redis://:hunter2@127.0.0.1:1",
		"TLS to one without":       "rediss://:hunter2@" + server.Addr(),
		"no socket at that place":  "unix://anna:hunter2@/nowhere/redis.sock",
		"cluster that is none":     "redis+cluster://:hunter2@" + server.Addr(),
		"sentinel that is no such": "redis+sentinel://:hunter2@" + server.Addr() + "/m",
	} {
		s, err := redisstore.Open(t.Context(), url, redisstore.Options{})
		if err == nil {
			s.Close()
			t.Errorf("%s: Open succeeded", name)
		} else if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "20262026") {
			t.Errorf("%s: the error holds the password: %v", name, err)
		}
	}
}
