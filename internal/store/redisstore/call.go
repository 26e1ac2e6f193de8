package redisstore

import (
	"errors"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// call is one call of appendScript, which appends to one or more partitions.
type call struct {
	parts   []part
	keys    []string
	args    []any
	records int
}

// part is what a call does for one lane.
type part struct {
	lane       *lane
	ops        []*appendOp
	links      []optgate.Link
	keys, args int // where those of the part end in the call
}

// begin adds what comes before the entries of a lane, which follow that head.
func (c *call) begin(l *lane, head optgate.Head, entries int) {
	c.keys = append(c.keys, l.entries, l.answered)
	c.args = append(append(c.args, entries), expected(head)...)
}

// add adds a record with that link.
func (c *call) add(op *appendOp, chain optgate.Digest) {
	c.keys = append(c.keys, op.bucket, op.day)
	copy(op.entry, chain[:])
	c.args = append(c.args, op.revision, op.count, op.entry)
}

// addNote adds an entry that is no record.
func (c *call) addNote(l *lane, e *optgate.Entry) {
	c.keys = append(c.keys, l.entries, uncountedKey(l.site, l.partition)) // the first is not used
	c.args = append(c.args, "", "", packed.AppendContent(e.Chain[:], e))
}

// end ends a part.
func (c *call) end(n part) {
	n.keys, n.args = len(c.keys), len(c.args)
	c.parts = append(c.parts, n)
	c.records += len(n.ops)
}

// split returns a call for each part.
func (c *call) split() []*call {
	var calls []*call
	var keys, args int
	for _, n := range c.parts {
		calls = append(calls, &call{parts: []part{n}, keys: c.keys[keys:n.keys], args: c.args[args:n.args]})
		keys, args = n.keys, n.args
	}
	return calls
}

// divisible reports whether the parts of a call may succeed that failed with err
// as a whole. The script stops at the first error of a command, and one
// partition's keys may be of another type, or not this user's; and what looks
// like one Redis may be a proxy of several, or a node of a cluster.
func divisible(err error) bool {
	return slices.ContainsFunc([]string{"WRONGTYPE", "CROSSSLOT", "NOPERM", "ERR"}, func(prefix string) bool {
		return redis.HasErrorPrefix(err, prefix)
	})
}

// settle hands out the outcome of a call. The error of unacknowledged, if any, is
// for what was written.
func (c *call) settle(cmd *redis.Cmd, unacknowledged error) {
	replies, err := cmd.Slice()
	if errors.Is(err, redis.Nil) { // Lua's false: all are written
		replies, err = make([]any, len(c.parts)), nil
	}
	if err == nil && len(replies) != len(c.parts) {
		err = fmt.Errorf("reply of a script: %w", packed.ErrDamaged)
	}
	for i, n := range c.parts {
		if err != nil {
			fail(n.ops, err)
			continue
		}
		n.settle(replies[i], unacknowledged)
	}
}

// settle hands out the outcome of a part. What has to be sent again goes to the
// front of its lane.
func (n *part) settle(answer any, unacknowledged error) {
	l := n.lane
	if answer == nil { // Lua's false: they are written
		l.mu.Lock()
		l.head = n.links[len(n.links)-1]
		l.mu.Unlock()
		for i, op := range n.ops {
			op.answer(optgate.Entry{Link: n.links[i], Leaf: op.leaf, Record: op.record}, true, unacknowledged)
		}
		return
	}
	switch said, _ := answer.([]any); {
	case len(said) == 3 && said[0] == "head":
		head, err := parseHead(l.site, l.partition, said[1], said[2])
		if err != nil {
			fail(n.ops, err)
			return
		}
		l.again(n.ops, &head)
	case len(said) > 3 && said[0] == "there":
		l.again(n.there(said[1:], unacknowledged), nil)
	default:
		fail(n.ops, fmt.Errorf("reply of a script: %w", packed.ErrDamaged))
	}
}

// there answers the ops of a part whose records were there already, and returns
// the others.
func (n *part) there(answer []any, unacknowledged error) []*appendOp {
	others := slices.Clone(n.ops)
	for ; len(answer) >= 3; answer = answer[3:] {
		i, _ := answer[0].(int64)
		seq, _ := answer[1].(int64)
		raw, _ := answer[2].(string)
		if i < 1 || int(i) > len(n.ops) {
			continue
		}
		op := n.ops[i-1]
		e, err := parseEntry(optgate.Place{Site: n.lane.site, Partition: n.lane.partition, Seq: uint64(seq)}, raw)
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
