package packed

import (
	"fmt"

	"github.com/optgate/optgate/internal/optgate"
)

// Series are entries of one partition that follow one another.
type Series []optgate.Entry

// BySeries sorts the entries of a site by partition, in their order. The error
// is an [optgate.InvalidError] if one contradicts itself or does not follow the
// one before it.
func BySeries(site optgate.SiteID, entries []optgate.Entry) ([]Series, error) {
	var all [optgate.Partitions]Series
	for _, e := range entries {
		if err := e.Check(site); err != nil {
			return nil, fmt.Errorf("entry %d of partition %d: %w", e.Seq, e.Partition, err)
		}
		s := all[e.Partition]
		if len(s) > 0 {
			if err := e.Follows(s[len(s)-1].Link); err != nil {
				return nil, err
			}
		} else if e.Seq == 0 {
			return nil, &optgate.InvalidError{Field: "seq", Msg: "is 1 or more"}
		}
		all[e.Partition] = append(s, e)
	}
	var found []Series
	for _, s := range all {
		if len(s) > 0 {
			found = append(found, s)
		}
	}
	return found, nil
}

// New returns the entries that follow head, and of those before it the last: if
// that one has the stored entry's chain hash, all before it are there, too.
func (s Series) New(head optgate.Head) (fresh Series, last *optgate.Entry, err error) {
	first := s[0].Seq
	if first > head.Seq {
		if err := s[0].Follows(head); err != nil {
			return nil, nil, fmt.Errorf("%w: %w", optgate.ErrConflict, err)
		}
		return s, nil, nil
	}
	there := min(uint64(len(s)), head.Seq-first+1)
	if uint64(len(s)) > there {
		if err := s[there].Follows(head); err != nil {
			return nil, nil, fmt.Errorf("%w: %w", optgate.ErrConflict, err)
		}
	}
	return s[there:], &s[there-1], nil
}
