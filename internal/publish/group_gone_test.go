package publish_test

import (
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
	"github.com/optgate/optgate/internal/store/faultstore"
)

// A site that joins a group just as it is deleted is out of it in the end, with
// all that it had, whoever of the two was first.
func TestASiteJoinsAsItsGroupGoes(t *testing.T) {
	for _, tt := range []struct {
		name string
		race func(t *testing.T, store optgate.Store, r *publish.Registry, g optgate.Group, join func(*publish.Registry))
	}{
		{"deleted before the site's revision is stored", func(t *testing.T, store optgate.Store, _ *publish.Registry, g optgate.Group, join func(*publish.Registry)) {
			between(t, store, "Publish", func() { remove(t, openRegistry(t, store), g) }, join)
		}},
		{"joined before the deletion is stored", func(t *testing.T, store optgate.Store, r *publish.Registry, g optgate.Group, join func(*publish.Registry)) {
			between(t, store, "PutGroup", func() { join(r) }, func(r *publish.Registry) { remove(t, r, g) })
		}},
		{"nobody could look again", func(t *testing.T, store optgate.Store, r *publish.Registry, g optgate.Group, join func(*publish.Registry)) {
			join(r)
			if err := store.PutGroup(t.Context(), g.Removed()); err != nil {
				t.Fatal(err)
			}
			if err := r.LeaveGone(t.Context()); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store := openStore(t, t.TempDir())
			r := openRegistry(t, store)
			settings := *config("", "")
			settings.Site, settings.Name, settings.Origins, settings.ChoiceDays = "", "", nil, 90
			g, err := r.PutGroup(t.Context(), optgate.Group{ID: "shops", Settings: settings, Author: "anna"})
			if err != nil {
				t.Fatal(err)
			}
			own := &optgate.Own{Says: optgate.Config{Site: "berlin", Group: "shops", Name: "Berlin", Origins: []string{"https://berlin.example"}}}
			tt.race(t, store, r, g, func(r *publish.Registry) {
				if _, err := r.Publish(t.Context(), own.Resolve(&g.Settings), 0, "anna", "", publish.Says(own)); err != nil {
					t.Fatal(err)
				}
			})
			latest, err := store.Latest(t.Context())
			if err != nil || len(latest) != 1 {
				t.Fatalf("Latest = %+v, %v; want one site", latest, err)
			}
			got := latest[0]
			if got.Number != 2 || got.Config.Group != "" || got.Own != nil || got.Config.ChoiceDays != 90 {
				t.Errorf("got %+v, want the second revision, of no group, with what the group said", got)
			}
			if got.Note != "out of the group shops, which is gone" {
				t.Errorf("the note is %q", got.Note)
			}
		})
	}
}

// between lets a registry do what it does on a store, and something else just
// before its first call of that name.
func between(t *testing.T, store optgate.Store, method string, other func(), do func(*publish.Registry)) {
	t.Helper()
	once := false
	do(openRegistry(t, &faultstore.Store{Inner: store, Fault: func(name string) (bool, error) {
		if name == method && !once {
			once = true
			other()
		}
		return true, nil
	}}))
	if !once {
		t.Fatalf("%s was never called", method)
	}
}

func remove(t *testing.T, r *publish.Registry, g optgate.Group) {
	t.Helper()
	if err := r.RemoveGroup(t.Context(), g); err != nil {
		t.Fatal(err)
	}
}
