package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/optgate/optgate/internal/config"
	"github.com/optgate/optgate/internal/keys"
	"github.com/optgate/optgate/internal/ledger"
	"github.com/optgate/optgate/internal/optgate"
)

// exportCommand writes a site's ledger, in the order in which the store took it.
func exportCommand(ctx context.Context, p *program) error {
	var site, format, from, to, action, revision string
	c, rest, err := config.Parse("export", storeFlags, p.args, p.env, p.stdout, func(f *flag.FlagSet) {
		f.StringVar(&site, "site", "", "site whose records to write")
		f.StringVar(&format, "format", "jsonl", "jsonl, csv or iso27560")
		f.StringVar(&from, "from", "", "only records from this day or time on, such as 2026-11-23")
		f.StringVar(&to, "to", "", "only records from before this day or time")
		f.StringVar(&action, "action", "", "only accept_all, reject_all, save or withdraw")
		f.StringVar(&revision, "revision", "", "only answers to this revision")
	})
	if err != nil {
		return err
	}
	if err := noArguments(rest); err != nil {
		return err
	}
	var faults config.Faults
	if !slices.Contains(ledger.Formats, ledger.Format(format)) {
		faults = append(faults, config.Fault{Name: "--format", Msg: fmt.Sprintf("%q is not a format", format), Hint: "jsonl, csv or iso27560"})
	}
	if !optgate.IsSiteID(site) {
		faults = append(faults, config.Fault{Name: "--site", Msg: "is not the id of a site", Hint: "optgate export --site tiertime"})
	}
	if len(faults) > 0 {
		return faults
	}
	x := ledger.Export{Site: optgate.SiteID(site), Format: ledger.Format(format)}
	if err := x.Filter.Parse(from, to, action, revision); err != nil {
		return err
	}
	w, err := openWorld(ctx, c, newLogger(c, p.stderr))
	if err != nil {
		return err
	}
	defer w.close()
	if _, ok := w.registry.Site(x.Site); !ok {
		return noSite(x.Site)
	}
	x.Ledger, x.Revisions = w.store, w.registry
	x.Checkpoint = func(heads []optgate.Head) (string, error) {
		return w.keys.SignCheckpoint(keys.Checkpoint{Site: x.Site, At: time.Now().UTC().Truncate(time.Millisecond), Heads: heads})
	}
	_, err = x.Write(ctx, p.stdout)
	return err
}

func noSite(site optgate.SiteID) error {
	return fmt.Errorf("there is no site %s (hint: optgate apply makes one)", site)
}

// importCommand restores an export of another Optgate.
func importCommand(ctx context.Context, p *program) error {
	var site string
	c, rest, err := config.Parse("import", storeFlags, p.args, p.env, p.stdout, func(f *flag.FlagSet) {
		f.StringVar(&site, "site", "", "site whose records they are")
	})
	if err != nil {
		return err
	}
	if err := flagsFirst(rest); err != nil {
		return err
	}
	if len(rest) != 1 || !optgate.IsSiteID(site) {
		return config.Faults{{Name: "optgate import", Msg: "needs a site and an export in JSON Lines", Hint: "optgate import --site tiertime records.jsonl"}}
	}
	file, err := openFile(p, rest[0])
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	w, err := openWorld(ctx, c, newLogger(c, p.stderr))
	if err != nil {
		return err
	}
	defer w.close()
	id := optgate.SiteID(site)
	if _, ok := w.registry.Site(id); !ok {
		return noSite(id)
	}
	n, err := ledger.Import(ctx, w.store, id, ledger.OfSite(id, ledger.Lines(file)))
	if err != nil {
		return fmt.Errorf("%w (%d entries were imported before that)", err, n)
	}
	_, err = fmt.Fprintf(p.stdout, "%s: %d entries imported, the others were there\n", site, n)
	return err
}

// flagsFirst refuses flags behind file names, which would be taken for names.
func flagsFirst(files []string) error {
	for _, name := range files {
		if strings.HasPrefix(name, "-") && name != "-" {
			return config.Faults{{Name: config.Shown(name), Msg: "stands behind a file", Hint: "flags come first, files last"}}
		}
	}
	return nil
}

// openFile opens a file, or the standard input for "-".
func openFile(p *program, name string) (interface {
	Read([]byte) (int, error)
	Close() error
}, error) {
	if name == "-" {
		return input{p.stdin}, nil
	}
	return os.Open(name)
}
