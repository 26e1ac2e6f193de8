package storetest

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

var chainTests = map[string]func(*testing.T, Backend){
	"Links":              testLinks,
	"LinksManyStores":    testLinksManyStores,
	"EntryAt":            testEntryAt,
	"Find":               testFind,
	"EraseLeavesTraces":  testEraseLeavesTraces,
	"EraseWhileAppended": testEraseWhileAppended,
	"EraseBadReason":     testEraseBadReason,
	"Expire":             testExpire,
	"ExpireSetBack":      testExpireSetBack,
	"Answered":           testAnswered,
	"Restore":            testRestore,
	"RestoreRefuses":     testRestoreRefuses,
	"Checkpoints":        testCheckpoints,
}

// partition returns the partition of a visitor.
func partition(t *testing.T, visitor string) int {
	t.Helper()
	p, err := optgate.PartitionOf(visitor)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// visitors returns n new visitors of one partition.
func visitors(t *testing.T, n int) []string {
	t.Helper()
	first := newULID()
	found := []string{first}
	for len(found) < n {
		if v := newULID(); partition(t, v) == partition(t, first) {
			found = append(found, v)
		}
	}
	return found
}

// checkHeads checks that a store tells the last links of entries as heads.
func checkHeads(t *testing.T, s optgate.Ledger, site optgate.SiteID, entries []optgate.Entry) {
	t.Helper()
	last := map[int]optgate.Head{}
	for _, e := range entries {
		last[e.Partition] = e.Link
	}
	want := slices.SortedFunc(maps.Values(last), func(a, b optgate.Head) int { return a.Partition - b.Partition })
	if got, err := s.Heads(t.Context(), site); err != nil || !slices.Equal(got, want) {
		t.Errorf("Heads = %v, %v; want %v", got, err, want)
	}
}

func testLinks(t *testing.T, b Backend) {
	s := b.open(t)
	checkHeads(t, s, "shop", nil)
	visitor := newULID()
	head := optgate.Genesis("shop", partition(t, visitor))
	var want []optgate.Entry
	for range 3 {
		r := newRecord("shop", visitor)
		want = append(want, optgate.Entry{Link: head.Next(r.Leaf()), Leaf: r.Leaf(), Record: &r})
		head = want[len(want)-1].Link
		for _, created := range []bool{true, false} {
			got, isNew, err := s.Append(t.Context(), r)
			if err != nil || isNew != created || !reflect.DeepEqual(got, want[len(want)-1]) {
				t.Fatalf("Append = %+v, created %t, %v; want %+v, created %t", got, isNew, err, want[len(want)-1], created)
			}
		}
	}
	if got, err := s.Records(t.Context(), "shop", visitor); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Records = %+v, %v; want %+v", got, err, want)
	}
	if got, err := s.Current(t.Context(), "shop", visitor); err != nil || !reflect.DeepEqual(got, want[2]) {
		t.Errorf("Current = %+v, %v; want %+v", got, err, want[2])
	}
	elsewhere := newRecord("forum", visitor)
	mustAppend(t, s, elsewhere)
	checkHeads(t, s, "shop", want)
	checkHeads(t, b.open(t), "forum", all(t, s, "forum", 10))
}

// testLinksManyStores lets four stores, as four replicas of the server, append to
// one visitor, to one partition and to many, all at once.
func testLinksManyStores(t *testing.T, b Backend) {
	const stores, writers, each = 4, 8, 15
	var open []optgate.Store
	for range stores {
		open = append(open, b.open(t))
	}
	together := visitors(t, stores*writers)
	for i, err := range concurrently(stores*writers, func(i int) error {
		for n := range each {
			visitor := []string{together[0], together[i], newULID()}[n%3]
			r := newRecord("shop", visitor)
			e, created, err := open[i%stores].Append(t.Context(), r)
			if err != nil {
				return err
			}
			if again, isNew, err := open[(i+1)%stores].Append(t.Context(), r); err != nil || !created || isNew || again.Link != e.Link {
				return errors.Join(err, errors.New("a record and its retry on another store are not one"))
			}
		}
		return nil
	}) {
		if err != nil {
			t.Errorf("writer %d: %v", i, err)
		}
	}
	met := all(t, open[0], "shop", 100)
	if len(met) != stores*writers*each {
		t.Errorf("the ledger holds %d entries, want %d", len(met), stores*writers*each)
	}
	for _, s := range open {
		checkHeads(t, s, "shop", met)
	}
	if got, err := open[1].Records(t.Context(), "shop", together[0]); err != nil || len(got) != stores*writers*each/3+each/3 {
		t.Errorf("Records of the one visitor = %d, %v; want %d", len(got), err, stores*writers*each/3+each/3)
	}
}

