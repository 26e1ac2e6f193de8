package optgate_test

import (
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// ledgerVectors are testdata/vectors/ledger.json. They are only ever added to:
// what was chained once is verified for ever.
type ledgerVectors struct {
	Partitions []struct {
		Visitor   string
		Partition int
	}
	Genesis []struct {
		Site      optgate.SiteID
		Partition int
		Chain     optgate.Digest
	}
	Chain []struct {
		Record    *optgate.Record
		Erasure   *optgate.Erasure
		Canonical string
		Leaf      optgate.Digest
		Seq       uint64
		Chain     optgate.Digest
	}
}

func readLedgerVectors(t *testing.T) ledgerVectors {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors/ledger.json")
	if err != nil {
		t.Fatal(err)
	}
	var v ledgerVectors
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Partitions) == 0 || len(v.Genesis) == 0 || len(v.Chain) == 0 {
		t.Fatal("testdata/vectors/ledger.json lacks a part")
	}
	return v
}

func TestLedgerVectors(t *testing.T) {
	v := readLedgerVectors(t)
	for _, p := range v.Partitions {
		if got, err := optgate.PartitionOf(p.Visitor); err != nil || got != p.Partition {
			t.Errorf("PartitionOf(%s) = %d, %v; want %d", p.Visitor, got, err, p.Partition)
		}
	}
	for _, g := range v.Genesis {
		want := optgate.Head{Partition: g.Partition, Chain: g.Chain}
		if got := optgate.Genesis(g.Site, g.Partition); got != want {
			t.Errorf("Genesis(%s, %d) = %v, want %v", g.Site, g.Partition, got, want)
		}
	}
	head := optgate.Genesis(v.Genesis[0].Site, v.Genesis[0].Partition)
	for _, c := range v.Chain {
		e := optgate.Entry{Record: c.Record, Erasure: c.Erasure, Leaf: c.Leaf}
		var canonical []byte
		if e.Record != nil {
			canonical = e.Record.Canonical(nil)
		} else {
			canonical = e.Erasure.Canonical(nil)
		}
		if string(canonical) != c.Canonical {
			t.Errorf("the canonical form of %d is\n%s, want\n%s", c.Seq, canonical, c.Canonical)
		}
		e.Link = head.Next(c.Leaf)
		if e.Seq != c.Seq || e.Chain != c.Chain {
			t.Errorf("Next = %d %v, want %d %v", e.Seq, e.Chain, c.Seq, c.Chain)
		}
		if err := errors.Join(e.Check("shop"), e.Follows(head)); err != nil {
			t.Errorf("entry %d: %v", c.Seq, err)
		}
		head = e.Link
	}
}

// TestEveryFieldCounts: whatever is changed about a record changes its leaf.
func TestEveryFieldCounts(t *testing.T) {
	r := *readLedgerVectors(t).Chain[0].Record
	seen := map[optgate.Digest]string{r.Leaf(): "nothing"}
	for name, change := range map[string]func(r *optgate.Record){
		"id":       func(r *optgate.Record) { r.ID = "01ARZ3NDEKTSV4RRFFQ69G5FAW" },
		"site":     func(r *optgate.Record) { r.Site = "forum" },
		"visitor":  func(r *optgate.Record) { r.Visitor = r.ID },
		"revision": func(r *optgate.Record) { r.Revision++ },
		"language": func(r *optgate.Record) { r.Language = "en" },
		"action":   func(r *optgate.Record) { r.Action = optgate.AcceptAll },
		"source":   func(r *optgate.Record) { r.Source = "api" },
		"time":     func(r *optgate.Record) { r.At = r.At.Add(time.Millisecond) },
		"panel":    func(r *optgate.Record) { r.Panel = "" },
		"a choice": func(r *optgate.Record) {
			r.Choices = optgate.Choices{"functional": false, "analytics": false, "marketing": false}
		},
		"fewer choice": func(r *optgate.Record) { r.Choices = optgate.Choices{"functional": true, "analytics": false} },
	} {
		changed := r
		change(&changed)
		if other, twice := seen[changed.Leaf()]; twice {
			t.Errorf("a change of %s gives the leaf of a change of %s", name, other)
		}
		seen[changed.Leaf()] = name
	}
}

func TestEntryFaults(t *testing.T) {
	v := readLedgerVectors(t)
	head := optgate.Genesis("shop", v.Genesis[0].Partition)
	good := func() optgate.Entry {
		r := *v.Chain[0].Record
		return optgate.Entry{Link: head.Next(r.Leaf()), Leaf: r.Leaf(), Record: &r}
	}
	for name, c := range map[string]struct {
		change func(e *optgate.Entry)
		field  string
	}{
		"altered record":            {func(e *optgate.Entry) { e.Record.Revision++ }, "leaf"},
		"altered record and leaf":   {func(e *optgate.Entry) { e.Record.Revision++; e.Leaf = e.Record.Leaf() }, "chain"},
		"of another site":           {func(e *optgate.Entry) { e.Record.Site = "forum"; e.Leaf = e.Record.Leaf() }, "leaf"},
		"of another visitor":        {func(e *optgate.Entry) { e.Record.Visitor = "01ARZ3NDEKTSV4RRFFQ69G5FAV"; e.Leaf = e.Record.Leaf() }, "partition"},
		"in another partition":      {func(e *optgate.Entry) { e.Partition++ }, "partition"},
		"before the first":          {func(e *optgate.Entry) { e.Partition = -1 }, "partition"},
		"out of order":              {func(e *optgate.Entry) { e.Seq++ }, "seq"},
		"altered chain":             {func(e *optgate.Entry) { e.Chain[31] ^= 1 }, "chain"},
		"a tombstone of other leaf": {func(e *optgate.Entry) { e.Record = nil; e.Leaf[0] ^= 1 }, "chain"},
		"a foreign erasure": {func(e *optgate.Entry) {
			e.Record, e.Erasure = nil, &optgate.Erasure{Site: "forum", Partition: e.Partition}
			e.Leaf = e.Erasure.Leaf()
		}, "leaf"},
	} {
		e := good()
		if err := errors.Join(e.Check("shop"), e.Follows(head)); err != nil {
			t.Fatalf("the good entry: %v", err)
		}
		c.change(&e)
		err := e.Check("shop")
		if err == nil {
			err = e.Follows(head)
		}
		if bad := (*optgate.InvalidError)(nil); !errors.As(err, &bad) || bad.Field != c.field {
			t.Errorf("%s: got %v, want a fault of field %s", name, err, c.field)
		}
	}
}

// FuzzDigest: a text that is read as a digest is the only one for it.
func FuzzDigest(f *testing.F) {
	f.Add("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
	f.Add("E3b0")
	f.Fuzz(func(t *testing.T, s string) {
		var d optgate.Digest
		if err := d.UnmarshalText([]byte(s)); err == nil && d.String() != s {
			t.Errorf("%q is read as %s", s, d)
		}
	})
}
