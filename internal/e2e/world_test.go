package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/demo"
	"github.com/optgate/optgate/internal/httpd"
	"github.com/optgate/optgate/internal/keys"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
	"github.com/optgate/optgate/internal/store/redisstore"
	"github.com/optgate/optgate/internal/store/sqlitestore"
	"github.com/optgate/optgate/internal/testkit/browser"
	"github.com/optgate/optgate/internal/testkit/webdriver"
)

func TestMain(m *testing.M) { browser.Main(m, webdriver.Stop) }

// world is Optgate with the demo's websites on one port and the third parties
// on another. Tiertime is at 127.0.0.1, Cetus3D at localhost.
type world struct {
	t        *testing.T
	store    optgate.Store
	registry *publish.Registry
	server   *httpd.Server
	third    *demo.ThirdParties
	options  demo.Options
	front    front
	pages    *http.ServeMux
	settled  int // how often a page was waited for
}

// newWorld returns a world on the embedded store.
func newWorld(t *testing.T) *world {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), t.TempDir(), sqlitestore.Options{})
	return openWorld(t, store, err, nil).applyExamples()
}

// newEmptyWorld returns a world without sites.
func newEmptyWorld(t *testing.T) *world {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), t.TempDir(), sqlitestore.Options{})
	return openWorld(t, store, err, nil)
}

// newReplica returns a world on a Redis. If beside is not nil, it shares that
// world's third parties, as the replicas of one installation do.
func newReplica(t *testing.T, url string, beside *world) *world {
	t.Helper()
	store, err := redisstore.Open(t.Context(), url, redisstore.Options{})
	return openWorld(t, store, err, beside).applyExamples()
}

// openWorld wires the program as cmd/optgate does.
func openWorld(t *testing.T, store optgate.Store, err error, beside *world) *world {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	must(t, "open the store", err)
	w := &world{t: t, store: store, pages: http.NewServeMux()}
	t.Cleanup(func() { _ = store.Close() }) // the tests read what was acknowledged
	sites := listen(t)
	_, port, _ := net.SplitHostPort(sites.Addr().String())
	w.options = demo.Options{
		SiteOrigin: map[optgate.SiteID]string{"tiertime": "http://127.0.0.1:" + port, "cetus3d": "http://localhost:" + port},
		Log:        log, Now: time.Now,
	}
	if beside != nil {
		w.third, w.options.ThirdParty = beside.third, beside.options.ThirdParty
	} else {
		l := listen(t)
		w.third, w.options.ThirdParty = demo.NewThirdParties(log), "http://"+l.Addr().String()
		serve(t, l, w.third.Handler())
	}
	ring, err := keys.Open(t.Context(), store, time.Now)
	must(t, "open the keys", err)
	w.registry, err = publish.Open(t.Context(), publish.Options{Store: store, Panels: store, Version: "test", Now: time.Now, Log: log})
	must(t, "open the registry", err)
	w.pages.Handle("/", demo.Pages(w.options))
	w.server = &httpd.Server{
		Ledger: store, Store: store, Registry: w.registry, Keys: ring, Site: w.pages, CheckLoopback: true,
		Version: "test", Log: log, Now: time.Now,
	}
	w.front.optgate = w.server.Handlers(httpd.AdminBesideSites).Public
	serve(t, sites, &w.front)
	follow(t, w.registry)
	return w
}

// applyExamples publishes the example sites, unless they are there.
func (w *world) applyExamples() *world {
	w.t.Helper()
	configs, err := demo.Configs(w.options)
	must(w.t, "read the example sites", err)
	for _, c := range configs {
		if _, ok := w.registry.Site(c.Site); !ok {
			w.publish(c)
		}
	}
	return w
}

// listen opens a port of this machine.
func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, "listen", err)
	return l
}

// serve serves a listener until the test ends.
func serve(t *testing.T, l net.Listener, h http.Handler) {
	s := &http.Server{Handler: h, ReadHeaderTimeout: patience, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
	var group sync.WaitGroup
	group.Go(func() {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serve %s: %v", l.Addr(), err)
		}
	})
	t.Cleanup(func() {
		_ = s.Close() // whatever a page still waits for, nobody looks at
		group.Wait()
	})
}

// follow keeps a registry up to date until the test ends.
func follow(t *testing.T, r *publish.Registry) {
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var group sync.WaitGroup
	group.Go(func() { r.Run(ctx) })
	t.Cleanup(func() {
		stop()
		group.Wait()
	})
}

// at returns the address of a demo page.
func (w *world) at(site optgate.SiteID, page string) string {
	return w.options.SiteOrigin[site] + "/demo/" + string(site) + "/" + page
}

// page adds a page to both sites and returns its address at Tiertime, whose
// gate stands first in its head.
func (w *world) page(path, lang, body string) string {
	w.pages.HandleFunc("GET "+path, func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(rw, `<!doctype html><html lang=%q><head><script src="/s/tiertime/gate.js"></script><title>Page</title>`+
			`<link rel=icon href="data:,"></head><body>%s</body></html>`, lang, body)
	})
	return w.options.SiteOrigin["tiertime"] + path
}

// publish makes c the next revision of its site.
func (w *world) publish(c *optgate.Config) {
	w.t.Helper()
	latest, _ := w.registry.Site(c.Site)
	_, err := w.registry.Publish(w.t.Context(), c, latest.Number, "test", "")
	must(w.t, "publish "+string(c.Site), err)
}

// config returns a copy of what a site asks now.
func (w *world) config(site optgate.SiteID) *optgate.Config {
	w.t.Helper()
	r, ok := w.registry.Site(site)
	if !ok {
		w.t.Fatalf("there is no site %s", site)
	}
	return r.Config.Clone()
}

// records returns the records in the ledger of a site.
func (w *world) records(site optgate.SiteID) []optgate.Record {
	w.t.Helper()
	entries, _, err := w.store.Scan(w.t.Context(), site, "", 1000)
	must(w.t, "read the ledger", err)
	var records []optgate.Record
	for _, e := range entries {
		if e.Record != nil {
			records = append(records, *e.Record)
		}
	}
	return records
}

// recorded waits until a site has n records and returns them.
func (w *world) recorded(site optgate.SiteID, n int) []optgate.Record {
	w.t.Helper()
	eventually(w.t, "there are "+strconv.Itoa(n)+" records of "+string(site), func() bool { return len(w.records(site)) >= n })
	records := w.records(site)
	if len(records) != n {
		w.t.Fatalf("got %d records of %s, want %d: %+v", len(records), site, n, records)
	}
	return records
}
