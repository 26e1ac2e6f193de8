package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/optgate/optgate/internal/config"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
	"github.com/optgate/optgate/internal/sitefile"
)

// maxSiteFile is the most bytes of a site file that are read; sitefile refuses
// more than a part of it.
const maxSiteFile = 8 << 20

// fileNames collects the values of a flag that can be given several times.
type fileNames []string

func (f *fileNames) String() string     { return fmt.Sprint(*f) }
func (f *fileNames) Set(s string) error { *f = append(*f, s); return nil }

// day is a flag's day, from its start in UTC, or a time; zero if it is not given.
type day struct{ time.Time }

func (d *day) String() string { return "" }

func (d *day) Set(s string) (err error) {
	if d.Time, err = time.Parse(time.DateOnly, s); err != nil {
		d.Time, err = time.Parse(time.RFC3339, s)
	}
	if err != nil {
		return errors.New("is neither a day such as 2026-12-01 nor a time such as 2026-12-01T08:00:00+01:00")
	}
	return nil
}

// options returns how to publish what takes effect then.
func (d *day) options() []publish.Option {
	if d.IsZero() {
		return nil
	}
	return []publish.Option{publish.Effective(d.Time)}
}

// applyCommand publishes site files and files of groups. All are read and checked
// before any is published.
func applyCommand(ctx context.Context, p *program) error {
	var files fileNames
	note, dryRun := "", false
	var effective day
	c, rest, err := config.Parse("apply", storeFlags, p.args, p.env, p.stdout, func(f *flag.FlagSet) {
		f.Var(&files, "f", "site file or file of a group to publish, - for standard input; can be given several times")
		f.StringVar(&note, "note", "", "what changed, for the history")
		f.Var(&effective, "effective", "ask earlier visitors about what is new only from this day on (2026-12-01, or a time as in RFC 3339)")
		f.BoolVar(&dryRun, "dry-run", false, "say what would change and publish nothing")
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
	read, err := readFiles(p, files)
	if err != nil {
		return err
	}
	w, err := openWorld(ctx, c, newLogger(c, p.stderr))
	if err != nil {
		return err
	}
	defer w.close()
	a := &application{world: w, p: p, note: note, dryRun: dryRun, how: effective.options()}
	if err := a.resolve(ctx, read); err != nil {
		return err
	}
	return a.publish(ctx)
}

// namedFile is a file that was given.
type namedFile struct {
	name string
	*sitefile.File
}

// readFiles parses all files and reports the faults of all.
func readFiles(p *program, names []string) ([]namedFile, error) {
	var files []namedFile
	failed := false
	for _, name := range names {
		doc, err := readFile(p, name)
		if err != nil {
			return nil, err
		}
		f, err := sitefile.Read(doc)
		if err != nil {
			_ = sayFaults(p, name, err)
			failed = true
		}
		files = append(files, namedFile{name, f})
	}
	if failed {
		return nil, errFailed
	}
	return files, nil
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
func (w *world) apply(ctx context.Context, site *optgate.Config, author, note string, how ...publish.Option) (string, error) {
	return w.act(ctx, site, how, func(latest int) (optgate.Revision, string, error) {
		r, err := w.registry.Publish(ctx, site, latest, author, note, how...)
		return r, "published", err
	})
}

// preview says what apply would do, and writes nothing.
func (w *world) preview(ctx context.Context, site *optgate.Config, author, note string, how ...publish.Option) (string, error) {
	return w.act(ctx, site, how, func(latest int) (optgate.Revision, string, error) {
		r, _, err := w.registry.Next(ctx, site, latest, author, note, how...)
		return r, "would be published", err
	})
}

// act makes the next revision of a site unless it would be the same again, and
// says so, with what changed and whom, and how many, that asks again.
func (w *world) act(ctx context.Context, site *optgate.Config, how []publish.Option, publish func(latest int) (optgate.Revision, string, error)) (string, error) {
	latest, exists := w.registry.Site(site.Site)
	if exists && w.registry.Same(site, &latest, how...) {
		return fmt.Sprintf("%s: unchanged, revision %d\n", site.Site, latest.Number), nil
	}
	answered, err := w.store.Answered(ctx, site.Site)
	if err != nil {
		return "", err
	}
	revision, done, err := publish(latest.Number)
	if errors.Is(err, optgate.ErrConflict) {
		return "", fmt.Errorf("%s: somebody else published meanwhile; nothing was written, run it again", site.Site)
	} else if err != nil {
		return "", err
	}
	var said strings.Builder
	fmt.Fprintf(&said, "%s: revision %d %s", site.Site, revision.Number, done)
	if name := revision.Config.CookieName(); name != site.CookieName() {
		fmt.Fprintf(&said, "; its choice is in the cookie %q, as another site of the same pages has %q", name, site.CookieName())
	}
	said.WriteString("\n")
	if exists {
		changes := optgate.Diff(&latest.Config, &revision.Config)
		sayChanges(&said, changes)
		asked, err := w.registry.AskedBy(ctx, &latest, &revision, answered)
		if err != nil {
			return "", err
		}
		sayAsked(&said, &revision, optgate.Asking(changes, &revision.Config), asked)
	}
	return said.String(), nil
}

// sayAsked prints whom a revision asks again.
func sayAsked(out io.Writer, r *optgate.Revision, about optgate.AskedAbout, asked publish.Asked) {
	from := ""
	if !r.Effective.IsZero() {
		from = r.Effective.Format(" from " + time.RFC3339 + " on")
	}
	fmt.Fprintf(out, "%s: %s%s\n", r.Site, about, from)
	if len(about.Again)+len(about.New) > 0 {
		fmt.Fprintf(out, "%s: that is %d of the %d visitors who have a record here\n", r.Site, asked.Visitors, asked.Of)
	}
}
