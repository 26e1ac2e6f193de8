package storetest

import (
	"errors"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

var ledgerTests = map[string]func(*testing.T, Backend){
	"Append":                testAppend,
	"AppendRetry":           testAppendRetry,
	"AppendConflict":        testAppendConflict,
	"AppendSameIDElsewhere": testAppendSameIDElsewhere,
	"AppendManyAtOnce":      testAppendManyAtOnce,
	"AppendOneManyTimes":    testAppendOneManyTimes,
	"AppendBadID":           testAppendBadID,
	"AppendTwoStores":       testAppendTwoStores,
	"Erase":                 testErase,
	"Counts":                testCounts,
}

func testAppend(t *testing.T, b Backend) {
	s := b.open(t)
	visitor := newULID()
	first := newRecord("shop", visitor)
	second := newRecord("shop", visitor)
	second.Action, second.Source, second.Language, second.Revision = optgate.Withdraw, "preferences", "zh-Hant-TW", 123456
	second.Choices = optgate.Choices{optgate.Functional: false, "own_category-of-the-site": false}
	second.At = start.Add(-time.Hour) // the clock was set back: order is the store's, not the clock's
	third := newRecord("shop", visitor)
	third.Choices = optgate.Choices{}
	third.At = start.Add(time.Nanosecond)
	for i, r := range []optgate.Record{first, second, third} {
		stored, created, err := s.Append(t.Context(), r)
		if err != nil || !created || !stored.Record.SameAnswer(&r) {
			t.Fatalf("Append = %+v, created %t, %v; want %+v, true, nil", stored, created, err, r)
		}
		if got, err := s.Current(t.Context(), "shop", visitor); err != nil || got.Record.ID != r.ID {
			t.Errorf("Current after %d = %v, %v; want %s", i+1, got.Record, err, r.ID)
		}
	}
	third.At = start // whole milliseconds
	got, err := s.Records(t.Context(), "shop", visitor)
	if err != nil {
		t.Fatalf("Records: %v", err)
	}
	checkRecords(t, "Records", got, []optgate.Record{first, second, third})
	if reopened, err := b.open(t).Records(t.Context(), "shop", visitor); err != nil || !reflect.DeepEqual(reopened, got) {
		t.Errorf("Records of another store on the data = %+v, %v; want %+v", reopened, err, got)
	}

	for _, stranger := range []string{newULID(), "", "nobody"} {
		if _, err := s.Current(t.Context(), "shop", stranger); !errors.Is(err, optgate.ErrNotFound) {
			t.Errorf("Current(%q) = %v, want ErrNotFound", stranger, err)
		}
		if got, err := s.Records(t.Context(), "shop", stranger); err != nil || len(got) != 0 {
			t.Errorf("Records(%q) = %v, %v; want none", stranger, got, err)
		}
	}
	if _, err := s.Current(t.Context(), "forum", visitor); !errors.Is(err, optgate.ErrNotFound) {
		t.Errorf("Current on another site = %v, want ErrNotFound", err)
	}
}

func testAppendRetry(t *testing.T, b Backend) {
	s := b.open(t)
	first := newRecord("shop", newULID())
	newer := newRecord("shop", first.Visitor)
	mustAppend(t, s, first, newer)
	retry := first
	retry.At = first.At.Add(25 * time.Hour)
	for range 2 {
		stored, created, err := s.Append(t.Context(), retry)
		if err != nil || created {
			t.Fatalf("Append again = created %t, %v; want false, nil", created, err)
		}
		checkRecords(t, "Append again", []optgate.Entry{stored}, []optgate.Record{first})
	}
	checkRecords(t, "Scan", all(t, s, "shop", 10), []optgate.Record{first, newer})
	if got, err := s.Current(t.Context(), "shop", first.Visitor); err != nil || got.Record.ID != newer.ID {
		t.Errorf("Current = %v, %v; want %s, the newest of those appended", got.Record, err, newer.ID)
	}
	counts, err := s.Counts(t.Context(), "shop", start, retry.At)
	if err != nil || len(counts) != 1 || counts[0].Actions[optgate.Save] != 2 {
		t.Errorf("Counts = %+v, %v; want 2 decisions on the first day only", counts, err)
	}
}

func testAppendConflict(t *testing.T, b Backend) {
	s := b.open(t)
	first := newRecord("shop", newULID())
	mustAppend(t, s, first)
	for name, change := range map[string]func(r *optgate.Record){
		"revision": func(r *optgate.Record) { r.Revision++ },
		"language": func(r *optgate.Record) { r.Language = "en" },
		"action":   func(r *optgate.Record) { r.Action = optgate.RejectAll },
		"source":   func(r *optgate.Record) { r.Source = "api" },
		"choice":   func(r *optgate.Record) { r.Choices = optgate.Choices{optgate.Functional: true} },
	} {
		other := first
		change(&other)
		if _, created, err := s.Append(t.Context(), other); !errors.Is(err, optgate.ErrConflict) || created {
			t.Errorf("Append with another %s = created %t, %v; want ErrConflict", name, created, err)
		}
	}
	checkRecords(t, "Scan", all(t, s, "shop", 10), []optgate.Record{first})
}

func testAppendSameIDElsewhere(t *testing.T, b Backend) {
	s := b.open(t)
	first := newRecord("shop", newULID())
	otherVisitor, otherSite := first, first
	otherVisitor.Visitor = newULID()
	otherSite.Site = "forum"
	mustAppend(t, s, first, otherVisitor, otherSite)
	checkRecords(t, "Scan", all(t, s, "shop", 10), []optgate.Record{first, otherVisitor})
	checkRecords(t, "Scan", all(t, s, "forum", 10), []optgate.Record{otherSite})
}

func testAppendManyAtOnce(t *testing.T, b Backend) {
	const writers, each = 64, 10
	s := b.open(t)
	var mine [writers][]optgate.Record
	for i := range mine {
		visitor := newULID()
		for range each {
			mine[i] = append(mine[i], newRecord(site(i%3), visitor))
		}
	}
	for i, err := range concurrently(writers, func(i int) error {
		for _, r := range mine[i] {
			if _, created, err := s.Append(t.Context(), r); err != nil {
				return err
			} else if !created {
				return errors.New("was not created")
			}
		}
		return nil
	}) {
		if err != nil {
			t.Errorf("writer %d: %v", i, err)
		}
	}
	total := 0
	for i := range 3 {
		total += len(all(t, s, site(i), 50))
	}
	if total != writers*each {
		t.Errorf("Scan met %d records, want %d", total, writers*each)
	}
	for i := range mine {
		got, err := s.Records(t.Context(), site(i%3), mine[i][0].Visitor)
		if err != nil {
			t.Fatalf("Records: %v", err)
		}
		checkRecords(t, "Records", got, mine[i])
	}
}

func testAppendOneManyTimes(t *testing.T, b Backend) {
	stores := []optgate.Store{b.open(t), b.open(t)}
	r := newRecord("shop", newULID())
	other := r
	other.Action = optgate.AcceptAll
	var created, conflicts atomic.Int32
	for _, err := range concurrently(32, func(i int) error {
		mine := r
		if i%4 == 0 {
			mine = other
		}
		_, isNew, err := stores[i%2].Append(t.Context(), mine)
		if isNew {
			created.Add(1)
		}
		if errors.Is(err, optgate.ErrConflict) {
			conflicts.Add(1)
			return nil
		}
		return err
	}) {
		if err != nil {
			t.Errorf("Append: %v", err)
		}
	}
	if n := created.Load(); n != 1 {
		t.Errorf("%d callers were told that the record is new, want 1", n)
	}
	if n := conflicts.Load(); n != 8 && n != 24 {
		t.Errorf("%d callers were told of a conflict, want all those with the answer that lost: 8 or 24", n)
	}
	if n := len(all(t, stores[0], "shop", 10)); n != 1 {
		t.Errorf("the ledger holds %d records, want 1", n)
	}
}

func testAppendBadID(t *testing.T, b Backend) {
	s := b.open(t)
	for field, change := range map[string]func(r *optgate.Record){
		"id":      func(r *optgate.Record) { r.ID = "01arz3ndektsv4rrffq69g5fav" },
		"visitor": func(r *optgate.Record) { r.Visitor = "somebody" },
	} {
		r := newRecord("shop", newULID())
		change(&r)
		_, _, err := s.Append(t.Context(), r)
		if bad := (*optgate.InvalidError)(nil); !errors.As(err, &bad) || bad.Field != field {
			t.Errorf("Append with a bad %s = %v, want an InvalidError of that field", field, err)
		}
	}
	if n := len(all(t, s, "shop", 10)); n != 0 {
		t.Errorf("the ledger holds %d records, want none", n)
	}
}

func testAppendTwoStores(t *testing.T, b Backend) {
	one, two := b.open(t), b.open(t)
	visitor := newULID()
	var want []optgate.Record
	for i := range 20 {
		r := newRecord("shop", visitor)
		mustAppend(t, []optgate.Store{one, two}[i%2], r)
		want = append(want, r)
	}
	for _, s := range []optgate.Store{one, two} {
		checkRecords(t, "Scan", all(t, s, "shop", 7), want)
	}
}

func testErase(t *testing.T, b Backend) {
	s := b.open(t)
	visitor, other := newULID(), newRecord("shop", newULID())
	first, second := newRecord("shop", visitor), newRecord("shop", visitor)
	elsewhere := newRecord("forum", visitor)
	mustAppend(t, s, first, other, second, elsewhere)
	for _, want := range []int{2, 0} {
		if n := erase(t, s, "shop", visitor); n != want {
			t.Fatalf("Erase = %d, want %d", n, want)
		}
	}
	for _, stranger := range []string{newULID(), "nobody"} {
		if n := erase(t, s, "shop", stranger); n != 0 {
			t.Errorf("Erase(%q) = %d, want 0", stranger, n)
		}
	}
	if _, err := s.Current(t.Context(), "shop", visitor); !errors.Is(err, optgate.ErrNotFound) {
		t.Errorf("Current = %v, want ErrNotFound", err)
	}
	checkRecords(t, "Scan", all(t, s, "shop", 10), []optgate.Record{other})
	checkRecords(t, "Scan of the other site", all(t, s, "forum", 10), []optgate.Record{elsewhere})
	counts, err := s.Counts(t.Context(), "shop", start, start)
	if err != nil || len(counts) != 1 || counts[0].Actions[optgate.Save] != 3 {
		t.Errorf("Counts = %+v, %v; want still 3 decisions", counts, err)
	}

	mustAppend(t, s, first)
	checkRecords(t, "Scan after the erased record came again", all(t, s, "shop", 10), []optgate.Record{other, first})
	if got, err := s.Current(t.Context(), "shop", visitor); err != nil || got.Record.ID != first.ID {
		t.Errorf("Current = %v, %v; want %s", got.Record, err, first.ID)
	}
}

func testCounts(t *testing.T, b Backend) {
	s := b.open(t)
	at := func(day, hour int, action optgate.Action, choices optgate.Choices) {
		r := newRecord("shop", newULID())
		r.At = time.Date(2026, 3, day, hour, 0, 0, 0, time.FixedZone("", -3*3600))
		r.Action, r.Choices = action, choices
		if action == optgate.RejectAll {
			r.Source, r.Language, r.Revision = "api", "en", 8
		}
		if _, created, err := s.Append(t.Context(), r); err != nil || !created {
			t.Fatalf("Append = created %t, %v", created, err)
		}
	}
	yes := optgate.Choices{optgate.Functional: true, "b": true}
	no := optgate.Choices{optgate.Functional: false, "b": false}
	at(1, 20, optgate.AcceptAll, yes)
	at(1, 20, optgate.AcceptAll, yes)
	at(1, 20, optgate.RejectAll, no)
	at(1, 22, optgate.Save, optgate.Choices{optgate.Functional: true, "b": false}) // the next day in UTC
	at(4, 0, optgate.Withdraw, no)
	mustAppend(t, s, newRecord("forum", newULID()))

	type actions = map[optgate.Action]int
	type ids = map[optgate.CategoryID]int
	type texts = map[string]int
	type numbers = map[int]int
	type answers = map[string]optgate.Answers
	days := []optgate.DayCount{
		{
			Day: "2026-03-01", Actions: actions{optgate.AcceptAll: 2, optgate.RejectAll: 1},
			Yes: ids{optgate.Functional: 2, "b": 2}, No: ids{optgate.Functional: 1, "b": 1},
			Sources: texts{"banner": 2, "api": 1}, Languages: texts{"de": 2, "en": 1}, Revisions: numbers{7: 2, 8: 1},
			BySource: answers{"banner": {Yes: 4}, "api": {No: 2}}, ByLanguage: answers{"de": {Yes: 4}, "en": {No: 2}},
		},
		{
			Day: "2026-03-02", Actions: actions{optgate.Save: 1}, Yes: ids{optgate.Functional: 1}, No: ids{"b": 1},
			Sources: texts{"banner": 1}, Languages: texts{"de": 1}, Revisions: numbers{7: 1},
			BySource: answers{"banner": {Yes: 1, No: 1}}, ByLanguage: answers{"de": {Yes: 1, No: 1}},
		},
		{
			Day: "2026-03-04", Actions: actions{optgate.Withdraw: 1}, Yes: ids{}, No: ids{optgate.Functional: 1, "b": 1},
			Sources: texts{"banner": 1}, Languages: texts{"de": 1}, Revisions: numbers{7: 1},
			BySource: answers{"banner": {No: 2}}, ByLanguage: answers{"de": {No: 2}},
		},
	}
	day := func(d, hour int) time.Time { return time.Date(2026, 3, d, hour, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		name     string
		site     optgate.SiteID
		from, to time.Time
		want     []optgate.DayCount
	}{
		{"all", "shop", day(1, 0), day(31, 0), days},
		{"whole days whatever the hour", "shop", day(1, 23), day(2, 0), days[:2]},
		{"one day", "shop", day(2, 5), day(2, 4), days[1:2]},
		{"a zone's day is the UTC day", "shop", time.Date(2026, 3, 1, 22, 0, 0, 0, time.FixedZone("", -3*3600)), day(2, 0), days[1:2]},
		{"a day without any", "shop", day(3, 0), day(3, 0), nil},
		{"backwards", "shop", day(4, 0), day(1, 0), nil},
		{"an unknown site", "blog", day(1, 0), day(31, 0), nil},
	} {
		got, err := s.Counts(t.Context(), c.site, c.from, c.to)
		if err != nil || len(got) != len(c.want) || len(got) > 0 && !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: Counts = %+v, %v; want %+v", c.name, got, err, c.want)
		}
	}
}
