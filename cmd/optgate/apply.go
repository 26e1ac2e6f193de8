package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/optgate/optgate/internal/config"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/sitefile"
)

// maxSiteFile is the most bytes of a site file that are read; sitefile refuses
// more than a part of it.
const maxSiteFile = 8 << 20

// fileNames collects the values of a flag that can be given several times.
type fileNames []string

func (f *fileNames) String() string     { return fmt.Sprint(*f) }
func (f *fileNames) Set(s string) error { *f = append(*f, s); return nil }

// applyCommand publishes site files. All are read and checked before any is
// published.
func applyCommand(ctx context.Context, p *program) error {
	var files fileNames
	note := ""
	c, rest, err := config.Parse("apply", storeFlags, p.args, p.env, p.stdout, func(f *flag.FlagSet) {
		f.Var(&files, "f", "site file to publish, - for standard input; can be given several times")
		f.StringVar(&note, "note", "", "what changed, for the history")
	})
	if err != nil {
		return err
	}
	if err := noArguments(rest); err != nil {
		return err
	}
	if len(files) == 0 {
		return config.Faults{{Name: "-f", Msg: "is required", Hint: "optgate apply -f site.yaml"}}
	}
	configs, err := readSites(p, files)
	if err != nil {
		return err
	}
	w, err := openWorld(ctx, c, newLogger(c, p.stderr))
	if err != nil {
		return err
	}
	defer w.close()
	for i, site := range configs {
		said, err := w.apply(ctx, site, "apply", note)
		if err != nil {
			return sayFaults(p, files[i], err)
		}
		fmt.Fprintln(p.stdout, said)
	}
	return nil
}

// readSites parses all files and reports the faults of all.
func readSites(p *program, files []string) ([]*optgate.Config, error) {
	var configs []*optgate.Config
	failed := false
	for _, name := range files {
		doc, err := readFile(p, name)
		if err != nil {
			return nil, err
		}
		site, err := sitefile.Parse(doc)
		if err != nil {
			_ = sayFaults(p, name, err)
			failed = true
		}
		configs = append(configs, site)
	}
	if failed {
		return nil, errFailed
	}
	return configs, nil
}

func readFile(p *program, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(p.stdin, maxSiteFile))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	return io.ReadAll(io.LimitReader(f, maxSiteFile))
}

// sayFaults prints each fault of a site file and returns [errFailed]; any other
// error it returns as it is.
func sayFaults(p *program, file string, err error) error {
	all, ok := errors.AsType[optgate.InvalidErrors](err)
	if one, isOne := errors.AsType[*optgate.InvalidError](err); !ok && isOne {
		all, ok = optgate.InvalidErrors{one}, true
	}
	if !ok {
		return err
	}
	for _, fault := range all {
		fmt.Fprintf(p.stderr, "%s: %s\n", file, fault)
	}
	fmt.Fprintf(p.stderr, "%s: nothing was published\n", file)
	return errFailed
}

// apply publishes a site's configuration unless it is what is published already,
// and says what it did.
func (w *world) apply(ctx context.Context, site *optgate.Config, author, note string) (string, error) {
	latest, exists := w.registry.Site(site.Site)
	if exists && w.registry.Same(site, &latest) {
		return fmt.Sprintf("%s: unchanged, revision %d", site.Site, latest.Number), nil
	}
	revision, err := w.registry.Publish(ctx, site, latest.Number, author, note)
	if errors.Is(err, optgate.ErrConflict) {
		return "", fmt.Errorf("%s: somebody else published meanwhile; nothing was written, run it again", site.Site)
	} else if err != nil {
		return "", err
	}
	said := fmt.Sprintf("%s: revision %d published", site.Site, revision.Number)
	if name := revision.Config.CookieName(); name != site.CookieName() {
		said += fmt.Sprintf("; its choice is in the cookie %q, as another site of the same pages has %q", name, site.CookieName())
	}
	return said, nil
}
