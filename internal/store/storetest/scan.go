package storetest

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
)

var scanTests = map[string]func(*testing.T, Backend){
	"ScanOrder":          testScanOrder,
	"ScanGoesOn":         testScanGoesOn,
	"ScanWhileAppending": testScanWhileAppending,
	"ScanWhileErasing":   testScanWhileErasing,
	"ScanBadCursor":      testScanBadCursor,
}

func testScanOrder(t *testing.T, b Backend) {
	s := b.open(t)
	if page, _, err := s.Scan(t.Context(), "shop", "", 10); err != nil || len(page) != 0 {
		t.Fatalf("Scan of nothing = %v, %v; want none", page, err)
	}
	var want []optgate.Record
	for range 300 {
		r := newRecord("shop", newULID())
		mustAppend(t, s, r, newRecord("forum", newULID()))
		want = append(want, r)
	}
	for _, limit := range []int{1, 7, 100, 300, 5000} {
		checkRecords(t, "Scan", all(t, s, "shop", limit), want)
	}
}

func testScanGoesOn(t *testing.T, b Backend) {
	s := b.open(t)
	cursor := ""
	for range 5 {
		r := newRecord("shop", newULID())
		mustAppend(t, s, r)
		page, next, err := s.Scan(t.Context(), "shop", cursor, 10)
		if err != nil {
			t.Fatalf("Scan: %v", err)
		}
		checkRecords(t, "Scan from the former end", page, []optgate.Record{r})
		erase(t, s, "shop", r.Visitor)
		page, again, err := s.Scan(t.Context(), "shop", next, 10)
		if err != nil || len(page) != 1 || page[0].Erasure == nil {
			t.Fatalf("Scan at the end = %+v, %v; want the note of the erasure", page, err)
		}
		cursor = again
	}
}

func testScanWhileAppending(t *testing.T, b Backend) {
	const before = 500
	s, other := b.open(t), b.open(t)
	must := map[string]bool{}
	records := make([]optgate.Record, before)
	for i := range records {
		records[i] = newRecord("shop", newULID())
		must[records[i].ID] = true
	}
	for _, err := range concurrently(50, func(i int) error {
		for _, r := range records[i*before/50 : (i+1)*before/50] {
			if _, _, err := s.Append(t.Context(), r); err != nil {
				return err
			}
		}
		return nil
	}) {
		if err != nil {
			t.Fatalf("Append: %v", err)
		}
	}

	// Eight writers append until the scan, which begins behind their first
	// records, has met all that was there before them.
	var started, stop atomic.Int32
	writers := make(chan []error)
	go func() {
		writers <- concurrently(8, func(i int) error {
			for first := true; stop.Load() == 0; first = false {
				if _, _, err := []optgate.Store{s, other}[i%2].Append(t.Context(), newRecord("shop", newULID())); err != nil {
					return err
				}
				if first {
					started.Add(1)
				}
			}
			return nil
		})
	}()
	eventually(t, "writers at work", func() bool { return started.Load() == 8 })
	seen := map[string]bool{}
	for cursor, missing := "", len(must); missing > 0; {
		page, next, err := other.Scan(t.Context(), "shop", cursor, 13)
		if err != nil {
			t.Errorf("Scan: %v", err)
			break
		}
		for _, e := range page {
			r := e.Record
			if seen[r.ID] {
				t.Errorf("Scan met %s twice", r.ID)
			}
			seen[r.ID] = true
			if must[r.ID] {
				missing--
			}
		}
		if len(page) < 13 && missing > 0 {
			t.Errorf("Scan ended without %d of the %d records that were there before", missing, before)
			break
		}
		cursor = next
	}
	stop.Store(1)
	for _, err := range <-writers {
		if err != nil {
			t.Errorf("Append: %v", err)
		}
	}
}

func testScanWhileErasing(t *testing.T, b Backend) {
	s := b.open(t)
	var records []optgate.Record
	for range 60 {
		records = append(records, newRecord("shop", newULID()))
	}
	mustAppend(t, s, records...)
	first, cursor, err := s.Scan(t.Context(), "shop", "", 20)
	if err != nil {
		t.Fatalf("Scan: %v", err)
	}
	// The record that the cursor stands on goes, some before it and some behind.
	for _, i := range []int{3, 19, 20, 40, 59} {
		if n := erase(t, s, "shop", records[i].Visitor); n != 1 {
			t.Fatalf("Erase = %d, want 1", n)
		}
	}
	rest, _, err := s.Scan(t.Context(), "shop", cursor, 100)
	if err != nil {
		t.Fatalf("Scan: %v", err)
	}
	checkRecords(t, "first page", first, records[:20])
	checkRecords(t, "rest", rest, slices.Concat(records[21:40], records[41:59]))
}

func testScanBadCursor(t *testing.T, b Backend) {
	s := b.open(t)
	mustAppend(t, s, newRecord("shop", newULID()), newRecord("forum", newULID()))
	_, cursor, err := s.Scan(t.Context(), "shop", "", 1)
	if err != nil {
		t.Fatalf("Scan: %v", err)
	}
	for name, c := range map[string]struct {
		site   optgate.SiteID
		cursor string
	}{
		"not one":         {"shop", "1"},
		"a number":        {"shop", "1700000000000-0"},
		"cut short":       {"shop", cursor[:len(cursor)-1]},
		"with more":       {"shop", cursor + "A"},
		"with a new line": {"shop", cursor + "\n"},
		"of another site": {"forum", cursor},
	} {
		_, _, err := s.Scan(t.Context(), c.site, c.cursor, 10)
		if bad := (*optgate.InvalidError)(nil); !errors.As(err, &bad) || bad.Field != "cursor" {
			t.Errorf("Scan with a cursor %s = %v, want an InvalidError of field cursor", name, err)
		}
	}
	for _, limit := range []int{0, -1} {
		_, _, err := s.Scan(t.Context(), "shop", "", limit)
		if bad := (*optgate.InvalidError)(nil); !errors.As(err, &bad) || bad.Field != "limit" {
			t.Errorf("Scan with limit %d = %v, want an InvalidError of field limit", limit, err)
		}
	}
}
