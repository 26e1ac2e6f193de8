package redisstore

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// Warnings implements [optgate.Store]. It tells what makes Redis forget: no
// append-only file, one that is flushed late, and eviction; and why writes are
// not acknowledged when replicas are missing. Every node of a cluster is asked,
// replicas too, because each may become a master.
func (s *Store) Warnings(ctx context.Context) ([]string, error) {
	cluster, ok := s.rdb.(*redis.ClusterClient)
	if !ok {
		warnings, err := s.nodeWarnings(ctx, s.rdb)
		if err != nil {
			return nil, fmt.Errorf("redisstore: warnings: %w", err)
		}
		return warnings, nil
	}
	var mu sync.Mutex
	var nodes []string
	told := map[string][]string{} // by warning: the nodes that it is about
	err := cluster.ForEachShard(ctx, func(ctx context.Context, node *redis.Client) error {
		addr := node.Options().Addr
		warnings, err := s.nodeWarnings(ctx, node)
		if err != nil && ctx.Err() == nil {
			warnings = []string{"Redis does not answer: look whether it runs"}
		} else if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		nodes = append(nodes, addr)
		for _, w := range warnings {
			told[w] = append(told[w], addr)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("redisstore: warnings: %w", err)
	}
	return merge(told, len(nodes)), nil
}

// merge returns each warning once, with the nodes that it is about.
func merge(told map[string][]string, nodes int) []string {
	var warnings []string
	for warning, about := range told {
		slices.Sort(about)
		which := strings.Join(about, ", ")
		if len(about) == nodes {
			which = "every node"
		}
		warnings = append(warnings, warning+" ("+which+")")
	}
	slices.Sort(warnings)
	return warnings
}

// nodeWarnings asks one Redis.
func (s *Store) nodeWarnings(ctx context.Context, node redis.Cmdable) ([]string, error) {
	info := map[string]string{}
	for _, section := range []string{"persistence", "memory", "replication"} {
		text, err := node.Info(ctx, section).Result()
		if err != nil {
			if forbidden(err) {
				return []string{"how Redis keeps its data could not be checked, because this user may not run INFO: make sure that appendonly is yes and that maxmemory-policy is noeviction"}, nil
			}
			return nil, err
		}
		for line := range strings.Lines(text) {
			if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
				info[name] = value
			}
		}
	}
	warnings := append(infoWarnings(info), s.replicaWarnings(info)...)
	if info["aof_enabled"] != "1" {
		return warnings, nil
	}
	config, err := node.ConfigGet(ctx, "appendfsync").Result()
	switch fsync := config["appendfsync"]; {
	case err != nil && forbidden(err) || err == nil && fsync == "":
		warnings = append(warnings, "how soon Redis flushes to disk could not be checked, because this user may not run CONFIG GET: make sure that appendfsync is everysec or, to lose nothing when the machine fails, always")
	case err != nil:
		return nil, err
	case fsync == "no":
		warnings = append(warnings, "Redis leaves it to the system when to flush to disk (appendfsync no): half a minute of answers may be lost when the machine fails; set appendfsync always, or at least everysec")
	case fsync == "everysec":
		warnings = append(warnings, "Redis flushes to disk once a second (appendfsync everysec): the answers of the last second may be lost when the machine fails; set appendfsync always to lose none")
	}
	return warnings, nil
}

// patientLag is after how many seconds of silence a replica counts as missing; a
// healthy one reports every second.
const patientLag = 5

// replicaWarnings judges what INFO says of a master's replicas.
func (s *Store) replicaWarnings(info map[string]string) []string {
	if s.replicas == 0 || info["role"] != "master" {
		return nil
	}
	healthy := 0
	for i := 0; info["slave"+strconv.Itoa(i)] != ""; i++ {
		fields := map[string]string{}
		for field := range strings.SplitSeq(info["slave"+strconv.Itoa(i)], ",") {
			name, value, _ := strings.Cut(field, "=")
			fields[name] = value
		}
		if lag, err := strconv.Atoi(fields["lag"]); err == nil && lag <= patientLag && fields["state"] == "online" {
			healthy++
		}
	}
	if healthy >= s.replicas {
		return nil
	}
	return []string{fmt.Sprintf("Redis has %d replicas that answer, but --redis-wait asks for %d: records are written and not acknowledged, so browsers send them again until they are; "+
		"after a failover start the node that failed again, or add a replica, or lower --redis-wait", healthy, s.replicas)}
}

// infoWarnings judges what INFO says.
func infoWarnings(info map[string]string) []string {
	var warnings []string
	if info["aof_enabled"] != "1" {
		warnings = append(warnings, "Redis keeps nothing on disk but snapshots, if any (appendonly no): answers that were acknowledged are lost when it stops; set appendonly yes")
	} else if s := info["aof_last_write_status"]; s != "" && s != "ok" {
		warnings = append(warnings, "Redis could not write its append-only file (aof_last_write_status "+s+"): look at its disk and its log")
	}
	if limit, policy := info["maxmemory"], info["maxmemory_policy"]; limit != "0" && limit != "" && policy != "noeviction" {
		warnings = append(warnings, "Redis deletes records when its memory is full (maxmemory "+limit+", maxmemory-policy "+policy+"): set maxmemory-policy noeviction")
	}
	return warnings
}

// forbidden reports whether Redis refused a command as such: by its access list,
// or because the provider took the command away.
func forbidden(err error) bool {
	s := err.Error()
	return strings.HasPrefix(s, "NOPERM") || strings.HasPrefix(s, "ERR unknown command")
}
