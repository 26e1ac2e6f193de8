// Package ledger works on whole ledgers: it checks them, exports and imports
// them, takes checkpoints and lets old records go.
package ledger

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/optgate/optgate/internal/keys"
	"github.com/optgate/optgate/internal/optgate"
)

// Fault is the first thing that is not as it was recorded.
type Fault struct {
	Place optgate.Place
	Msg   string // what is wrong with it
}

// Error implements error.
func (f *Fault) Error() string {
	return fmt.Sprintf("ledger: %s: entry %d of partition %d %s", f.Place.Site, f.Place.Seq, f.Place.Partition, f.Msg)
}

// Check goes through a site's entries, those of a partition in their order, and
// says at which one the ledger ceases to be the one that was recorded. It holds
// one link for each partition, and the tombstones that no erasure explained yet.
type Check struct {
	site    optgate.SiteID
	heads   [optgate.Partitions]optgate.Head
	erased  [optgate.Partitions]map[uint64]bool // tombstones not explained yet
	marks   [optgate.Partitions][]mark          // by Seq; those met are taken away
	signed  keys.Checkpoint                     // what an export ends with
	records int
	entries int
}

// mark is what a checkpoint or a receipt says of a place.
type mark struct {
	link   optgate.Link
	source string
}

// NewCheck returns a check of that site's ledger from its beginning on.
func NewCheck(site optgate.SiteID) *Check {
	c := &Check{site: site}
	for p := range optgate.Partitions {
		c.heads[p] = optgate.Genesis(site, p)
		c.erased[p] = map[uint64]bool{}
	}
	return c
}

// Expect notes a link that somebody was promised, such as that of a receipt; the
// source says by what. Links of partitions that do not exist fit nothing.
func (c *Check) Expect(link optgate.Link, source string) error {
	if link.Partition < 0 || link.Partition >= optgate.Partitions {
		return &optgate.InvalidError{Field: "partition", Msg: fmt.Sprintf("is %d in %s, want 0 to %d", link.Partition, source, optgate.Partitions-1)}
	}
	if link.Seq == 0 {
		return nil
	}
	marks := append(c.marks[link.Partition], mark{link, source})
	slices.SortStableFunc(marks, func(a, b mark) int { return int(a.link.Seq) - int(b.link.Seq) })
	c.marks[link.Partition] = marks
	return nil
}

// ExpectCheckpoint notes all that a checkpoint says. The kind is what the promise
// is, such as "the checkpoint".
func (c *Check) ExpectCheckpoint(kind string, k keys.Checkpoint) error {
	if k.Site != c.site {
		return &optgate.InvalidError{Field: "checkpoint", Msg: fmt.Sprintf("is of site %s, not of %s", k.Site, c.site)}
	}
	source := kind + " of " + k.At.UTC().Format("2006-01-02 15:04:05 UTC")
	for _, head := range k.Heads {
		if err := c.Expect(head, source); err != nil {
			return err
		}
	}
	return nil
}

// Next checks the next entry. The error is a [*Fault].
func (c *Check) Next(e *optgate.Entry) error {
	if err := e.Check(c.site); err != nil {
		return c.fault(e.Link, "was altered: "+reason(err))
	}
	head := c.heads[e.Partition]
	if err := e.Follows(head); err != nil {
		switch {
		case e.Seq > head.Seq+1:
			return c.fault(optgate.Link{Partition: e.Partition, Seq: head.Seq + 1}, fmt.Sprintf("is missing: entry %d comes after %d", e.Seq, head.Seq))
		case e.Seq <= head.Seq:
			return c.fault(e.Link, fmt.Sprintf("is there twice or out of order: entry %d came before it", head.Seq))
		}
		return c.fault(e.Link, "was altered, or the one before it was: its hash does not follow")
	}
	if err := c.meet(e.Link); err != nil {
		return err
	}
	c.heads[e.Partition] = e.Link
	c.entries++
	switch {
	case e.Record != nil:
		c.records++
	case e.Erasure == nil:
		c.erased[e.Partition][e.Seq] = true
	default:
		for _, seq := range e.Erasure.Seqs {
			if !c.erased[e.Partition][seq] {
				return c.fault(optgate.Link{Partition: e.Partition, Seq: seq}, fmt.Sprintf("was erased, as entry %d says, and yet is no tombstone", e.Seq))
			}
			delete(c.erased[e.Partition], seq)
		}
	}
	return nil
}

