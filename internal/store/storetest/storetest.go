// Package storetest is the contract of [optgate.Store] as tests. Every store
// runs all of it; none may leave out a part.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/optgate"
)

// Backend is one place where data is kept, empty at first.
type Backend struct {
	// Name and version, for the log: a suite that passed says on what.
	Name string

	// Open opens the place, as another process would: each call returns a new
	// store on the same data. The suite closes it.
	Open func(t *testing.T) optgate.Store

	// OpenOther opens another place, which is empty.
	OpenOther func(t *testing.T) optgate.Store
}

// elsewhere opens another place, which is closed when the test ends.
func (b Backend) elsewhere(t *testing.T) optgate.Store { return Backend{Open: b.OpenOther}.open(t) }

// open opens a store that is closed when the test ends.
func (b Backend) open(t *testing.T) optgate.Store {
	t.Helper()
	s := b.Open(t)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// Run tests the stores that backend makes, which it calls once a test.
func Run(t *testing.T, backend func(t *testing.T) Backend) {
	var logged sync.Once
	groups := []map[string]func(t *testing.T, b Backend){ledgerTests, countsTests, chainTests, scanTests, revisionTests, panelTests, unmarkedTests, draftTests, groupTests, userTests, auditTests, storeTests}
	for _, tests := range groups {
		for _, name := range slices.Sorted(maps.Keys(tests)) {
			t.Run(name, func(t *testing.T) {
				b := backend(t)
				logged.Do(func() { t.Logf("on %s", b.Name) })
				tests[name](t, b)
			})
		}
	}
}

// deadline is how long the suite waits for what must come. Only a failure waits
// that long.
const deadline = 10 * time.Second

// start is the time of every test's first record.
var start = time.Date(2026, 3, 9, 10, 11, 12, 345e6, time.UTC)

// newULID returns an id of the test's time, as a browser would make it.
func newULID() string { return ulid.Make().String() }

// newRecord returns a record of a new decision, with an answer to everything.
func newRecord(site optgate.SiteID, visitor string) optgate.Record {
	return optgate.Record{
		ID: newULID(), Site: site, Visitor: visitor, Revision: 7, Language: "de",
		Action: optgate.Save, Source: "banner", At: start,
		Choices: optgate.Choices{optgate.Functional: true, optgate.Analytics: false, optgate.Marketing: false},
	}
}

// mustAppend appends new records in their order.
func mustAppend(t *testing.T, s optgate.Ledger, records ...optgate.Record) {
	t.Helper()
	for _, r := range records {
		stored, created, err := s.Append(t.Context(), r)
		if err != nil || !created {
			t.Fatalf("Append(%s) = created %t, %v; want it to be new", r.ID, created, err)
		}
		checkRecords(t, "Append", []optgate.Entry{stored}, []optgate.Record{r})
	}
}

// checkRecords compares the records of entries, with their times and in their
// order. Entries without a record are left out.
func checkRecords(t *testing.T, what string, entries []optgate.Entry, want []optgate.Record) {
	t.Helper()
	var got []optgate.Record
	for _, e := range entries {
		if e.Record != nil {
			got = append(got, *e.Record)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%s: got %d records, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !got[i].SameAnswer(&want[i]) || !got[i].At.Equal(want[i].At) || got[i].At.Location() != time.UTC {
			t.Errorf("%s: record %d is\n%+v, want\n%+v", what, i, got[i], want[i])
		}
	}
}

// all returns what a series of Scan calls meets, and checks that it is whole
// chains.
func all(t *testing.T, s optgate.Ledger, site optgate.SiteID, limit int) []optgate.Entry {
	t.Helper()
	var met []optgate.Entry
	heads := map[int]optgate.Head{}
	for cursor := ""; ; {
		page, next, err := s.Scan(t.Context(), site, cursor, limit)
		if err != nil {
			t.Fatalf("Scan: %v", err)
		}
		if len(page) > limit {
			t.Fatalf("Scan returned %d entries, limit is %d", len(page), limit)
		}
		for _, e := range page {
			head, ok := heads[e.Partition]
			if !ok {
				head = optgate.Genesis(site, e.Partition)
			}
			if err := errors.Join(e.Check(site), e.Follows(head)); err != nil {
				t.Fatalf("Scan met entry %d of partition %d behind %d: %v", e.Seq, e.Partition, head.Seq, err)
			}
			heads[e.Partition] = e.Link
		}
		met = append(met, page...)
		if len(page) < limit {
			return met
		}
		cursor = next
	}
}

// CheckChains fails the test unless a site's entries are whole chains, up to the
// heads that the store tells, and returns how many entries there are.
func CheckChains(t *testing.T, s optgate.Ledger, site optgate.SiteID) int {
	t.Helper()
	entries := all(t, s, site, 1000)
	checkHeads(t, s, site, entries)
	return len(entries)
}

// erase erases a visitor's records and returns how many there were.
func erase(t *testing.T, s optgate.Ledger, site optgate.SiteID, visitor string) int {
	t.Helper()
	n, err := s.Erase(t.Context(), optgate.EraseRequest{Site: site, Visitor: visitor, Reason: optgate.ErasedByVisitor, At: start})
	if err != nil {
		t.Fatalf("Erase: %v", err)
	}
	return n
}

// concurrently runs f n times at once and returns the errors.
func concurrently(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var ready, done sync.WaitGroup
	ready.Add(1)
	for i := range n {
		done.Go(func() {
			ready.Wait()
			errs[i] = f(i)
		})
	}
	ready.Done()
	done.Wait()
	return errs
}

// eventually waits until ok returns true.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s: not within %v", what, deadline)
		}
	}
}

// site returns the i-th of a test's sites.
func site(i int) optgate.SiteID { return optgate.SiteID(fmt.Sprintf("shop-%d", i)) }

// restorable returns a chain of two entries: a record and a tombstone.
func restorable(site optgate.SiteID) []optgate.Entry {
	r := newRecord(site, newULID())
	p, err := optgate.PartitionOf(r.Visitor)
	if err != nil {
		panic(err)
	}
	first := optgate.Entry{Link: optgate.Genesis(site, p).Next(r.Leaf()), Leaf: r.Leaf(), Record: &r}
	gone := newRecord(site, newULID())
	second := optgate.Entry{Link: first.Next(gone.Leaf()), Leaf: gone.Leaf()}
	return []optgate.Entry{first, second}
}
