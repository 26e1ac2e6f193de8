package admin

import (
	"errors"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
)

// postLanguages adds a language, takes one away with the site's words for the
// banner in it, or makes one the default.
func (a *Admin) postLanguages(c echo.Context, s session) error {
	w, err := a.edited(c)
	if err != nil {
		return err
	}
	lang, path := c.Request().PostFormValue("language"), "/texts"
	note := "languages"
	var told string
	var apply func(*optgate.Config)
	has := slices.Contains(w.shown.Config.Languages, lang)
	switch do := c.Request().PostFormValue("do"); {
	case do == "add" && !has:
		path, told = "/texts?lang="+lang, say(c, "%s is added: visitors read Optgate’s own words until you write others.", view.LanguageName(c.Request().Context(), lang))
		apply = func(k *optgate.Config) { k.Languages = append(k.Languages, lang) }
	case do == "remove" && has:
		told = say(c, "%s is removed, with its words for the banner.", view.LanguageName(c.Request().Context(), lang))
		apply = func(k *optgate.Config) {
			k.Languages = slices.DeleteFunc(k.Languages, func(l string) bool { return l == lang })
			k.Texts = slices.DeleteFunc(k.Texts, func(t optgate.Texts) bool { return t.Language == lang })
		}
	case do == "default" && has:
		told = say(c, "%s is the default.", view.LanguageName(c.Request().Context(), lang))
		apply = func(k *optgate.Config) {
			k.Languages = append([]string{lang}, slices.DeleteFunc(k.Languages, func(l string) bool { return l == lang })...)
		}
	default:
		return a.siteChanged(c)
	}
	return a.changeAt(c, w, path, told, edit{site: w.live.Site, group: w.group(), seen: seen(c), author: s.User, note: note, apply: apply}, s, textSettings)
}

// changeAt makes a change that is a press of a button on a page of settings. What
// stands in its way is told there.
func (a *Admin) changeAt(c echo.Context, w *edited, path, told string, e edit, s session, of settingsOf) error {
	err := a.change(c.Request().Context(), e)
	status, notice := http.StatusUnprocessableEntity, ""
	if errors.Is(err, optgate.ErrConflict) {
		if w, err = a.edited(c); err != nil {
			return err
		}
		status, notice = http.StatusConflict, a.whoElse(c.Request().Context(), w, seen(c))+" "+say(c, "Nothing was changed by you: look again.")
	}
	faults := faultsOf(err, []field{{"languages", "language", "Language"}})
	if notice != "" || faults != nil {
		f, err := of(c, &w.shown.Config)
		if err != nil {
			return err
		}
		return a.settingsPage(c, status, s, f, view.EditPage{
			Revision: w.shown, Draft: w.view(), Values: f.values(&w.shown.Config), Notice: notice, Faults: faults,
		})
	}
	if err != nil {
		return err
	}
	if err := a.flash(c, "%s It is not published yet.", told); err != nil {
		return err
	}
	return seeOther(c, view.Path(w.live, path))
}
