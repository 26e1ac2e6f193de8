package redisstore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrReplicas says that a write was applied, but that fewer replicas than
// [Options.Wait] had it in time. It may be repeated, as any write.
var ErrReplicas = errors.New("it is written, but too few replicas have it yet")

// waitTimeout is how long an acknowledgement waits for replicas. It leaves time
// for the reply within the client's own timeout.
const waitTimeout = time.Second

// waiter is a hook that ends the pipelines of writes with WAIT, and so sends it
// on the same connection: it tells of what that connection wrote alone.
type waiter struct{ replicas int }

// acknowledged is how a pipeline's WAIT ended.
type acknowledged struct {
	mu   sync.Mutex
	err  error
	done bool
}

// acknowledgedKey finds the place for the outcome in a context.
type acknowledgedKey struct{}

// awaiting returns the context of a pipeline that ends with WAIT, and where its
// outcome will be.
func awaiting(ctx context.Context) (context.Context, *acknowledged) {
	a := &acknowledged{}
	return context.WithValue(ctx, acknowledgedKey{}, a), a
}

// check returns err, which a command in the pipeline brought, or else what was
// wrong with the wait.
func (a *acknowledged) check(err error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case err != nil && !errors.Is(err, redis.Nil):
		return err
	case !a.done:
		return ErrReplicas // it was sent past the hook, which cannot be told from success
	case a.err != nil:
		return a.err
	}
	return err
}

// DialHook implements [redis.Hook].
func (*waiter) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

// ProcessHook implements [redis.Hook].
func (*waiter) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

// ProcessPipelineHook implements [redis.Hook].
func (w *waiter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		a, ok := ctx.Value(acknowledgedKey{}).(*acknowledged)
		if !ok {
			return next(ctx, cmds)
		}
		// What a cluster client sends again may hold the WAIT of the try before.
		cmds = slices.DeleteFunc(slices.Clone(cmds), func(c redis.Cmder) bool { return c.Name() == "wait" })
		if len(cmds) == 0 {
			return nil
		}
		wait := redis.NewIntCmd(ctx, "wait", w.replicas, waitTimeout.Milliseconds())
		err := next(ctx, append(cmds, wait))
		a.mu.Lock()
		defer a.mu.Unlock()
		a.done, a.err = true, nil
		if n, waitErr := wait.Result(); waitErr != nil {
			a.err = fmt.Errorf("wait for replicas: %w", waitErr)
		} else if n < int64(w.replicas) {
			a.err = fmt.Errorf("%d of %d replicas answered within %v: %w", n, w.replicas, waitTimeout, ErrReplicas)
		}
		return err
	}
}

// write sends a command that writes. With [Options.Wait], that many replicas
// have it when it returns without an error.
func write[C redis.Cmder](ctx context.Context, s *Store, send func(context.Context, redis.Cmdable) C) C {
	if s.replicas == 0 {
		return send(ctx, s.rdb)
	}
	ctx, a := awaiting(ctx)
	pipe := s.rdb.Pipeline()
	cmd := send(ctx, pipe)
	pipe.Exec(ctx) // the command has its own error
	cmd.SetErr(a.check(cmd.Err()))
	return cmd
}

// runWrite is run for a script that writes.
func (s *Store) runWrite(ctx context.Context, script *redis.Script, keys []string, args ...any) *redis.Cmd {
	cmd, unacknowledged := s.unacked(ctx, script, keys, args...)
	if err := cmd.Err(); unacknowledged != nil && (err == nil || errors.Is(err, redis.Nil)) {
		cmd.SetErr(unacknowledged)
	}
	return cmd
}

// unacked is runWrite for a script whose reply says whether it wrote: what was
// wrong with the wait for replicas, if anything, is told apart from it.
func (s *Store) unacked(ctx context.Context, script *redis.Script, keys []string, args ...any) (cmd *redis.Cmd, unacknowledged error) {
	if s.replicas == 0 {
		return script.Run(ctx, s.rdb, keys, args...), nil
	}
	for _, send := range []func(context.Context, redis.Scripter, []string, ...any) *redis.Cmd{script.EvalSha, script.Eval} {
		ctx, a := awaiting(ctx)
		pipe := s.rdb.Pipeline()
		cmd = send(ctx, pipe, keys, args...)
		pipe.Exec(ctx) // the command has its own error
		if unacknowledged = a.check(nil); !redis.HasErrorPrefix(cmd.Err(), "NOSCRIPT") {
			break
		}
	}
	return cmd, unacknowledged
}
