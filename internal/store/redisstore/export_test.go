package redisstore

import (
	"context"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// What tests need to measure the store against the same calls made without it.
var (
	AppendSource = appendSource
	ParseURL     = parseURL
	PartitionKey = partitionKey
)

// Heads are the heads of a site's partitions as a client knows them that is
// alone to append.
type Heads map[int]optgate.Head

// Call returns the call of [AppendSource] that appends records.
func (h Heads) Call(records ...optgate.Record) (keys []string, args []any, err error) {
	c := &call{}
	for i := range records {
		op, p, err := newOp(context.Background(), &records[i])
		if err != nil {
			return nil, nil, err
		}
		l := newLane(records[i].Site, p)
		if head, ok := h[p]; ok {
			l.head = head
		}
		l.waiting = []*appendOp{op}
		l.take(c)
		h[p] = c.parts[i].links[0]
	}
	return c.keys, c.args, nil
}

// SumUpTo sums a site's days up to that one, whatever the day is. Records of days
// after last are taken for some of before.
func (s *Store) SumUpTo(ctx context.Context, site optgate.SiteID, from, over, last time.Time) error {
	_, _, err := s.currentSums(ctx, site, sums{}, from, over, last)
	return err
}
