package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/optgate/optgate/internal/config"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/sitefile"
)

// published is what pull writes: a site's latest revision, or a group.
type published struct {
	*sitefile.File
	base string // of the name of its file in a directory
	what string // for people
}

// publishedSite returns what is published of a site.
func publishedSite(f *sitefile.File, id optgate.SiteID, number int) published {
	return published{f, string(id), fmt.Sprintf("revision %d of %s", number, id)}
}

// publishedGroup returns a group. The suffix tells its file from a site's.
func publishedGroup(g *optgate.Group) published {
	return published{&sitefile.File{Group: g}, string(g.ID) + ".group", fmt.Sprintf("version %d of the group %s", g.Version, g.ID)}
}

// pull is what the flags of optgate pull say.
type pull struct {
	site   string
	group  string
	out    string
	server string
	check  bool
}

// pullCommand writes what is published as site files, or compares.
func pullCommand(ctx context.Context, p *program) error {
	var o pull
	c, rest, err := config.Parse("pull", storeFlags, p.args, p.env, p.stdout, func(f *flag.FlagSet) {
		f.StringVar(&o.site, "site", "", "id of the site; by itself all sites are pulled, into a directory, and all groups")
		f.StringVar(&o.group, "group", "", "id of a group of sites to pull instead")
		f.StringVar(&o.out, "o", "", "file to write, or a directory, in which each site gets a file of its name; by itself the standard output")
		f.StringVar(&o.server, "server", "", "ask this Optgate, such as https://consent.example.com, instead of the store;\n"+
			"the API token, with the scope sites:read, is in OPTGATE_TOKEN or in the file that OPTGATE_TOKEN_FILE names")
		f.BoolVar(&o.check, "check", false, "write nothing; fail if a file says something else than what is published")
	})
	if err != nil {
		return err
	}
	if err := noArguments(rest); err != nil {
		return err
	}
	directory := isDirectory(o.out)
	if faults := o.faults(directory); faults != nil {
		return faults
	}
	sites, err := o.published(ctx, p, c)
	if err != nil {
		return err
	}
	differs := false
	for _, s := range sites {
		file := o.out
		if directory {
			file = filepath.Join(o.out, s.base+".yaml")
		}
		same, err := o.settle(p, s, file)
		if err != nil {
			return err
		}
		differs = differs || !same
	}
	if o.check && differs {
		return errFailed
	}
	return nil
}

// isDirectory reports whether a path names a directory, be it one to be made.
func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return path != "" && (err == nil && info.IsDir() || os.IsPathSeparator(path[len(path)-1]))
}

// faults returns what of the flags cannot be together.
func (o *pull) faults(directory bool) error {
	var faults config.Faults
	if o.site != "" && !optgate.IsSiteID(o.site) {
		faults = append(faults, config.Fault{Name: "--site", Msg: "is not the id of a site", Hint: "optgate pull --site tiertime -o tiertime.yaml"})
	}
	if o.group != "" && (o.site != "" || !optgate.IsGroupID(o.group)) {
		faults = append(faults, config.Fault{Name: "--group", Msg: "is not the id of a group, or stands beside --site", Hint: "optgate pull --group shops -o shops.yaml"})
	}
	if o.site == "" && o.group == "" && !directory {
		faults = append(faults, config.Fault{Name: "-o", Msg: "is no directory, but all sites are asked for", Hint: "name one by --site, or a directory: -o sites/"})
	}
	if o.check && o.out == "" {
		faults = append(faults, config.Fault{Name: "--check", Msg: "has no file to compare", Hint: "optgate pull --check --site tiertime -o tiertime.yaml"})
	}
	if faults == nil {
		return nil
	}
	return faults
}

// published returns the latest revisions that are asked for.
func (o *pull) published(ctx context.Context, p *program, c *config.Config) ([]published, error) {
	if o.server != "" {
		remote, err := newRemote(o.server, p.env)
		if err != nil {
			return nil, err
		}
		return remote.published(ctx, o.site, o.group)
	}
	w, err := openWorld(ctx, c, newLogger(c, p.stderr))
	if err != nil {
		return nil, err
	}
	defer w.close()
	var all []published
	for _, r := range w.registry.Sites() {
		if o.group == "" && (o.site == "" || r.Site == optgate.SiteID(o.site)) {
			all = append(all, publishedSite(sitefile.Of(&r), r.Site, r.Number))
		}
	}
	if o.site != "" {
		if len(all) == 0 {
			return nil, noSite(optgate.SiteID(o.site))
		}
		return all, nil
	}
	groups, err := w.registry.Groups(ctx)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		if o.group == "" || g.ID == optgate.GroupID(o.group) {
			all = append(all, publishedGroup(&g))
		}
	}
	if o.group != "" && len(all) == 0 {
		return nil, fmt.Errorf("there is no group %s (hint: optgate apply makes one)", o.group)
	}
	return all, nil
}

// settle writes a file, or compares it, and reports whether it said what is
// published already. Such a file stays as it is, with its comments.
func (o *pull) settle(p *program, s published, file string) (same bool, err error) {
	doc, err := sitefile.Write(s.File)
	if err != nil {
		return false, err
	}
	if file == "" {
		_, err := p.stdout.Write(doc)
		return true, err
	}
	held, err := readFile(p, file)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return false, err
	}
	says, err := sitefile.Read(held)
	switch {
	case err == nil && sameFile(says, s.File):
		fmt.Fprintf(p.stdout, "%s: says what %s says\n", file, s.what)
		return true, nil
	case o.check:
		fmt.Fprintf(p.stdout, "%s: differs from %s\n", file, s.what)
		if err == nil && says.Site != nil && s.Site != nil && says.Site.Site == s.Site.Site {
			sayChanges(p.stdout, optgate.Diff(s.Site, says.Site))
		}
		return false, nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return false, err
	}
	if err := os.WriteFile(file, doc, 0o644); err != nil {
		return false, err
	}
	lost := ", without the comments that it had"
	if missing {
		lost = ""
	}
	fmt.Fprintf(p.stdout, "%s: has now %s%s\n", file, s.what, lost)
	return false, nil
}

// sameFile reports whether to apply a file would change nothing. A cookie name
// that Optgate chose at publishing need not be in it.
func sameFile(file, latest *sitefile.File) bool {
	if held, is := siteIn(file), siteIn(latest); held != nil && is != nil && held.Cookie.Name == "" && is.Cookie.Name == "og_"+string(is.Site) {
		held.Cookie.Name = is.Cookie.Name
	}
	return file.Same(latest)
}

// siteIn returns what a file says of a site, or nil.
func siteIn(f *sitefile.File) *optgate.Config {
	if f.Own != nil {
		return &f.Own.Says
	}
	return f.Site
}
