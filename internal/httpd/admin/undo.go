package admin

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
)

// maxUndo is how many changes can be undone one by one: of each the whole site is
// compared and checked for the page.
const maxUndo = 40

// undoRows returns the items that an open draft changes, in the order in which
// pages list them, and what keeps each from being taken back alone.
func (a *Admin) undoRows(w *edited) []view.UndoRow {
	if !w.draft.IsOpen() || w.behind() || len(w.items) > maxUndo {
		return nil
	}
	subjects := []string{"setting", "category", "service", "tag", "texts", "order"}
	items := slices.SortedFunc(maps.Keys(w.items), func(x, y optgate.Item) int {
		return cmp.Or(cmp.Compare(slices.Index(subjects, x.Subject), slices.Index(subjects, y.Subject)), cmp.Compare(x.Name, y.Name))
	})
	now, rows := &w.draft.Config, []view.UndoRow(nil)
	before := a.check(w, now)
	for _, item := range items {
		undone := optgate.Undone(&w.base.Config, now, item)
		row := view.UndoRow{Item: item, Changes: optgate.Diff(undone, now)}
		if err := a.check(w, undone); err != nil {
			row.Faults = faultsOf(newFaults(before, err), nil)
		}
		rows = append(rows, row)
	}
	return rows
}

// postUndo takes back one change of the draft that its author saw.
func (a *Admin) postUndo(c echo.Context, s session) error {
	w, err := a.edited(c)
	if err != nil {
		return err
	}
	var item optgate.Item
	for i := range w.items {
		if i.Key() == c.Request().PostFormValue("item") {
			item = i
		}
	}
	var p view.PublishPage
	err = optgate.ErrConflict
	if item.Subject != "" && !w.behind() {
		err = a.change(c.Request().Context(), edit{
			site: w.live.Site, group: w.group(), seen: seen(c), author: s.User, note: "undo: " + item.Subject + " " + item.Name,
			apply: func(k *optgate.Config) { *k = *optgate.Undone(&w.base.Config, k, item) },
		})
	}
	status := http.StatusUnprocessableEntity
	if errors.Is(err, optgate.ErrConflict) {
		if w, err = a.edited(c); err != nil {
			return err
		}
		status = http.StatusConflict
		p.Notice = a.whoElse(c.Request().Context(), w, seen(c)) + " " + say(c, "Nothing is undone yet: look again.")
	}
	if p.Faults = faultsOf(err, nil); p.Faults != nil || p.Notice != "" {
		if w.of != nil {
			return a.publishGroupPage(c, status, s, w, view.PublishGroupPage{PublishPage: p})
		}
		return a.publishPage(c, status, s, w, p)
	}
	if err != nil {
		return err
	}
	if len(w.items) == 1 {
		return a.unchanged(c, w.live, "The change is undone. Nothing is left to publish.")
	}
	if err := a.flash(c, "The change is undone."); err != nil {
		return err
	}
	return seeOther(c, view.Path(w.live, "/publish"))
}
