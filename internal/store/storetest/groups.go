package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

var groupTests = map[string]func(*testing.T, Backend){
	"Groups":           testGroups,
	"GroupsManyAtOnce": testGroupsManyAtOnce,
	"RevisionsOwnPart": testRevisionsOwnPart,
}

// newGroup returns a group that follows a version.
func newGroup(id optgate.GroupID, name string, version int) optgate.Group {
	c := optgate.Config{Name: name, Hold: optgate.HoldKnown, Services: []optgate.Service{{ID: "s", Purpose: optgate.Text{"de": "Zählt „alles“ <&>."}}}}
	return optgate.Group{ID: id, Settings: c, Author: "anna", At: start, Version: version}
}

// checkGroup checks a group.
func checkGroup(t *testing.T, s optgate.GroupStore, want optgate.Group) {
	t.Helper()
	if got, err := s.Group(t.Context(), want.ID); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Group(%s) = %+v, %v; want %+v", want.ID, got, err, want)
	}
}

func testGroups(t *testing.T, b Backend) {
	s, other := b.open(t), b.open(t)
	if _, err := s.Group(t.Context(), "shops"); !errors.Is(err, optgate.ErrNotFound) {
		t.Errorf("Group = %v, want ErrNotFound", err)
	}
	if got, err := s.Groups(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("Groups = %v, %v; want none", got, err)
	}
	for _, p := range []struct {
		what  string
		group optgate.Group
		want  error
	}{
		{"the first", newGroup("shops", "One", 0), nil},
		{"the very same again", newGroup("shops", "One", 0), nil},
		{"another", newGroup("blogs", "Blogs", 0), nil},
		{"as if there were none", newGroup("shops", "Other", 0), optgate.ErrConflict},
		{"the second", newGroup("shops", "Two", 1), nil},
		{"of a version that is gone", newGroup("shops", "Other", 1), optgate.ErrConflict},
		{"of a version that is to come", newGroup("shops", "Other", 3), optgate.ErrConflict},
		{"a new one, as if it had been", newGroup("news", "News", 1), optgate.ErrConflict},
	} {
		if err := other.PutGroup(t.Context(), p.group); !errors.Is(err, p.want) {
			t.Errorf("PutGroup, %s = %v, want %v", p.what, err, p.want)
		}
	}
	checkGroup(t, s, newGroup("shops", "Two", 2))
	checkGroup(t, s, newGroup("blogs", "Blogs", 1))
	want := []optgate.Group{newGroup("blogs", "Blogs", 1), newGroup("shops", "Two", 2)}
	if got, err := s.Groups(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Groups = %+v, %v; want %+v", got, err, want)
	}
}

func testGroupsManyAtOnce(t *testing.T, b Backend) {
	stores := []optgate.Store{b.open(t), b.open(t)}
	won := ""
	for i, err := range concurrently(16, func(i int) error {
		return stores[i%2].PutGroup(t.Context(), newGroup("shops", fmt.Sprint(i), 0))
	}) {
		switch {
		case err == nil && won == "":
			won = fmt.Sprint(i)
		case err == nil:
			t.Errorf("both %s and %d were told that their group is stored", won, i)
		case !errors.Is(err, optgate.ErrConflict):
			t.Errorf("PutGroup = %v, want ErrConflict", err)
		}
	}
	checkGroup(t, stores[0], newGroup("shops", won, 1))
}

// What a site of a group says itself is kept beside what it is.
func testRevisionsOwnPart(t *testing.T, b Backend) {
	s := b.open(t)
	r := newRevision("shop", 1, "")
	r.Own = &optgate.Own{
		Says: optgate.Config{Site: "shop", Group: "shops", ChoiceDays: 30}, Without: []string{"services.chat"},
		Order: optgate.Order{Tags: []string{"b", "a"}},
	}
	if err := s.Publish(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Revision(t.Context(), "shop", 1); err != nil || !reflect.DeepEqual(got.Own, r.Own) {
		t.Errorf("Revision = %+v, %v; want %+v", got.Own, err, r.Own)
	}
}
