package redisstore

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
)

// unmarkedKey is a hash: an unmarked tag of a site as [unmarkedField] writes it,
// its first and last day.
func unmarkedKey(site optgate.SiteID) string { return "og:{unmarked:" + string(site) + "}" }

// unmarkedField writes a tag. None of its parts has a space.
func unmarkedField(t optgate.Unmarked) string { return t.Kind + " " + t.Host + " " + t.Path }

// SawUnmarked implements [optgate.UnmarkedStore].
func (s *Store) SawUnmarked(ctx context.Context, site optgate.SiteID, day string, tags []optgate.Unmarked) error {
	gone, err := optgate.UnmarkedGone(day)
	if err == nil {
		args := []any{day, gone, optgate.MaxUnmarked}
		for _, t := range tags {
			args = append(args, unmarkedField(t))
		}
		s.writing.RLock()
		defer s.writing.RUnlock()
		err = s.runWrite(ctx, sawUnmarkedScript, []string{unmarkedKey(site)}, args...).Err()
	}
	if err != nil {
		return fmt.Errorf("redisstore: note unmarked tags of %s: %w", site, err)
	}
	return nil
}

// Unmarked implements [optgate.UnmarkedStore].
func (s *Store) Unmarked(ctx context.Context, site optgate.SiteID) ([]optgate.SeenUnmarked, error) {
	all, err := s.rdb.HGetAll(ctx, unmarkedKey(site)).Result()
	if err != nil {
		return nil, fmt.Errorf("redisstore: unmarked tags of %s: %w", site, err)
	}
	var tags []optgate.SeenUnmarked
	for field, days := range all {
		var t optgate.SeenUnmarked
		t.Kind, field, _ = strings.Cut(field, " ")
		t.Host, t.Path, _ = strings.Cut(field, " ")
		t.First, t.Last, _ = strings.Cut(days, " ")
		tags = append(tags, t)
	}
	slices.SortFunc(tags, func(a, b optgate.SeenUnmarked) int { return a.Unmarked.Compare(b.Unmarked) })
	return tags, nil
}

// ForgetUnmarked implements [optgate.UnmarkedStore].
func (s *Store) ForgetUnmarked(ctx context.Context, site optgate.SiteID, tag optgate.Unmarked) error {
	s.writing.RLock()
	defer s.writing.RUnlock()
	err := write(ctx, s, func(ctx context.Context, c redis.Cmdable) *redis.IntCmd {
		return c.HDel(ctx, unmarkedKey(site), unmarkedField(tag))
	}).Err()
	if err != nil {
		return fmt.Errorf("redisstore: forget unmarked tag of %s: %w", site, err)
	}
	return nil
}
