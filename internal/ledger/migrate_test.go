package ledger_test

import (
	"testing"
	"time"

	"github.com/optgate/optgate/internal/ledger"
	"github.com/optgate/optgate/internal/optgate"
)

// What editors have not published comes along, as it is when the migration is
// repeated.
func TestMigrateBringsDrafts(t *testing.T) {
	from, to := open(t), open(t)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	config := optgate.Config{Site: "shop", Name: "Shop"}
	if err := from.Publish(t.Context(), optgate.NewRevision(&config, 0, "anna", "", now)); err != nil {
		t.Fatal(err)
	}
	for i, d := range []optgate.Draft{
		{Site: "shop", Base: 1, Config: optgate.Config{Site: "shop", Name: "One"}, Author: "anna", At: now},
		{Site: "shop", Base: 1, Config: optgate.Config{Site: "shop", Name: "Two"}, Author: "anna", At: now},
		{Site: "shop"},
	} {
		d.Version = i
		if err := from.PutDraft(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := ledger.Migrate(t.Context(), from, to); err != nil {
				t.Fatal(err)
			}
		}
		got, err := to.Draft(t.Context(), "shop")
		if err != nil || got.Config.Name != d.Config.Name || got.Base != d.Base || got.Version != i+1 {
			t.Errorf("got %+v, %v; want %+v", got, err, d)
		}
	}
}

// Groups come along, as they are when the migration is repeated.
func TestMigrateBringsGroups(t *testing.T) {
	from, to := open(t), open(t)
	for version, name := range []string{"Shops", "All shops"} {
		g := optgate.Group{ID: "shops", Settings: optgate.Config{Name: name}, Author: "anna", Version: version}
		if err := from.PutGroup(t.Context(), g); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := ledger.Migrate(t.Context(), from, to); err != nil {
				t.Fatal(err)
			}
		}
		got, err := to.Group(t.Context(), "shops")
		if err != nil || got.Settings.Name != name || got.Version != version+1 {
			t.Errorf("got %+v, %v; want version %d of %s", got, err, version+1, name)
		}
	}
}
