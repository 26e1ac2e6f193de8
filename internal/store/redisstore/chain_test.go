package redisstore_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
	"github.com/optgate/optgate/internal/store/redisstore"
	"github.com/optgate/optgate/internal/testkit/redistest"
)

// TestChainsStreams opens a Redis with what an Optgate left that did not chain
// its records: they get links in their order, and nothing is counted twice.
func TestChainsStreams(t *testing.T) {
	server := redistest.Start(t)
	rdb := client(t, server)
	config := optgate.Config{Site: "shop", Languages: []string{"de"}}
	first := open(t, server.URL(), redisstore.Options{})
	if err := first.Publish(t.Context(), optgate.NewRevision(&config, 0, "anna", "", time.UnixMilli(1))); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	var want []string
	visitor := benchRecord().Visitor
	for range 3 {
		r := benchRecord()
		r.Visitor = visitor
		want = append(want, r.ID)
		v, err := packed.ParseID("visitor", r.Visitor)
		if err != nil {
			t.Fatal(err)
		}
		id, err := packed.ParseID("id", r.ID)
		if err != nil {
			t.Fatal(err)
		}
		prefix := redisstore.PartitionKey(r.Site, partition(t, &r))
		err = errors.Join(
			rdb.XAdd(t.Context(), &redis.XAddArgs{Stream: prefix + "l", Values: []any{"r", packed.Record(&r, v, id)}}).Err(),
			rdb.HSet(t.Context(), prefix+"v:7", v[:], "what an index was").Err(),
			rdb.HIncrBy(t.Context(), prefix+"d:"+r.At.Format("20060102"), string(packed.AppendAnswer(nil, r.Action, r.Choices)), 1).Err(),
		)
		if err != nil {
			t.Fatal(err)
		}
	}
	for round := range 2 {
		s := open(t, server.URL(), redisstore.Options{})
		entries, _, err := s.Scan(t.Context(), "shop", "", 10)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		head := optgate.Genesis("shop", entries[0].Partition)
		for _, e := range entries {
			got = append(got, e.Record.ID)
			if err := errors.Join(e.Check("shop"), e.Follows(head)); err != nil {
				t.Errorf("entry %d: %v", e.Seq, err)
			}
			head = e.Link
		}
		if !slices.Equal(got, want) {
			t.Errorf("opened %d times: Scan met %q, want %q", round+1, got, want)
		}
		day := entries[0].Record.At
		if counts, err := s.Counts(t.Context(), "shop", day, day); err != nil || len(counts) != 1 || counts[0].Actions[optgate.AcceptAll] != 3 {
			t.Errorf("opened %d times: Counts = %+v, %v; want 3", round+1, counts, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	keys, err := rdb.Keys(t.Context(), "og:{shop:*").Result()
	if err != nil || slices.ContainsFunc(keys, func(k string) bool { return strings.HasSuffix(k, ":l") || strings.Contains(k, ":v:") }) {
		t.Errorf("keys are %q, %v; want none of before", keys, err)
	}
}
