package publish_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

// grouped returns a registry with a group of shops and a site of it.
func grouped(t *testing.T) (*publish.Registry, optgate.Group, optgate.Revision) {
	t.Helper()
	r := openRegistry(t, openStore(t, t.TempDir()))
	settings := *config("", "")
	settings.Site, settings.Name, settings.Origins, settings.ChoiceDays = "", "", nil, 90
	settings.Services = []optgate.Service{{ID: "ads", Name: "Ads", Category: "marketing", Provider: "Ads Inc."}}
	g, err := r.PutGroup(t.Context(), optgate.Group{ID: "shops", Settings: settings, Author: "anna"})
	if err != nil || g.Version != 1 {
		t.Fatalf("got version %d, %v; want the first", g.Version, err)
	}
	own := &optgate.Own{Says: optgate.Config{Site: "berlin", Group: "shops", Name: "Berlin", Origins: []string{"https://berlin.example"}}}
	first, err := r.Publish(t.Context(), own.Resolve(&g.Settings), 0, "anna", "", publish.Says(own))
	if err != nil {
		t.Fatal(err)
	}
	return r, g, first
}

// Whoever edits a whole configuration, as the admin and a roll-back do, makes the
// site say what was edited and no more.
func TestEditsOfASiteOfAGroup(t *testing.T) {
	r, g, first := grouped(t)
	edited := first.Config.Clone()
	edited.RecordDays = 400
	second, err := r.Publish(t.Context(), edited, 1, "ann", "")
	if err != nil {
		t.Fatal(err)
	}
	if second.Own == nil || second.Own.Says.RecordDays != 400 || second.Own.Says.ChoiceDays != 0 || len(second.Own.Says.Services) != 0 {
		t.Fatalf("got %+v, want the edit alone to be the site's own", second.Own)
	}

	// The group changes. What the site inherits follows, what it said stays.
	g.Settings.ChoiceDays, g.Settings.RecordDays = 120, 500
	if g, err = r.PutGroup(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	members := r.Members("shops")
	if len(members) != 1 || members[0].Number != 2 {
		t.Fatalf("got %+v, want the one site's latest revision", members)
	}
	c, says := publish.Regrouped(&g, &members[0])
	third, err := r.Publish(t.Context(), c, 2, "anna", "", says)
	if err != nil || third.Config.ChoiceDays != 120 || third.Config.RecordDays != 400 {
		t.Fatalf("got %d and %d days, %v; want the group's 120 and its own 400", third.Config.ChoiceDays, third.Config.RecordDays, err)
	}

	// A roll-back is what it was, and in the group nevertheless.
	fourth, err := r.Publish(t.Context(), first.Config.Clone(), 3, "anna", "")
	if err != nil || fourth.Config.ChoiceDays != 90 || fourth.Own.Says.ChoiceDays != 90 {
		t.Fatalf("got %+v, %v; want the days of the first revision as the site's own", fourth.Own, err)
	}
	if !slices.Equal(fourth.Own.Without, []string{"record_days"}) {
		t.Errorf("got without %v, want what the group said later", fourth.Own.Without)
	}
	if again := fourth.Own.Resolve(&g.Settings); !r.Same(again, &fourth) {
		t.Errorf("got %+v resolved, want what was published", again)
	}

	// To leave the group is to say everything.
	alone := fourth.Config.Clone()
	alone.Group = ""
	if fifth, err := r.Publish(t.Context(), alone, 4, "anna", ""); err != nil || fifth.Own != nil || len(r.Members("shops")) != 0 {
		t.Errorf("got %+v, %v, and %d sites in the group; want none", fifth.Own, err, len(r.Members("shops")))
	}
}

// To say something that the group says, too, changes nothing that visitors see,
// but it is a change.
func TestSameOfASiteOfAGroup(t *testing.T) {
	r, _, first := grouped(t)
	pinned := *first.Own
	pinned.Says.ChoiceDays = 90
	if !r.Same(&first.Config, &first) || !r.Same(&first.Config, &first, publish.Says(first.Own)) {
		t.Error("got a difference from itself")
	}
	if r.Same(&first.Config, &first, publish.Says(&pinned)) {
		t.Error("got no difference, want what the site says itself to count")
	}
}

func TestGroupsRefuse(t *testing.T) {
	r, g, _ := grouped(t)
	lost := config("rome", "https://rome.example")
	lost.Group = "nosuch"
	var bad optgate.InvalidErrors
	if _, err := r.Publish(t.Context(), lost, 0, "anna", ""); !errors.As(err, &bad) || bad[0].Field != "group" {
		t.Errorf("got %v, want a fault of group", err)
	}
	stale := g
	stale.Version = 0
	if _, err := r.PutGroup(t.Context(), stale); !errors.Is(err, optgate.ErrConflict) {
		t.Errorf("got %v, want ErrConflict", err)
	}
	g.Settings.Origins = []string{"https://a.example"}
	if _, err := r.PutGroup(t.Context(), g); !errors.As(err, &bad) {
		t.Errorf("got %v, want faults", err)
	}
	if _, err := r.Group(t.Context(), "nosuch"); !errors.Is(err, optgate.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}
