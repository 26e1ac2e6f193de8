package admin

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

// memberOf returns the site that a request names, which has to be in the group,
// or in none.
func (a *Admin) memberOf(c echo.Context, group optgate.GroupID) (optgate.Revision, error) {
	id := c.QueryParam("site")
	if c.Request().Method == http.MethodPost {
		id = c.Request().PostFormValue("site")
	}
	r, ok := a.Sites.Site(optgate.SiteID(id))
	if !ok || r.Config.Group != group {
		return r, fmt.Errorf("admin: site %.64q of group %q: %w", id, group, optgate.ErrNotFound)
	}
	return r, nil
}

func (a *Admin) getJoin(c echo.Context, s session) error {
	return a.joinPage(c, http.StatusOK, s, view.JoinPage{})
}

// joinPage completes p with what both ways of being in a group would change.
func (a *Admin) joinPage(c echo.Context, status int, s session, p view.JoinPage) error {
	g, err := a.group(c)
	if err != nil {
		return err
	}
	if p.Site, err = a.memberOf(c, ""); err != nil {
		return err
	}
	p.Frame, p.Revision = a.frame(c, s, "Add %s to a group", p.Site.Config.Name), groupRevision(&g, &g.Settings)
	config, own := joined(&p.Site, &g, true)
	p.Changes = optgate.Diff(&p.Site.Config, config)
	p.Asking = view.Asking(c.Request().Context(), optgate.Asking(p.Changes, config))
	_, p.Besides = own.Differs(&g.Settings)
	_, kept := joined(&p.Site, &g, false)
	p.Instead, _ = kept.Differs(&g.Settings)
	p.Without = kept.Without
	p.Member, err = a.openDraft(c.Request().Context(), p.Site, config)
	if err != nil {
		return err
	}
	return a.render(c, status, view.Join(p))
}

func (a *Admin) postJoin(c echo.Context, s session) error {
	g, err := a.group(c)
	if err != nil {
		return err
	}
	r, err := a.memberOf(c, "")
	if err != nil {
		return a.groupChanged(c, &g)
	}
	follow := c.Request().PostFormValue("how") == "follow"
	p := view.JoinPage{Follow: follow}
	err = optgate.ErrConflict
	if seen := c.Request().PostFormValue; seen("revision") == strconv.Itoa(r.Number) && seen("version") == strconv.Itoa(g.Version) {
		err = a.join(c.Request().Context(), s, r, &g, follow)
	}
	if errors.Is(err, optgate.ErrConflict) {
		p.Notice = say(c, "The site or the group changed while you looked. Nothing was done yet: look again.")
		return a.joinPage(c, http.StatusConflict, s, p)
	}
	if p.Faults = faultsOf(err, nil); p.Faults != nil {
		return a.joinPage(c, http.StatusUnprocessableEntity, s, p)
	}
	if err != nil {
		return err
	}
	return a.toldOfGroup(c, &g, say(c, "%s is in the group.", r.Config.Name))
}

func (a *Admin) getLeave(c echo.Context, s session) error {
	return a.leavePage(c, http.StatusOK, s, "")
}

func (a *Admin) leavePage(c echo.Context, status int, s session, notice string) error {
	g, err := a.group(c)
	if err != nil {
		return err
	}
	r, err := a.memberOf(c, g.ID)
	if err != nil {
		return err
	}
	p := view.LeavePage{Frame: a.frame(c, s, "Take %s out of its group", r.Config.Name), Revision: groupRevision(&g, &g.Settings), Site: r, Notice: notice}
	p.Inherited = len(r.Inherited())
	return a.render(c, status, view.Leave(p))
}

func (a *Admin) postLeave(c echo.Context, s session) error {
	g, err := a.group(c)
	if err != nil {
		return err
	}
	r, err := a.memberOf(c, g.ID)
	if err != nil {
		return a.groupChanged(c, &g)
	}
	err = optgate.ErrConflict
	if c.Request().PostFormValue("revision") == strconv.Itoa(r.Number) {
		err = a.leave(c.Request().Context(), s.User, r)
	}
	if errors.Is(err, optgate.ErrConflict) {
		return a.leavePage(c, http.StatusConflict, s, say(c, "Somebody published on %s while you looked. It is still in the group: look again.", r.Config.Name))
	}
	if err != nil {
		return err
	}
	return a.toldOfGroup(c, &g, say(c, "%s is out of the group and keeps what it had.", r.Config.Name))
}

func (a *Admin) getRemoveGroup(c echo.Context, s session) error {
	return a.removeGroupPage(c, http.StatusOK, s, nil, "")
}

func (a *Admin) removeGroupPage(c echo.Context, status int, s session, faults view.Faults, notice string) error {
	g, err := a.group(c)
	if err != nil {
		return err
	}
	return a.render(c, status, view.RemoveGroup(view.RemoveGroupPage{
		Frame: a.frame(c, s, "Delete a group"), Revision: groupRevision(&g, &g.Settings), Version: g.Version,
		Members: a.members(&g), Faults: faults, Notice: notice,
	}))
}

// postRemoveGroup deletes a group, after its sites were taken out of it if that
// was asked for.
func (a *Admin) postRemoveGroup(c echo.Context, s session) error {
	g, err := a.group(c)
	if err != nil {
		return err
	}
	lookAgain := say(c, "Somebody changed the group or one of its sites while you looked. The group is still there: look again.")
	if c.Request().PostFormValue("version") != strconv.Itoa(g.Version) {
		return a.removeGroupPage(c, http.StatusConflict, s, nil, lookAgain)
	}
	ctx := c.Request().Context()
	if c.Request().PostFormValue("detach") != "" {
		for _, r := range a.Sites.Members(g.ID) {
			err := a.leave(ctx, s.User, r)
			if errors.Is(err, optgate.ErrConflict) {
				return a.removeGroupPage(c, http.StatusConflict, s, nil, lookAgain)
			}
			if err != nil {
				return err
			}
			lookAgain = say(c, "Somebody changed the group or one of its sites while you looked. The group is still there, but sites are already out of it and keep what they had: look again.")
		}
	}
	err = a.Sites.RemoveGroup(ctx, g)
	switch {
	case errors.Is(err, publish.ErrHasSites):
		return a.removeGroupPage(c, http.StatusConflict, s, view.Faults{{Field: "detach", Label: say(c, "The group"), Msg: say(c, "still has sites: take them out of it, or tick that they are")}}, "")
	case errors.Is(err, optgate.ErrConflict):
		return a.removeGroupPage(c, http.StatusConflict, s, nil, lookAgain)
	case err != nil:
		return fmt.Errorf("admin: delete a group: %w", err)
	}
	a.note(ctx, optgate.AuditEntry{User: s.User, Action: "delete a group", Subject: string(g.ID), Before: g.Settings.Name})
	if err := a.flash(c, "The group is deleted."); err != nil {
		return err
	}
	return seeOther(c, "/admin/groups")
}

// toldOfGroup answers with a group's page and a message.
func (a *Admin) toldOfGroup(c echo.Context, g *optgate.Group, text string) error {
	if err := a.flash(c, "%s", text); err != nil {
		return err
	}
	return seeOther(c, "/admin/groups/"+string(g.ID))
}

// groupChanged answers what no longer fits a group.
func (a *Admin) groupChanged(c echo.Context, g *optgate.Group) error {
	return a.toldOfGroup(c, g, say(c, "Somebody else did that in the meantime: look again."))
}
