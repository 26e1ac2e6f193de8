package redisstore

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"github.com/optgate/optgate/internal/optgate"
)

var _ optgate.Store = (*Store)(nil)

// Options are the settings of [Open]. Its zero value is good.
type Options struct {
	// PoolSize is how many connections to each Redis there may be; 0 means 10
	// for each processor.
	PoolSize int

	// Wait is how many replicas must have a write before it is acknowledged. Each
	// write waits up to one second for them and fails with [ErrReplicas] if they
	// do not have it by then; it may be repeated. 0 waits for none.
	Wait int

	// Hook observes every command, for example to measure it. May be nil.
	Hook redis.Hook
}

// Store is an [optgate.Store] in Redis.
type Store struct {
	rdb      redis.UniversalClient
	appends  *pipeline
	replicas int // how many must have a write before it is acknowledged
	drafts   decodedDrafts

	// writing is held shared by every write, so that Close can wait for them.
	writing sync.RWMutex
	closed  bool
}

// Open connects to the Redis at url: redis://[user:password@]host:port[/db],
// rediss:// for TLS, unix:///path/to/socket,
// redis+sentinel://host:port,host:port/master or
// redis+cluster://host:port,host:port. With TLS, ?ca= names a file of
// certificates to trust, ?cert= and ?key= the client's own. The context bounds
// connecting only. No error of the store holds a password.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	opts, err := parseURL(url)
	if err != nil {
		return nil, fmt.Errorf("redisstore: open: %w", err)
	}
	opts.PoolSize = o.PoolSize
	silence()
	var hooks []redis.Hook
	if o.Wait > 0 {
		hooks = append(hooks, &waiter{o.Wait})
	}
	s := &Store{rdb: newClient(opts, hooks...), replicas: o.Wait}
	if o.Hook != nil {
		s.rdb.AddHook(o.Hook)
	}
	if err := s.load(ctx); err != nil {
		return nil, fmt.Errorf("redisstore: open %v: %w (is Redis running there, and may this user in?)", opts.Addrs, errors.Join(err, s.rdb.Close()))
	}
	_, cluster := s.rdb.(*redis.ClusterClient)
	s.appends = newPipeline(s, cluster)
	if err := s.chainStreams(ctx); err != nil {
		return nil, fmt.Errorf("redisstore: open %v: chain the records of an earlier version: %w", opts.Addrs, errors.Join(err, s.Close()))
	}
	return s, nil
}

// silence takes go-redis's own log away, which the process has one of: every
// fault that it would tell of also reaches a caller as an error.
var silence = sync.OnceFunc(func() { redis.SetLogger(&logging.VoidLogger{}) })

// load puts the scripts into Redis, so that even the first decision is one
// round trip.
func (s *Store) load(ctx context.Context) error {
	return s.masters(ctx, func(ctx context.Context, node redis.Cmdable) error {
		for _, script := range scripts {
			if err := script.Load(ctx, node).Err(); err != nil {
				return err
			}
		}
		return nil
	})
}

// run runs a script. A Redis that does not have it, because it started anew or
// became master a moment ago, gets it along with the call.
func (s *Store) run(ctx context.Context, script *redis.Script, keys []string, args ...any) *redis.Cmd {
	return script.Run(ctx, s.rdb, keys, args...)
}

// Ping implements [optgate.Store]. Every master of a cluster must answer: without
// one, a part of the visitors cannot record.
func (s *Store) Ping(ctx context.Context) error {
	err := s.masters(ctx, func(ctx context.Context, node redis.Cmdable) error { return node.Ping(ctx).Err() })
	if err != nil {
		return fmt.Errorf("redisstore: ping: %w", err)
	}
	return nil
}

// Close implements [optgate.Store].
func (s *Store) Close() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.appends.close()
	if err := s.rdb.Close(); err != nil {
		return fmt.Errorf("redisstore: close: %w", err)
	}
	return nil
}

// notFound says [optgate.ErrNotFound] for a reply of nothing.
func notFound(err error) error {
	if errors.Is(err, redis.Nil) {
		return optgate.ErrNotFound
	}
	return err
}

// swapped turns the reply of a compare-and-swap script into an error.
func swapped(done bool, err error) error {
	if err == nil && !done {
		return optgate.ErrConflict
	}
	return err
}
