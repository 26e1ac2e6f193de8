package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/optgate/optgate/internal/config"
	"github.com/optgate/optgate/internal/demo"
	"github.com/optgate/optgate/internal/optgate"
)

// demoCommand serves two example sites with their visitors' trackers and the
// admin.
func demoCommand(ctx context.Context, p *program) error {
	c, rest, err := config.Parse("demo", serveFlags, p.args, p.env, p.stdout, nil)
	if err != nil {
		return err
	}
	if err := noArguments(rest); err != nil {
		return err
	}
	w, err := openServer(ctx, c, newLogger(c, p.stderr))
	if err != nil {
		return err
	}
	defer w.close()
	l, err := listenAll(c)
	if err != nil {
		return err
	}
	third, err := listenBeside(l.sites)
	if err != nil {
		l.close()
		return err
	}
	options := demoOptions(l.sites, third, w)
	if err := w.applyDemo(ctx, options); err != nil {
		return err
	}
	s := w.newServer(c)
	s.Site = demo.Pages(options)
	s.CheckLoopback = true // the demo's sites are nowhere else
	link, err := s.SetupLink(ctx, l.adminURL(c))
	if err != nil {
		return err
	}
	printDemo(p, options, l.adminURL(c), link)

	group, ctx := errgroup.WithContext(ctx)
	w.serveOne(ctx, group, third, demo.NewThirdParties(w.log).Handler())
	group.Go(func() error { return w.serve(ctx, s, l) })
	return group.Wait()
}

// demoOptions gives the two sites different host names of this machine, so that
// their cookies are apart, as those of two real sites are.
func demoOptions(sites, third net.Listener, w *world) demo.Options {
	port := strconv.Itoa(sites.Addr().(*net.TCPAddr).Port)
	return demo.Options{
		SiteOrigin: map[optgate.SiteID]string{
			"tiertime": "http://127.0.0.1:" + port,
			"cetus3d":  "http://localhost:" + port,
		},
		ThirdParty: "http://" + third.Addr().String(), Log: w.log, Now: time.Now,
	}
}

// listenBeside opens a loopback port for the third parties: the one after that
// of the sites, which is easy to remember, or else any.
func listenBeside(sites net.Listener) (net.Listener, error) {
	port := sites.Addr().(*net.TCPAddr).Port
	if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port+1)); err == nil {
		return l, nil
	}
	return net.Listen("tcp", "127.0.0.1:0")
}

// applyDemo publishes the example sites, unless they are there already: what an
// admin changed in an earlier run stays, only the ports are brought up to date.
func (w *world) applyDemo(ctx context.Context, o demo.Options) error {
	examples, err := demo.Configs(o)
	if err != nil {
		return err
	}
	for _, site := range examples {
		if latest, ok := w.registry.Site(site.Site); ok {
			site = demo.Move(&latest.Config, o)
		}
		if _, err := w.apply(ctx, site, "demo", ""); err != nil {
			return err
		}
	}
	return nil
}

func printDemo(p *program, o demo.Options, adminURL, link string) {
	var b strings.Builder
	b.WriteString("\nOptgate's demo is running.\n\n")
	for _, site := range []optgate.SiteID{"tiertime", "cetus3d"} {
		fmt.Fprintf(&b, "  %-22s %s/demo/%s/\n", "Site "+string(site), o.SiteOrigin[site], site)
	}
	fmt.Fprintf(&b, "  %-22s %s/\n", "What trackers received", o.ThirdParty)
	fmt.Fprintf(&b, "  %-22s %s/admin/\n", "Admin", adminURL)
	fmt.Fprintf(&b, "\nSet up an admin's account, by this link, which works once:\n\n  %s\n\nStop with Ctrl-C; the data stays.\n\n", link)
	fmt.Fprint(p.stdout, b.String())
}
