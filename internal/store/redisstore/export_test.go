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

// AppendCall returns the call of [AppendSource] that appends r behind head, and
// the head behind it.
func AppendCall(r *optgate.Record, head optgate.Head) (keys []string, args []any, next optgate.Head, err error) {
	op, _, err := newOp(context.Background(), r)
	if err != nil {
		return nil, nil, head, err
	}
	l := lane{site: r.Site, partition: head.Partition, head: head, waiting: []*appendOp{op}}
	c := l.take()
	return c.keys, c.args, c.links[0], nil
}
