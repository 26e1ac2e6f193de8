// Package demo plays the world around Optgate: two websites of a maker of 3D
// printers, marked up as a real site would be, and on another port the third
// parties that those sites load, which show what reached them.
package demo

import (
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"regexp"
	"slices"
	"time"

	"github.com/optgate/optgate/examples"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/sitefile"
)

// Options say where the demo's two halves are reached.
type Options struct {
	SiteOrigin map[optgate.SiteID]string // each site's own, so that their cookies are apart
	ThirdParty string                    // origin of the third parties
	Log        *slog.Logger
	Now        func() time.Time
}

//go:embed assets
var assets embed.FS

// Configs returns the example sites, as an operator would apply them, moved to
// the demo's addresses.
func Configs(o Options) ([]*optgate.Config, error) {
	names, err := fs.Glob(examples.FS, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("demo: list examples: %w", err)
	}
	var all []*optgate.Config
	for _, name := range names {
		data, err := examples.FS.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("demo: read example: %w", err)
		}
		c, err := sitefile.Parse(data)
		if err != nil {
			return nil, fmt.Errorf("demo: parse %s: %w", name, err)
		}
		for lang := range c.Policy.URL {
			c.Policy.URL[lang] = o.SiteOrigin[c.Site] + sitePath(c.Site, "policy")
		}
		c = Move(c, o)
		if err := c.Validate(); err != nil {
			return nil, fmt.Errorf("demo: move %s: %w", name, err)
		}
		all = append(all, c)
	}
	return all, nil
}

var (
	loopback = regexp.MustCompile(`^http://(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?`)
	vendor   = regexp.MustCompile(`(?:http://(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?|https:/)/([a-z]+\.example)/`)
)

// Move returns a copy of c for the demo's present addresses: pages and third
// parties of an earlier run, or of the example file, become those of o. All
// else stays as it is.
func Move(c *optgate.Config, o Options) *optgate.Config {
	c = c.Clone()
	origin := o.SiteOrigin[c.Site]
	c.Origins = slices.DeleteFunc(c.Origins, loopback.MatchString)
	c.Origins = append(c.Origins, origin)
	for lang, s := range c.Policy.URL {
		c.Policy.URL[lang] = loopback.ReplaceAllLiteralString(s, origin)
	}
	for i := range c.Services {
		c.Services[i].Policy = o.third(c.Services[i].Policy)
	}
	for i := range c.Tags {
		c.Tags[i].Src, c.Tags[i].Code = o.third(c.Tags[i].Src), o.third(c.Tags[i].Code)
	}
	return c
}

// third leads the vendors' addresses in s to the demo's third parties: what is
// https://ads.example/x in a site file is <third party>/ads.example/x here.
func (o Options) third(s string) string {
	return vendor.ReplaceAllString(s, o.ThirdParty+"/$1/")
}

// sitePath returns the path of a page of a site.
func sitePath(site optgate.SiteID, page string) string {
	return "/demo/" + string(site) + "/" + page
}
