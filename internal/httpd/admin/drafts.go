package admin

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// edited is a site as its editors see it.
type edited struct {
	live  optgate.Revision // the latest
	shown optgate.Revision // the same, saying what the draft says if one is open
	base  optgate.Revision // the one that the draft changes; live, if none is open
	draft optgate.Draft
	of    *optgate.Group                      // if it is a group that is edited
	items map[optgate.Item]optgate.ChangeKind // that an open draft changes

	clashes []optgate.Item // that it and what was published past it both changed
}

// seen returns what a form that is shown now shows.
func (w *edited) seen() optgate.Seen { return w.draft.Seen(&w.live) }

// behind reports whether somebody published past the open draft.
func (w *edited) behind() bool { return w.base.Number != w.live.Number }

// view returns what pages say of the draft.
func (w *edited) view() view.Draft {
	d := view.Draft{Seen: w.seen(), Base: w.draft.Base, Author: w.draft.Author, At: w.draft.At}
	if w.draft.IsOpen() {
		d.Changes = optgate.Diff(&w.base.Config, &w.draft.Config)
		d.Items = w.items
	}
	return d
}

// edited returns the site that the path names with its draft.
func (a *Admin) edited(c echo.Context) (*edited, error) {
	if c.Param("group") != "" {
		g, err := a.group(c)
		if err != nil {
			return nil, err
		}
		return editedGroup(g), nil
	}
	live, err := a.site(c)
	if err != nil {
		return nil, err
	}
	return a.withDraft(c.Request().Context(), live)
}

// withDraft returns a site with its draft. A draft that says nothing that is not
// published counts as none: it was published by somebody whose program ended
// before it was closed, or undone change by change.
func (a *Admin) withDraft(ctx context.Context, live optgate.Revision) (*edited, error) {
	d, err := a.Drafts.Draft(ctx, live.Site)
	if err != nil {
		return nil, fmt.Errorf("admin: draft of %s: %w", live.Site, err)
	}
	w := &edited{live: live, shown: live, base: live, draft: d}
	if !d.IsOpen() {
		return w, nil
	}
	base, err := a.Sites.Revision(ctx, live.Site, d.Base)
	switch {
	case errors.Is(err, optgate.ErrNotFound):
		// A failover of Redis can lose a revision and keep its draft. Then all that
		// the draft says is told as its change of what is published.
		w.draft.Base, base = live.Number, &live
	case err != nil:
		return nil, fmt.Errorf("admin: revision %d of %s: %w", d.Base, live.Site, err)
	}
	w.base = *base
	return w.compared(), nil
}

// compared returns w with what its open draft changes, or without the draft if
// that is nothing any more.
func (w *edited) compared() *edited {
	done := false
	if w.behind() {
		var merged *optgate.Config
		merged, w.clashes = optgate.Merge(&w.base.Config, &w.draft.Config, &w.live.Config, nil)
		done = len(w.clashes) == 0 && len(optgate.Items(&w.live.Config, merged)) == 0
	}
	w.items = optgate.Items(&w.base.Config, &w.draft.Config)
	if done || len(w.items) == 0 {
		return &edited{live: w.live, shown: w.live, base: w.live, draft: w.draft.Closed(), of: w.of}
	}
	w.shown.Config = w.draft.Config
	return w
}

// seen returns what the posted form showed.
func seen(c echo.Context) optgate.Seen {
	value := func(name string) int {
		n, err := strconv.Atoi(c.Request().PostFormValue(name))
		if err != nil {
			return 0
		}
		return n
	}
	return optgate.Seen{Revision: value("revision"), Draft: value("draft")}
}

// change makes e in the site's draft, which it opens if there is none. It
// returns [optgate.ErrConflict] if somebody else changed the draft or published
// since e's author looked, and the faults that e would bring as
// [optgate.InvalidErrors]; then nothing is written. Faults that the draft had
// before are not e's: they are told when the draft is published.
func (a *Admin) change(ctx context.Context, e edit) error {
	w, err := a.current(ctx, e)
	if err != nil {
		return err
	}
	if e.seen != w.seen() {
		return fmt.Errorf("admin: %s is not as its editor saw it: %w", e.site, optgate.ErrConflict)
	}
	next := w.shown.Config.Clone()
	e.apply(next)
	if next.Hash() == w.shown.Config.Hash() {
		return nil
	}
	if err := a.check(w, next); err != nil {
		if err := newFaults(a.check(w, &w.shown.Config), err); err != nil {
			return err
		}
	}
	d := optgate.Draft{Site: e.site, Base: w.base.Number, Config: *next, Author: e.author, At: a.Now(), Version: w.draft.Version}
	if next.Hash() == w.base.Hash {
		d = d.Closed()
	}
	if err := a.putDraft(ctx, w, d); err != nil {
		return fmt.Errorf("admin: change %s%s: %w", e.site, e.group, err)
	}
	a.note(ctx, optgate.AuditEntry{
		User: e.author, Action: "change the draft", Site: e.site, Subject: w.about(e.note),
		After: view.Changes(optgate.Diff(&w.shown.Config, next)),
	})
	return nil
}

