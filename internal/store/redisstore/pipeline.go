package redisstore

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/redis/go-redis/v9"

	"github.com/optgate/optgate/internal/optgate"
)

const (
	// senders is how many pipelines may be under way at once: while Redis works
	// on one, the others are filled and their replies handed out. More only make
	// each shorter.
	senders = 2

	// maxPipeline bounds a pipeline, and with it what a lost connection repeats.
	maxPipeline = 128
)

// pipeline sends what lanes have that are ready at the same time together, in as
// few calls as can be. Each is still one round trip for its callers, and none
// waits for others to come; but under load a call carries many, and a third of
// what Redis does for a call is the same for one record and for many.
//
// On a cluster each lane sends by itself: a call has one slot, and a node that is
// slow or dead would hold up the callers of all others.
type pipeline struct {
	store *Store
	alone bool        // on a cluster
	apart atomic.Bool // a call may have one partition only, as Redis said
	ended sync.WaitGroup

	mu     sync.Mutex
	change *sync.Cond // lanes are ready, or closing
	lanes  map[laneKey]*lane
	ready  []*lane
	closed bool
}

// laneKey finds a lane.
type laneKey struct {
	site      optgate.SiteID
	partition int
}

func newPipeline(s *Store, alone bool) *pipeline {
	p := &pipeline{store: s, alone: alone, lanes: map[laneKey]*lane{}}
	p.change = sync.NewCond(&p.mu)
	if !alone {
		for range senders {
			p.ended.Go(p.send)
		}
	}
	return p
}

// append appends a record. If the context ends before the call was sent, it is
// not sent.
func (p *pipeline) append(op *appendOp, site optgate.SiteID, partition int) reply {
	if err := op.ctx.Err(); err != nil {
		return reply{err: err}
	}
	l := p.lane(site, partition)
	l.mu.Lock()
	l.waiting = append(l.waiting, op)
	idle := !l.busy
	l.busy = true
	l.mu.Unlock()
	switch {
	case idle && p.alone:
		p.ended.Go(func() { p.run(l) })
	case idle:
		p.queue(l)
	}
	select {
	case r := <-op.done:
		return r
	case <-op.ctx.Done():
		return reply{err: op.ctx.Err()}
	}
}

// lane returns a site's lane of a partition.
func (p *pipeline) lane(site optgate.SiteID, partition int) *lane {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := laneKey{site, partition}
	l := p.lanes[k]
	if l == nil {
		l = newLane(site, partition)
		p.lanes[k] = l
	}
	return l
}

func (p *pipeline) queue(lanes ...*lane) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ready = append(p.ready, lanes...)
	p.change.Signal()
}

// close sends what waits and returns when all is answered. Nothing may be
// appended any more.
func (p *pipeline) close() {
	p.mu.Lock()
	p.closed = true
	p.change.Broadcast()
	p.mu.Unlock()
	p.ended.Wait()
}

// next waits for lanes that are ready; there are none when the pipeline is closed.
func (p *pipeline) next() []*lane {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.ready) == 0 && !p.closed {
		p.change.Wait()
	}
	n := min(len(p.ready), maxPipeline)
	lanes := p.ready[:n:n]
	p.ready = p.ready[n:]
	if len(p.ready) > 0 {
		p.change.Signal()
	}
	return lanes
}

// send is a sender's goroutine.
func (p *pipeline) send() {
	for {
		lanes := p.next()
		if len(lanes) == 0 {
			return
		}
		// Callers that were just answered are about to come back with their next
		// record; letting them run first makes fuller pipelines.
		runtime.Gosched()
		p.mu.Lock()
		more := min(len(p.ready), maxPipeline-len(lanes))
		lanes = append(lanes, p.ready[:more]...)
		p.ready = p.ready[more:]
		p.mu.Unlock()
		p.queue(p.exchange(lanes)...)
	}
}

// run sends a lane's calls until nothing waits.
func (p *pipeline) run(l *lane) {
	for {
		c := &call{}
		if l.take(c); c.records == 0 {
			return
		}
		p.single(c)
	}
}

// single sends one call and hands out its outcome.
func (p *pipeline) single(c *call) {
	c.settle(p.store.unacked(context.Background(), appendScript, c.keys, c.args...))
}

// fill makes calls of what waits in lanes.
func (p *pipeline) fill(lanes []*lane) (calls []*call) {
	c := &call{}
	for _, l := range lanes {
		if l.take(c); c.records > 0 && (c.records == maxGroup || p.apart.Load()) {
			calls = append(calls, c)
			c = &call{}
		}
	}
	if c.records > 0 {
		calls = append(calls, c)
	}
	return calls
}

// exchange sends what waits in lanes in one pipeline, hands out the replies and
// returns the lanes in which more waits. It has no context of a caller, for it
// has many; the client's timeouts bound it.
func (p *pipeline) exchange(lanes []*lane) (more []*lane) {
	ctx, acked := awaiting(context.Background())
	calls := p.fill(lanes)
	if len(calls) == 0 {
		return nil
	}
	cmds := make([]*redis.Cmd, len(calls))
	pipe := p.store.rdb.Pipeline()
	for i, c := range calls {
		cmds[i] = appendScript.EvalSha(ctx, pipe, c.keys, c.args...)
	}
	pipe.Exec(ctx) // every command has its own error
	var unacknowledged error
	if p.store.replicas > 0 {
		unacknowledged = acked.check(nil)
	}
	for i, c := range calls {
		err := cmds[i].Err()
		switch {
		case redis.HasErrorPrefix(err, "NOSCRIPT"):
			// This Redis started anew or became master a moment ago.
			p.single(c)
		case len(c.parts) > 1 && divisible(err):
			if redis.HasErrorPrefix(err, "CROSSSLOT") {
				p.apart.Store(true)
			}
			for _, one := range c.split() {
				p.single(one)
			}
		default:
			c.settle(cmds[i], unacknowledged)
		}
		for _, n := range c.parts {
			if n.lane.goesOn() {
				more = append(more, n.lane)
			}
		}
	}
	return more
}
