package admin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// site returns the latest revision of the site that the path names, or what
// stands for the group that it names.
func (a *Admin) site(c echo.Context) (optgate.Revision, error) {
	if c.Param("group") != "" {
		g, err := a.group(c)
		return groupRevision(&g, &g.Settings), err
	}
	id := c.Param("site")
	r, ok := a.Sites.Site(optgate.SiteID(id))
	if !ok {
		return optgate.Revision{}, fmt.Errorf("admin: site %.64q: %w", id, optgate.ErrNotFound)
	}
	return r, nil
}

// edit is one change of a site's configuration, or of a group's settings.
type edit struct {
	site   optgate.SiteID
	group  optgate.GroupID // that is changed; then there is no site
	seen   optgate.Seen    // what its author looked at
	author string
	note   string // what it is, in a few words
	apply  func(*optgate.Config)
}

// publish makes e a revision at once, past the draft: it is for what cannot
// wait. Whatever can goes through [Admin.change]. It returns
// [optgate.ErrConflict] if the site's latest revision is not the one that e's
// author has seen, and the faults that e would make as [optgate.InvalidErrors];
// then nothing is written.
func (a *Admin) publish(ctx context.Context, e edit) (optgate.Revision, error) {
	latest, ok := a.Sites.Site(e.site)
	if !ok {
		return optgate.Revision{}, fmt.Errorf("admin: site %q: %w", e.site, optgate.ErrNotFound)
	}
	if latest.Number != e.seen.Revision {
		return optgate.Revision{}, fmt.Errorf("admin: revision %d is not the latest: %w", e.seen.Revision, optgate.ErrConflict)
	}
	next := latest.Config.Clone()
	e.apply(next)
	r, err := a.Sites.Publish(ctx, next, latest.Number, e.author, e.note)
	if err != nil {
		return optgate.Revision{}, fmt.Errorf("admin: publish %s: %w", e.site, err)
	}
	a.notePublished(ctx, &latest, &r)
	return r, nil
}

// notePublished notes in the audit log that r followed latest.
func (a *Admin) notePublished(ctx context.Context, latest, r *optgate.Revision) {
	a.note(ctx, optgate.AuditEntry{
		User: r.Author, Action: "publish", Site: r.Site, Subject: r.Note, Before: fmt.Sprintf("revision %d", latest.Number),
		After: fmt.Sprintf("revision %d: %s", r.Number, view.Changes(optgate.Diff(&latest.Config, &r.Config))),
	})
}

// published tells of a change on the site's page, and whom it asks again.
func (a *Admin) published(c echo.Context, r optgate.Revision, text bilingual.Text, args ...any) error {
	if err := a.flash(c, "%s Published as revision %d.%s", say(c, text, args...), r.Number, askedAgain(c.Request().Context(), r)); err != nil {
		return err
	}
	return seeOther(c, view.Path(r, ""))
}

// maxToggles bounds how often a toggle is tried again when others publish at the
// same time.
const maxToggles = 4

// postCategory switches a category on or off, at once: visitors' browsers hear of
// it within a second, whatever else is being edited. Of what others published in
// the meantime it keeps everything: a switch is one bit, so that there is nothing
// to look at again unless the category itself is gone.
func (a *Admin) postCategory(c echo.Context, s session) error {
	id, off := optgate.CategoryID(c.Param("category")), c.Request().PostFormValue("on") != "1"
	for range maxToggles {
		r, err := a.site(c)
		if err != nil {
			return err
		}
		k, ok := r.Config.Category(id)
		if !ok {
			return a.switchInDraft(c, s, id, off)
		}
		title := view.CategoryTitle(c.Request().Context(), k, r.Config.Languages)
		if id == optgate.Essential {
			return &optgate.InvalidError{Field: "category", Msg: "essential is always on"}
		}
		if k.Off == off {
			return a.unchanged(c, r, either(off, "%s was already off.", "%s was already on."), title)
		}
		e := edit{
			site: r.Site, seen: optgate.Seen{Revision: r.Number}, author: s.User, note: switched(id, off),
			apply: func(next *optgate.Config) { setOff(next, id, off) },
		}
		r, err = a.publish(c.Request().Context(), e)
		if errors.Is(err, optgate.ErrConflict) {
			continue
		}
		if err != nil {
			return err
		}
		a.carry(c.Request().Context(), r, e.apply)
		text := either(off, "%s is off: visitors are not asked and nothing of it loads.", "%s is on: visitors are asked about it.")
		return a.published(c, r, text, title)
	}
	return a.siteChanged(c)
}

