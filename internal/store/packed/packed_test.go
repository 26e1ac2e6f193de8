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

// vectors are records as they lie in stores. They are only ever added to: what
// an earlier Optgate wrote is read for ever.
var vectors = []struct {
	name   string
	record optgate.Record
	hex    string
}{
	{
		"three standard categories",
		optgate.Record{
			ID: "01ARZ3NDEKTSV4RRFFQ69G5FAV", Site: "shop", Visitor: "01BX5ZZKBKACTAV9WEVGEMMVRZ", Revision: 7, Language: "de",
			Action: optgate.Save, Source: "banner", At: time.UnixMilli(1773051072345).UTC(),
			Choices: optgate.Choices{optgate.Functional: true, optgate.Analytics: false, optgate.Marketing: false},
		},
		"01563e3ab5d3d6764c61efb99302bd5b015f4bffcd735334ada78edc1d4a6f1f0103030605080107b2bda2a19a67026465",
	},
	{
		"own words everywhere, before 1970",
		optgate.Record{
			ID: "00000000000000000000000000", Site: "shop", Visitor: "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", Revision: 1 << 40, Language: "zh-Hant-TW",
			Action: "later", Source: "kiosk", At: time.UnixMilli(-1).UTC(),
			Choices: optgate.Choices{"videos": true, optgate.Essential: true},
		},
		"00000000000000000000000000000000ffffffffffffffffffffffffffffffff0100056c6174657202030106766964656f7300056b696f736b808080808020010a7a682d48616e742d5457",
	},
	{
		"no choices",
		optgate.Record{
			ID: "01ARZ3NDEKTSV4RRFFQ69G5FAV", Site: "shop", Visitor: "01BX5ZZKBKACTAV9WEVGEMMVRZ", Revision: 1, Language: "en",
			Action: optgate.Withdraw, Source: "import", At: time.UnixMilli(0).UTC(), Choices: optgate.Choices{},
		},
		"01563e3ab5d3d6764c61efb99302bd5b015f4bffcd735334ada78edc1d4a6f1f01040007010002656e",
	},
	{
		"a panel that is known",
		optgate.Record{
			ID: "01ARZ3NDEKTSV4RRFFQ69G5FAV", Site: "shop", Visitor: "01BX5ZZKBKACTAV9WEVGEMMVRZ", Revision: 7, Language: "de",
			Action: optgate.Save, Source: "banner", At: time.UnixMilli(1773051072345).UTC(),
			Choices: optgate.Choices{optgate.Functional: true, optgate.Analytics: false, optgate.Marketing: false},
			Panel:   "00112233445566778899aabbccddeeff",
		},
		"01563e3ab5d3d6764c61efb99302bd5b015f4bffcd735334ada78edc1d4a6f1f0203030605080107b2bda2a19a670264650000112233445566778899aabbccddeeff",
	},
	{
		"a panel of another form",
		optgate.Record{
			ID: "01ARZ3NDEKTSV4RRFFQ69G5FAV", Site: "shop", Visitor: "01BX5ZZKBKACTAV9WEVGEMMVRZ", Revision: 1, Language: "en",
			Action: optgate.Withdraw, Source: "import", At: time.UnixMilli(0).UTC(), Choices: optgate.Choices{}, Panel: "00FF",
		},
		"01563e3ab5d3d6764c61efb99302bd5b015f4bffcd735334ada78edc1d4a6f1f02040007010002656e0430304646",
	},
}

// pack returns a record's bytes.
func pack(t *testing.T, r optgate.Record) []byte {
	t.Helper()
	id, err := packed.ParseID("id", r.ID)
	if err != nil {
		t.Fatal(err)
	}
	visitor, err := packed.ParseID("visitor", r.Visitor)
	if err != nil {
		t.Fatal(err)
	}
	return packed.Record(&r, visitor, id)
}

func TestVectors(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			if got := hex.EncodeToString(pack(t, v.record)); got != v.hex {
				t.Errorf("Record = %s, want %s", got, v.hex)
			}
			raw, err := hex.DecodeString(v.hex)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := packed.ParseRecord("shop", raw); err != nil || !reflect.DeepEqual(got, v.record) {
				t.Errorf("ParseRecord = %+v, %v; want %+v", got, err, v.record)
			}
		})
	}
	if n := len(pack(t, vectors[0].record)); n != 49 {
		t.Errorf("a record of three categories takes %d bytes, want 49", n)
	}
}

