package redisstore

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
)

// Publish implements [optgate.RevisionStore]. Publishing the very same revision
// again succeeds, so that an uncertain outcome can be repeated.
func (s *Store) Publish(ctx context.Context, r optgate.Revision) error {
	r.At = r.At.UTC().Truncate(time.Millisecond)
	doc, err := json.Marshal(r)
	if err == nil {
		s.writing.RLock()
		defer s.writing.RUnlock()
		err = swapped(done(s.runWrite(ctx, publishScript, []string{latestKey, docsKey},
			string(r.Site), r.Number, revisionField(r.Site, r.Number), doc, channel)))
	}
	if err != nil {
		return fmt.Errorf("redisstore: publish %s revision %d: %w", r.Site, r.Number, err)
	}
	return nil
}

// Latest implements [optgate.RevisionStore].
func (s *Store) Latest(ctx context.Context) ([]optgate.Revision, error) {
	all, err := s.latest(ctx)
	if err != nil {
		return nil, fmt.Errorf("redisstore: latest revisions: %w", err)
	}
	return all, nil
}

// latest reads the numbers and then the revisions. These never change, so that
// nothing can come in between.
func (s *Store) latest(ctx context.Context) ([]optgate.Revision, error) {
	numbers, err := s.rdb.HGetAll(ctx, latestKey).Result()
	if err != nil || len(numbers) == 0 {
		return nil, err
	}
	var fields []string
	for _, site := range slices.Sorted(maps.Keys(numbers)) {
		fields = append(fields, site+"/"+numbers[site])
	}
	docs, err := s.rdb.HMGet(ctx, docsKey, fields...).Result()
	if err != nil {
		return nil, err
	}
	var all []optgate.Revision
	for i, doc := range docs {
		text, ok := doc.(string)
		if !ok {
			return nil, fmt.Errorf("revision %s is missing in %s", fields[i], docsKey)
		}
		var r optgate.Revision
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			return nil, fmt.Errorf("revision %s: %w", fields[i], err)
		}
		all = append(all, r)
	}
	return all, nil
}

// Revision implements [optgate.RevisionStore].
func (s *Store) Revision(ctx context.Context, site optgate.SiteID, number int) (optgate.Revision, error) {
	var r optgate.Revision
	doc, err := s.rdb.HGet(ctx, docsKey, revisionField(site, number)).Bytes()
	if err == nil {
		err = json.Unmarshal(doc, &r)
	}
	if err != nil {
		return optgate.Revision{}, fmt.Errorf("redisstore: %s revision %d: %w", site, number, notFound(err))
	}
	return r, nil
}

// Watch implements [optgate.RevisionStore]. A lost connection is made again and
// counts as a change, because messages may have been lost with it.
func (s *Store) Watch(ctx context.Context, changed func()) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("redisstore: watch: %w", err)
	}
	sub := s.rdb.Subscribe(ctx, channel)
	defer sub.Close()
	messages := sub.ChannelWithSubscriptions(redis.WithChannelHealthCheckInterval(time.Second))
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("redisstore: watch: %w", ctx.Err())
		case _, ok := <-messages:
			if !ok {
				return fmt.Errorf("redisstore: watch: %w", redis.ErrClosed)
			}
			changed()
		}
	}
}

// done reads the reply of a script that returns true or false.
func done(cmd *redis.Cmd) (bool, error) {
	yes, err := cmd.Bool()
	if notFound(err) == optgate.ErrNotFound {
		return false, nil // Lua's false is Redis's nil
	}
	return yes, err
}
