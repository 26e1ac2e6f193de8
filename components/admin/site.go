package admin

import (
	"context"
	"strings"

	"github.com/optgate/optgate/internal/optgate"
)

// firstLine returns the beginning of a script, to recognise it by.
func firstLine(code string) string {
	line, rest, _ := strings.Cut(strings.TrimSpace(code), "\n")
	if rest != "" {
		line += " …"
	}
	return line
}

// ownerOf says what decides about a tag.
func ownerOf(ctx context.Context, c *optgate.Config, t optgate.Tag) string {
	title := say(ctx, "no category")
	if k, ok := c.Category(c.TagCategory(t)); ok {
		title = CategoryTitle(ctx, k, c.Languages)
		if k.Off {
			title = say(ctx, "%s, which is off: it does not load", title)
		}
	}
	for _, s := range c.Services {
		if s.ID == t.Service {
			return s.Name + ", " + title
		}
	}
	return title
}

// markupExample returns a line of markup for the site's last category that is
// asked about, which is the one that most tags belong to.
func markupExample(c *optgate.Config) string {
	id := optgate.Marketing
	if asked := c.Asked(); len(asked) > 0 {
		id = asked[len(asked)-1]
	}
	return `<img data-gate="` + string(id) + `" data-src="https://ads.example.com/pixel.gif" alt="">`
}
