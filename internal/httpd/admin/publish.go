package admin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/publish"
)

func (a *Admin) getPublish(c echo.Context, s session) error {
	w, err := a.edited(c)
	if err != nil {
		return err
	}
	return a.publishPage(c, http.StatusOK, s, w, view.PublishPage{})
}

// publishPage completes p with what is to be published.
func (a *Admin) publishPage(c echo.Context, status int, s session, w *edited, p view.PublishPage) error {
	ctx := c.Request().Context()
	p.Frame, p.Now = a.frame(c, s, "Publish %s", w.live.Config.Name), a.Now().UTC()
	p.Revision, p.Draft, p.Undo = w.live, w.view(), a.undoRows(w)
	switch {
	case w.behind():
		p.Since = optgate.Diff(&w.base.Config, &w.live.Config)
		p.Clashes = w.clashes
	case w.draft.IsOpen():
		asked := optgate.Asking(p.Draft.Changes, &w.draft.Config)
		p.Asking, p.Checks = view.Asking(ctx, asked), a.checks(ctx, w)
		if len(asked.New)+len(asked.Again) > 0 {
			p.Reach = a.reach(ctx, w.live, asked)
		}
	}
	return a.render(c, status, view.Publish(p))
}

// reach returns how many visitors asked is about.
func (a *Admin) reach(ctx context.Context, live optgate.Revision, asked optgate.AskedAbout) *view.Reach {
	answered, err := a.Ledger.Answered(ctx, live.Site)
	if err != nil {
		a.Log.WarnContext(ctx, "counts unavailable", slog.String("site", string(live.Site)), slog.Any("err", err))
		return &view.Reach{Unavailable: true}
	}
	since := 0
	timing := live.TimingAt(a.Now())
	for _, id := range live.Config.Asked() {
		since = max(since, timing.Since[id])
	}
	r := &view.Reach{AtMost: len(asked.Again) == 0}
	for revision, visitors := range answered {
		r.Visitors += visitors
		if revision < since {
			r.Anyway += visitors
		}
	}
	return r
}

// postPublish publishes the draft that its author saw.
func (a *Admin) postPublish(c echo.Context, s session) error {
	w, err := a.edited(c)
	if err != nil {
		return err
	}
	value := func(name string) string { return strings.TrimSpace(c.Request().PostFormValue(name)) }
	p := view.PublishPage{Note: value("note"), When: value("when"), Date: value("date")}
	if !w.draft.IsOpen() {
		return a.unchanged(c, w.live, "There is nothing to publish.")
	}
	if seen(c) != w.seen() || w.behind() {
		p.Notice = a.whoElse(c.Request().Context(), w, seen(c)) + " " + say(c, "Nothing is published yet: look again.")
		return a.publishPage(c, http.StatusConflict, s, w, p)
	}
	how, faults := a.wanted(p)
	if p.Faults = faults; p.Faults != nil {
		return a.publishPage(c, http.StatusUnprocessableEntity, s, w, p)
	}
	ctx := c.Request().Context()
	for _, k := range a.checks(c.Request().Context(), w) {
		if k.Blocks {
			return a.publishPage(c, http.StatusUnprocessableEntity, s, w, p)
		}
	}
	r, err := a.Sites.Publish(ctx, &w.draft.Config, w.live.Number, s.User, p.Note, how...)
	if errors.Is(err, optgate.ErrConflict) {
		if w, err = a.edited(c); err != nil {
			return err
		}
		p.Notice = a.whoElse(c.Request().Context(), w, seen(c)) + " " + say(c, "Nothing of the draft is published yet: look again.")
		return a.publishPage(c, http.StatusConflict, s, w, p)
	}
	if p.Faults = faultsOf(err, publishFields); p.Faults != nil {
		return a.publishPage(c, http.StatusUnprocessableEntity, s, w, p)
	}
	if err != nil {
		return err
	}
	a.notePublished(ctx, &w.live, &r)
	a.closePublished(ctx, w.draft)
	return a.published(c, r, "All changes are live.")
}

// maxNote is how long a note can be, in bytes.
const maxNote = 500

var publishFields = []field{{"effective", "date", "Date"}}

// wanted reads how something is to be published: from when on earlier visitors are
// asked, with a note that is not too long.
func (a *Admin) wanted(p view.PublishPage) (how []publish.Option, faults view.Faults) {
	if p.When == "date" {
		from, err := time.Parse(time.DateOnly, p.Date)
		if err != nil {
			faults = view.Faults{{Field: "date", Label: "Date", Msg: "is a day, such as 2027-01-31"}}
		} else {
			r := optgate.Revision{At: a.Now().UTC(), Effective: from}
			how, faults = []publish.Option{publish.Effective(from)}, faultsOf(r.ValidateSchedule(), publishFields)
		}
	}
	if len(p.Note) > maxNote {
		faults = append(faults, view.Fault{Field: "note", Label: "Note", Msg: fmt.Sprintf("is longer than %d bytes", maxNote)})
	}
	return how, faults
}

