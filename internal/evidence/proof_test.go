package evidence_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/evidence"
	"github.com/optgate/optgate/internal/optgate"
)

// tampered is a ledger of which somebody changed one entry.
type tampered struct {
	optgate.Ledger
	seq    uint64
	change func(*optgate.Entry)
	gone   bool
}

func (l tampered) EntryAt(ctx context.Context, p optgate.Place) (optgate.Entry, error) {
	e, err := l.Ledger.EntryAt(ctx, p)
	if p.Seq != l.seq || err != nil {
		return e, err
	}
	if l.gone {
		return optgate.Entry{}, optgate.ErrNotFound
	}
	l.change(&e)
	return e, nil
}

func TestProve(t *testing.T) {
	w := newWorld(t)
	visitor := ulid.Make().String()
	var all []optgate.Entry
	for range 4 {
		all = append(all, w.decide(visitor, optgate.Save, "banner"))
	}
	second := evidence.Evidence{Site: "shop", Entry: all[1]}
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	signs := func(h optgate.Head) evidence.Signed { return evidence.Signed{At: at, Heads: []optgate.Head{h}} }
	otherHead := all[3].Link
	otherHead.Chain[0]++
	farHead := all[3].Link
	farHead.Seq = 1000
	later := all[3].Link
	later.Seq = 9
	edited := all[1]
	record := *edited.Record
	record.Language = "de"
	edited.Record = &record
	newHash := all[1]
	newHash.Chain[0]++
	other := func(e *optgate.Entry) { e.Leaf[0]++ }
	for _, tt := range []struct {
		name   string
		e      evidence.Evidence
		ledger optgate.Ledger
		signed evidence.Signed
		want   string // what is said, or what is wrong
		holds  bool
	}{
		{"between its neighbours", second, w.store, evidence.Signed{}, "No checkpoint has signed it yet.", true},
		{"signed behind it", second, w.store, signs(all[3].Link), "covers it", true},
		{"signed itself", second, w.store, signs(all[1].Link), "covers it", true},
		{"signed before it", second, w.store, signs(all[0].Link), "No checkpoint has signed it yet.", true},
		{"signed far behind it", second, w.store, signs(farHead), "optgate verify checks what is between", true},
		{"the newest", evidence.Evidence{Site: "shop", Entry: all[3]}, w.store, signs(all[3].Link), "It is the newest of its partition.", true},
		{"the first", evidence.Evidence{Site: "shop", Entry: all[0]}, w.store, evidence.Signed{}, "It is the first entry of its partition.", true},
		{"an edited record", evidence.Evidence{Site: "shop", Entry: edited}, w.store, evidence.Signed{}, "is not what was recorded", false},
		{"another hash", evidence.Evidence{Site: "shop", Entry: newHash}, w.store, evidence.Signed{}, "It does not follow the entry before it", false},
		{"the one before is gone", second, tampered{Ledger: w.store, seq: 1, gone: true}, evidence.Signed{}, "The entry before it is missing.", false},
		{"the one behind is another", second, tampered{Ledger: w.store, seq: 3, change: other}, evidence.Signed{}, "Entry 3 does not follow", false},
		{"one before the signed is another", second, tampered{Ledger: w.store, seq: 4, change: other}, signs(all[3].Link), "Entry 4 does not follow", false},
		{"another was signed", second, w.store, signs(otherHead), "signed another entry 4", false},
		{"the end was cut off", second, w.store, signs(later), "the end was cut off", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sources := w.sources
			sources.Ledger = tt.ledger
			p, err := sources.Prove(t.Context(), &tt.e, tt.signed)
			if err != nil {
				t.Fatal(err)
			}
			if said := strings.Join(append(p.Says, p.Fault), " "); p.Holds() != tt.holds || !strings.Contains(said, tt.want) {
				t.Errorf("got that it holds: %t, %q; want %t and %q", p.Holds(), said, tt.holds, tt.want)
			}
		})
	}
}
