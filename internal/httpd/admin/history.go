package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

func (a *Admin) getHistory(c echo.Context, s session) error {
	r, err := a.site(c)
	if err != nil {
		return err
	}
	before, err := strconv.Atoi(c.QueryParam("before"))
	if err != nil {
		before = 0 // from the latest
	}
	entries, err := a.Sites.History(c.Request().Context(), r.Site, before)
	if err != nil {
		return fmt.Errorf("admin: history of %s: %w", r.Site, err)
	}
	p := view.HistoryPage{Frame: a.frame(c, s, "History of %s", r.Config.Name), Revision: r, Now: a.Now().UTC()}
	for _, e := range entries {
		p.Entries = append(p.Entries, view.HistoryEntry{Revision: e.Revision, Changes: e.Changes})
		p.Older = e.Revision.Number
	}
	if p.Older == 1 {
		p.Older = 0
	}
	return a.render(c, http.StatusOK, view.History(p))
}

// getCompare says what differs between two revisions.
func (a *Admin) getCompare(c echo.Context, s session) error {
	r, err := a.site(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	from, err := a.past(ctx, r, c.QueryParam("from"))
	if err != nil {
		return err
	}
	to, err := a.past(ctx, r, c.QueryParam("to"))
	if err != nil {
		return err
	}
	return a.render(c, http.StatusOK, view.Compare(view.ComparePage{
		Frame: a.frame(c, s, "Compare revisions of %s", r.Config.Name), Revision: r,
		From: from.Number, To: to.Number, Changes: optgate.Diff(&from.Config, &to.Config),
	}))
}

// past returns the revision of a site that has the number in the text.
func (a *Admin) past(ctx context.Context, latest optgate.Revision, text string) (*optgate.Revision, error) {
	number, err := strconv.Atoi(text)
	if err != nil || number < 1 {
		return nil, fmt.Errorf("admin: revision %.20q of %s: %w", text, latest.Site, optgate.ErrNotFound)
	}
	r, err := a.Sites.Revision(ctx, latest.Site, number)
	if err != nil {
		return nil, fmt.Errorf("admin: revision %d of %s: %w", number, latest.Site, err)
	}
	return r, nil
}

// pastOf returns the site and the revision that the path names.
func (a *Admin) pastOf(c echo.Context) (optgate.Revision, *optgate.Revision, error) {
	r, err := a.site(c)
	if err != nil {
		return r, nil, err
	}
	old, err := a.past(c.Request().Context(), r, c.Param("number"))
	return r, old, err
}

func (a *Admin) getRevision(c echo.Context, s session) error {
	r, old, err := a.pastOf(c)
	if err != nil {
		return err
	}
	return a.revisionPage(c, http.StatusOK, s, view.RevisionPage{Revision: r, Past: old})
}

func (a *Admin) revisionPage(c echo.Context, status int, s session, p view.RevisionPage) error {
	w, err := a.withDraft(c.Request().Context(), p.Revision)
	if err != nil {
		return err
	}
	p.Frame = a.frame(c, s, "Revision %d of %s", p.Past.Number, p.Revision.Config.Name)
	p.Now, p.Draft = a.Now().UTC(), w.view()
	p.Changes = optgate.Diff(&p.Revision.Config, &p.Past.Config)
	p.Asking = view.Asking(c.Request().Context(), optgate.Asking(p.Changes, &p.Past.Config))
	return a.render(c, status, view.Revision(p))
}

// postRollBack publishes what an earlier revision said as the next one, at once:
// who rolls back wants something gone. An open draft stays, to be merged with
// what is published then; whoever has not seen that there is one is asked first.
func (a *Admin) postRollBack(c echo.Context, s session) error {
	r, old, err := a.pastOf(c)
	if err != nil {
		return err
	}
	if old.Hash == r.Hash {
		return a.unchanged(c, r, "Revision %d already says what revision %d said.", r.Number, old.Number)
	}
	p := view.RevisionPage{Revision: r, Past: old}
	w, err := a.withDraft(c.Request().Context(), r)
	if err != nil {
		return err
	}
	if w.draft.IsOpen() && seen(c).Draft == 0 {
		p.Notice = a.whoElse(c.Request().Context(), w, seen(c)) + " " + say(c, "Nothing is rolled back yet: look again.")
		return a.revisionPage(c, http.StatusConflict, s, p)
	}
	next, err := a.publish(c.Request().Context(), edit{
		site: r.Site, seen: seen(c), author: s.User, note: optgate.Deed{Kind: optgate.DidGoBack, Number: old.Number}.Note(),
		apply: func(k *optgate.Config) { *k = *old.Config.Clone() },
	})
	if errors.Is(err, optgate.ErrConflict) {
		if p.Revision, err = a.site(c); err != nil {
			return err
		}
		latest := p.Revision
		p.Notice = say(c, "%s published revision %d %s.", latest.Author, latest.Number, view.Ago(c.Request().Context(), latest.At, a.Now())) + " " +
			say(c, "Nothing is rolled back yet: look again.")
		return a.revisionPage(c, http.StatusConflict, s, p)
	}
	if p.Faults = faultsOf(err, nil); p.Faults != nil {
		return a.revisionPage(c, http.StatusUnprocessableEntity, s, p)
	}
	if err != nil {
		return err
	}
	return a.published(c, next, "The site says again what revision %d said.", old.Number)
}

// askedAgain says about which categories a new revision asks earlier visitors
// again, or nothing.
func askedAgain(ctx context.Context, r optgate.Revision) string {
	var titles []string
	for _, id := range r.Config.Asked() {
		if r.Since[id] == r.Number {
			k, _ := r.Config.Category(id)
			titles = append(titles, view.CategoryTitle(ctx, k, r.Config.Languages))
		}
	}
	if len(titles) == 0 {
		return ""
	}
	return bilingual.Say(ctx, " Visitors will be asked again about %s.", strings.Join(titles, ", "))
}