// closePublished removes a draft that was published. If somebody changed it at
// that very moment, or if the store does not answer, it stays: it counts as none
// if it says nothing new, and is merged otherwise.
func (a *Admin) closePublished(ctx context.Context, d optgate.Draft) {
	if err := a.Drafts.PutDraft(ctx, d.Closed()); err != nil {
		a.Log.WarnContext(ctx, "draft not closed", slog.String("site", string(d.Site)), slog.Any("err", err))
	}
}

// postTakeOver applies what the draft changes to what somebody else published.
func (a *Admin) postTakeOver(c echo.Context, s session) error {
	w, err := a.edited(c)
	if err != nil {
		return err
	}
	if !w.behind() {
		return seeOther(c, view.Path(w.live, "/publish"))
	}
	lookAgain := func() error {
		p := view.PublishPage{Notice: a.whoElse(c.Request().Context(), w, seen(c)) + " " + say(c, "Nothing is taken over yet: look again.")}
		if w.of != nil {
			return a.publishGroupPage(c, http.StatusConflict, s, w, view.PublishGroupPage{PublishPage: p})
		}
		return a.publishPage(c, http.StatusConflict, s, w, p)
	}
	if seen(c) != w.seen() {
		return lookAgain()
	}
	taken := map[optgate.Item]bool{}
	for _, item := range w.clashes {
		taken[item] = c.Request().PostFormValue("keep."+item.Key()) != "draft"
	}
	merged, _ := optgate.Merge(&w.base.Config, &w.draft.Config, &w.live.Config, taken)
	ctx := c.Request().Context()
	d := optgate.Draft{Site: w.live.Site, Base: w.live.Number, Config: *merged, Author: s.User, At: a.Now(), Version: w.draft.Version}
	if merged.Hash() == w.live.Hash {
		d = d.Closed()
	}
	err = a.putDraft(ctx, w, d)
	if errors.Is(err, optgate.ErrConflict) {
		if w, err = a.edited(c); err != nil {
			return err
		}
		return lookAgain()
	}
	if err != nil {
		return err
	}
	a.note(ctx, optgate.AuditEntry{
		User: s.User, Action: "merge the draft", Site: w.live.Site, Subject: w.about(""), Before: fmt.Sprintf("on revision %d", w.base.Number),
		After: fmt.Sprintf("on revision %d: %s", w.live.Number, view.Changes(optgate.Diff(&w.live.Config, merged))),
	})
	if !d.IsOpen() {
		return a.unchanged(c, w.live, "Nothing is left to publish.")
	}
	return seeOther(c, view.Path(w.live, "/publish"))
}

func (a *Admin) getDiscard(c echo.Context, s session) error {
	w, err := a.edited(c)
	if err != nil {
		return err
	}
	return a.discardPage(c, http.StatusOK, s, w, "")
}

func (a *Admin) discardPage(c echo.Context, status int, s session, w *edited, notice string) error {
	return a.render(c, status, view.Discard(view.DiscardPage{
		Frame: a.frame(c, s, "Discard changes of %s", w.live.Config.Name), Revision: w.live, Draft: w.view(), Now: a.Now().UTC(), Notice: notice,
	}))
}

// postDiscard throws the draft away that its author saw.
func (a *Admin) postDiscard(c echo.Context, s session) error {
	w, err := a.edited(c)
	if err != nil {
		return err
	}
	if !w.draft.IsOpen() {
		return a.unchanged(c, w.live, "There is nothing to discard.")
	}
	if seen(c).Draft == w.draft.Version {
		err = a.putDraft(c.Request().Context(), w, w.draft.Closed())
	} else {
		err = optgate.ErrConflict
	}
	if errors.Is(err, optgate.ErrConflict) {
		if w, err = a.edited(c); err != nil {
			return err
		}
		return a.discardPage(c, http.StatusConflict, s, w, a.whoElse(c.Request().Context(), w, seen(c))+" "+say(c, "Nothing is discarded yet: look again."))
	}
	if err != nil {
		return err
	}
	a.note(c.Request().Context(), optgate.AuditEntry{
		User: s.User, Action: "discard the draft", Site: w.live.Site, Subject: w.about(""), Before: view.Changes(w.view().Changes),
	})
	return a.unchanged(c, w.live, "The changes are discarded. The site stays as it is.")
}
