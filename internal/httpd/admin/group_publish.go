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
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

func (a *Admin) getPublishGroup(c echo.Context, s session) error {
	w, err := a.edited(c)
	if err != nil {
		return err
	}
	return a.publishGroupPage(c, http.StatusOK, s, w, view.PublishGroupPage{})
}

// publishGroupPage completes p with what publishing does to each site.
func (a *Admin) publishGroupPage(c echo.Context, status int, s session, w *edited, p view.PublishGroupPage) error {
	ctx := c.Request().Context()
	p.Frame, p.Now = a.frame(c, s, "Publish %s", w.live.Config.Name), a.Now().UTC()
	p.Revision, p.Draft, p.Undo = w.live, w.view(), a.undoRows(w)
	switch {
	case w.behind():
		p.Since, p.Clashes = optgate.Diff(&w.base.Config, &w.live.Config), w.clashes
	case w.draft.IsOpen():
		p.Checks = invalid(ctx, &w.draft.Config, a.check(w, &w.draft.Config))
		p.Checks = append(p.Checks, contrast(ctx, w.draft.Config.Theme)...)
		next := *w.of
		next.Settings = *asSettings(w.of, &w.draft.Config)
		var err error
		if p.Effects, err = a.effects(ctx, &next, s); err != nil {
			return err
		}
	}
	return a.render(c, status, view.PublishGroup(p))
}

// effects says what each site of a group would be with its settings.
func (a *Admin) effects(ctx context.Context, g *optgate.Group, s session) ([]view.Effect, error) {
	var all []view.Effect
	for _, f := range a.Sites.Follow(ctx, g, publish.Following{Author: s.User, DryRun: true}) {
		e := view.Effect{Revision: f.Before, Changes: f.Changes}
		switch faults := faultsOf(f.Err, nil); {
		case faults != nil:
			e.Faults = faults
		case f.Err != nil:
			return nil, fmt.Errorf("admin: see what %s would be: %w", f.Before.Site, f.Err)
		case f.After != nil:
			asked := optgate.Asking(f.Changes, &f.After.Config)
			e.Asking = view.Asking(ctx, asked)
			if len(asked.New)+len(asked.Again) > 0 {
				e.Reach = a.reach(ctx, f.Before, asked)
			}
			var err error
			if e.Draft, err = a.openDraft(ctx, f.Before, &f.After.Config); err != nil {
				return nil, err
			}
		}
		all = append(all, e)
	}
	return all, nil
}

// openDraft says what becomes of the draft of a site when next is published past
// it; nil, if none is open.
func (a *Admin) openDraft(ctx context.Context, r optgate.Revision, next *optgate.Config) (*view.MemberDraft, error) {
	w, err := a.withDraft(ctx, r)
	if err != nil || !w.draft.IsOpen() {
		return nil, err
	}
	_, clashes := optgate.Merge(&w.base.Config, &w.draft.Config, next, nil)
	return &view.MemberDraft{Draft: w.view(), Clashes: clashes}, nil
}

// postPublishGroup stores a group as its draft says, and publishes to its sites
// what that changes there.
func (a *Admin) postPublishGroup(c echo.Context, s session) error {
	w, err := a.edited(c)
	if err != nil {
		return err
	}
	if !w.draft.IsOpen() {
		return a.unchanged(c, w.live, "There is nothing to publish.")
	}
	value := func(name string) string { return strings.TrimSpace(c.Request().PostFormValue(name)) }
	p := view.PublishGroupPage{}
	p.Note, p.When, p.Date = value("note"), value("when"), value("date")
	if seen(c) != w.seen() || w.behind() {
		p.Notice = a.whoElse(c.Request().Context(), w, seen(c)) + " " + say(c, "Nothing is published yet: look again.")
		return a.publishGroupPage(c, http.StatusConflict, s, w, p)
	}
	how, faults := a.wanted(p.PublishPage)
	if p.Faults = faults; p.Faults != nil || view.Blocked(contrast(c.Request().Context(), w.draft.Config.Theme)) {
		return a.publishGroupPage(c, http.StatusUnprocessableEntity, s, w, p)
	}
	g := *w.of
	g.Settings, g.Draft, g.Author = *asSettings(w.of, &w.draft.Config), nil, s.User
	ctx := c.Request().Context()
	stored, err := a.Sites.PutGroup(ctx, g)
	if errors.Is(err, optgate.ErrConflict) {
		if w, err = a.edited(c); err != nil {
			return err
		}
		p.Notice = a.whoElse(ctx, w, seen(c)) + " " + say(c, "Nothing of the draft is published yet: look again.")
		return a.publishGroupPage(c, http.StatusConflict, s, w, p)
	}
	if p.Faults = faultsOf(err, nil); p.Faults != nil {
		return a.publishGroupPage(c, http.StatusUnprocessableEntity, s, w, p)
	}
	if err != nil {
		return fmt.Errorf("admin: store a group: %w", err)
	}
	a.noteGroup(ctx, s.User, w.of, &stored)
	return a.followed(c, &stored, publish.Following{Author: s.User, Note: p.Note, How: how})
}

// noteGroup notes in the audit log that a group was changed.
func (a *Admin) noteGroup(ctx context.Context, user string, before, after *optgate.Group) {
	a.note(ctx, optgate.AuditEntry{
		User: user, Action: "change a group", Subject: string(after.ID), Before: fmt.Sprintf("version %d", before.Version),
		After: fmt.Sprintf("version %d: %s", after.Version, view.Changes(optgate.Diff(&before.Settings, &after.Settings))),
	})
}

// followed publishes to the sites of a group what they are with its settings, and
// says what came of it.
func (a *Admin) followed(c echo.Context, g *optgate.Group, how publish.Following) error {
	ctx := c.Request().Context()
	if how.Note == "" {
		how.Note = optgate.Deed{Kind: optgate.DidFollow, Group: g.ID, Number: g.Version}.Note()
	}
	done, left := 0, []string(nil)
	for _, f := range a.Sites.Follow(ctx, g, how) {
		switch {
		case f.Err != nil:
			a.Log.WarnContext(ctx, "site does not follow its group", slog.String("site", string(f.Before.Site)), slog.Any("err", f.Err))
			left = append(left, f.Before.Config.Name)
		case f.After != nil:
			a.notePublished(ctx, &f.Before, f.After)
			done++
		}
	}
	text := bilingual.Count(ctx, done, "The group is published to %d site.", "The group is published to %d sites.")
	if len(left) > 0 {
		const manyNames = 3
		text += " " + say(c, "%s could not follow: see below.", view.Few(ctx, left, manyNames))
	}
	return a.toldOfGroup(c, g, text)
}

// postFollow lets the sites of a group follow that could not when it was changed.
func (a *Admin) postFollow(c echo.Context, s session) error {
	g, err := a.group(c)
	if err != nil {
		return err
	}
	return a.followed(c, &g, publish.Following{Author: s.User})
}
