package packed_test

import (
	"encoding/hex"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// chain is the chain hash of all entries here.
var chain = optgate.Genesis("shop", 23).Chain

// entryPlace is where they lie.
var entryPlace = optgate.Place{Site: "shop", Partition: 23, Seq: 5}

// entries are entries as they lie in stores, behind their chain hash. They are
// only ever added to.
var entries = []struct {
	name  string
	entry optgate.Entry
	hex   string
}{
	{"record", optgate.Entry{Record: &vectors[0].record}, "010103030605080107b2bda2a19a67026465"},
	{"tombstone", optgate.Entry{Leaf: optgate.Digest{0: 0xab, 31: 0xcd}}, "02ab000000000000000000000000000000000000000000000000000000000000cd"},
	{
		"erasure", optgate.Entry{Erasure: &optgate.Erasure{
			Site: "shop", Partition: 23, Seqs: []uint64{1, 3, 300}, Reason: optgate.ErasedByRetention, At: time.UnixMilli(1773051072345).UTC(),
		}}, "0303b2bda2a19a67030102a902",
	},
}

// ids are those of the first vector: visitor and record.
func ids(t testing.TB) []byte {
	t.Helper()
	raw, err := hex.DecodeString(vectors[0].hex)
	if err != nil {
		t.Fatal(err)
	}
	return append(raw[16:32:32], raw[:16]...)
}

func TestEntries(t *testing.T) {
	for _, c := range entries {
		t.Run(c.name, func(t *testing.T) {
			content := packed.AppendContent(nil, &c.entry)
			if got := hex.EncodeToString(content); got != c.hex {
				t.Errorf("AppendContent = %s, want %s", got, c.hex)
			}
			want := c.entry
			want.Link = optgate.Link{Partition: 23, Seq: 5, Chain: chain}
			switch {
			case want.Record != nil:
				want.Leaf = want.Record.Leaf()
			case want.Erasure != nil:
				want.Leaf = want.Erasure.Leaf()
			}
			whole := append(chain[:], content...)
			got, err := packed.ParseEntry(entryPlace, whole, ids(t))
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("ParseEntry = %+v, %v; want %+v", got, err, want)
			}
			for n := range whole {
				if _, err := packed.ParseEntry(entryPlace, whole[:n], ids(t)); !errors.Is(err, packed.ErrDamaged) {
					t.Errorf("ParseEntry of the first %d bytes = %v, want ErrDamaged", n, err)
				}
			}
		})
	}
}

// FuzzParseEntry: whatever bytes a store holds, reading them is an error or an
// entry that is written and read as itself.
func FuzzParseEntry(f *testing.F) {
	for _, c := range entries {
		raw, err := hex.DecodeString(c.hex)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append(chain[:], raw...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := packed.ParseEntry(entryPlace, b, ids(t))
		if err != nil {
			if !errors.Is(err, packed.ErrDamaged) {
				t.Fatalf("ParseEntry = %v, want ErrDamaged", err)
			}
			return
		}
		again, err := packed.ParseEntry(entryPlace, packed.AppendContent(e.Chain[:], &e), ids(t))
		if err != nil || !reflect.DeepEqual(again, e) {
			t.Errorf("%+v was written and read as %+v, %v", e, again, err)
		}
	})
}

// TestTallyReadsBothKeys: what was counted before source, language and revision
// were is counted on.
func TestTallyReadsBothKeys(t *testing.T) {
	r := vectors[0].record
	var tally packed.Tally
	for _, key := range [][]byte{packed.AppendAnswer(nil, r.Action, r.Choices), packed.AppendCountKey(nil, &r)} {
		if err := tally.Add("2026-03-09", key, 2); err != nil {
			t.Fatal(err)
		}
	}
	want := []optgate.DayCount{{
		Day: "2026-03-09", Actions: map[optgate.Action]int{optgate.Save: 4},
		Yes: map[optgate.CategoryID]int{optgate.Functional: 4}, No: map[optgate.CategoryID]int{optgate.Analytics: 4, optgate.Marketing: 4},
		Sources: map[string]int{"banner": 2}, Languages: map[string]int{"de": 2}, Revisions: map[int]int{7: 2},
		BySource: map[string]optgate.Answers{"banner": {Yes: 2, No: 4}}, ByLanguage: map[string]optgate.Answers{"de": {Yes: 2, No: 4}},
	}}
	if got := tally.Days(); !reflect.DeepEqual(got, want) {
		t.Errorf("Days = %+v, want %+v", got, want)
	}
	key := packed.AppendCountKey(nil, &r)
	for n := 1; n < len(key); n++ {
		if err := tally.Add("2026-03-09", key[:n], 1); !errors.Is(err, packed.ErrDamaged) {
			t.Errorf("Add of the first %d bytes of a key = %v, want ErrDamaged", n, err)
		}
	}
	if err := tally.Add("2026-03-09", nil, 1); !errors.Is(err, packed.ErrDamaged) {
		t.Errorf("Add of no key = %v, want ErrDamaged", err)
	}
}
