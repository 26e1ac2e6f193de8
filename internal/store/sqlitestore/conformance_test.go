package sqlitestore_test

import (
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/sqlitestore"
	"github.com/optgate/optgate/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	version := sqliteVersion(t)
	storetest.Run(t, func(t *testing.T) storetest.Backend {
		dir := t.TempDir()
		return storetest.Backend{
			Name:      "SQLite " + version,
			Open:      func(t *testing.T) optgate.Store { return open(t, dir) },
			OpenOther: func(t *testing.T) optgate.Store { return open(t, t.TempDir()) },
		}
	})
}

// open opens a store that the caller closes.
func open(t testing.TB, dir string) *sqlitestore.Store {
	t.Helper()
	s, err := sqlitestore.Open(t.Context(), dir, sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
