package publish_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
	"github.com/optgate/optgate/internal/store/faultstore"
)

// paused returns a registry with a site that has a tag of each of two categories.
func paused(t *testing.T, store publish.Store) (*publish.Registry, *optgate.Config) {
	t.Helper()
	r := openRegistry(t, store)
	c := config("shop", "https://shop.example")
	c.Tags = []optgate.Tag{
		{ID: "chat", Category: optgate.Essential, Kind: optgate.TagScript, Src: "https://chat.example/c.js"},
		{ID: "ads", Category: optgate.Marketing, Kind: optgate.TagPixel, Src: "https://ads.example/p.gif"},
	}
	if _, err := r.Publish(t.Context(), c, 0, "test", ""); err != nil {
		t.Fatal(err)
	}
	return r, c
}

func mustPause(t *testing.T, r *publish.Registry, what optgate.Pausable) {
	t.Helper()
	if done, err := r.Pause(t.Context(), "shop", optgate.Pause{Pausable: what, By: "anna"}); err != nil || !done {
		t.Fatalf("Pause(%v) = %t, %v; want it to be done", what, done, err)
	}
}

// What is paused is left out of the gate and nothing else changes: not what is
// shown, and so not what records say was shown.
func TestPause(t *testing.T) {
	const chat, ads, marked = `"u":"https://chat.example/c.js"`, `"u":"https://ads.example/p.gif"`, `"z":{"marketing":1}`
	for _, tt := range []struct {
		name     string
		what     optgate.Pausable
		has, not []string
	}{
		{"a tag", optgate.Pausable{Tag: "ads"}, []string{chat}, []string{ads, marked}},
		{"an essential tag", optgate.Pausable{Tag: "chat"}, []string{ads}, []string{chat, marked}},
		{"a category", optgate.Pausable{Category: optgate.Marketing}, []string{chat, marked, `"c":["marketing"]`}, []string{ads}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store := openStore(t, t.TempDir())
			r, _ := paused(t, store)
			before, _ := r.Published("shop")
			mustPause(t, r, tt.what)
			for name, r := range map[string]*publish.Registry{"this process": r, "another process": openRegistry(t, store)} {
				site, _ := r.Published("shop")
				for _, want := range tt.has {
					if !strings.Contains(string(site.Gate.Body()), want) {
						t.Errorf("%s: the gate lacks %s", name, want)
					}
				}
				for _, not := range tt.not {
					if strings.Contains(string(site.Gate.Body()), not) {
						t.Errorf("%s: the gate has %s", name, not)
					}
				}
				if site.PiecesHash != before.PiecesHash || site.Shown["en"] != before.Shown["en"] || site.Gate.Hash == before.Gate.Hash {
					t.Errorf("%s: got pieces %s, shown %v and gate %s; want those of before, %s and %v, and another gate than %s",
						name, site.PiecesHash, site.Shown["en"], site.Gate.Hash, before.PiecesHash, before.Shown["en"], before.Gate.Hash)
				}
				p := r.Paused("shop")
				if got, ok := p.Of(tt.what); !ok || got.By != "anna" || got.Since.IsZero() {
					t.Errorf("%s: Paused = %+v, want it to be by anna", name, got)
				}
			}
			if ended, done, err := r.Resume(t.Context(), "shop", tt.what); err != nil || !done || ended.By != "anna" {
				t.Fatalf("Resume = %+v, %t, %v; want anna's pause", ended, done, err)
			}
			if site, _ := r.Published("shop"); site.Gate.Hash != before.Gate.Hash {
				t.Errorf("got another gate after the pause than before it")
			}
		})
	}
}

func TestPauseRefuses(t *testing.T) {
	r, _ := paused(t, openStore(t, t.TempDir()))
	for _, tt := range []struct {
		name string
		site optgate.SiteID
		what optgate.Pausable
		want string
	}{
		{"the essential category", "shop", optgate.Pausable{Category: optgate.Essential}, "pause its tags instead"},
		{"an unknown category", "shop", optgate.Pausable{Category: "social"}, "a category that the site does not have"},
		{"an unknown tag", "shop", optgate.Pausable{Tag: "x"}, "a tag that the site does not have"},
		{"nothing", "shop", optgate.Pausable{}, "is about a category or about a tag"},
		{"both", "shop", optgate.Pausable{Category: optgate.Marketing, Tag: "ads"}, "is about a category or about a tag"},
		{"an unknown site", "forum", optgate.Pausable{Tag: "ads"}, optgate.ErrNotFound.Error()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			done, err := r.Pause(t.Context(), tt.site, optgate.Pause{Pausable: tt.what})
			if done || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Pause = %t, %v; want an error with %q", done, err, tt.want)
			}
		})
	}
	if got := r.Paused("shop"); len(got.Pauses) != 0 {
		t.Errorf("got %+v paused, want nothing", got)
	}
}

