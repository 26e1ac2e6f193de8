package admin

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// categorySettings is the list of a site's categories, with a form that adds one.
func categorySettings(_ echo.Context, shown *optgate.Config) (settings, error) {
	lang := shown.DefaultLanguage()
	return settings{
		path: "/categories", name: "Categories",
		values: func(*optgate.Config) map[string]string {
			return map[string]string{"id": "", "title": "", "description": ""}
		},
		apply: func(c *optgate.Config, typed map[string]string) {
			c.Categories = append(c.Categories, optgate.Category{
				ID:    optgate.CategoryID(typed["id"]),
				Title: with(nil, map[string]string{lang: typed["title"]}), Description: with(nil, map[string]string{lang: typed["description"]}),
			})
		},
		fields: func(ctx context.Context, c *optgate.Config) []field {
			path := fmt.Sprintf("categories[%d].", len(c.Categories)-1)
			return []field{{path + "id", "id", "Id"}, {path + "title", "title", "Name"}, {path + "description", "description", "Meaning"}}
		},
		page: func(c echo.Context, p view.EditPage) templ.Component {
			return view.Categories(view.CategoriesPage{EditPage: p, Uses: uses(c.Request().Context(), &p.Revision.Config)})
		},
	}, nil
}

// uses returns what needs each category.
func uses(ctx context.Context, c *optgate.Config) map[optgate.CategoryID][]view.Use {
	all := map[optgate.CategoryID][]view.Use{}
	add := func(id optgate.CategoryID, text, link string) {
		if u := (view.Use{Text: text, Link: link}); id != "" && !slices.Contains(all[id], u) {
			all[id] = append(all[id], u)
		}
	}
	for _, s := range c.Services {
		add(s.Category, s.Name, "/services/"+s.ID)
	}
	for _, t := range c.Tags {
		add(t.Category, t.ID, "/tags/"+t.ID)
	}
	for _, id := range c.GPC.Categories {
		add(id, "Global Privacy Control", "/signals")
	}
	const link = "/signals"
	told := bilingual.Say(ctx, "what vendors are told")
	s := &c.Signals
	for _, v := range []*optgate.VendorSignal{s.Microsoft, s.TikTok, s.Pinterest} {
		if v != nil {
			add(cmp.Or(v.Category, optgate.Marketing), told, link)
		}
	}
	if s.Meta != nil {
		add(cmp.Or(s.Meta.Category, optgate.Marketing), told, link)
	}
	if s.Matomo != nil {
		add(cmp.Or(s.Matomo.Category, optgate.Analytics), told, link)
	}
	for _, m := range ownMaps(s) {
		for id := range m {
			add(id, told, link)
		}
	}
	return all
}

// ownMaps returns the words of vendors that a site maps itself.
func ownMaps(s *optgate.Signals) []optgate.SignalMap {
	var all []optgate.SignalMap
	if s.Google != nil {
		all = append(all, s.Google.Map)
	}
	if s.Clarity != nil {
		all = append(all, s.Clarity.Map)
	}
	if s.WordPress != nil {
		all = append(all, s.WordPress.Map)
	}
	return all
}

// postMoveCategory moves a category up or down by one, and leads back to the
// button that was pressed, or to its neighbour where there is no further: a
// browser focuses what an address points to.
func (a *Admin) postMoveCategory(c echo.Context, s session) error {
	w, err := a.edited(c)
	if err != nil {
		return err
	}
	id, step, button := optgate.CategoryID(c.Param("category")), 1, "down"
	if c.Request().PostFormValue("do") == "up" {
		step, button = -1, "up"
	}
	all := w.shown.Config.Categories
	switch at := slices.IndexFunc(all, func(k optgate.Category) bool { return k.ID == id }) + step; {
	case at <= 0:
		button = "down"
	case at >= len(all)-1:
		button = "up"
	}
	k, ok := w.shown.Config.Category(id)
	if !ok {
		return a.siteChanged(c)
	}
	title := view.CategoryTitle(c.Request().Context(), k, w.shown.Config.Languages)
	return a.changeAt(c, w, "/categories#"+button+"-"+string(id), say(c, "%s moved.", title), edit{
		site: w.live.Site, group: w.group(), seen: seen(c), author: s.User, note: "order of categories",
		apply: func(next *optgate.Config) {
			all := next.Categories
			i := slices.IndexFunc(all, func(k optgate.Category) bool { return k.ID == id })
			if j := i + step; i >= 0 && j >= 0 && j < len(all) {
				all[i], all[j] = all[j], all[i]
			}
		},
	}, s, categorySettings)
}

// postRemoveCategory removes a category that nothing needs.
func (a *Admin) postRemoveCategory(c echo.Context, s session) error {
	w, err := a.edited(c)
	if err != nil {
		return err
	}
	id := optgate.CategoryID(c.Param("category"))
	k, ok := w.shown.Config.Category(id)
	if !ok {
		return a.siteChanged(c)
	}
	title := view.CategoryTitle(c.Request().Context(), k, w.shown.Config.Languages)
	if needed := uses(c.Request().Context(), &w.shown.Config)[id]; len(needed) > 0 || id == optgate.Essential {
		f, err := categorySettings(c, &w.shown.Config)
		if err != nil {
			return err
		}
		fault := view.Fault{Label: title, Msg: "is always there"}
		if len(needed) > 0 {
			fault.Msg = say(c, "is needed by %s: remove that first, or let it belong to another category", needed[0].Text)
		}
		return a.settingsPage(c, http.StatusConflict, s, f, view.EditPage{
			Revision: w.shown, Draft: w.view(), Values: f.values(&w.shown.Config), Faults: view.Faults{fault},
		})
	}
	return a.changeAt(c, w, "/categories", say(c, "%s is removed.", title), edit{
		site: w.live.Site, group: w.group(), seen: seen(c), author: s.User, note: "category " + string(id) + " removed",
		apply: func(next *optgate.Config) {
			next.Categories = slices.DeleteFunc(next.Categories, func(k optgate.Category) bool { return k.ID == id })
		},
	}, s, categorySettings)
}
