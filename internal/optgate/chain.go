package optgate

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"github.com/oklog/ulid/v2"
)

// Partitions is how many chains a site's ledger has. A chain is written to by
// one writer at a time, so many chains let many visitors be recorded at once, on
// several nodes of a cluster too. It is part of what is stored and never changes.
const Partitions = 64

// PartitionOf returns the partition, 0 to [Partitions]-1, of all records of a
// visitor: the FNV-1a hash (64 bits) of the id's 16 bytes, modulo [Partitions].
// The error is an [InvalidError] of field "visitor".
func PartitionOf(visitor string) (int, error) {
	id, err := ulid.ParseStrict(visitor)
	if err != nil || id.String() != visitor {
		return 0, &InvalidError{Field: "visitor", Msg: "is not a ULID"}
	}
	h := fnv.New64a()
	h.Write(id[:])
	return int(h.Sum64() % Partitions), nil
}

// Digest is a SHA-256. As text it is 64 digits of lower-case hex.
type Digest [sha256.Size]byte

// String returns the digest in hex.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText implements [encoding.TextMarshaler].
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. It takes the form of
// [Digest.String] and no other.
func (d *Digest) UnmarshalText(text []byte) error {
	var read Digest
	if n, err := hex.Decode(read[:], text[:min(len(text), 2*len(read))]); err != nil || n != len(read) || read.String() != string(text) {
		return fmt.Errorf("optgate: %.70q is not a SHA-256 in lower-case hex", text)
	}
	*d = read
	return nil
}

// Link is an entry's place in its chain.
type Link struct {
	Partition int    `json:"partition"`
	Seq       uint64 `json:"seq"`   // 1, 2, 3, ... within the partition, without gaps
	Chain     Digest `json:"chain"` // what [Digest.Next] made of the entry before it and of this one
}

// Head is the newest link of a partition, or its [Genesis].
type Head = Link

// Genesis returns the head of a partition that has no entry: Seq 0 and the
// SHA-256 of "optgate ledger 1\n", the site, "\n", the partition in decimal and
// "\n". So an entry cannot be taken to another site or partition.
func Genesis(site SiteID, partition int) Head {
	return Head{
		Partition: partition,
		Chain:     sha256.Sum256([]byte("optgate ledger 1\n" + string(site) + "\n" + strconv.Itoa(partition) + "\n")),
	}
}

// Next returns the link of the entry with that leaf, which follows l: its Chain
// is the SHA-256 of l.Chain (32 bytes), the entry's Seq (8 bytes, the highest
// first) and the leaf (32 bytes).
func (l Link) Next(leaf Digest) Link {
	var b [len(Digest{})*2 + 8]byte
	copy(b[:], l.Chain[:])
	binary.BigEndian.PutUint64(b[len(l.Chain):], l.Seq+1)
	copy(b[len(l.Chain)+8:], leaf[:])
	return Link{Partition: l.Partition, Seq: l.Seq + 1, Chain: sha256.Sum256(b[:])}
}

// Entry is one link of a ledger with what it holds: a record, the note of an
// erasure, or, if both are nil, the tombstone of a record that was erased, of
// which only the leaf is left.
type Entry struct {
	Link
	Leaf    Digest   `json:"leaf"`
	Record  *Record  `json:"record,omitempty"`
	Erasure *Erasure `json:"erasure,omitempty"`
}

// Check reports whether e, an entry of that site, holds what its leaf says. The
// error is an [InvalidError] of the field at fault.
func (e *Entry) Check(site SiteID) error {
	switch {
	case e.Partition < 0 || e.Partition >= Partitions:
		return &InvalidError{"partition", fmt.Sprintf("is %d, want 0 to %d", e.Partition, Partitions-1)}
	case e.Record != nil && (e.Erasure != nil || e.Record.Site != site || e.Record.Leaf() != e.Leaf):
		return &InvalidError{"leaf", "is not that of the record"}
	case e.Erasure != nil && (e.Erasure.Site != site || e.Erasure.Partition != e.Partition || e.Erasure.Leaf() != e.Leaf):
		return &InvalidError{"leaf", "is not that of the erasure"}
	case e.Record == nil:
		return nil
	}
	if p, err := PartitionOf(e.Record.Visitor); err != nil || p != e.Partition {
		return &InvalidError{"partition", "is not that of the visitor"}
	}
	return nil
}

