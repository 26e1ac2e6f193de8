package redisstore_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/redisstore"
	"github.com/optgate/optgate/internal/testkit/redistest"
)

// A year of counts: once it has been read, it is read in few steps, whatever
// happened to what is kept of it.
func TestSumsOfDays(t *testing.T) {
	server := redistest.Start(t)
	rdb := client(t, server)
	hook := &counter{}
	s := open(t, server.URL(), redisstore.Options{Hook: hook})
	defer s.Close()
	today := time.Now().UTC().Truncate(24 * time.Hour)
	from := today.AddDate(-1, 0, 0)
	for ago := 365; ago >= 0; ago -= 5 {
		r := benchRecord()
		r.At = today.AddDate(0, 0, -ago)
		mustAppend(t, s, r)
	}
	const sums = "og:{sums:shop}"
	const readAnew, readKept = 30, 4 // round trips, those of new connections among them
	var want []optgate.DayCount
	look := func(what string, atMost int32) {
		t.Helper()
		hook.trips.Store(0)
		got, err := s.Counts(t.Context(), "shop", from, today)
		if err != nil {
			t.Fatalf("%s: Counts: %v", what, err)
		}
		if trips := hook.trips.Load(); trips > atMost {
			t.Errorf("%s: %d round trips, want at most %d", what, trips, atMost)
		}
		if want == nil {
			want = got
		}
		if len(got) != 74 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: Counts = %+v, want %+v", what, got, want)
		}
	}
	look("at first", readAnew)
	look("once more", readKept)
	for _, c := range []struct {
		name string
		harm func() error
	}{
		{"all is gone", func() error { return rdb.Del(t.Context(), sums).Err() }},
		{"a month is gone", func() error { return rdb.HDel(t.Context(), sums, today.AddDate(0, -3, 0).Format("2006-01")).Err() }},
		{"a month is damaged", func() error {
			return rdb.HSet(t.Context(), sums, today.AddDate(0, -3, 0).Format("2006-01"), "\x01\xff\xff\xff\xff\x0f").Err()
		}},
		{"the head is damaged", func() error { return rdb.HSet(t.Context(), sums, "head", "\x01\x02").Err() }},
		{"another version's head", func() error { return rdb.HSet(t.Context(), sums, "head", "\x02\x02").Err() }},
		{"a short period was read alone", func() error {
			return s.SumUpTo(t.Context(), "shop", today.AddDate(0, 0, -40), today.AddDate(0, 0, -2), today)
		}},
		{"nobody looked for long", func() error { return s.SumUpTo(t.Context(), "shop", from, today.AddDate(0, 0, -100), today) }},
	} {
		if err := c.harm(); err != nil {
			t.Fatal(err)
		}
		look(c.name, readAnew)
		look(c.name+", once more", readKept)
	}
	for _, ago := range []int{3, 10, 33} {
		if err := s.SumUpTo(t.Context(), "shop", from, today.AddDate(0, 0, -ago), today); err != nil {
			t.Fatal(err)
		}
		look("some days are over since", readKept)
		look("once more", readKept)
	}
	if err := s.SumUpTo(t.Context(), "shop", from, today.AddDate(0, 0, 300), today); err != nil {
		t.Fatal(err)
	}
	look("a clock was ahead and is not any more", readKept)
	r := benchRecord()
	r.At = today
	mustAppend(t, s, r)
	want = nil
	look("and somebody decides", readAnew)
	if n := want[len(want)-1].Actions[r.Action]; n != 2 {
		t.Errorf("%d decisions of today, want 2", n)
	}
	look("once more", readKept)
	if n, err := s.Erase(t.Context(), optgate.EraseRequest{Site: r.Site, Visitor: r.Visitor, Reason: optgate.ErasedByVisitor, At: today}); n != 1 || err != nil {
		t.Fatalf("Erase = %d, %v", n, err)
	}
	look("and is erased", readKept)
}

func mustAppend(t *testing.T, s *redisstore.Store, r optgate.Record) {
	t.Helper()
	if _, _, err := s.Append(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}