func testEntryAt(t *testing.T, b Backend) {
	s := b.open(t)
	for range 200 {
		mustAppend(t, s, newRecord("shop", newULID()))
	}
	entries := all(t, s, "shop", 50)
	erase(t, s, "shop", entries[7].Record.Visitor)
	for _, e := range all(t, s, "shop", 50) {
		got, err := s.EntryAt(t.Context(), optgate.Place{Site: "shop", Partition: e.Partition, Seq: e.Seq})
		if err != nil || !reflect.DeepEqual(got, e) {
			t.Fatalf("EntryAt = %+v, %v; want %+v", got, err, e)
		}
	}
	last := entries[len(entries)-1].Link
	for _, p := range []optgate.Place{
		{Site: "shop", Partition: last.Partition, Seq: 0}, {Site: "shop", Partition: last.Partition, Seq: 1000},
		{Site: "shop", Partition: -1, Seq: 1}, {Site: "shop", Partition: optgate.Partitions, Seq: 1}, {Site: "forum", Partition: 0, Seq: 1},
	} {
		if _, err := s.EntryAt(t.Context(), p); !errors.Is(err, optgate.ErrNotFound) {
			t.Errorf("EntryAt(%v) = %v, want ErrNotFound", p, err)
		}
	}
}

func testFind(t *testing.T, b Backend) {
	s := b.open(t)
	var records []optgate.Record
	for range 100 {
		r := newRecord("shop", newULID())
		r.At = time.Now()
		records = append(records, r)
		if _, _, err := s.Append(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	erase(t, s, "shop", records[50].Visitor)
	for i, r := range records {
		got, err := s.Find(t.Context(), "shop", r.ID)
		if i == 50 {
			if !errors.Is(err, optgate.ErrNotFound) {
				t.Errorf("Find of a record that was erased = %+v, %v; want ErrNotFound", got, err)
			}
			continue
		}
		if err != nil || got.Record.ID != r.ID || got.Record.Visitor != r.Visitor {
			t.Fatalf("Find = %+v, %v; want %+v", got, err, r)
		}
	}
	for name, id := range map[string]string{"a strange id": newULID(), "no id": "nobody", "of long ago": "01ARZ3NDEKTSV4RRFFQ69G5FAV"} {
		if _, err := s.Find(t.Context(), "shop", id); !errors.Is(err, optgate.ErrNotFound) {
			t.Errorf("Find of %s = %v, want ErrNotFound", name, err)
		}
	}
	if _, err := s.Find(t.Context(), "forum", records[0].ID); !errors.Is(err, optgate.ErrNotFound) {
		t.Errorf("Find on another site = %v, want ErrNotFound", err)
	}
}

// testEraseLeavesTraces holds what is left of records: leaf and link, and a note.
func testEraseLeavesTraces(t *testing.T, b Backend) {
	s := b.open(t)
	who := visitors(t, 2)
	mustAppend(t, s, newRecord("shop", who[0]), newRecord("shop", who[1]), newRecord("shop", who[0]))
	before := all(t, s, "shop", 10)
	at := start.Add(time.Hour)
	if n, err := s.Erase(t.Context(), optgate.EraseRequest{Site: "shop", Visitor: who[0], Reason: optgate.ErasedByAdmin, At: at.Add(time.Microsecond)}); err != nil || n != 2 {
		t.Fatalf("Erase = %d, %v; want 2", n, err)
	}
	note := optgate.Erasure{Site: "shop", Partition: partition(t, who[0]), Seqs: []uint64{1, 3}, Reason: optgate.ErasedByAdmin, At: at}
	want := slices.Clone(before)
	want[0].Record, want[2].Record = nil, nil
	want = append(want, optgate.Entry{Link: want[2].Next(note.Leaf()), Leaf: note.Leaf(), Erasure: &note})
	got := all(t, b.open(t), "shop", 10)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Scan = %+v, want %+v", got, want)
	}
	checkHeads(t, s, "shop", want)
	if n := erase(t, s, "shop", who[0]); n != 0 {
		t.Errorf("Erase again = %d, want 0", n)
	}
	if n := len(all(t, s, "shop", 10)); n != len(want) {
		t.Errorf("an erasure of nothing left %d entries, want %d", n, len(want))
	}
}

// testEraseWhileAppended erases a visitor again and again while two stores append
// to her and her partition. In the end all that is left of her is tombstones.
func testEraseWhileAppended(t *testing.T, b Backend) {
	one, two := b.open(t), b.open(t)
	who := visitors(t, 2)
	erased := 0
	for _, err := range concurrently(5, func(i int) error {
		s := []optgate.Store{one, two}[i%2]
		for range 20 {
			if i == 4 {
				n, err := s.Erase(t.Context(), optgate.EraseRequest{Site: "shop", Visitor: who[0], Reason: optgate.ErasedByVisitor, At: start})
				erased += n
				if err != nil {
					return err
				}
				continue
			}
			if _, _, err := s.Append(t.Context(), newRecord("shop", who[i%2])); err != nil {
				return err
			}
		}
		return nil
	}) {
		if err != nil {
			t.Errorf("%v", err)
		}
	}
	erased += erase(t, one, "shop", who[0])
	if erased != 40 {
		t.Errorf("%d records were erased, want 40", erased)
	}
	tombstones, noted := 0, map[uint64]bool{}
	for _, e := range all(t, two, "shop", 50) {
		switch {
		case e.Record != nil && e.Record.Visitor == who[0]:
			t.Errorf("entry %d is hers still", e.Seq)
		case e.Erasure != nil:
			for _, seq := range e.Erasure.Seqs {
				noted[seq] = true
			}
		case e.Record == nil:
			tombstones++
		}
	}
	if tombstones != 40 || len(noted) != 40 {
		t.Errorf("there are %d tombstones, %d of them noted, want 40", tombstones, len(noted))
	}
}

func testEraseBadReason(t *testing.T, b Backend) {
	s := b.open(t)
	r := newRecord("shop", newULID())
	mustAppend(t, s, r)
	_, err := s.Erase(t.Context(), optgate.EraseRequest{Site: "shop", Visitor: r.Visitor, Reason: "boredom", At: start})
	if bad := (*optgate.InvalidError)(nil); !errors.As(err, &bad) || bad.Field != "reason" {
		t.Errorf("Erase without a reason = %v, want an InvalidError of field reason", err)
	}
	checkRecords(t, "Scan", all(t, s, "shop", 10), []optgate.Record{r})
}

// expire calls Expire until there is no more and returns how often and how many.
func expire(t *testing.T, s optgate.Ledger, before time.Time, limit int) (calls, erased int) {
	t.Helper()
	for more := true; more; calls++ {
		var n int
		var err error
		n, more, err = s.Expire(t.Context(), optgate.ExpireRequest{Site: "shop", Before: before, At: start.AddDate(1, 0, 0), Limit: limit})
		if err != nil {
			t.Fatalf("Expire: %v", err)
		}
		if erased += n; calls > 1000 {
			t.Fatal("Expire comes to no end")
		}
	}
	return calls, erased
}

func testExpire(t *testing.T, b Backend) {
	s := b.open(t)
	const old, young = 300, 20
	var stay []optgate.Record
	both := newULID() // has an old record and a young one
	mustAppend(t, s, newRecord("shop", both))
	for range old - 1 {
		mustAppend(t, s, newRecord("shop", newULID()))
	}
	for i := range young {
		r := newRecord("shop", newULID())
		if i == 0 {
			r.Visitor = both
		}
		r.At = start.Add(time.Hour)
		mustAppend(t, s, r)
		stay = append(stay, r)
	}
	if calls, n := expire(t, s, start, 50); n != 0 {
		t.Errorf("Expire of what is as old as the limit = %d in %d calls, want 0", n, calls)
	}
	calls, n := expire(t, b.open(t), start.Add(time.Minute), 64)
	if n != old || calls < 3 {
		t.Errorf("Expire erased %d in %d calls, want %d in several", n, calls, old)
	}
	entries := all(t, s, "shop", 100)
	checkRecords(t, "Scan", entries, stay)
	noted := 0
	for _, e := range entries {
		if e.Erasure == nil {
			continue
		}
		if e.Erasure.Reason != optgate.ErasedByRetention || !e.Erasure.At.Equal(start.AddDate(1, 0, 0)) {
			t.Errorf("the note is %+v, want one of retention", e.Erasure)
		}
		noted += len(e.Erasure.Seqs)
	}
	if noted != old {
		t.Errorf("%d entries are noted as erased, want %d", noted, old)
	}
	if got, err := s.Records(t.Context(), "shop", both); err != nil || len(got) != 1 || got[0].Record.ID != stay[0].ID {
		t.Errorf("Records of who has a young one, too = %+v, %v; want that one", got, err)
	}
	if got, err := s.Answered(t.Context(), "shop"); err != nil || !maps.Equal(got, map[int]int{7: young}) {
		t.Errorf("Answered = %v, %v; want %d of revision 7", got, err, young)
	}
	if calls, n := expire(t, s, start.Add(time.Minute), 64); n != 0 || len(all(t, s, "shop", 100)) != len(entries) {
		t.Errorf("Expire again erased %d in %d calls, want nothing to change", n, calls)
	}
	if _, n := expire(t, s, start.Add(2*time.Hour), 10000); n != young {
		t.Errorf("Expire later erased %d, want the other %d", n, young)
	}
	if calls, n := expire(t, s, start.AddDate(9, 0, 0), 64); n != 0 {
		t.Errorf("Expire of nothing but traces erased %d in %d calls, want 0", n, calls)
	}
	_, _, err := s.Expire(t.Context(), optgate.ExpireRequest{Site: "shop", Before: start, At: start})
	if bad := (*optgate.InvalidError)(nil); !errors.As(err, &bad) || bad.Field != "limit" {
		t.Errorf("Expire without a limit = %v, want an InvalidError of field limit", err)
	}
}

// testExpireSetBack: an old record behind one that may stay goes with that one.
func testExpireSetBack(t *testing.T, b Backend) {
	s := b.open(t)
	visitor := newULID()
	for _, age := range []time.Duration{0, 2 * time.Hour, time.Hour} {
		r := newRecord("shop", visitor)
		r.At = start.Add(age)
		mustAppend(t, s, r)
	}
	for i, want := range []int{1, 0, 2} {
		if _, n := expire(t, s, start.Add([]time.Duration{time.Minute, 90 * time.Minute, 3 * time.Hour}[i]), 10); n != want {
			t.Errorf("Expire %d erased %d, want %d", i, n, want)
		}
	}
}

func testAnswered(t *testing.T, b Backend) {
	s := b.open(t)
	check := func(what string, want map[int]int) {
		t.Helper()
		if got, err := b.open(t).Answered(t.Context(), "shop"); err != nil || !maps.Equal(got, want) {
			t.Errorf("Answered %s = %v, %v; want %v", what, got, err, want)
		}
	}
	check("of nothing", map[int]int{})
	anna, ben := newULID(), newULID()
	answer := func(visitor string, revision int) optgate.Record {
		t.Helper()
		r := newRecord("shop", visitor)
		r.Revision = revision
		mustAppend(t, s, r)
		return r
	}
	first := answer(anna, 1)
	answer(ben, 1)
	check("at first", map[int]int{1: 2})
	answer(anna, 3)
	answer(anna, 3)
	if _, _, err := s.Append(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, s, newRecord("forum", ben))
	check("after a newer answer and a retry", map[int]int{1: 1, 3: 1})
	answer(anna, 2) // a page that was open for long
	check("after an answer to an older revision", map[int]int{1: 1, 2: 1})
	erase(t, s, "shop", anna)
	check("after an erasure", map[int]int{1: 1})
	answer(anna, 4)
	check("of one who came back", map[int]int{1: 1, 4: 1})
}

func testRestore(t *testing.T, b Backend) {
	s := b.open(t)
	who := visitors(t, 3)
	for i := range 40 {
		mustAppend(t, s, newRecord("shop", newULID()), newRecord("shop", who[i%3]))
	}
	erase(t, s, "shop", who[0])
	want := all(t, s, "shop", 30)

	copied := b.elsewhere(t)
	for _, page := range [][]optgate.Entry{want[:30], want[:30], want[20:60], want} {
		if _, err := copied.Restore(t.Context(), "shop", page); err != nil {
			t.Fatalf("Restore: %v", err)
		}
	}
	got := all(t, copied, "shop", 1000)
	checkHeads(t, copied, "shop", want)
	if len(got) != len(want) {
		t.Fatalf("the copy holds %d entries, want %d", len(got), len(want))
	}
	for _, e := range want {
		if there, err := copied.EntryAt(t.Context(), optgate.Place{Site: "shop", Partition: e.Partition, Seq: e.Seq}); err != nil || !reflect.DeepEqual(there, e) {
			t.Errorf("EntryAt of the copy = %+v, %v; want %+v", there, err, e)
		}
	}
	if there, err := copied.Records(t.Context(), "shop", who[1]); err != nil || len(there) != 13 {
		t.Errorf("Records of the copy = %d, %v; want 13", len(there), err)
	}
	if visitors, err := copied.Answered(t.Context(), "shop"); err != nil || !maps.Equal(visitors, map[int]int{7: 42}) {
		t.Errorf("Answered of the copy = %v, %v; want 42 of revision 7", visitors, err)
	}
	if days, err := copied.Counts(t.Context(), "shop", start, start); err != nil || len(days) != 1 || days[0].Actions[optgate.Save] != 66 {
		t.Errorf("Counts of the copy = %+v, %v; want 66, each record once", days, err)
	}
	mustAppend(t, copied, newRecord("shop", who[0]))
	all(t, copied, "shop", 100)
}

func testRestoreRefuses(t *testing.T, b Backend) {
	s := b.open(t)
	good := restorable("shop")
	if n, err := s.Restore(t.Context(), "shop", good); err != nil || n != 2 {
		t.Fatalf("Restore = %d, %v; want 2", n, err)
	}
	third := newRecord("shop", good[0].Record.Visitor)
	next := optgate.Entry{Link: good[1].Next(third.Leaf()), Leaf: third.Leaf(), Record: &third}
	other := newRecord("shop", good[0].Record.Visitor)
	change := func(do func(e *optgate.Entry)) []optgate.Entry {
		e := next
		r := third
		e.Record = &r
		do(&e)
		return []optgate.Entry{e}
	}
	for name, c := range map[string]struct {
		entries []optgate.Entry
		field   string // of an InvalidError; "": ErrConflict
	}{
		"another record":       {change(func(e *optgate.Entry) { e.Record = &other }), "leaf"},
		"another leaf":         {change(func(e *optgate.Entry) { e.Record = nil; e.Leaf = other.Leaf() }), ""},
		"another site":         {change(func(e *optgate.Entry) { e.Record.Site = "forum" }), "leaf"},
		"another partition":    {change(func(e *optgate.Entry) { e.Partition = (e.Partition + 1) % optgate.Partitions }), "partition"},
		"no partition":         {change(func(e *optgate.Entry) { e.Partition = optgate.Partitions }), "partition"},
		"a gap":                {change(func(e *optgate.Entry) { e.Seq++ }), ""},
		"not in order":         {[]optgate.Entry{good[1], good[0]}, "seq"},
		"another first":        {[]optgate.Entry{{Link: optgate.Genesis("shop", good[0].Partition).Next(other.Leaf()), Leaf: other.Leaf(), Record: &other}}, ""},
		"the same record anew": {[]optgate.Entry{{Link: good[1].Next(good[0].Leaf), Leaf: good[0].Leaf, Record: good[0].Record}}, ""},
	} {
		n, err := s.Restore(t.Context(), "shop", c.entries)
		bad := (*optgate.InvalidError)(nil)
		if c.field != "" && (!errors.As(err, &bad) || bad.Field != c.field) || c.field == "" && !errors.Is(err, optgate.ErrConflict) || n != 0 {
			t.Errorf("Restore of %s = %d, %v; want a fault of %q", name, n, err, c.field)
		}
	}
	if n, err := s.Restore(t.Context(), "shop", append(slices.Clone(good), next)); err != nil || n != 1 {
		t.Errorf("Restore of what is there and one more = %d, %v; want 1", n, err)
	}
	all(t, s, "shop", 10)
}

func testCheckpoints(t *testing.T, b Backend) {
	s := b.open(t)
	if got, err := s.Checkpoints(t.Context(), "shop", 0, 10); err != nil || len(got) != 0 {
		t.Fatalf("Checkpoints of nothing = %q, %v; want none", got, err)
	}
	texts := []string{"a.b.c", "d.e.f", "a.b.c", "g\x00.\xff"}
	for _, text := range texts {
		for range 2 { // the second is a retry
			if err := s.PutCheckpoint(t.Context(), "shop", text); err != nil {
				t.Fatalf("PutCheckpoint: %v", err)
			}
		}
	}
	if err := s.PutCheckpoint(t.Context(), "forum", "a.b.c"); err != nil {
		t.Fatalf("PutCheckpoint: %v", err)
	}
	for _, c := range []struct {
		after, limit int
		want         []string
	}{
		{0, 10, texts}, {0, 2, texts[:2]}, {1, 2, texts[1:3]}, {4, 10, nil}, {9, 10, nil},
		{-1, 10, texts[3:]}, {-3, 2, texts[1:3]}, {-9, 2, texts[:2]},
	} {
		if got, err := b.open(t).Checkpoints(t.Context(), "shop", c.after, c.limit); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("Checkpoints after %d, at most %d = %q, %v; want %q", c.after, c.limit, got, err, c.want)
		}
	}
	_, err := s.Checkpoints(t.Context(), "shop", 0, 0)
	if bad := (*optgate.InvalidError)(nil); !errors.As(err, &bad) || bad.Field != "limit" {
		t.Errorf("Checkpoints without a limit = %v, want an InvalidError of field limit", err)
	}
}
