package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	pages "github.com/optgate/optgate/components/evidence"
	"github.com/optgate/optgate/internal/config"
	"github.com/optgate/optgate/internal/evidence"
	"github.com/optgate/optgate/internal/optgate"
)

// showCommand writes what a visitor saw and clicked as a page of its own.
func showCommand(ctx context.Context, p *program) error {
	site, file := "", ""
	args := p.args
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		args = append(args[1:len(args):len(args)], args[0]) // flags may follow what is to be shown
	}
	c, rest, err := config.Parse("show", storeFlags, args, p.env, p.stdout, func(f *flag.FlagSet) {
		f.StringVar(&site, "site", "", "id of the site; by itself every site is searched, or the one that a receipt names")
		f.StringVar(&file, "o", "", "file to write; by itself the page goes to the standard output")
	})
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return config.Faults{{Name: "optgate show", Msg: "shows one record or one visitor", Hint: "optgate show --site tiertime 01JD9Z3W5Q8R1T2V4X6Y8Z0A2B -o page.html"}}
	}
	w, err := openWorld(ctx, c, newLogger(c, p.stderr))
	if err != nil {
		return err
	}
	defer w.close()
	found, err := w.find(ctx, optgate.SiteID(site), rest[0])
	if errors.Is(err, optgate.ErrNotFound) {
		return fmt.Errorf("there is no such record (hint: by the id of a record alone only a day is searched; try the id of the visitor, or the receipt)")
	} else if err != nil {
		return err
	}
	var page bytes.Buffer
	if err := pages.Page(found).Render(ctx, &page); err != nil {
		return err
	}
	if file == "" {
		_, err = p.stdout.Write(page.Bytes())
		return err
	}
	// It says what a person decided.
	return os.WriteFile(file, page.Bytes(), 0o600)
}

// find looks on a site, or on all of them, for what is named.
func (w *world) find(ctx context.Context, site optgate.SiteID, named string) (evidence.Found, error) {
	sources := evidence.Sources{Ledger: w.store, Panels: w.store, Revision: w.registry.Revision}
	if site == "" {
		site = evidence.SiteOf(named)
	}
	for _, r := range w.registry.Sites() {
		if site != "" && r.Site != site {
			continue
		}
		found, err := sources.Find(ctx, r.Site, named)
		if !errors.Is(err, optgate.ErrNotFound) {
			return found, err
		}
	}
	return evidence.Found{}, optgate.ErrNotFound
}
