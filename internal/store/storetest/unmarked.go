package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

var unmarkedTests = map[string]func(*testing.T, Backend){
	"Unmarked":              testUnmarked,
	"UnmarkedAreBounded":    testUnmarkedAreBounded,
	"UnmarkedManyAtOnce":    testUnmarkedManyAtOnce,
	"UnmarkedAreGoneInTime": testUnmarkedAreGoneInTime,
}

// newUnmarked returns a script of a host.
func newUnmarked(host string) optgate.Unmarked {
	return optgate.Unmarked{Kind: "script", Host: host, Path: "/t.js"}
}

// saw calls SawUnmarked, which must work.
func saw(t *testing.T, s optgate.UnmarkedStore, site optgate.SiteID, day string, tags ...optgate.Unmarked) {
	t.Helper()
	if err := s.SawUnmarked(t.Context(), site, day, tags); err != nil {
		t.Fatalf("SawUnmarked(%s, %s) = %v", site, day, err)
	}
}

// checkUnmarked checks that a site has these tags and no others.
func checkUnmarked(t *testing.T, s optgate.UnmarkedStore, site optgate.SiteID, want ...optgate.SeenUnmarked) {
	t.Helper()
	if got, err := s.Unmarked(t.Context(), site); err != nil || !slices.Equal(got, want) {
		t.Errorf("Unmarked(%s) = %v, %v; want %v", site, got, err, want)
	}
}

func testUnmarked(t *testing.T, b Backend) {
	s, other := b.open(t), b.open(t)
	a, z := newUnmarked("a.example"), newUnmarked("z.example:8443")
	image := optgate.Unmarked{Kind: "img", Host: "a.example", Path: "/t.js"}
	saw(t, s, "shop", "2026-03-09", z, a)
	saw(t, other, "shop", "2026-03-11", a, image)
	saw(t, s, "shop", "2026-03-10", a) // a clock that is behind
	saw(t, s, "blog", "2026-03-09", z)
	saw(t, s, "shop", "2026-03-09")
	for _, s := range []optgate.Store{s, other} {
		checkUnmarked(t, s, "shop",
			optgate.SeenUnmarked{Unmarked: image, First: "2026-03-11", Last: "2026-03-11"},
			optgate.SeenUnmarked{Unmarked: a, First: "2026-03-09", Last: "2026-03-11"},
			optgate.SeenUnmarked{Unmarked: z, First: "2026-03-09", Last: "2026-03-09"})
		checkUnmarked(t, s, "forum")
	}
	for range 2 {
		if err := other.ForgetUnmarked(t.Context(), "shop", a); err != nil {
			t.Fatalf("ForgetUnmarked = %v", err)
		}
	}
	checkUnmarked(t, s, "shop",
		optgate.SeenUnmarked{Unmarked: image, First: "2026-03-11", Last: "2026-03-11"},
		optgate.SeenUnmarked{Unmarked: z, First: "2026-03-09", Last: "2026-03-09"})
	checkUnmarked(t, s, "blog", optgate.SeenUnmarked{Unmarked: z, First: "2026-03-09", Last: "2026-03-09"})
	if err := s.SawUnmarked(t.Context(), "shop", "tomorrow", nil); err == nil {
		t.Error("SawUnmarked on a day that is none = nil, want an error")
	}
}

func testUnmarkedAreBounded(t *testing.T, b Backend) {
	s := b.open(t)
	var many []optgate.Unmarked
	for i := range optgate.MaxUnmarked + 5 {
		many = append(many, newUnmarked(fmt.Sprintf("h%03d.example", i)))
	}
	saw(t, s, "shop", "2026-03-09", many...)
	saw(t, s, "shop", "2026-03-10", newUnmarked("new.example"), many[7])
	got, err := s.Unmarked(t.Context(), "shop")
	if err != nil || len(got) != optgate.MaxUnmarked {
		t.Fatalf("Unmarked has %d tags, %v; want %d", len(got), err, optgate.MaxUnmarked)
	}
	if want := (optgate.SeenUnmarked{Unmarked: many[7], First: "2026-03-09", Last: "2026-03-10"}); got[7] != want {
		t.Errorf("got %v, want %v: one that is there is noted again", got[7], want)
	}
}

func testUnmarkedAreGoneInTime(t *testing.T, b Backend) {
	s := b.open(t)
	saw(t, s, "shop", "2026-03-09", newUnmarked("old.example"))
	saw(t, s, "shop", "2026-03-10", newUnmarked("older.example"))
	saw(t, s, "shop", "2026-04-08", newUnmarked("new.example"))
	checkUnmarked(t, s, "shop",
		optgate.SeenUnmarked{Unmarked: newUnmarked("new.example"), First: "2026-04-08", Last: "2026-04-08"},
		optgate.SeenUnmarked{Unmarked: newUnmarked("older.example"), First: "2026-03-10", Last: "2026-03-10"})
}

// testUnmarkedManyAtOnce notes as replicas do whose visitors see the same page.
func testUnmarkedManyAtOnce(t *testing.T, b Backend) {
	stores := []optgate.Store{b.open(t), b.open(t)}
	for _, err := range concurrently(20, func(i int) error {
		return stores[i%2].SawUnmarked(t.Context(), "shop", "2026-03-09", []optgate.Unmarked{newUnmarked("a.example"), newUnmarked("b.example")})
	}) {
		if err != nil {
			t.Errorf("SawUnmarked = %v", err)
		}
	}
	checkUnmarked(t, stores[0], "shop",
		optgate.SeenUnmarked{Unmarked: newUnmarked("a.example"), First: "2026-03-09", Last: "2026-03-09"},
		optgate.SeenUnmarked{Unmarked: newUnmarked("b.example"), First: "2026-03-09", Last: "2026-03-09"})
}
