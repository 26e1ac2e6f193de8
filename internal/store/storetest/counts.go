package storetest

import (
	"reflect"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

var countsTests = map[string]func(*testing.T, Backend){
	"CountsOfLongPeriods": testCountsOfLongPeriods,
	"CountsWhileImported": testCountsWhileImported,
	"CountsOfTwoStores":   testCountsOfTwoStores,
}

// longDays is a period that no store reads day by day.
const longDays = 100

// decided returns a record of so many days ago by the machine's clock, which is
// the one that tells a store which days are over.
func decided(visitor string, daysAgo int) optgate.Record {
	r := newRecord("shop", visitor)
	r.At = time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -daysAgo)
	if daysAgo%2 == 0 {
		r.Source, r.Language, r.Revision, r.Action = "api", "zh-Hant-TW", 300, optgate.Withdraw
		r.Choices = optgate.Choices{optgate.Functional: false, "own_one": true}
	}
	return r
}

// checkLong checks that long periods have the counts that their days have one by
// one, and so many decisions.
func checkLong(t *testing.T, what string, s optgate.Ledger, decisions int) {
	t.Helper()
	to := time.Now()
	for _, days := range []int{longDays, longDays, 40} {
		from := to.AddDate(0, 0, -days)
		got, err := s.Counts(t.Context(), "shop", from, to.AddDate(0, 0, 3))
		if err != nil {
			t.Fatalf("%s: Counts: %v", what, err)
		}
		want := []optgate.DayCount{}
		n := 0
		for day := from; !day.After(to.AddDate(0, 0, 3)); day = day.AddDate(0, 0, 1) {
			one, err := s.Counts(t.Context(), "shop", day, day)
			if err != nil {
				t.Fatalf("%s: Counts of a day: %v", what, err)
			}
			want = append(want, one...)
			for _, d := range one {
				for _, of := range d.Actions {
					n += of
				}
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: Counts of %d days = %+v, want those of its days, %+v", what, days, got, want)
		}
		if days == longDays && n != decisions {
			t.Errorf("%s: %d decisions, want %d", what, n, decisions)
		}
	}
}

func testCountsOfLongPeriods(t *testing.T, b Backend) {
	s := b.open(t)
	checkLong(t, "of nothing", s, 0)
	who := visitors(t, 3)
	n := 0
	add := func(visitor string, daysAgo int) {
		mustAppend(t, s, decided(visitor, daysAgo))
		n++
	}
	for ago := longDays; ago > 0; ago -= 3 {
		add(who[ago%3], ago)
		add(newULID(), ago)
	}
	checkLong(t, "at first", s, n)
	add(who[0], 0)
	add(who[1], -1)
	checkLong(t, "with one of today, and one of a clock that is a day ahead", s, n)
	add(who[0], 50)
	checkLong(t, "with a late one in a partition", s, n)
	add(newULID(), 90)
	checkLong(t, "with a late one in any", s, n)
	erase(t, s, "shop", who[0])
	checkLong(t, "after an erasure", s, n)
	add(who[2], 51)
	checkLong(t, "with a late one after an erasure", s, n)
	add(who[1], -3)
	checkLong(t, "with one of a clock that is three days ahead", s, n)
	add(who[2], 52)
	checkLong(t, "with a late one after that", s, n)
	expired, _, err := s.Expire(t.Context(), optgate.ExpireRequest{Site: "shop", Before: time.Now().AddDate(0, 0, -60), At: time.Now(), Limit: 1000})
	if err != nil || expired == 0 {
		t.Fatalf("Expire = %d, %v; want some", expired, err)
	}
	checkLong(t, "after an expiry", s, n)
}

func testCountsWhileImported(t *testing.T, b Backend) {
	s, copied := b.open(t), b.elsewhere(t)
	who := visitors(t, 3)
	for ago := longDays; ago >= 0; ago -= 2 {
		mustAppend(t, s, decided(who[ago%3], ago))
	}
	entries := all(t, s, "shop", 1000)
	for i, e := range entries {
		if _, err := copied.Restore(t.Context(), "shop", []optgate.Entry{e}); err != nil {
			t.Fatalf("Restore: %v", err)
		}
		if i%10 == 0 {
			checkLong(t, "within an import", copied, i+1)
		}
	}
	erase(t, s, "shop", who[0])
	entries = all(t, s, "shop", 1000)[len(entries):]
	if len(entries) != 1 || entries[0].Erasure == nil {
		t.Fatalf("an erasure left %+v, want its note", entries)
	}
	if _, err := copied.Restore(t.Context(), "shop", entries); err != nil {
		t.Fatalf("Restore of a note: %v", err)
	}
	mustAppend(t, copied, decided(newULID(), 30))
	checkLong(t, "of what was imported with a note", copied, longDays/2+2)
}

// Two stores that sum at once, while others record for days that are over, come
// to the same.
func testCountsOfTwoStores(t *testing.T, b Backend) {
	stores := []optgate.Store{b.open(t), b.open(t)}
	for ago := longDays; ago > 0; ago -= 10 {
		mustAppend(t, stores[0], decided(newULID(), ago))
	}
	for round := range 5 {
		for _, err := range concurrently(4, func(i int) error {
			s := stores[i%2]
			if i > 1 {
				_, _, err := s.Append(t.Context(), decided(newULID(), 20+round+i))
				return err
			}
			_, err := s.Counts(t.Context(), "shop", time.Now().AddDate(0, 0, -longDays), time.Now())
			return err
		}) {
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range stores {
			checkLong(t, "after all at once", s, longDays/10+2*(round+1))
		}
	}
}
