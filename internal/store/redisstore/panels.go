package redisstore

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// panelsKey is a hash: a panel's hash, its content compressed. The panels of a
// revision are a set of its own in the same slot.
const panelsKey = "og:{panels}"

// shownKey is the set of a revision's panels, each the language, a space and
// the hash.
func shownKey(site optgate.SiteID, revision int) string {
	return panelsKey + ":" + revisionField(site, revision)
}

// PutPanel implements [optgate.PanelStore].
func (s *Store) PutPanel(ctx context.Context, p optgate.Panel) error {
	if err := s.putPanel(ctx, p); err != nil {
		return fmt.Errorf("redisstore: put panel of %s revision %d in %s: %w", p.Site, p.Revision, p.Language, err)
	}
	return nil
}

// putPanel writes the content first, so that what a revision lists is there.
func (s *Store) putPanel(ctx context.Context, p optgate.Panel) error {
	name := p.Name()
	content, err := packed.Panel(p.Content)
	if err != nil {
		return err
	}
	s.writing.RLock()
	defer s.writing.RUnlock()
	err = write(ctx, s, func(ctx context.Context, c redis.Cmdable) *redis.BoolCmd {
		return c.HSetNX(ctx, panelsKey, name.Hash, content)
	}).Err()
	if err != nil {
		return err
	}
	return write(ctx, s, func(ctx context.Context, c redis.Cmdable) *redis.IntCmd {
		return c.SAdd(ctx, shownKey(p.Site, p.Revision), name.Language+" "+name.Hash)
	}).Err()
}

// Panel implements [optgate.PanelStore].
func (s *Store) Panel(ctx context.Context, hash string) ([]byte, error) {
	content, err := s.rdb.HGet(ctx, panelsKey, hash).Bytes()
	if err == nil {
		content, err = packed.ParsePanel(hash, content)
	}
	if err != nil {
		return nil, fmt.Errorf("redisstore: panel %.40q: %w", hash, notFound(err))
	}
	return content, nil
}

// Panels implements [optgate.PanelStore].
func (s *Store) Panels(ctx context.Context, site optgate.SiteID, revision int) ([]optgate.PanelName, error) {
	members, err := s.rdb.SMembers(ctx, shownKey(site, revision)).Result()
	if err != nil {
		return nil, fmt.Errorf("redisstore: panels of %s revision %d: %w", site, revision, err)
	}
	slices.Sort(members)
	var names []optgate.PanelName
	for _, m := range members {
		language, hash, _ := strings.Cut(m, " ")
		names = append(names, optgate.PanelName{Language: language, Hash: hash})
	}
	return names, nil
}
