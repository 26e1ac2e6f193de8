package sqlitestore

import (
	"encoding/binary"

	"github.com/optgate/optgate/internal/optgate"
)

// partitionBits is how many bits of an entry's link number are its partition.
const partitionBits = 6

// linkNumber returns the column link of an entry: its seq and its partition.
func linkNumber(l optgate.Link) int64 { return int64(l.Seq)<<partitionBits | int64(l.Partition) }

// place returns where the entry of a site with that link number lies.
func place(site optgate.SiteID, link int64) optgate.Place {
	return optgate.Place{Site: site, Partition: int(link & (1<<partitionBits - 1)), Seq: uint64(link >> partitionBits)}
}

// heads are the heads of a site's chains: 40 bytes for each partition in their
// order, seq and chain hash. Before the first entry there are none.
type heads struct {
	site   optgate.SiteID
	stored []byte
}

const (
	seqSize  = 8
	headSize = seqSize + len(optgate.Digest{})
)

// of returns the head of a partition.
func (h *heads) of(partition int) optgate.Head {
	if len(h.stored) == optgate.Partitions*headSize {
		b := h.stored[partition*headSize:][:headSize]
		if seq := binary.BigEndian.Uint64(b); seq > 0 {
			return optgate.Head{Partition: partition, Seq: seq, Chain: optgate.Digest(b[seqSize:])}
		}
	}
	return optgate.Genesis(h.site, partition)
}

// set puts a head in its place.
func (h *heads) set(l optgate.Head) {
	if len(h.stored) != optgate.Partitions*headSize {
		h.stored = make([]byte, optgate.Partitions*headSize)
	}
	b := h.stored[l.Partition*headSize:]
	binary.BigEndian.PutUint64(b, l.Seq)
	copy(b[seqSize:], l.Chain[:])
}

// all returns the heads of the partitions that have entries.
func (h *heads) all() []optgate.Head {
	var found []optgate.Head
	for p := range optgate.Partitions {
		if head := h.of(p); head.Seq > 0 {
			found = append(found, head)
		}
	}
	return found
}
