package redisstore

import (
	"context"
	"runtime"
	"sync"

	"github.com/redis/go-redis/v9"
)

const (
	// senders is how many pipelines may be under way at once: while Redis works
	// on one, the others are filled and their replies handed out. More only make
	// each shorter.
	senders = 2

	// maxPipeline bounds a pipeline, and with it what a lost connection repeats.
	maxPipeline = 128
)

// pipeline sends the appends that wait at the same time together. Each is still
// one round trip for its caller, and none waits for others to come; but under
// load a packet carries many, which is what a Redis connection costs most.
//
// A cluster gets no pipeline: one of its nodes that is slow or dead would hold up
// the callers of all others.
type pipeline struct {
	store *Store
	queue chan *appendOp
	ended sync.WaitGroup
}

// appendOp is one call of appendScript.
type appendOp struct {
	ctx  context.Context
	keys []string
	args []any
	done chan reply // of one place: a sender never waits for a caller who has left
}

// reply is what a call of appendScript brought.
type reply struct {
	first string
	err   error
}

func newPipeline(s *Store) *pipeline {
	p := &pipeline{store: s, queue: make(chan *appendOp, maxPipeline)}
	for range senders {
		p.ended.Go(p.send)
	}
	return p
}

// append runs appendScript. If the context ends before the call was sent, it is
// not sent.
func (p *pipeline) append(ctx context.Context, keys []string, args []any) (string, error) {
	op := &appendOp{ctx: ctx, keys: keys, args: args, done: make(chan reply, 1)}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	select {
	case p.queue <- op:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	select {
	case r := <-op.done:
		return r.first, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// close sends what waits and returns when all is answered. Nothing may be
// appended any more.
func (p *pipeline) close() {
	close(p.queue)
	p.ended.Wait()
}

// send is a sender's goroutine.
func (p *pipeline) send() {
	for first := range p.queue {
		// Callers that were just answered are about to come back with their next
		// record; letting them run first makes fuller pipelines.
		runtime.Gosched()
		ops := []*appendOp{first}
		for more := true; more && len(ops) < maxPipeline; {
			select {
			case op, ok := <-p.queue:
				if more = ok; ok {
					ops = append(ops, op)
				}
			default:
				more = false
			}
		}
		p.exchange(ops)
	}
}

// exchange sends calls in one pipeline and hands out the replies. It has no
// context of a caller, for it has many; the client's timeouts bound it.
func (p *pipeline) exchange(ops []*appendOp) {
	ctx, acked := awaiting(context.Background())
	cmds := make([]*redis.Cmd, len(ops))
	pipe := p.store.rdb.Pipeline()
	for i, op := range ops {
		if err := op.ctx.Err(); err != nil {
			op.done <- reply{err: err}
			continue
		}
		cmds[i] = appendScript.EvalSha(ctx, pipe, op.keys, op.args...)
	}
	pipe.Exec(ctx) // every command has its own error
	for i, op := range ops {
		if cmds[i] == nil {
			continue
		}
		if redis.HasErrorPrefix(cmds[i].Err(), "NOSCRIPT") {
			// This Redis started anew or became master a moment ago.
			first, err := p.store.runWrite(context.Background(), appendScript, op.keys, op.args...).Text()
			op.done <- reply{first, err}
			continue
		}
		first, err := cmds[i].Text()
		if p.store.replicas > 0 {
			err = acked.check(err)
		}
		op.done <- reply{first, err}
	}
}