// meet compares a link with what was promised of its place.
func (c *Check) meet(link optgate.Link) error {
	marks := c.marks[link.Partition]
	for len(marks) > 0 && marks[0].link.Seq == link.Seq {
		if marks[0].link != link {
			return c.fault(link, "is another one than "+marks[0].source+" says")
		}
		marks = marks[1:]
	}
	c.marks[link.Partition] = marks
	return nil
}

// End checks that nothing was cut off: no promised entry is missing, and each
// tombstone was explained. The error is a [*Fault].
func (c *Check) End() error {
	for p := range optgate.Partitions {
		if len(c.marks[p]) > 0 {
			m := c.marks[p][0]
			return c.fault(optgate.Link{Partition: p, Seq: c.heads[p].Seq + 1},
				fmt.Sprintf("is missing: %s has seen entry %d there. The end was cut off, or the ledger was set back to an older copy", m.source, m.link.Seq))
		}
		if len(c.erased[p]) > 0 {
			seq := slices.Min(slices.Collect(maps.Keys(c.erased[p])))
			return c.fault(optgate.Link{Partition: p, Seq: seq}, "is a tombstone that no erasure explains: its record was taken away")
		}
	}
	return nil
}

// endsWith checks that an export ends where the checkpoint in its last line says.
func (c *Check) endsWith(k keys.Checkpoint) error {
	promised := NewCheck(c.site)
	for _, h := range k.Heads {
		if h.Partition >= 0 && h.Partition < optgate.Partitions {
			promised.heads[h.Partition] = h
		}
	}
	for p, want := range promised.heads {
		got := c.heads[p]
		switch {
		case got.Seq < want.Seq:
			return c.fault(optgate.Link{Partition: p, Seq: got.Seq + 1}, fmt.Sprintf("is missing: the checkpoint in the last line has seen entry %d there", want.Seq))
		case got.Seq > want.Seq:
			return c.fault(optgate.Link{Partition: p, Seq: want.Seq + 1}, "was added: the checkpoint in the last line has not seen it")
		case got != want:
			return c.fault(got, "is another one than the checkpoint in the last line says")
		}
	}
	return nil
}

// notBeyond checks that a store, which takes the next entries to follow heads,
// does not take an entry that was met for one to come.
func (c *Check) notBeyond(heads []optgate.Head) error {
	var ends [optgate.Partitions]uint64
	for _, h := range heads {
		ends[h.Partition] = h.Seq
	}
	for p, end := range ends {
		if end < c.heads[p].Seq {
			return c.fault(optgate.Link{Partition: p, Seq: end + 1}, "is behind what the store takes for the end: that was altered")
		}
	}
	return nil
}

// Heads returns the newest link of each partition that has any.
func (c *Check) Heads() []optgate.Head {
	var heads []optgate.Head
	for _, h := range c.heads {
		if h.Seq > 0 {
			heads = append(heads, h)
		}
	}
	return heads
}

// Signed returns the checkpoint with which an export ends.
func (c *Check) Signed() keys.Checkpoint { return c.signed }

// Records returns how many records the check has met, tombstones excepted, and
// Entries how many entries of all kinds.
func (c *Check) Records() int { return c.records }

// Entries returns how many entries the check has met.
func (c *Check) Entries() int { return c.entries }

func (c *Check) fault(l optgate.Link, msg string) error {
	return &Fault{optgate.Place{Site: c.site, Partition: l.Partition, Seq: l.Seq}, msg}
}

// reason returns what an [optgate.InvalidError] says without its package.
func reason(err error) string {
	if invalid, ok := errors.AsType[*optgate.InvalidError](err); ok {
		return invalid.Field + " " + invalid.Msg
	}
	return err.Error()
}