// current returns what e changes, as it is at this moment.
func (a *Admin) current(ctx context.Context, e edit) (*edited, error) {
	if e.group != "" {
		g, err := a.Sites.Group(ctx, e.group)
		if err != nil {
			return nil, fmt.Errorf("admin: change a group: %w", err)
		}
		return editedGroup(g), nil
	}
	live, ok := a.Sites.Site(e.site)
	if !ok {
		return nil, fmt.Errorf("admin: site %q: %w", e.site, optgate.ErrNotFound)
	}
	return a.withDraft(ctx, live)
}

// check returns the faults for which c could not be published in the place of
// what is edited.
func (a *Admin) check(w *edited, c *optgate.Config) error {
	if w.of == nil {
		return a.Sites.Check(c)
	}
	g := optgate.Group{ID: w.of.ID, Settings: *asSettings(w.of, c)}
	return g.Validate()
}

// putDraft stores the draft of what is edited in the place of the one that was
// read.
func (a *Admin) putDraft(ctx context.Context, w *edited, d optgate.Draft) error {
	if w.of == nil {
		return a.Drafts.PutDraft(ctx, d)
	}
	g := *w.of
	if g.Draft = nil; d.IsOpen() {
		base := &w.base.Config
		if d.Base == w.live.Number {
			base = &w.live.Config
		}
		g.Draft = &optgate.GroupDraft{Base: *asSettings(&g, base), Settings: *asSettings(&g, &d.Config), Author: d.Author, At: d.At}
	}
	_, err := a.Sites.PutGroup(ctx, g)
	return err
}

var indexes = regexp.MustCompile(`\[\d+\]`)

// newFaults returns those faults of after that before does not have. A list that
// became shorter moves the faults of what follows, so those that are in no place
// of before are looked for anywhere in the same list.
func newFaults(before, after error) error {
	var was, is optgate.InvalidErrors
	if !errors.As(after, &is) || !errors.As(before, &was) {
		return after
	}
	was = slices.Clone(was)
	for _, key := range []func(*optgate.InvalidError) string{
		(*optgate.InvalidError).Error,
		func(e *optgate.InvalidError) string { return indexes.ReplaceAllString(e.Error(), "") },
	} {
		is = slices.DeleteFunc(slices.Clone(is), func(e *optgate.InvalidError) bool {
			i := slices.IndexFunc(was, func(o *optgate.InvalidError) bool { return key(o) == key(e) })
			if i >= 0 {
				was = slices.Delete(was, i, i+1)
			}
			return i >= 0
		})
	}
	if len(is) == 0 {
		return nil
	}
	return is
}

// drafted tells of a change of the draft on the site's page.
func (a *Admin) drafted(c echo.Context, live optgate.Revision, text bilingual.Text, args ...any) error {
	if err := a.flash(c, "%s It is not published yet.", say(c, text, args...)); err != nil {
		return err
	}
	return seeOther(c, view.Path(live, ""))
}

// whoElse says what happened to a site since a form that showed was was made.
func (a *Admin) whoElse(ctx context.Context, w *edited, was optgate.Seen) string {
	switch {
	case w.of != nil:
		return w.whoElseOfGroup(ctx, a.Now())
	case w.live.Number != was.Revision:
		return bilingual.Say(ctx, "%s published revision %d %s.", w.live.Author, w.live.Number, view.Ago(ctx, w.live.At, a.Now()))
	case w.draft.IsOpen():
		return bilingual.Say(ctx, "%s changed what is not published yet %s.", w.draft.Author, view.Ago(ctx, w.draft.At, a.Now()))
	}
	return bilingual.Say(ctx, "What was not published yet was discarded.")
}

// keptEntries says that a form was not saved because of what somebody else did.
func (a *Admin) keptEntries(ctx context.Context, w *edited, was optgate.Seen) string {
	return bilingual.Say(ctx, "%s Your entries are kept below and nothing of them is saved yet: look whether they still fit, and save again.", a.whoElse(ctx, w, was))
}
