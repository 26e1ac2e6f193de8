package faultstore_test

import (
	"errors"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/faultstore"
	"github.com/optgate/optgate/internal/store/sqlitestore"
	"github.com/optgate/optgate/internal/store/storetest"
)

// TestConformance shows that without faults nothing is changed, and that every
// method reaches its namesake.
func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Backend {
		dir := t.TempDir()
		return storetest.Backend{
			Name: "faultstore without faults",
			Open: func(t *testing.T) optgate.Store {
				return &faultstore.Store{Inner: open(t, dir), Fault: func(string) (bool, error) { return false, nil }}
			},
			OpenOther: func(t *testing.T) optgate.Store { return open(t, t.TempDir()) },
		}
	})
}

func TestFault(t *testing.T) {
	broken := errors.New("broken")
	for name, apply := range map[string]bool{"not applied": false, "applied, answer lost": true} {
		t.Run(name, func(t *testing.T) {
			inner := open(t, t.TempDir())
			defer inner.Close()
			var ops []string
			s := &faultstore.Store{Inner: inner, Fault: func(op string) (bool, error) {
				ops = append(ops, op)
				return apply, broken
			}}
			r := optgate.Record{
				ID: ulid.Make().String(), Site: "shop", Visitor: ulid.Make().String(), Revision: 1, Language: "en",
				Action: optgate.RejectAll, Source: "banner", Choices: optgate.Choices{}, At: time.UnixMilli(1),
			}
			stored, created, err := s.Append(t.Context(), r)
			if !errors.Is(err, broken) || created || stored.Record != nil {
				t.Errorf("Append = %+v, %t, %v; want nothing but the fault", stored, created, err)
			}
			if err := s.SwapKeys(t.Context(), nil, []byte("ring")); !errors.Is(err, broken) {
				t.Errorf("SwapKeys = %v, want the fault", err)
			}
			if len(ops) != 2 || ops[0] != "Append" || ops[1] != "SwapKeys" {
				t.Errorf("Fault was asked about %v, want Append and SwapKeys", ops)
			}
			all, err := inner.Records(t.Context(), "shop", r.Visitor)
			if err != nil || (len(all) == 1) != apply {
				t.Errorf("the store holds %d records, %v; want them applied: %t", len(all), err, apply)
			}
			if _, err := inner.Keys(t.Context()); (err == nil) != apply {
				t.Errorf("Keys = %v; want them applied: %t", err, apply)
			}
		})
	}
}

func open(t *testing.T, dir string) *sqlitestore.Store {
	t.Helper()
	s, err := sqlitestore.Open(t.Context(), dir, sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