// A pause that is there stays whose it is, and one that is not cannot end.
func TestPauseTwice(t *testing.T) {
	r, _ := paused(t, openStore(t, t.TempDir()))
	what := optgate.Pausable{Tag: "ads"}
	if _, done, err := r.Resume(t.Context(), "shop", what); done || err != nil {
		t.Errorf("Resume of what is not paused = %t, %v; want false", done, err)
	}
	mustPause(t, r, what)
	if done, err := r.Pause(t.Context(), "shop", optgate.Pause{Pausable: what, By: "ben"}); done || err != nil {
		t.Errorf("Pause of what is paused = %t, %v; want false", done, err)
	}
	p := r.Paused("shop")
	if got, _ := p.Of(what); got.By != "anna" {
		t.Errorf("got it paused by %s, want anna", got.By)
	}
}

// A revision without what is paused ends the pause, so that what comes back later
// under its name loads.
func TestARevisionEndsPausesOfWhatItRemoves(t *testing.T) {
	store := openStore(t, t.TempDir())
	r, c := paused(t, store)
	for _, what := range []optgate.Pausable{{Tag: "ads"}, {Tag: "chat"}, {Category: optgate.Marketing}} {
		mustPause(t, r, what)
	}
	less := c.Clone()
	less.Tags = less.Tags[:1]
	if _, err := r.Publish(t.Context(), less, 1, "test", ""); err != nil {
		t.Fatal(err)
	}
	all, err := store.Paused(t.Context())
	if err != nil || len(all) != 1 || len(all[0].Pauses) != 2 {
		t.Errorf("the store has %+v, %v; want the two pauses of what is there", all, err)
	}
	if _, err := r.Publish(t.Context(), c, 2, "test", ""); err != nil {
		t.Fatal(err)
	}
	p := r.Paused("shop")
	if _, is := p.Of(optgate.Pausable{Tag: "ads"}); is {
		t.Error("the tag is paused again")
	}
	if _, is := p.Of(optgate.Pausable{Tag: "chat"}); !is {
		t.Error("the other tag is not paused any more")
	}
}

// Two processes pause at the same time: nothing of either is lost.
func TestPausesOfTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	a, c := paused(t, openStore(t, dir))
	for i := range 6 {
		c.Tags = append(c.Tags, optgate.Tag{ID: fmt.Sprintf("t%d", i), Category: optgate.Marketing, Kind: optgate.TagPixel, Src: "https://ads.example/p.gif"})
	}
	if _, err := a.Publish(t.Context(), c, 1, "test", ""); err != nil {
		t.Fatal(err)
	}
	b := openRegistry(t, openStore(t, dir))
	var group sync.WaitGroup
	for i := range 6 {
		group.Go(func() {
			r := []*publish.Registry{a, b}[i%2]
			if done, err := r.Pause(t.Context(), "shop", optgate.Pause{Pausable: optgate.Pausable{Tag: fmt.Sprintf("t%d", i)}}); !done || err != nil {
				t.Errorf("Pause of t%d = %t, %v; want it to be done", i, done, err)
			}
		})
	}
	group.Wait()
	if err := a.Load(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	if got := a.Paused("shop"); len(got.Pauses) != 6 {
		t.Errorf("got %+v, want all six paused", got.Pauses)
	}
}

// While the store does not say what is paused, what was served stays: a pause
// never ends because of a fault.
func TestAPauseOutlivesAFault(t *testing.T) {
	store := &faultstore.Store{Inner: openStore(t, t.TempDir())}
	r, _ := paused(t, store)
	mustPause(t, r, optgate.Pausable{Tag: "ads"})
	fault := errors.New("the store is away")
	store.Fault = func(op string) (bool, error) {
		if op == "Paused" {
			return false, fault
		}
		return false, nil
	}
	if err := r.Load(t.Context()); !errors.Is(err, fault) {
		t.Errorf("Load = %v, want %v", err, fault)
	}
	if site, _ := r.Published("shop"); strings.Contains(string(site.Gate.Body()), "ads.example/p.gif") {
		t.Error("the gate has the paused tag")
	}
}
