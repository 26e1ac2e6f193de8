package admin

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// settings is a form for a part of a site's configuration. Fields are known by
// name: what else a browser sends is not read.
type settings struct {
	path string         // below the site's
	name bilingual.Text // of what is changed, for messages and notes

	values func(c *optgate.Config) map[string]string                            // of all fields
	apply  func(c *optgate.Config, typed map[string]string)                     // has only fields that values has
	fields func(ctx context.Context, c *optgate.Config) []field                 // of the faults that apply made
	check  func(ctx context.Context, before, after *optgate.Config) view.Faults // besides the domain's; may be nil
	page   func(c echo.Context, p view.EditPage) templ.Component
}

// settingsOf returns the form that a request is about.
type settingsOf func(c echo.Context, shown *optgate.Config) (settings, error)

// getSettings answers with a form of what is there.
func (a *Admin) getSettings(of settingsOf) func(echo.Context, session) error {
	return func(c echo.Context, s session) error {
		r, draft, err := a.shownTo(c, s)
		if err != nil {
			return err
		}
		f, err := of(c, &r.Config)
		if err != nil {
			return err
		}
		p := view.EditPage{Revision: r, Draft: draft, Values: f.values(&r.Config)}
		return a.settingsPage(c, http.StatusOK, s, f, p)
	}
}

func (a *Admin) settingsPage(c echo.Context, status int, s session, f settings, p view.EditPage) error {
	p.Frame = a.frame(c, s, "%s of %s", say(c, f.name), p.Revision.Config.Name)
	framesOwn(c)
	return a.render(c, status, f.page(c, p))
}

// framesOwn lets the page have frames of the admin.
func framesOwn(c echo.Context) {
	const policy = "Content-Security-Policy"
	h := c.Response().Header()
	h.Set(policy, h.Get(policy)+"; frame-src 'self'")
}

// typed returns what was posted of the fields in values. Browsers end lines in
// text areas by two characters.
func typed(c echo.Context, values map[string]string) map[string]string {
	all := make(map[string]string, len(values))
	for name := range values {
		all[name] = strings.TrimSpace(strings.ReplaceAll(c.Request().PostFormValue(name), "\r\n", "\n"))
	}
	return all
}

// postSettings changes the draft as a form says.
func (a *Admin) postSettings(of settingsOf) func(echo.Context, session) error {
	return func(c echo.Context, s session) error {
		w, err := a.edited(c)
		if err != nil {
			return err
		}
		f, err := of(c, &w.shown.Config)
		if err != nil {
			return err
		}
		p := view.EditPage{Revision: w.shown, Draft: w.view(), Values: typed(c, f.values(&w.shown.Config))}
		next := w.shown.Config.Clone()
		f.apply(next, p.Values)
		if f.check != nil {
			p.Faults = f.check(c.Request().Context(), &w.shown.Config, next)
		}
		if p.Faults != nil {
			return a.settingsPage(c, http.StatusUnprocessableEntity, s, f, p)
		}
		err = a.change(c.Request().Context(), edit{
			site: w.live.Site, group: w.group(), seen: seen(c), author: s.User, note: strings.ToLower(string(f.name)),
			apply: func(k *optgate.Config) { f.apply(k, p.Values) },
		})
		if errors.Is(err, optgate.ErrConflict) {
			if w, err = a.edited(c); err != nil {
				return err
			}
			p.Revision, p.Draft, p.Notice = w.shown, w.view(), a.keptEntries(c.Request().Context(), w, seen(c))
			return a.settingsPage(c, http.StatusConflict, s, f, p)
		}
		if p.Faults = faultsOf(err, f.fields(c.Request().Context(), next)); p.Faults != nil {
			return a.settingsPage(c, http.StatusUnprocessableEntity, s, f, p)
		}
		if err != nil {
			return err
		}
		told := say(c, "%s saved. It is not published yet.", say(c, f.name))
		if next.Hash() == w.shown.Config.Hash() {
			told = say(c, "Nothing changed.")
		}
		if err := a.flash(c, "%s", told); err != nil {
			return err
		}
		return seeOther(c, view.Path(w.live, f.path))
	}
}

// wholeNumber returns a whole number that was typed: 0 for nothing, and one that no
// field takes for what is none.
func wholeNumber(s string) int {
	if s == "" {
		return 0
	}
	n := 0
	for _, digit := range s {
		if digit < '0' || digit > '9' || n > 1_000_000 {
			return -1
		}
		n = 10*n + int(digit-'0')
	}
	return n
}
