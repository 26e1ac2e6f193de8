package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

// application is what optgate apply was given, ready to be published.
type application struct {
	*world
	p      *program
	note   string
	dryRun bool
	how    []publish.Option

	groups []givenGroup
	sites  []givenSite
}

// givenGroup is a group of a file, with the version that is stored.
type givenGroup struct {
	optgate.Group
	file    string
	changed bool
}

// givenSite is a site of a file, resolved.
type givenSite struct {
	file   string
	config *optgate.Config
	how    []publish.Option
}

// resolve works out what files describe, with the groups among them as they are
// there. It reports the faults of all files.
func (a *application) resolve(ctx context.Context, files []namedFile) error {
	for _, f := range files {
		if f.Group == nil {
			continue
		}
		stored, err := a.registry.Group(ctx, f.Group.ID)
		if err != nil && !errors.Is(err, optgate.ErrNotFound) {
			return err
		}
		given := givenGroup{Group: *f.Group, file: f.name, changed: err != nil || stored.Settings.Hash() != f.Group.Settings.Hash()}
		given.Author, given.Version = "apply", stored.Version
		a.groups = append(a.groups, given)
	}
	failed := false
	for _, f := range files {
		site := givenSite{f.name, f.Site, a.how}
		if f.Group != nil {
			continue
		}
		if f.Own != nil {
			group, err := a.group(ctx, f.Own.Says.Group)
			if err == nil {
				site.config, err = f.Resolve(group)
				site.how = append(slices.Clone(a.how), publish.Says(f.Own))
			}
			if err != nil {
				if err := sayFaults(a.p, f.name, err); !errors.Is(err, errFailed) {
					return err
				}
				failed = true
			}
		}
		a.sites = append(a.sites, site)
	}
	if failed {
		return errFailed
	}
	return nil
}

// group returns a group as it is once everything is applied.
func (a *application) group(ctx context.Context, id optgate.GroupID) (*optgate.Group, error) {
	for i := range a.groups {
		if a.groups[i].ID == id {
			return &a.groups[i].Group, nil
		}
	}
	g, err := a.registry.Group(ctx, id)
	if errors.Is(err, optgate.ErrNotFound) {
		return nil, publish.NoGroup(id)
	}
	return &g, err
}

// publish publishes everything, the groups first, or says what that would do.
func (a *application) publish(ctx context.Context) error {
	failed := false
	for i := range a.groups {
		switch err := a.publishGroup(ctx, &a.groups[i]); {
		case errors.Is(err, errFailed):
			failed = true
		case err != nil:
			return err
		}
	}
	for _, s := range a.sites {
		if err := a.publishSite(ctx, s, a.note); err != nil {
			return sayFaults(a.p, s.file, err)
		}
	}
	if failed {
		return errFailed
	}
	return nil
}

// publishSite publishes one site and says what that did.
func (a *application) publishSite(ctx context.Context, s givenSite, note string) error {
	act := a.apply
	if a.dryRun {
		act = a.preview
	}
	said, err := act(ctx, s.config, "apply", note, s.how...)
	fmt.Fprint(a.p.stdout, said)
	return err
}

// publishGroup stores a group and publishes to each of its sites what that
// changes, but to those that have a file of their own here. It names the sites to
// which it cannot, goes on, and returns [errFailed] then. What is not done can be
// done by the same again.
func (a *application) publishGroup(ctx context.Context, g *givenGroup) error {
	done := "unchanged"
	if g.changed {
		done = "stored"
		if a.dryRun {
			done = "would be stored"
			g.Version++
		} else if stored, err := a.registry.PutGroup(ctx, g.Group); errors.Is(err, optgate.ErrConflict) {
			return fmt.Errorf("group %s: somebody else changed it meanwhile; nothing was written, run it again", g.ID)
		} else if err != nil {
			return sayFaults(a.p, g.file, err)
		} else {
			g.Group = stored
		}
	}
	members := a.registry.Members(g.ID)
	fmt.Fprintf(a.p.stdout, "group %s: version %d %s; %s\n", g.ID, g.Version, done, sitesIn(len(members)))
	failed := false
	for _, m := range members {
		if slices.ContainsFunc(a.sites, func(s givenSite) bool { return s.config.Site == m.Site }) {
			continue
		}
		config, says := publish.Regrouped(&g.Group, &m)
		note := cmp.Or(a.note, fmt.Sprintf("group %s, version %d", g.ID, g.Version))
		if err := a.publishSite(ctx, givenSite{g.file, config, append(slices.Clone(a.how), says)}, note); err != nil {
			fmt.Fprintf(a.p.stderr, "%s: %s stays at revision %d:\n%s\n", g.file, m.Site, m.Number, err)
			failed = true
		}
	}
	if failed {
		return errFailed
	}
	return nil
}

// sitesIn says how many sites are in a group.
func sitesIn(n int) string {
	switch n {
	case 0:
		return "no site is in it yet"
	case 1:
		return "1 site is in it"
	}
	return fmt.Sprintf("%d sites are in it", n)
}
