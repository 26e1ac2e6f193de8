package redisstore

import (
	"context"

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
