package packed

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// The kinds of an entry, the first byte of its content.
const (
	KindRecord    = 1 // then a body, see [AppendBody]
	KindTombstone = 2 // then the leaf
	KindErasure   = 3
)

// chainSize is how many bytes of an entry are its chain hash.
const chainSize = len(optgate.Digest{})

// reasons are the words of an erasure, as those of a record are.
var reasons = []string{"visitor", "admin", "retention"}

// AppendContent appends what an entry holds besides its link and, of a record,
// its site, visitor and id. Stores keep it behind the entry's chain hash.
func AppendContent(b []byte, e *optgate.Entry) []byte {
	switch {
	case e.Record != nil:
		return AppendBody(append(b, KindRecord), e.Record)
	case e.Erasure != nil:
		return appendErasure(append(b, KindErasure), e.Erasure)
	default:
		return append(append(b, KindTombstone), e.Leaf[:]...)
	}
}

// Kind returns the kind of an entry's bytes, 0 if they are none.
func Kind(b []byte) byte {
	if len(b) <= chainSize {
		return 0
	}
	return b[chainSize]
}

// ParseEntry reads an entry from its chain hash and its content. The ids are
// those of its record, if it is one: 16 bytes of the visitor, 16 of the record.
func ParseEntry(p optgate.Place, b, ids []byte) (optgate.Entry, error) {
	kind := Kind(b)
	if kind == 0 || kind == KindRecord && len(ids) != 2*len(ID{}) {
		return optgate.Entry{}, ErrDamaged
	}
	e := optgate.Entry{Link: optgate.Link{Partition: p.Partition, Seq: p.Seq, Chain: optgate.Digest(b[:chainSize])}}
	content := b[chainSize+1:]
	switch kind {
	case KindRecord:
		e.Record = &optgate.Record{Site: p.Site, Visitor: ID(ids[:len(ID{})]).String(), ID: ID(ids[len(ID{}):]).String()}
		if err := ParseBody(content, e.Record); err != nil {
			return optgate.Entry{}, err
		}
		e.Leaf = e.Record.Leaf()
	case KindTombstone:
		if len(content) != len(e.Leaf) {
			return optgate.Entry{}, ErrDamaged
		}
		e.Leaf = optgate.Digest(content)
	case KindErasure:
		e.Erasure = &optgate.Erasure{Site: p.Site, Partition: p.Partition}
		if err := parseErasure(content, e.Erasure); err != nil {
			return optgate.Entry{}, err
		}
		e.Leaf = e.Erasure.Leaf()
	default:
		return optgate.Entry{}, ErrDamaged
	}
	return e, nil
}

// appendErasure appends all of e but its site and partition. Of the erased
// entries each is written as its distance from the one before.
func appendErasure(b []byte, e *optgate.Erasure) []byte {
	b = appendWord(b, reasons, string(e.Reason))
	b = binary.AppendVarint(b, e.At.UnixMilli())
	b = binary.AppendUvarint(b, uint64(len(e.Seqs)))
	last := uint64(0)
	for _, seq := range e.Seqs {
		b = binary.AppendUvarint(b, seq-last)
		last = seq
	}
	return b
}

func parseErasure(b []byte, e *optgate.Erasure) error {
	p := parser{rest: b}
	e.Reason = optgate.ErasureReason(p.word(reasons))
	e.At = time.UnixMilli(p.varint()).UTC()
	n := p.uvarint()
	if n > uint64(len(p.rest)) {
		return ErrDamaged // each takes a byte at least
	}
	e.Seqs = slices.Grow(e.Seqs, int(n))
	for last := uint64(0); n > 0 && !p.bad; n-- {
		seq := last + p.uvarint()
		if seq <= last {
			p.bad = true
		}
		e.Seqs = append(e.Seqs, seq)
		last = seq
	}
	return p.end()
}