// Follows reports whether e is the entry that follows head. The error is an
// [InvalidError] of the field at fault.
func (e *Entry) Follows(head Head) error {
	switch {
	case e.Partition != head.Partition:
		return &InvalidError{"partition", fmt.Sprintf("is %d, want %d", e.Partition, head.Partition)}
	case e.Seq != head.Seq+1:
		return &InvalidError{"seq", fmt.Sprintf("is %d of partition %d, want %d", e.Seq, e.Partition, head.Seq+1)}
	case head.Next(e.Leaf) != e.Link:
		return &InvalidError{"chain", fmt.Sprintf("of entry %d of partition %d does not follow the entry before it", e.Seq, e.Partition)}
	}
	return nil
}

// Erasure notes that entries of a partition were erased: it is an entry itself,
// so that an erasure is as provable as what it erased was. It names nobody.
type Erasure struct {
	Site      SiteID        `json:"site"`
	Partition int           `json:"partition"`
	Seqs      []uint64      `json:"seqs"` // the entries that are tombstones now, in order
	Reason    ErasureReason `json:"reason"`
	At        time.Time     `json:"at"` // server's time, UTC, whole milliseconds
}

// ErasureReason says on whose behalf records were erased.
type ErasureReason string

// The reasons of an erasure.
const (
	ErasedByVisitor   ErasureReason = "visitor"   // she asked for it herself
	ErasedByAdmin     ErasureReason = "admin"     // an admin did, on request
	ErasedByRetention ErasureReason = "retention" // the site's retention time was over
)

// ErasureReasons lists every reason.
var ErasureReasons = []ErasureReason{ErasedByVisitor, ErasedByAdmin, ErasedByRetention}

// Leaf returns the SHA-256 of [Record.Canonical].
func (r *Record) Leaf() Digest { return sha256.Sum256(r.Canonical(make([]byte, 0, 512))) }

// Leaf returns the SHA-256 of [Erasure.Canonical].
func (e *Erasure) Leaf() Digest { return sha256.Sum256(e.Canonical(nil)) }

// Canonical appends the canonical form of r to b: its JSON by RFC 8785, that is
// without white space and with sorted keys, of exactly the keys action, at,
// choices, id, language, panel (unless it is empty), revision, site, source and
// visitor. The time is RFC 3339 in UTC with three decimals. docs/ledger.md has
// examples.
func (r *Record) Canonical(b []byte) []byte {
	b = appendString(append(b, `{"action":`...), string(r.Action))
	b = append(appendTime(append(b, `,"at":"`...), r.At), `","choices":{`...)
	ids := make([]CategoryID, 0, 8)
	for id := range r.Choices {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendBool(append(appendString(b, string(id)), ':'), r.Choices[id])
	}
	b = appendString(append(b, `},"id":`...), r.ID)
	b = appendString(append(b, `,"language":`...), r.Language)
	if r.Panel != "" {
		b = appendString(append(b, `,"panel":`...), r.Panel)
	}
	b = strconv.AppendInt(append(b, `,"revision":`...), int64(r.Revision), 10)
	b = appendString(append(b, `,"site":`...), string(r.Site))
	b = appendString(append(b, `,"source":`...), r.Source)
	b = appendString(append(b, `,"visitor":`...), r.Visitor)
	return append(b, '}')
}

// Canonical appends the canonical form of e to b, in the way of
// [Record.Canonical], of the keys at, partition, reason, seqs and site.
func (e *Erasure) Canonical(b []byte) []byte {
	b = appendTime(append(b, `{"at":"`...), e.At)
	b = strconv.AppendInt(append(b, `","partition":`...), int64(e.Partition), 10)
	b = appendString(append(b, `,"reason":`...), string(e.Reason))
	b = append(b, `,"seqs":[`...)
	for i, seq := range e.Seqs {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, seq, 10)
	}
	b = appendString(append(b, `],"site":`...), string(e.Site))
	return append(b, '}')
}

// appendTime appends t as RFC 3339 with milliseconds, in UTC. The standard library
// is three times as fast with the layout that it knows, and every record needs this.
func appendTime(b []byte, t time.Time) []byte {
	b = t.UTC().AppendFormat(b, time.RFC3339)
	ms := t.Nanosecond() / int(time.Millisecond)
	return append(b[:len(b)-1], '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10), 'Z')
}

// appendString appends s as a string of JSON by RFC 8785.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	plain := 0 // from where on s was not appended yet
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[plain:i]...)
		plain = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, `\b`...)
		case '\t':
			b = append(b, `\t`...)
		case '\n':
			b = append(b, `\n`...)
		case '\f':
			b = append(b, `\f`...)
		case '\r':
			b = append(b, `\r`...)
		default:
			b = fmt.Appendf(b, `\u%04x`, c)
		}
	}
	return append(append(b, s[plain:]...), '"')
}
