package redisstore

import (
	"context"
	"runtime"
	"sync"

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

// pipeline sends the calls of lanes that are ready at the same time together.
// Each is still one round trip for its callers, and none waits for others to
// come; but under load a packet carries many, which is what a Redis connection
// costs most.
//
// On a cluster each lane sends by itself: a node that is slow or dead would hold
// up the callers of all others.
type pipeline struct {
	store *Store
	alone bool // on a cluster
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

// lane returns a site's lane of a partition. A head that is not known is taken
// for that of an empty chain: Redis will tell.
func (p *pipeline) lane(site optgate.SiteID, partition int) *lane {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := laneKey{site, partition}
	l := p.lanes[k]
	if l == nil {
		l = &lane{site: site, partition: partition, head: optgate.Genesis(site, partition)}
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
	for c := l.take(); c != nil; c = l.take() {
		p.single(l, c)
	}
}

// single sends one call and hands out its outcome.
func (p *pipeline) single(l *lane, c *call) {
	cmd, unacknowledged := p.store.unacked(context.Background(), appendScript, c.keys, c.args...)
	l.settle(c, cmd, unacknowledged)
}

// exchange sends the calls of lanes in one pipeline, hands out the replies and
// returns the lanes in which more waits. It has no context of a caller, for it
// has many; the client's timeouts bound it.
func (p *pipeline) exchange(lanes []*lane) (more []*lane) {
	ctx, acked := awaiting(context.Background())
	calls := make([]*call, len(lanes))
	cmds := make([]*redis.Cmd, len(lanes))
	pipe := p.store.rdb.Pipeline()
	for i, l := range lanes {
		if calls[i] = l.take(); calls[i] != nil {
			cmds[i] = appendScript.EvalSha(ctx, pipe, calls[i].keys, calls[i].args...)
		}
	}
	if pipe.Len() == 0 {
		return nil
	}
	pipe.Exec(ctx) // every command has its own error
	var unacknowledged error
	if p.store.replicas > 0 {
		unacknowledged = acked.check(nil)
	}
	for i, l := range lanes {
		if calls[i] == nil {
			continue
		}
		if redis.HasErrorPrefix(cmds[i].Err(), "NOSCRIPT") {
			// This Redis started anew or became master a moment ago.
			p.single(l, calls[i])
		} else {
			l.settle(calls[i], cmds[i], unacknowledged)
		}
		if l.goesOn() {
			more = append(more, l)
		}
	}
	return more
}
