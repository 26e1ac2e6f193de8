package evidence

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// furthest is how many entries behind one [Sources.Prove] goes through to reach
// a signed one. A whole ledger is checked by optgate verify.
const furthest = 64

// Signed is a checkpoint of a site whose signature was checked.
type Signed struct {
	At    time.Time // zero: there is none yet
	Heads []optgate.Head
}

// Proof says whether an entry is in its chain as it was recorded.
type Proof struct {
	Says  []string // what was checked and found right, in sentences
	Fault string   // what is wrong, in a sentence; empty: nothing
}

// Holds reports whether all that was checked is right.
func (p *Proof) Holds() bool { return p.Fault == "" }

func (p *Proof) say(format string, args ...any) {
	p.Says = append(p.Says, fmt.Sprintf(format, args...))
}

// fault notes the first thing that is wrong.
func (p *Proof) fault(format string, args ...any) Proof {
	p.Fault = fmt.Sprintf(format, args...)
	return *p
}

// Prove checks that e holds what its hash says, that it stands between its
// neighbours, and, if that is not too far behind it, that the chain leads from it
// to what the checkpoint signed. The error is one of the store's.
func (s Sources) Prove(ctx context.Context, e *Evidence, signed Signed) (Proof, error) {
	var p Proof
	if err := e.Entry.Check(e.Site); err != nil {
		return p.fault("What the store holds is not what was recorded: its %s.", err), nil
	}
	if e.Erased() {
		p.say("The hash of what was recorded is still there.")
	} else {
		p.say("What is recorded fits its hash.")
	}
	before := optgate.Genesis(e.Site, e.Entry.Partition)
	if e.Entry.Seq > 1 {
		entry, err := s.at(ctx, e, e.Entry.Seq-1)
		if errors.Is(err, optgate.ErrNotFound) {
			return p.fault("The entry before it is missing."), nil
		} else if err != nil {
			return Proof{}, err
		}
		before = entry.Link
	}
	if err := e.Entry.Follows(before); err != nil {
		return p.fault("It does not follow the entry before it: its %s.", err), nil
	}
	if e.Entry.Seq == 1 {
		p.say("It is the first entry of its partition.")
	} else {
		p.say("It follows the entry before it.")
	}
	return s.proveOnwards(ctx, e, signed, p)
}

// proveOnwards goes from e to the entry behind it, and to the signed one.
func (s Sources) proveOnwards(ctx context.Context, e *Evidence, signed Signed, p Proof) (Proof, error) {
	head := optgate.Head{}
	for _, h := range signed.Heads {
		if h.Partition == e.Entry.Partition {
			head = h
		}
	}
	last := e.Entry.Seq + 1
	if head.Seq > last && head.Seq-e.Entry.Seq <= furthest {
		last = head.Seq
	}
	links := map[uint64]optgate.Link{e.Entry.Seq: e.Entry.Link}
	for seq := e.Entry.Seq + 1; seq <= last; seq++ {
		entry, err := s.at(ctx, e, seq)
		if errors.Is(err, optgate.ErrNotFound) {
			break
		} else if err != nil {
			return Proof{}, err
		}
		if err := entry.Follows(links[seq-1]); err != nil {
			return p.fault("Entry %d does not follow the one before it: its %s.", seq, err), nil
		}
		links[seq] = entry.Link
	}
	if len(links) > 1 {
		p.say("The entry behind it follows it.")
	} else {
		p.say("It is the newest of its partition.")
	}
	day := signed.At.UTC().Format("2 January 2006, 15:04 UTC")
	link, reached := links[head.Seq]
	switch {
	case head.Seq < e.Entry.Seq:
		p.say("No checkpoint has signed it yet.")
	case reached && link != head:
		return p.fault("The checkpoint of %s signed another entry %d.", day, head.Seq), nil
	case reached:
		p.say("The checkpoint of %s, signed by this installation, covers it.", day)
	case len(links) == 1 || head.Seq-e.Entry.Seq <= furthest:
		return p.fault("The checkpoint of %s signed entry %d, which is missing: the end was cut off.", day, head.Seq), nil
	default:
		p.say("The checkpoint of %s signed entry %d of this chain; optgate verify checks what is between.", day, head.Seq)
	}
	return p, nil
}

// at returns an entry of e's partition.
func (s Sources) at(ctx context.Context, e *Evidence, seq uint64) (optgate.Entry, error) {
	entry, err := s.Ledger.EntryAt(ctx, optgate.Place{Site: e.Site, Partition: e.Entry.Partition, Seq: seq})
	if err != nil {
		return optgate.Entry{}, fmt.Errorf("evidence: neighbour of an entry: %w", err)
	}
	return entry, nil
}
