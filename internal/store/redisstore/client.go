package redisstore

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
)

// stateReload is how often a client asks a cluster which node has which slot.
// go-redis's minute would leave a new master unknown for long.
const stateReload = time.Second

// newClient returns a client for opts. Hooks that must see each node's own
// traffic are put on the nodes of a cluster, not on what stands before them.
func newClient(opts *redis.UniversalOptions, nodeHooks ...redis.Hook) redis.UniversalClient {
	if !opts.IsClusterMode {
		one := redis.NewUniversalClient(opts)
		for _, h := range nodeHooks {
			one.AddHook(h)
		}
		return one
	}
	settings := opts.Cluster()
	settings.ClusterStateReloadInterval = stateReload
	settings.MaxRetries = -1 // the cluster client tries again by itself, perhaps on another node
	cluster := redis.NewClusterClient(settings)
	cluster.OnNewNode(func(node *redis.Client) {
		node.AddHook(reloader{cluster})
		for _, h := range nodeHooks {
			node.AddHook(h)
		}
	})
	return cluster
}

// reloader is a hook that makes a cluster client look for the new master as soon
// as a node cannot be reached; by itself it would not.
type reloader struct{ cluster *redis.ClusterClient }

// DialHook implements [redis.Hook].
func (r reloader) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := next(ctx, network, addr)
		r.judge(ctx, err)
		return conn, err
	}
}

// ProcessHook implements [redis.Hook].
func (r reloader) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		r.judge(ctx, err)
		return err
	}
}

// ProcessPipelineHook implements [redis.Hook].
func (r reloader) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		r.judge(ctx, err)
		return err
	}
}

// judge reloads the state for any error that is neither a node's reply nor the
// caller's leaving.
func (r reloader) judge(ctx context.Context, err error) {
	var reply redis.Error
	if err != nil && ctx.Err() == nil && !errors.As(err, &reply) {
		r.cluster.ReloadState(ctx)
	}
}

// masters calls fn for every Redis that takes writes: the one there is, or all
// masters of a cluster at the same time.
func (s *Store) masters(ctx context.Context, fn func(context.Context, redis.Cmdable) error) error {
	if cluster, ok := s.rdb.(*redis.ClusterClient); ok {
		return cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error { return fn(ctx, node) })
	}
	return fn(ctx, s.rdb)
}
