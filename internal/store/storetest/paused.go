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

// newPaused returns a site on which one tag is paused.
func newPaused(id optgate.SiteID, version int, by string) optgate.Paused {
	p := optgate.Paused{Site: id, Version: version}
	return p.With(optgate.Pause{Pausable: optgate.Pausable{Tag: "t"}, By: by, Since: start, Reason: "it \"loops\" <b> – ü"})
}

// stored returns p as the store has it once p was written.
func stored(p optgate.Paused) optgate.Paused {
	p.Version++
	return p
}

func checkPaused(t *testing.T, s optgate.RevisionStore, want ...optgate.Paused) {
	t.Helper()
	if got, err := s.Paused(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Paused = %+v, %v; want %+v", got, err, want)
	}
}

func testPaused(t *testing.T, b Backend) {
	s, other := b.open(t), b.open(t)
	checkPaused(t, s)
	shop, blog := newPaused("shop", 0, "anna"), newPaused("blog", 0, "ben")
	more := stored(shop)
	more = more.With(optgate.Pause{Pausable: optgate.Pausable{Category: optgate.Marketing}, By: "ben", Since: start})
	none := optgate.Paused{Site: "shop", Version: 2}
	for i, c := range []struct {
		paused optgate.Paused
		want   error
	}{
		{newPaused("shop", 1, "early"), optgate.ErrConflict},
		{shop, nil},
		{shop, nil}, // an answer that got lost
		{newPaused("shop", 0, "late"), optgate.ErrConflict},
		{more, nil},
		{shop, optgate.ErrConflict},
		{none, nil},
		{blog, nil},
	} {
		if err := s.SetPaused(t.Context(), c.paused); !errors.Is(err, c.want) {
			t.Errorf("%d: SetPaused(%+v) = %v, want %v", i, c.paused, err, c.want)
		}
		if i == 4 {
			checkPaused(t, other, stored(more))
		}
	}
	for _, s := range []optgate.Store{s, other} {
		checkPaused(t, s, stored(blog), stored(none))
	}
	if got, err := s.Latest(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("Latest = %v, %v; want no site: none was published", got, err)
	}
}

func testPausedManyAtOnce(t *testing.T, b Backend) {
	stores := []optgate.Store{b.open(t), b.open(t)}
	for version := range 4 {
		var won atomic.Int32
		for i, err := range concurrently(16, func(i int) error {
			return stores[i%2].SetPaused(t.Context(), newPaused("shop", version, fmt.Sprint(i)))
		}) {
			switch {
			case err == nil:
				won.Add(1)
				checkPaused(t, stores[0], stored(newPaused("shop", version, fmt.Sprint(i))))
			case !errors.Is(err, optgate.ErrConflict):
				t.Errorf("SetPaused = %v, want ErrConflict", err)
			}
		}
		if won.Load() != 1 {
			t.Fatalf("%d of those who read version %d won, want 1", won.Load(), version)
		}
	}
}

func testWatchPaused(t *testing.T, b Backend) {
	s, other := b.open(t), b.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	var calls [2]atomic.Int32
	ended := make(chan error, len(calls))
	for i, s := range []optgate.Store{s, other} {
		go func() { ended <- s.Watch(ctx, func() { calls[i].Add(1) }) }()
		eventually(t, "the call when Watch begins to listen", func() bool { return calls[i].Load() > 0 })
	}
	for version := range 3 {
		before := [2]int32{calls[0].Load(), calls[1].Load()}
		if err := s.SetPaused(t.Context(), newPaused("shop", version, "anna")); err != nil {
			t.Fatalf("SetPaused: %v", err)
		}
		eventually(t, "a call in both stores", func() bool { return calls[0].Load() > before[0] && calls[1].Load() > before[1] })
	}
	cancel()
	for range calls {
		<-ended
	}
}
