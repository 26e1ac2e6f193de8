package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/optgate/optgate/internal/config"
	"github.com/optgate/optgate/internal/httpd"
	"github.com/optgate/optgate/internal/provider"
)

// How long things may take. Bodies are small, so slow clients are cut.
const (
	headerTimeout   = 5 * time.Second
	readTimeout     = 15 * time.Second
	writeTimeout    = 30 * time.Second
	idleTimeout     = 2 * time.Minute
	shutdownTimeout = 15 * time.Second
	maxHeader       = 16 << 10
	reloadKeysEvery = time.Minute
)

// garbagePercent is how much garbage may grow to, as a share of what lives, if
// GOGC does not say it: little lives, some 20 MB, and each decision leaves some
// 5 KB, which the usual 100 has collected many times a second.
const garbagePercent = 400

var serveFlags = append([]string{
	"addr", "public-url", "admin-url", "admin-addr", "metrics-addr", "decisions-per-minute", "trusted-proxies", "region-header", "check-loopback",
	"oidc-issuer", "oidc-client-id", "oidc-client-secret", "oidc-name", "oidc-scopes", "oidc-role-claim", "oidc-roles",
}, storeFlags...)

// serveCommand serves until ctx ends, then finishes what is under way.
func serveCommand(ctx context.Context, p *program) error {
	c, rest, err := config.Parse("serve", serveFlags, p.args, p.env, p.stdout, nil)
	if err != nil {
		return err
	}
	if err := noArguments(rest); err != nil {
		return err
	}
	if p.env("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	log := newLogger(c, p.stderr)
	w, err := openServer(ctx, c, log)
	if err != nil {
		return err
	}
	defer w.close()
	s := w.newServer(c)
	l, err := listenAll(c)
	if err != nil {
		return err
	}
	if err := w.offerSetup(ctx, p, s, l.adminURL(c)); err != nil {
		return err
	}
	w.warn(ctx)
	return w.serve(ctx, s, l)
}

// noArguments refuses what stands behind the flags of a command that takes
// nothing there.
func noArguments(rest []string) error {
	if len(rest) == 0 {
		return nil
	}
	return config.Faults{{Name: config.Shown(rest[0]), Msg: "is not a flag", Hint: "flags begin with --"}}
}

func (w *world) newServer(c *config.Config) *httpd.Server {
	s := &httpd.Server{
		Ledger: w.store, Store: w.store, Registry: w.registry, Keys: w.keys, PublicURL: c.PublicURL, AdminURL: c.AdminURL,
		DecisionsPerMinute: c.DecisionsPerMinute, TrustedProxies: c.TrustedProxies, RegionHeaders: c.RegionHeaders, CheckLoopback: c.CheckLoopback, Version: fullVersion(), Log: w.log, Now: time.Now,
	}
	if options := c.SignOn; options.Issuer != "" {
		options.Now = time.Now
		s.Provider = provider.New(options)
	}
	return s
}

// offerSetup prints a link to set up the first user, if there is none. It goes
// to the standard output and not to the log, which others may read.
func (w *world) offerSetup(ctx context.Context, p *program, s *httpd.Server, baseURL string) error {
	users, err := w.store.Users(ctx)
	if err != nil || len(users) > 0 {
		return err
	}
	link, err := s.SetupLink(ctx, baseURL)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "No user yet. Set up the first one within a day, by this link, which works once:\n\n  %s\n\n", link)
	return err
}

// warn logs what is wrong with how the store is set up.
func (w *world) warn(ctx context.Context) {
	warnings, err := w.store.Warnings(ctx)
	if err != nil {
		w.log.WarnContext(ctx, "the store's settings could not be checked", slog.Any("err", err))
	}
	for _, warning := range warnings {
		w.log.WarnContext(ctx, "the store may lose records", slog.String("why", warning))
	}
}

// listeners are the open ports; nil ones are not asked for.
type listeners struct{ sites, admin, metrics net.Listener }

// listenAll opens every port that c names, or none.
func listenAll(c *config.Config) (*listeners, error) {
	l := new(listeners)
	for _, x := range []struct {
		to   *net.Listener
		addr string
		flag string
	}{{&l.sites, c.Addr, "--addr"}, {&l.admin, c.AdminAddr, "--admin-addr"}, {&l.metrics, c.MetricsAddr, "--metrics-addr"}} {
		if x.addr == "" {
			continue
		}
		open, err := net.Listen("tcp", x.addr)
		if err != nil {
			l.close()
			return nil, fmt.Errorf("cannot listen on %s: %w (hint: give another address by %s)", x.addr, err, x.flag)
		}
		*x.to = open
	}
	return l, nil
}

func (l *listeners) close() {
	for _, x := range []net.Listener{l.sites, l.admin, l.metrics} {
		if x != nil {
			_ = x.Close() // nothing was accepted on it
		}
	}
}

// adminURL returns where a browser finds the admin.
func (l *listeners) adminURL(c *config.Config) string {
	switch {
	case c.AdminURL != nil:
		return c.AdminURL.String()
	case l.admin != nil:
		return localURL(l.admin.Addr())
	case c.PublicURL != nil:
		return c.PublicURL.String()
	}
	return localURL(l.sites.Addr())
}

// localURL returns an address at which this machine reaches a listener.
func localURL(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return "http://" + addr.String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// serve answers on all listeners until ctx ends, then lets what is under way
// finish.
func (w *world) serve(ctx context.Context, s *httpd.Server, l *listeners) error {
	place := httpd.AdminBesideSites
	if l.admin != nil {
		place = httpd.AdminOnOwnAddress
	}
	handlers := s.Handlers(place)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", handlers.Metrics)

	group, ctx := errgroup.WithContext(ctx)
	for _, x := range []struct {
		listener net.Listener
		handler  http.Handler
		name     string
	}{{l.sites, handlers.Public, "sites"}, {l.admin, handlers.Admin, "admin"}, {l.metrics, mux, "metrics"}} {
		if x.listener == nil {
			continue
		}
		w.log.InfoContext(ctx, "listening", slog.String("for", x.name), slog.String("addr", x.listener.Addr().String()))
		w.serveOne(ctx, group, x.listener, x.handler)
	}
	group.Go(func() error { w.registry.Run(ctx); return nil })
	group.Go(func() error { w.reloadKeys(ctx); return nil })
	group.Go(func() error { w.upkeep(ctx); return nil })
	err := group.Wait()
	w.log.Info("stopped")
	return err
}

// serveOne serves a listener in group until ctx ends.
func (w *world) serveOne(ctx context.Context, group *errgroup.Group, l net.Listener, h http.Handler) {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(w.log.Handler(), slog.LevelDebug),
	}
	group.Go(func() error {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve %s: %w", l.Addr(), err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		return w.stop(context.WithoutCancel(ctx), server, shutdownTimeout)
	})
}

// stop lets what is under way finish and cuts off what takes longer than
// patience: by then every decision has its answer, and who is left reads slowly.
func (w *world) stop(ctx context.Context, server *http.Server, patience time.Duration) error {
	last, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := server.Shutdown(last)
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	w.log.WarnContext(ctx, "slow clients were cut off", slog.Duration("after", patience))
	return server.Close()
}

// reloadKeys follows rotations by other processes until ctx ends.
func (w *world) reloadKeys(ctx context.Context) {
	tick := time.NewTicker(reloadKeysEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := w.keys.Reload(ctx); err != nil && ctx.Err() == nil {
				w.log.WarnContext(ctx, "reloading keys failed, using the ones from before", slog.Any("err", err))
			}
		}
	}
}