// carry gives the open draft of a site what was published past it as r, so that
// the draft is about r and does not take it back. If that fails the draft stays
// what it was, which its editors are told when they publish it.
func (a *Admin) carry(ctx context.Context, r optgate.Revision, apply func(*optgate.Config)) {
	err := optgate.ErrConflict
	for range maxToggles {
		var d optgate.Draft
		d, err = a.Drafts.Draft(ctx, r.Site)
		if err == nil && d.IsOpen() {
			d.Config = *d.Config.Clone()
			apply(&d.Config)
			if d.Base == r.Number-1 {
				d.Base = r.Number
			}
			err = a.Drafts.PutDraft(ctx, d)
		}
		if !errors.Is(err, optgate.ErrConflict) {
			break
		}
	}
	if err != nil {
		a.Log.WarnContext(ctx, "draft not brought up to date", slog.String("site", string(r.Site)), slog.Any("err", err))
	}
}

// switchInDraft switches a category that is not published yet.
func (a *Admin) switchInDraft(c echo.Context, s session, id optgate.CategoryID, off bool) error {
	w, err := a.edited(c)
	if err != nil {
		return err
	}
	k, ok := w.shown.Config.Category(id)
	if !ok {
		return a.siteChanged(c)
	}
	title := view.CategoryTitle(c.Request().Context(), k, w.shown.Config.Languages)
	err = a.change(c.Request().Context(), edit{
		site: w.live.Site, group: w.group(), seen: w.seen(), author: s.User,
		note:  switched(id, off),
		apply: func(next *optgate.Config) { setOff(next, id, off) },
	})
	if errors.Is(err, optgate.ErrConflict) {
		return a.siteChanged(c)
	}
	if err != nil {
		return err
	}
	return a.drafted(c, w.live, either(off, "%s is off.", "%s is on."), title)
}

func setOff(c *optgate.Config, id optgate.CategoryID, off bool) {
	for i := range c.Categories {
		if c.Categories[i].ID == id {
			c.Categories[i].Off = off
		}
	}
}

// either returns what to say of a category that was switched.
func either(off bool, ifOff, ifOn bilingual.Text) bilingual.Text {
	if off {
		return ifOff
	}
	return ifOn
}

// switched returns the note that a category was switched.
func switched(id optgate.CategoryID, off bool) string {
	d := optgate.Deed{Kind: optgate.DidSwitchOn, Category: id}
	if off {
		d.Kind = optgate.DidSwitchOff
	}
	return d.Note()
}

// unchanged answers with the site's page and a message.
func (a *Admin) unchanged(c echo.Context, r optgate.Revision, text bilingual.Text, args ...any) error {
	if err := a.flash(c, text, args...); err != nil {
		return err
	}
	return seeOther(c, view.Path(r, ""))
}

// siteChanged answers a change that no longer fits the site.
func (a *Admin) siteChanged(c echo.Context) error {
	r, err := a.site(c)
	if err != nil {
		return err
	}
	return a.message(c, http.StatusConflict, view.MessagePage{
		Heading: say(c, "This site changed in the meantime"),
		Text: []string{say(c, "%s published revision %d %s. Nothing of yours was published: look at the site again.",
			r.Author, r.Number, view.Ago(c.Request().Context(), r.At, a.Now()))},
		Link: view.Path(r, ""), LinkText: say(c, "Open %s", r.Config.Name),
	})
}
