package admin

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// group returns the group that the path names.
func (a *Admin) group(c echo.Context) (optgate.Group, error) {
	g, err := a.Sites.Group(c.Request().Context(), optgate.GroupID(c.Param("group")))
	if err != nil {
		return g, fmt.Errorf("admin: group of the path: %w", err)
	}
	return g, nil
}

// A group's settings are edited by the forms of sites. For these it is a revision
// that is of no site, whose number is the group's version.
func groupRevision(g *optgate.Group, settings *optgate.Config) optgate.Revision {
	c := asSite(g, settings)
	return optgate.Revision{Number: g.Version, Hash: c.Hash(), Config: *c, Author: g.Author, At: g.At}
}

// usualLanguages are shown in the forms of a group that leaves the languages to
// its sites.
var usualLanguages = []string{"en"}

// asSite returns the settings of a group as forms show them.
func asSite(g *optgate.Group, settings *optgate.Config) *optgate.Config {
	c := settings.Clone()
	c.Group, c.Name = g.ID, cmp.Or(c.Name, string(g.ID))
	if len(c.Languages) == 0 {
		c.Languages = usualLanguages
	}
	return c
}

// asSettings returns what forms made of the settings of g without what only
// forms need.
func asSettings(g *optgate.Group, c *optgate.Config) *optgate.Config {
	k := c.Clone()
	k.Group, k.Origins, k.Cookie = "", nil, optgate.Cookie{}
	if g.Settings.Name == "" && k.Name == string(g.ID) {
		k.Name = ""
	}
	if len(g.Settings.Languages) == 0 && slices.Equal(k.Languages, usualLanguages) {
		k.Languages = nil
	}
	return k
}

// editedGroup returns a group with its draft.
func editedGroup(g optgate.Group) *edited {
	live := groupRevision(&g, &g.Settings)
	w := &edited{live: live, shown: live, base: live, draft: optgate.Draft{Version: g.Version}, of: &g}
	if g.Draft == nil {
		return w
	}
	base := groupRevision(&g, &g.Draft.Base)
	if base.Hash != live.Hash {
		base.Number-- // the group's file was applied past the draft
	}
	w.base = base
	w.draft = optgate.Draft{
		Base: base.Number, Config: *asSite(&g, &g.Draft.Settings), Author: g.Draft.Author, At: g.Draft.At, Version: g.Version,
	}
	return w.compared()
}

// group returns the group that is edited; none, if it is a site.
func (w *edited) group() optgate.GroupID {
	if w.of == nil {
		return ""
	}
	return w.of.ID
}

// about says in the audit log what an entry is about.
func (w *edited) about(note string) string {
	switch {
	case w.of == nil:
		return note
	case note == "":
		return "group " + string(w.of.ID)
	}
	return "group " + string(w.of.ID) + ": " + note
}

// whoElseOfGroup says who changed a group last.
func (w *edited) whoElseOfGroup(ctx context.Context, now time.Time) string {
	author := w.of.Author
	if w.draft.IsOpen() {
		author = w.draft.Author
	}
	return bilingual.Say(ctx, "%s changed this group %s.", cmp.Or(author, bilingual.Say(ctx, "Somebody")), view.Ago(ctx, w.of.At, now))
}
