package redisstore

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"sync"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

const (
	// maxGroup bounds how many records one call appends, and with it how long Redis
	// does nothing else.
	maxGroup = 64

	// maxTries bounds how often a record is sent again because another process
	// was faster. Each time one of them gets ahead.
	maxTries = 200
)

var errContended = errors.New("other processes append to this partition all the time")

// lane is one partition as this process writes to it. One call is under way at a
// time, because each begins with the head that the one before it left; records
// that come meanwhile go together in the next. If another process was faster,
// Redis refuses the call and tells the head that it has.
type lane struct {
	site      optgate.SiteID
	partition int
	entries   string // key
	answered  string // key

	mu      sync.Mutex
	head    optgate.Head // as far as it is known
	waiting []*appendOp
	busy    bool // a call is under way, or the lane is queued for one
}

// newLane returns the lane of a partition. A head that is not known is taken for
// that of an empty chain: Redis will tell.
func newLane(site optgate.SiteID, p int) *lane {
	return &lane{
		site: site, partition: p, entries: entriesKey(site, p), answered: answeredKey(site, p),
		head: optgate.Genesis(site, p),
	}
}

// appendOp is a record that waits to be appended.
type appendOp struct {
	ctx         context.Context
	record      *optgate.Record
	visitor, id packed.ID
	leaf        optgate.Digest
	bucket, day string // keys; the second is uncountedKey if the record is not to be counted

	// These three are what the script takes; they share memory. The first bytes of
	// the entry are the place of its chain hash.
	revision []byte
	count    []byte // see packed.AppendCountKey
	entry    []byte

	tries int
	done  chan reply // of one place: a lane never waits for a caller who has left
}

// reply is how an append ended.
type reply struct {
	entry   optgate.Entry
	created bool
	err     error
}

// newOp returns the op of a record and the partition that it belongs to.
func newOp(ctx context.Context, r *optgate.Record) (*appendOp, int, error) {
	op := &appendOp{ctx: ctx, record: r, leaf: r.Leaf(), done: make(chan reply, 1)}
	var err error
	if op.visitor, err = packed.ParseID("visitor", r.Visitor); err != nil {
		return nil, 0, err
	}
	if op.id, err = packed.ParseID("id", r.ID); err != nil {
		return nil, 0, err
	}
	var p int
	p, op.bucket = visitorKey(r.Site, op.visitor)
	op.day = dayKey(r.Site, p, r.At)
	b := binary.BigEndian.AppendUint32(make([]byte, 0, 160), uint32(r.Revision))
	count := len(b)
	b = packed.AppendCountKey(b, r)
	entry := len(b)
	b = append(b, make([]byte, len(optgate.Digest{}))...)
	b = packed.AppendContent(b, &optgate.Entry{Record: r})
	b = append(append(b, op.visitor[:]...), op.id[:]...)
	op.revision, op.count, op.entry = b[:count], b[count:entry], b[entry:]
	return op, p, nil
}

// take adds what waits to a call, as far as there is room. If nothing waits, the
// lane is idle.
func (l *lane) take(c *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := part{lane: l}
	head := l.head
	var later []*appendOp
	for i, op := range l.waiting {
		if c.records+len(n.ops) == maxGroup {
			later = append(later, l.waiting[i:]...)
			break
		}
		if err := op.ctx.Err(); err != nil {
			op.done <- reply{err: err}
			continue
		}
		// The script looks for records that are there, not for twins in the call.
		if slices.ContainsFunc(n.ops, func(o *appendOp) bool { return o.id == op.id && o.visitor == op.visitor }) {
			later = append(later, op)
			continue
		}
		head = head.Next(op.leaf)
		n.ops, n.links = append(n.ops, op), append(n.links, head)
	}
	l.waiting = later
	if len(n.ops) == 0 {
		l.busy = false
		return
	}
	c.begin(l, l.head, len(n.ops))
	for i, op := range n.ops {
		c.add(op, n.links[i].Chain)
	}
	c.end(n)
}

// goesOn reports whether something waits; if not, the lane is idle.
func (l *lane) goesOn() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy = len(l.waiting) > 0
	return l.busy
}

// again puts ops to the front, behind another head if one is given.
func (l *lane) again(ops []*appendOp, head *optgate.Head) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if head != nil {
		l.head = *head
	}
	var more []*appendOp
	for _, op := range ops {
		if op.tries++; op.tries == maxTries {
			op.done <- reply{err: errContended}
			continue
		}
		more = append(more, op)
	}
	l.waiting = append(more, l.waiting...)
}

// answer answers the caller.
func (op *appendOp) answer(e optgate.Entry, created bool, err error) {
	if err != nil {
		op.done <- reply{err: err}
		return
	}
	op.done <- reply{entry: e, created: created}
}

// fail answers callers with an error.
func fail(ops []*appendOp, err error) {
	for _, op := range ops {
		op.done <- reply{err: err}
	}
}
