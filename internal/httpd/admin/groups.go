package admin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

func (a *Admin) getGroups(c echo.Context, s session) error {
	all, err := a.Sites.Groups(c.Request().Context())
	if err != nil {
		return fmt.Errorf("admin: list groups: %w", err)
	}
	p := view.GroupsPage{Frame: a.frame(c, s, "Groups"), Now: a.Now().UTC(), HasSites: len(a.Sites.Sites()) > 0}
	for i := range all {
		row := view.GroupRow{Revision: groupRevision(&all[i], &all[i].Settings), Version: all[i].Version}
		for _, m := range a.Sites.Members(all[i].ID) {
			row.Sites = append(row.Sites, m.Config.Name)
		}
		p.Groups = append(p.Groups, row)
	}
	return a.render(c, http.StatusOK, view.Groups(p))
}

func (a *Admin) getGroup(c echo.Context, s session) error {
	shown, draft, err := a.shownTo(c, s)
	if err != nil {
		return err
	}
	g, err := a.group(c)
	if err != nil {
		return err
	}
	p := view.GroupPage{
		Frame: a.frame(c, s, "Group %s", shown.Config.Name), Revision: shown, Draft: draft, Version: g.Version, Author: g.Author, At: g.At,
		Now: a.Now().UTC(), Members: a.members(&g),
	}
	for _, r := range a.Sites.Sites() {
		if r.Config.Group == "" {
			p.Others = append(p.Others, r)
		}
	}
	return a.render(c, http.StatusOK, view.Group(p))
}

// members returns the sites of a group with what each says itself.
func (a *Admin) members(g *optgate.Group) []view.Member {
	var all []view.Member
	for _, r := range a.Sites.Members(g.ID) {
		m := view.Member{Revision: r, Follows: r.Inherits(&g.Settings), Without: r.Own.Without}
		m.Instead, m.Besides = r.Own.Differs(&g.Settings)
		all = append(all, m)
	}
	return all
}

func (a *Admin) getNewGroup(c echo.Context, s session) error {
	return a.newGroupPage(c, http.StatusOK, s, view.NewGroupPage{Languages: "en", From: c.QueryParam("from")})
}

func (a *Admin) newGroupPage(c echo.Context, status int, s session, p view.NewGroupPage) error {
	p.Frame = a.frame(c, s, "New group")
	for _, r := range a.Sites.Sites() {
		if r.Config.Group == "" {
			p.Sites = append(p.Sites, r)
		}
	}
	return a.render(c, status, view.NewGroup(p))
}

var newGroupFields = []field{{"group", "group", "Id"}, {"name", "name", "Name"}, {"languages", "languages", "Languages"}}

// postNewGroup makes a group, of a site's settings if one is named. That site is
// then in it, and stays for visitors what it is.
func (a *Admin) postNewGroup(c echo.Context, s session) error {
	value := func(name string) string { return strings.TrimSpace(c.Request().PostFormValue(name)) }
	p := view.NewGroupPage{Group: value("group"), Name: value("name"), Languages: value("languages"), From: value("from")}
	g := optgate.Group{ID: optgate.GroupID(p.Group), Author: s.User, Settings: optgate.Config{
		Languages:  strings.Fields(strings.ReplaceAll(p.Languages, ",", " ")),
		Categories: []optgate.Category{{ID: optgate.Essential}, {ID: optgate.Functional}, {ID: optgate.Analytics}, {ID: optgate.Marketing}},
	}}
	var from *optgate.Revision
	if p.From != "" {
		r, ok := a.Sites.Site(optgate.SiteID(p.From))
		if !ok || r.Config.Group != "" {
			p.Faults = view.Faults{{Field: "from", Label: say(c, "The site"), Msg: say(c, "is not there any more, or is in a group already")}}
			return a.newGroupPage(c, http.StatusUnprocessableEntity, s, p)
		}
		from = &r
		k := r.Config.Clone()
		k.Site, k.Origins, k.Cookie, k.Theme.Logo = "", nil, optgate.Cookie{}, ""
		g.Settings = *k
	}
	g.Settings.Name = p.Name
	ctx := c.Request().Context()
	stored, err := a.Sites.PutGroup(ctx, g)
	if errors.Is(err, optgate.ErrConflict) {
		err = &optgate.InvalidError{Field: "group", Msg: "is taken: choose another one"}
	}
	if p.Faults = faultsOf(err, newGroupFields); p.Faults != nil {
		return a.newGroupPage(c, http.StatusUnprocessableEntity, s, p)
	}
	if err != nil {
		return fmt.Errorf("admin: make a group: %w", err)
	}
	a.note(ctx, optgate.AuditEntry{User: s.User, Action: "create a group", Subject: string(g.ID), After: p.Name})
	told := say(c, "The group is there. Add sites to it, and what it says is theirs, too.")
	if from != nil {
		told = say(c, "%s is in the group, and is what it was. Add other sites to it.", from.Config.Name)
		if err := a.join(ctx, s, *from, &stored, false); err != nil {
			// The group is there all the same, and the site can be put into it on its page.
			a.Log.WarnContext(ctx, "site not put into its new group", slog.String("site", string(from.Site)), slog.Any("err", err))
			told = say(c, "The group is there, but %s is not in it yet: it changed in the meantime. Add it below.", from.Config.Name)
		}
	}
	return a.toldOfGroup(c, &g, told)
}

// join puts a site into a group: as it is, or with what the group says instead of
// what it says itself.
func (a *Admin) join(ctx context.Context, s session, r optgate.Revision, g *optgate.Group, follow bool) error {
	config, own := joined(&r, g, follow)
	next, err := a.Sites.Publish(ctx, config, r.Number, s.User, optgate.Deed{Kind: optgate.DidJoin, Group: g.ID}.Note(), publish.Says(own))
	if err != nil {
		return fmt.Errorf("admin: put %s into a group: %w", r.Site, err)
	}
	a.notePublished(ctx, &r, &next)
	if next.Config.Group == "" {
		return fmt.Errorf("admin: put %s into a group that is gone: %w", r.Site, optgate.ErrConflict)
	}
	if !follow {
		a.carry(ctx, next, func(k *optgate.Config) { k.Group = g.ID })
	}
	return nil
}

// joined returns what a site is in a group, and what of that it says itself.
func joined(r *optgate.Revision, g *optgate.Group, follow bool) (*optgate.Config, *optgate.Own) {
	c := r.Config.Clone()
	c.Group = g.ID
	own := optgate.Difference(&g.Settings, c)
	if follow {
		own = optgate.Following(&g.Settings, c)
	}
	config := own.Resolve(&g.Settings)
	config.Cookie = r.Config.Cookie
	return config, own
}

// leave takes a site out of its group. It says itself from then on what it is.
func (a *Admin) leave(ctx context.Context, author string, r optgate.Revision) error {
	c := r.Config.Clone()
	c.Group = ""
	next, err := a.Sites.Publish(ctx, c, r.Number, author, optgate.Deed{Kind: optgate.DidLeave, Group: r.Config.Group}.Note())
	if err != nil {
		return fmt.Errorf("admin: take %s out of its group: %w", r.Site, err)
	}
	a.notePublished(ctx, &r, &next)
	a.carry(ctx, next, func(k *optgate.Config) { k.Group = "" })
	return nil
}