func TestDamaged(t *testing.T) {
	whole := pack(t, vectors[0].record)
	for n := range whole {
		if _, err := packed.ParseRecord("shop", whole[:n]); !errors.Is(err, packed.ErrDamaged) {
			t.Errorf("ParseRecord of the first %d bytes = %v, want ErrDamaged", n, err)
		}
	}
	for shown, n := pack(t, vectors[3].record), len(whole); n < len(shown); n++ {
		if _, err := packed.ParseRecord("shop", shown[:n]); !errors.Is(err, packed.ErrDamaged) {
			t.Errorf("ParseRecord of the first %d bytes of a record with a panel = %v, want ErrDamaged", n, err)
		}
	}
	for name, b := range map[string][]byte{
		"a byte too many": append(whole[:len(whole):len(whole)], 0),
		"another version": append(append(whole[:32:32], 3), whole[33:]...),
		"no panel":        append(append(whole[:32:32], 2), whole[33:]...),
	} {
		if _, err := packed.ParseRecord("shop", b); !errors.Is(err, packed.ErrDamaged) {
			t.Errorf("ParseRecord of %s = %v, want ErrDamaged", name, err)
		}
	}
}

func TestEqualAnswersHaveEqualBytes(t *testing.T) {
	choices := func(ids ...optgate.CategoryID) optgate.Choices {
		c := optgate.Choices{}
		for i, id := range ids {
			c[id] = i%2 == 0
		}
		return c
	}
	one := packed.AppendAnswer(nil, optgate.Save, choices("a", "marketing", "b", "c", "analytics"))
	for range 20 {
		if two := packed.AppendAnswer(nil, optgate.Save, choices("a", "marketing", "b", "c", "analytics")); string(one) != string(two) {
			t.Fatalf("AppendAnswer = %x and %x for one answer", one, two)
		}
	}
}

// FuzzParseRecord: whatever bytes a store holds, reading them is an error or a
// record that is written and read as itself.
func FuzzParseRecord(f *testing.F) {
	for _, v := range vectors {
		raw, err := hex.DecodeString(v.hex)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := packed.ParseRecord("shop", b)
		if err != nil {
			if !errors.Is(err, packed.ErrDamaged) {
				t.Fatalf("ParseRecord = %v, want ErrDamaged", err)
			}
			return
		}
		again, err := packed.ParseRecord("shop", pack(t, r))
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("%+v was written and read as %+v, %v", r, again, err)
		}
	})
}

// FuzzParseCursor: a cursor that was not given out is refused, and no two
// cursors mean one place.
func FuzzParseCursor(f *testing.F) {
	f.Add(packed.Cursor("kind", "shop", []byte("12345678")))
	f.Add("")
	f.Add("AAAA\n")
	f.Fuzz(func(t *testing.T, s string) {
		place, err := packed.ParseCursor("kind", "shop", s, 8)
		if bad := (*optgate.InvalidError)(nil); err != nil && (!errors.As(err, &bad) || bad.Field != "cursor") {
			t.Fatalf("ParseCursor = %v, want an InvalidError of field cursor", err)
		}
		if err == nil && packed.Cursor("kind", "shop", place) != s {
			t.Errorf("%q is read as the place of %q", s, packed.Cursor("kind", "shop", place))
		}
	})
}

// FuzzParseDays: whatever bytes a store holds, reading them is an error or counts
// that are written and read as themselves.
func FuzzParseDays(f *testing.F) {
	var tally packed.Tally
	r := optgate.Record{Action: optgate.Save, Source: "own", Language: "zh-Hant-TW", Revision: 300, Choices: optgate.Choices{"own_one": true, optgate.Analytics: false}}
	for _, day := range []string{"1969-12-30", "2026-02-28", "2026-03-01"} {
		if err := tally.Add(day, packed.AppendCountKey(nil, &r), 1000); err != nil {
			f.Fatal(err)
		}
	}
	if err := tally.Add("2026-03-01", packed.AppendAnswer(nil, optgate.RejectAll, nil), 3); err != nil {
		f.Fatal(err)
	}
	text, err := packed.AppendDays(nil, tally.Days())
	if err != nil {
		f.Fatal(err)
	}
	if days, err := packed.ParseDays(text); err != nil || !reflect.DeepEqual(days, tally.Days()) {
		f.Fatalf("%+v was written and read as %+v, %v", tally.Days(), days, err)
	}
	f.Add(text)
	f.Add([]byte{1, 255, 255, 255, 255, 15})
	f.Fuzz(func(t *testing.T, b []byte) {
		days, err := packed.ParseDays(b)
		if err != nil {
			if !errors.Is(err, packed.ErrDamaged) {
				t.Fatalf("ParseDays = %v, want ErrDamaged", err)
			}
			return
		}
		text, err := packed.AppendDays(nil, days)
		if err != nil {
			t.Fatalf("AppendDays(%+v): %v", days, err)
		}
		if again, err := packed.ParseDays(text); err != nil || !reflect.DeepEqual(again, days) {
			t.Errorf("%+v was written and read as %+v, %v", days, again, err)
		}
	})
}
