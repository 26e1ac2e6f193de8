package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/optgate/optgate/internal/config"
	"github.com/optgate/optgate/internal/keys"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
	"github.com/optgate/optgate/internal/store/redisstore"
	"github.com/optgate/optgate/internal/store/sqlitestore"
)

// storeFlags are the settings of every command that opens the store.
var storeFlags = []string{"data", "redis", "redis-wait", "log-level", "log-format"}

// newLogger returns the logger that the configuration asks for.
func newLogger(c *config.Config, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // the configuration was checked
	options := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// openStore opens Redis, or the embedded store if none is given.
func openStore(ctx context.Context, c *config.Config) (optgate.Store, error) {
	if c.Redis != "" {
		store, err := redisstore.Open(ctx, c.Redis, redisstore.Options{Wait: c.RedisWait})
		if err != nil {
			return nil, fmt.Errorf("%w (hint: does the Redis of --redis run, and does it accept this user and password?)", err)
		}
		return store, nil
	}
	return sqlitestore.Open(ctx, c.Data, sqlitestore.Options{})
}

// world is what the commands work on.
type world struct {
	store    optgate.Store
	keys     *keys.Keys
	registry *publish.Registry
	log      *slog.Logger
}

// openWorld opens the store and what stands on it. The caller closes it.
func openWorld(ctx context.Context, c *config.Config, log *slog.Logger) (*world, error) {
	store, err := openStore(ctx, c)
	if err != nil {
		return nil, err
	}
	return newWorld(ctx, store, nil, log)
}

// openServer is openWorld for a process that shows panels to visitors, and so
// keeps what it shows.
func openServer(ctx context.Context, c *config.Config, log *slog.Logger) (*world, error) {
	store, err := openStore(ctx, c)
	if err != nil {
		return nil, err
	}
	return newWorld(ctx, store, store, log)
}

// newWorld puts up what stands on a store. If it fails it closes the store.
func newWorld(ctx context.Context, store optgate.Store, panels optgate.PanelStore, log *slog.Logger) (_ *world, err error) {
	w := &world{store: store, log: log}
	if w.keys, err = keys.Open(ctx, store, time.Now); err == nil {
		w.registry, err = publish.Open(ctx, publish.Options{Store: store, Panels: panels, Version: fullVersion(), Now: time.Now, Log: log})
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// close waits for writes under way.
func (w *world) close() {
	if err := w.store.Close(); err != nil {
		w.log.Error("closing the store failed", slog.Any("err", err))
	}
}
