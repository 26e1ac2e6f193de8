package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync/atomic"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

var revisionTests = map[string]func(*testing.T, Backend){
	"Publish":           testPublish,
	"PublishRepeated":   testPublishRepeated,
	"PublishManyAtOnce": testPublishManyAtOnce,
	"Watch":             testWatch,

	"Paused":           testPaused,
	"PausedManyAtOnce": testPausedManyAtOnce,
	"WatchPaused":      testWatchPaused,
}

// newRevision returns a revision of a configuration with something in every
// kind of field.
func newRevision(id optgate.SiteID, number int, note string) optgate.Revision {
	radius := 8
	c := optgate.Config{
		Site: id, Name: "Drucker & Zubehör", Origins: []string{"https://www.example.com"}, Languages: []string{"de", "ar"},
		Controller: optgate.Controller{Name: "Example <GmbH>", Contact: "privacy@example.com"},
		Policy:     optgate.Policy{URL: optgate.Text{"de": "https://www.example.com/datenschutz"}, Effective: "2018-05-25"},
		ChoiceDays: 90,
		Categories: []optgate.Category{{ID: optgate.Essential}, {ID: optgate.Analytics, Off: true, Title: optgate.Text{"ar": "تحليلات"}}},
		Services:   []optgate.Service{{ID: "stats", Name: "Stats", Category: optgate.Analytics, Provider: "Stats Inc.", Cookies: []optgate.StoredCookie{{Name: "_s*"}}}},
		Tags:       []optgate.Tag{{ID: "t", Service: "stats", Kind: optgate.TagInline, Code: "a < b && \"c\" // \u2028"}},
		Theme:      optgate.Theme{Radius: &radius},
	}
	return optgate.NewRevision(&c, number-1, "anna", note, start)
}

func testPublish(t *testing.T, b Backend) {
	s, other := b.open(t), b.open(t)
	if got, err := s.Latest(t.Context()); err != nil || len(got) != 0 {
		t.Fatalf("Latest of nothing = %v, %v; want none", got, err)
	}
	shop1, shop2, blog1 := newRevision("shop", 1, "first"), newRevision("shop", 2, "second"), newRevision("blog", 1, "")
	for i, c := range []struct {
		revision optgate.Revision
		want     error
	}{
		{newRevision("shop", 0, ""), optgate.ErrConflict},
		{newRevision("shop", 2, ""), optgate.ErrConflict},
		{shop1, nil},
		{newRevision("shop", 1, "another first"), optgate.ErrConflict},
		{newRevision("shop", 3, ""), optgate.ErrConflict},
		{shop2, nil},
		{blog1, nil},
	} {
		if err := s.Publish(t.Context(), c.revision); !errors.Is(err, c.want) {
			t.Errorf("%d: Publish(%s, %d) = %v, want %v", i, c.revision.Site, c.revision.Number, err, c.want)
		}
	}
	for _, s := range []optgate.Store{s, other} {
		if got, err := s.Latest(t.Context()); err != nil || !reflect.DeepEqual(got, []optgate.Revision{blog1, shop2}) {
			t.Errorf("Latest = %+v, %v; want %+v", got, err, []optgate.Revision{blog1, shop2})
		}
		if got, err := s.Revision(t.Context(), "shop", 1); err != nil || !reflect.DeepEqual(got, shop1) {
			t.Errorf("Revision = %+v, %v; want %+v", got, err, shop1)
		} else if got.Config.Hash() != got.Hash {
			t.Errorf("the configuration's hash is %s, the revision says %s", got.Config.Hash(), got.Hash)
		}
	}
	for _, c := range []struct {
		site   optgate.SiteID
		number int
	}{{"shop", 0}, {"shop", 3}, {"shop", -1}, {"forum", 1}} {
		if _, err := s.Revision(t.Context(), c.site, c.number); !errors.Is(err, optgate.ErrNotFound) {
			t.Errorf("Revision(%s, %d) = %v, want ErrNotFound", c.site, c.number, err)
		}
	}
	// A site whose ledger began before it had a revision is a site all the same.
	mustAppend(t, s, newRecord("forum", newULID()))
	if got, err := s.Latest(t.Context()); err != nil || len(got) != 2 {
		t.Errorf("Latest = %d revisions, %v; want 2", len(got), err)
	}
	if err := s.Publish(t.Context(), newRevision("forum", 1, "")); err != nil {
		t.Errorf("Publish of a site that has records = %v", err)
	}
}

func testPublishRepeated(t *testing.T, b Backend) {
	s := b.open(t)
	r := newRevision("shop", 1, "an answer that got lost")
	for range 2 {
		if err := s.Publish(t.Context(), r); err != nil {
			t.Fatalf("Publish of the very same = %v", err)
		}
	}
	if err := s.Publish(t.Context(), newRevision("shop", 2, "")); err != nil {
		t.Errorf("Publish of the next = %v", err)
	}
}

func testPublishManyAtOnce(t *testing.T, b Backend) {
	const publishers = 16
	stores := []optgate.Store{b.open(t), b.open(t)}
	for number := 1; number <= 5; number++ {
		var won atomic.Int32
		for i, err := range concurrently(publishers, func(i int) error {
			return stores[i%2].Publish(t.Context(), newRevision("shop", number, fmt.Sprint("by ", i)))
		}) {
			switch {
			case err == nil:
				if n := won.Add(1); n > 1 {
					t.Fatalf("%d publishers of revision %d won, want 1", n, number)
				}
				got, err := stores[0].Revision(t.Context(), "shop", number)
				if want := fmt.Sprint("by ", i); err != nil || got.Note != want {
					t.Errorf("Revision %d = %q, %v; want the winner's, %q", number, got.Note, err, want)
				}
			case !errors.Is(err, optgate.ErrConflict):
				t.Errorf("Publish = %v, want ErrConflict", err)
			}
		}
		if won.Load() == 0 {
			t.Fatalf("no publisher of revision %d won", number)
		}
	}
}

func testWatch(t *testing.T, b Backend) {
	s, other := b.open(t), b.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	var calls atomic.Int32
	ended := make(chan error, 2)
	for _, s := range []optgate.Store{s, other} {
		var mine atomic.Int32
		go func() {
			ended <- s.Watch(ctx, func() {
				mine.Add(1)
				calls.Add(1)
			})
		}()
		eventually(t, "the call when Watch begins to listen", func() bool { return mine.Load() > 0 })
	}
	for number := 1; number <= 3; number++ {
		before := calls.Load()
		if err := s.Publish(t.Context(), newRevision("shop", number, "")); err != nil {
			t.Fatalf("Publish: %v", err)
		}
		eventually(t, "a call in both stores", func() bool { return calls.Load() >= before+2 })
	}
	cancel()
	for range 2 {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Watch returned %v, want context.Canceled", err)
		}
	}
}
