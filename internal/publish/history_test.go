package publish_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

func TestHistory(t *testing.T) {
	r := openRegistry(t, openStore(t, t.TempDir()))
	const revisions = publish.HistoryPage + 3
	for n := range revisions {
		c := config("shop", "https://shop.example")
		c.Name = fmt.Sprint("Shop ", n+1)
		if _, err := r.Publish(t.Context(), c, n, "ada", ""); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name                string
		before, first, last int
	}{
		{"newest", 0, revisions, revisions - publish.HistoryPage + 1},
		{"beyond the newest", revisions + 9, revisions, revisions - publish.HistoryPage + 1},
		{"older", 4, 3, 1},
		{"the first alone", 2, 1, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := r.History(t.Context(), "shop", tt.before)
			if err != nil || len(got) != tt.first-tt.last+1 {
				t.Fatalf("got %d entries, %v; want %d", len(got), err, tt.first-tt.last+1)
			}
			for i, e := range got {
				if e.Revision.Number != tt.first-i {
					t.Errorf("entry %d is revision %d, want %d", i, e.Revision.Number, tt.first-i)
				}
				if first := e.Revision.Number == 1; first != (len(e.Changes) == 0) {
					t.Errorf("revision %d has changes %v", e.Revision.Number, e.Changes)
				}
			}
		})
	}
	if got, err := r.History(t.Context(), "shop", 1); err != nil || len(got) != 0 {
		t.Errorf("before the first: got %v, %v", got, err)
	}
	if _, err := r.History(t.Context(), "nosuch", 0); !errors.Is(err, optgate.ErrNotFound) {
		t.Errorf("no such site: got %v, want ErrNotFound", err)
	}
}

// What the next revision changes is measured against the one before it, even
// if this process has not heard of that one.
func TestPublishFollowsWhatOthersPublished(t *testing.T) {
	dir := t.TempDir()
	here, there := openRegistry(t, openStore(t, dir)), openRegistry(t, openStore(t, dir))
	c := config("shop", "https://shop.example")
	if _, err := there.Publish(t.Context(), c, 0, "ada", ""); err != nil {
		t.Fatal(err)
	}
	c.Services = []optgate.Service{{ID: "ads", Name: "Ads", Category: "marketing", Provider: "Ads Inc."}}
	got, err := here.Publish(t.Context(), c, 1, "bob", "")
	if err != nil || got.Since["marketing"] != 2 {
		t.Errorf("got %v, %v; want marketing changed in revision 2", got.Since, err)
	}
	kept, err := there.Revision(t.Context(), "shop", 2)
	if err != nil || kept.Since["marketing"] != 2 {
		t.Errorf("the store kept %+v, %v", kept, err)
	}
	c.Name = "Shoppe"
	if got, err = there.Publish(t.Context(), c, 2, "ada", ""); err != nil || got.Since["marketing"] != 2 {
		t.Errorf("got %v, %v; want it still to be revision 2", got.Since, err)
	}
}
