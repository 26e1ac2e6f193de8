package redisstore

import (
	"context"
	"fmt"
	"strings"
)

// Warnings implements [optgate.Store]. It tells what makes Redis forget: no
// append-only file, one that is flushed late, and eviction.
func (s *Store) Warnings(ctx context.Context) ([]string, error) {
	info := map[string]string{}
	for _, section := range []string{"persistence", "memory"} {
		text, err := s.rdb.Info(ctx, section).Result()
		if err != nil {
			if forbidden(err) {
				return []string{"how Redis keeps its data could not be checked, because this user may not run INFO: make sure that appendonly is yes and that maxmemory-policy is noeviction"}, nil
			}
			return nil, fmt.Errorf("redisstore: warnings: %w", err)
		}
		for line := range strings.Lines(text) {
			if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
				info[name] = value
			}
		}
	}
	warnings := infoWarnings(info)
	if info["aof_enabled"] != "1" {
		return warnings, nil
	}
	config, err := s.rdb.ConfigGet(ctx, "appendfsync").Result()
	switch fsync := config["appendfsync"]; {
	case err != nil && forbidden(err) || err == nil && fsync == "":
		warnings = append(warnings, "how soon Redis flushes to disk could not be checked, because this user may not run CONFIG GET: make sure that appendfsync is everysec or, to lose nothing when the machine fails, always")
	case err != nil:
		return nil, fmt.Errorf("redisstore: warnings: %w", err)
	case fsync == "no":
		warnings = append(warnings, "Redis leaves it to the system when to flush to disk (appendfsync no): half a minute of answers may be lost when the machine fails; set appendfsync always, or at least everysec")
	case fsync == "everysec":
		warnings = append(warnings, "Redis flushes to disk once a second (appendfsync everysec): the answers of the last second may be lost when the machine fails; set appendfsync always to lose none")
	}
	return warnings, nil
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
