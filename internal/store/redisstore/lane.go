package redisstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

const (
	// maxGroup bounds how many records one call appends.
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

	mu      sync.Mutex
	head    optgate.Head // as far as it is known
	waiting []*appendOp
	busy    bool // a call is under way, or the lane is queued for one
}

// appendOp is a record that waits to be appended.
type appendOp struct {
	ctx         context.Context
	record      *optgate.Record
	visitor, id packed.ID
	leaf        optgate.Digest
	bucket, day string // keys
	content     []byte // see packed.AppendContent
	count       []byte // see packed.AppendCountKey
	tries       int
	done        chan reply // of one place: a lane never waits for a caller who has left
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
	op.content = packed.AppendContent(make([]byte, 0, 64), &optgate.Entry{Record: r})
	op.content = append(append(op.content, op.visitor[:]...), op.id[:]...)
	op.count = packed.AppendCountKey(make([]byte, 0, 24), r)
	return op, p, nil
}

// call is one call of appendScript.
type call struct {
	ops   []*appendOp
	links []optgate.Link
	keys  []string
	args  []any
}

// take makes a call of what waits, or returns nil and the lane is idle.
func (l *lane) take() *call {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &call{keys: []string{entriesKey(l.site, l.partition), answeredKey(l.site, l.partition)}, args: expected(l.head)}
	head := l.head
	var later []*appendOp
	for i, op := range l.waiting {
		if len(c.ops) == maxGroup {
			later = append(later, l.waiting[i:]...)
			break
		}
		if err := op.ctx.Err(); err != nil {
			op.done <- reply{err: err}
			continue
		}
		// The script looks for records that are there, not for twins in the call.
		if slices.ContainsFunc(c.ops, func(o *appendOp) bool { return o.id == op.id && o.visitor == op.visitor }) {
			later = append(later, op)
			continue
		}
		head = head.Next(op.leaf)
		c.ops, c.links = append(c.ops, op), append(c.links, head)
		c.keys = append(c.keys, op.bucket, op.day)
		c.args = append(c.args, op.visitor[:], op.id[:], revisionBytes(op.record.Revision), slices.Concat(head.Chain[:], op.content), op.count)
	}
	l.waiting = later
	if len(c.ops) == 0 {
		l.busy = false
		return nil
	}
	return c
}

// goesOn reports whether something waits; if not, the lane is idle.
func (l *lane) goesOn() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy = len(l.waiting) > 0
	return l.busy
}

// settle hands out the outcome of a call. What has to be sent again goes to the
// front. The error of unacknowledged, if any, is for what was written.
func (l *lane) settle(c *call, cmd *redis.Cmd, unacknowledged error) {
	answer, err := cmd.Slice()
	switch {
	case errors.Is(err, redis.Nil): // Lua's false: all are written
		l.mu.Lock()
		l.head = c.links[len(c.links)-1]
		l.mu.Unlock()
		for i, op := range c.ops {
			op.answer(optgate.Entry{Link: c.links[i], Leaf: op.leaf, Record: op.record}, true, unacknowledged)
		}
	case err != nil:
		fail(c.ops, err)
	case len(answer) == 3 && answer[0] == "head":
		head, err := parseHead(l.site, l.partition, answer[1], answer[2])
		if err != nil {
			fail(c.ops, err)
			return
		}
		l.again(c.ops, &head)
	case len(answer) > 3 && answer[0] == "there":
		l.again(c.there(l, answer[1:], unacknowledged), nil)
	default:
		fail(c.ops, fmt.Errorf("reply of a script: %w", packed.ErrDamaged))
	}
}

// there answers the ops of a call whose records were there already, and returns
// the others.
func (c *call) there(l *lane, answer []any, unacknowledged error) []*appendOp {
	others := slices.Clone(c.ops)
	for ; len(answer) >= 3; answer = answer[3:] {
		i, _ := answer[0].(int64)
		seq, _ := answer[1].(int64)
		raw, _ := answer[2].(string)
		if i < 1 || int(i) > len(c.ops) {
			continue
		}
		op := c.ops[i-1]
		e, err := parseEntry(optgate.Place{Site: l.site, Partition: l.partition, Seq: uint64(seq)}, raw)
		if err == nil && e.Record == nil {
			err = packed.ErrDamaged
		}
		if err == nil && !e.Record.SameAnswer(op.record) {
			err = fmt.Errorf("it holds another answer: %w", optgate.ErrConflict)
		}
		if err == nil {
			err = unacknowledged
		}
		op.answer(e, false, err)
		others[i-1] = nil
	}
	return slices.DeleteFunc(others, func(op *appendOp) bool { return op == nil })
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
