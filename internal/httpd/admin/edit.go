package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
)

// site returns the latest revision of the site that the path names.
func (a *Admin) site(c echo.Context) (optgate.Revision, error) {
	id := c.Param("site")
	r, ok := a.Sites.Site(optgate.SiteID(id))
	if !ok {
		return optgate.Revision{}, fmt.Errorf("admin: site %.64q: %w", id, optgate.ErrNotFound)
	}
	return r, nil
}

// edit is one change of a site's configuration.
type edit struct {
	site   optgate.SiteID
	seen   int // number of the revision that its author looked at
	author string
	note   string
	apply  func(*optgate.Config)
}

// publish makes e a revision. It returns [optgate.ErrConflict] if the site's
// latest revision is not the one that e's author has seen, and the faults that
// e would make as [optgate.InvalidErrors]; then nothing is written.
func (a *Admin) publish(ctx context.Context, e edit) (optgate.Revision, error) {
	latest, ok := a.Sites.Site(e.site)
	if !ok {
		return optgate.Revision{}, fmt.Errorf("admin: site %q: %w", e.site, optgate.ErrNotFound)
	}
	if latest.Number != e.seen {
		return optgate.Revision{}, fmt.Errorf("admin: revision %d is not the latest: %w", e.seen, optgate.ErrConflict)
	}
	next := latest.Config.Clone()
	e.apply(next)
	r, err := a.Sites.Publish(ctx, next, latest.Number, e.author, e.note)
	if err != nil {
		return optgate.Revision{}, fmt.Errorf("admin: publish %s: %w", e.site, err)
	}
	a.note(ctx, optgate.AuditEntry{
		User: e.author, Action: "publish", Site: e.site, Subject: e.note, Before: fmt.Sprintf("revision %d", latest.Number),
		After: fmt.Sprintf("revision %d: %s", r.Number, view.Changes(optgate.Diff(&latest.Config, next))),
	})
	return r, nil
}

// seen returns the number of the revision that the posted form showed.
func seen(c echo.Context) int {
	n, err := strconv.Atoi(c.Request().PostFormValue("revision"))
	if err != nil {
		return 0
	}
	return n
}

// published tells of a change on the site's page, and whom it asks again.
func (a *Admin) published(c echo.Context, r optgate.Revision, text string) error {
	if err := a.flash(c, fmt.Sprintf("%s Published as revision %d.%s", text, r.Number, askedAgain(r))); err != nil {
		return err
	}
	return seeOther(c, "/admin/sites/"+string(r.Site))
}

// whoElse says who published r, for a form that was made before.
func (a *Admin) whoElse(r optgate.Revision) string {
	return fmt.Sprintf("%s published revision %d %s. Your entries are kept below and nothing is published yet: "+
		"look whether they still fit, and save again.", r.Author, r.Number, view.Ago(r.At, a.Now()))
}

// maxToggles bounds how often a toggle is tried again when others publish at the
// same time.
const maxToggles = 4

// postCategory switches a category on or off. Of what others published in the
// meantime it keeps everything: a switch is one bit, so that there is nothing to
// look at again unless the category itself is gone.
func (a *Admin) postCategory(c echo.Context, s session) error {
	id, off := optgate.CategoryID(c.Param("category")), c.Request().PostFormValue("on") != "1"
	for range maxToggles {
		r, err := a.site(c)
		if err != nil {
			return err
		}
		k, ok := r.Config.Category(id)
		if !ok {
			return a.siteChanged(c, r)
		}
		title := view.CategoryTitle(k, r.Config.Languages)
		if id == optgate.Essential {
			return &optgate.InvalidError{Field: "category", Msg: "essential is always on"}
		}
		if k.Off == off {
			return a.unchanged(c, r, title+" was already "+onOff(off)+".")
		}
		r, err = a.publish(c.Request().Context(), edit{
			site: r.Site, seen: r.Number, author: s.User, note: title + " " + onOff(off),
			apply: func(next *optgate.Config) { setOff(next, id, off) },
		})
		if errors.Is(err, optgate.ErrConflict) {
			continue
		}
		if err != nil {
			return err
		}
		text := title + " is on: visitors are asked about it."
		if off {
			text = title + " is off: visitors are not asked and nothing of it loads."
		}
		return a.published(c, r, text)
	}
	r, err := a.site(c)
	if err != nil {
		return err
	}
	return a.siteChanged(c, r)
}

func setOff(c *optgate.Config, id optgate.CategoryID, off bool) {
	for i := range c.Categories {
		if c.Categories[i].ID == id {
			c.Categories[i].Off = off
		}
	}
}

func onOff(off bool) string {
	if off {
		return "off"
	}
	return "on"
}

func (a *Admin) unchanged(c echo.Context, r optgate.Revision, text string) error {
	if err := a.flash(c, text); err != nil {
		return err
	}
	return seeOther(c, "/admin/sites/"+string(r.Site))
}

// siteChanged answers a change that no longer fits the site.
func (a *Admin) siteChanged(c echo.Context, r optgate.Revision) error {
	return a.message(c, http.StatusConflict, view.MessagePage{
		Heading: "This site changed in the meantime",
		Text: []string{fmt.Sprintf("%s published revision %d %s. Nothing of yours was published: look at the site again.",
			r.Author, r.Number, view.Ago(r.At, a.Now()))},
		Link: "/admin/sites/" + string(r.Site), LinkText: "Open " + r.Config.Name,
	})
}
