package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/optgate/optgate/internal/config"
	"github.com/optgate/optgate/internal/optgate"
)

// historyCommand lists a site's revisions, newest first, with what changed.
func historyCommand(ctx context.Context, p *program) error {
	w, site, rest, err := openSite(ctx, p, "history", nil)
	if err != nil {
		return err
	}
	defer w.close()
	if err := noArguments(rest); err != nil {
		return err
	}
	for before := 0; before != 1; {
		entries, err := w.registry.History(ctx, site.Site, before)
		if err != nil {
			return err
		}
		for _, e := range entries {
			r := e.Revision
			fmt.Fprintf(p.stdout, "revision %d  %s  by %s  %s", r.Number, r.At.UTC().Format(time.RFC3339), r.Author, r.Hash)
			if !r.Effective.IsZero() {
				fmt.Fprintf(p.stdout, "  for earlier visitors from %s", r.Effective.Format(time.RFC3339))
			}
			if r.Note != "" {
				fmt.Fprintf(p.stdout, "  %s", r.Note)
			}
			fmt.Fprintln(p.stdout)
			sayChanges(p.stdout, e.Changes)
			before = r.Number
		}
	}
	return nil
}

// diffCommand says what changed from one revision to another; by itself, from
// the last but one to the latest.
func diffCommand(ctx context.Context, p *program) error {
	w, site, rest, err := openSite(ctx, p, "diff", nil)
	if err != nil {
		return err
	}
	defer w.close()
	numbers := []int{max(site.Number-1, 1), site.Number}
	if len(rest) != 0 && len(rest) != 2 {
		return config.Faults{{Name: "optgate diff", Msg: "compares two revisions", Hint: "optgate diff --site S 3 7"}}
	}
	for i, word := range rest {
		if numbers[i], err = strconv.Atoi(word); err != nil {
			return config.Faults{{Name: word, Msg: "is not the number of a revision", Hint: "optgate history lists them"}}
		}
	}
	var two [2]*optgate.Revision
	for i, number := range numbers {
		if two[i], err = w.revision(ctx, site.Site, number); err != nil {
			return err
		}
	}
	changes := optgate.Diff(&two[0].Config, &two[1].Config)
	if len(changes) == 0 {
		fmt.Fprintf(p.stdout, "revisions %d and %d say the same\n", numbers[0], numbers[1])
	}
	sayChanges(p.stdout, changes)
	return nil
}

// rollbackCommand publishes what an earlier revision said as the next one.
func rollbackCommand(ctx context.Context, p *program) error {
	to, note := 0, ""
	w, site, rest, err := openSite(ctx, p, "rollback", func(f *flag.FlagSet) {
		f.IntVar(&to, "to", 0, "number of the revision to go back to")
		f.StringVar(&note, "note", "", "why, for the history")
	})
	if err != nil {
		return err
	}
	defer w.close()
	if err := noArguments(rest); err != nil {
		return err
	}
	if to < 1 {
		return config.Faults{{Name: "--to", Msg: "is required: the number of a revision", Hint: "optgate history lists them"}}
	}
	old, err := w.revision(ctx, site.Site, to)
	if err != nil {
		return err
	}
	said, err := w.apply(ctx, &old.Config, "rollback", optgate.Deed{Kind: optgate.DidGoBack, Number: to, Why: note}.Note())
	if err != nil {
		return sayFaults(p, fmt.Sprintf("revision %d", to), err)
	}
	fmt.Fprint(p.stdout, said)
	return nil
}

// openSite parses a command's flags, of which --site is one, and opens the
// world. It returns the site's latest revision and what is left of the command
// line. The caller closes the world.
func openSite(ctx context.Context, p *program, command string, extra func(*flag.FlagSet)) (*world, optgate.Revision, []string, error) {
	name := ""
	c, rest, err := config.Parse(command, storeFlags, p.args, p.env, p.stdout, func(f *flag.FlagSet) {
		f.StringVar(&name, "site", "", "id of the site")
		if extra != nil {
			extra(f)
		}
	})
	if err != nil {
		return nil, optgate.Revision{}, nil, err
	}
	if !optgate.IsSiteID(name) {
		return nil, optgate.Revision{}, nil, config.Faults{{Name: "--site", Msg: "is not the id of a site", Hint: "optgate " + command + " --site tiertime"}}
	}
	w, err := openWorld(ctx, c, newLogger(c, p.stderr))
	if err != nil {
		return nil, optgate.Revision{}, nil, err
	}
	latest, ok := w.registry.Site(optgate.SiteID(name))
	if !ok {
		w.close()
		return nil, optgate.Revision{}, nil, fmt.Errorf("there is no site %s (hint: optgate apply makes one)", name)
	}
	return w, latest, rest, nil
}

// revision returns a revision of a site, or says that there is none.
func (w *world) revision(ctx context.Context, site optgate.SiteID, number int) (*optgate.Revision, error) {
	r, err := w.registry.Revision(ctx, site, number)
	if errors.Is(err, optgate.ErrNotFound) {
		return nil, fmt.Errorf("%s has no revision %d (hint: optgate history lists them)", site, number)
	}
	return r, err
}

// sayChanges prints changes, a line each, with why earlier visitors are asked
// again.
func sayChanges(out io.Writer, changes []optgate.Change) {
	for _, c := range changes {
		reason := ""
		if c.Material {
			reason = " [asks: " + c.Reason + "]"
		}
		fmt.Fprintf(out, "  %s%s\n", c, reason)
	}
}
