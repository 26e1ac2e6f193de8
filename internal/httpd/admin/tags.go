package admin

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

func (a *Admin) getNewTag(c echo.Context, s session) error {
	w, err := a.edited(c)
	if err != nil {
		return err
	}
	return a.tagPage(c, http.StatusOK, s, view.TagPage{Revision: w.shown, Draft: w.view(), Tag: optgate.Tag{Kind: optgate.TagScript, Service: c.QueryParam("service")}})
}

func (a *Admin) getTag(c echo.Context, s session) error {
	w, t, err := a.tag(c)
	if err != nil {
		return err
	}
	return a.tagPage(c, http.StatusOK, s, view.TagPage{Revision: w.shown, Draft: w.view(), Tag: t, ID: t.ID})
}

// tag returns the site and the tag that the path names. If only the tag is not
// there, it returns the site all the same.
func (a *Admin) tag(c echo.Context) (*edited, optgate.Tag, error) {
	w, err := a.edited(c)
	if err != nil {
		return nil, optgate.Tag{}, err
	}
	i := tagIndex(&w.shown.Config, c.Param("tag"))
	if i < 0 {
		return w, optgate.Tag{}, fmt.Errorf("admin: tag %.64q of %s: %w", c.Param("tag"), w.live.Site, optgate.ErrNotFound)
	}
	return w, w.shown.Config.Tags[i], nil
}

func tagIndex(c *optgate.Config, id string) int {
	return slices.IndexFunc(c.Tags, func(t optgate.Tag) bool { return t.ID == id })
}

func (a *Admin) tagPage(c echo.Context, status int, s session, p view.TagPage) error {
	p.Frame = a.frame(c, s, "New tag")
	if p.ID != "" {
		p.Title = say(c, "Tag %s", p.ID)
	}
	return a.render(c, status, view.Tag(p))
}

func (a *Admin) postNewTag(c echo.Context, s session) error {
	return a.saveTag(c, s, "")
}

func (a *Admin) postTag(c echo.Context, s session) error {
	return a.saveTag(c, s, c.Param("tag"))
}

// saveTag adds a tag, or replaces the one of that id.
func (a *Admin) saveTag(c echo.Context, s session, id string) error {
	w, err := a.edited(c)
	if err != nil {
		return err
	}
	p := view.TagPage{Revision: w.shown, Draft: w.view(), Tag: postedTag(c), ID: id}
	if id != "" {
		p.Tag.ID = id
		if tagIndex(&w.shown.Config, id) < 0 {
			p.ID = ""
			p.Notice = say(c, "Somebody removed this tag in the meantime. Your entries are kept below: saving adds it again.")
			return a.tagPage(c, http.StatusConflict, s, p)
		}
	}
	verb, at := bilingual.Text("Tag %s is added."), 0
	err = a.change(c.Request().Context(), edit{
		site: w.live.Site, group: w.group(), seen: seen(c), author: s.User, note: "tag " + p.Tag.ID,
		apply: func(k *optgate.Config) {
			if at = tagIndex(k, id); at >= 0 {
				k.Tags[at], verb = bare(p.Tag), "Tag %s is changed."
				return
			}
			at = len(k.Tags)
			k.Tags = append(k.Tags, bare(p.Tag))
		},
	})
	if errors.Is(err, optgate.ErrConflict) {
		if w, err = a.edited(c); err != nil {
			return err
		}
		p.Revision, p.Draft, p.Notice = w.shown, w.view(), a.keptEntries(c.Request().Context(), w, seen(c))
		return a.tagPage(c, http.StatusConflict, s, p)
	}
	if p.Faults = faultsOf(below(err, fmt.Sprintf("tags[%d].", at)), tagFields); p.Faults != nil {
		return a.tagPage(c, http.StatusUnprocessableEntity, s, p)
	}
	if err != nil {
		return err
	}
	return a.drafted(c, w.live, verb, p.Tag.ID)
}

// postedTag reads the form, with what belongs to another kind too, so that a
// form that comes back has lost nothing.
func postedTag(c echo.Context) optgate.Tag {
	value := func(name string) string { return strings.TrimSpace(c.Request().PostFormValue(name)) }
	t := optgate.Tag{
		ID: value("id"), Kind: optgate.TagKind(value("kind")), Src: value("src"),
		Code: strings.ReplaceAll(value("code"), "\r\n", "\n"), Target: value("target"), Title: value("title"),
	}
	switch kind, id, _ := strings.Cut(value("owner"), ":"); kind {
	case "service":
		t.Service = id
	case "category":
		t.Category = optgate.CategoryID(id)
	}
	return t
}

// bare returns t without what only other kinds have: their fields are hidden,
// but a browser sends them all the same.
func bare(t optgate.Tag) optgate.Tag {
	if t.Kind == optgate.TagInline {
		t.Src = ""
	} else {
		t.Code = ""
	}
	if t.Kind != optgate.TagIframe {
		t.Target, t.Title = "", ""
	}
	return t
}

func (a *Admin) getRemoveTag(c echo.Context, s session) error {
	w, t, err := a.tag(c)
	if err != nil {
		return err
	}
	return a.removePage(c, http.StatusOK, s, removalOfTag(c, w, t))
}

func removalOfTag(c echo.Context, w *edited, t optgate.Tag) view.RemovePage {
	return view.RemovePage{
		Revision: w.shown, Draft: w.view(), Heading: say(c, "Remove the tag %s?", t.ID), Back: view.Path(w.live, "/tags/"+t.ID),
		Text: say(c, "Once this is published, the gate no longer loads it on any page. Earlier revisions keep it as it was."),
	}
}

func (a *Admin) removePage(c echo.Context, status int, s session, p view.RemovePage) error {
	p.Frame = a.frame(c, s, "%s", p.Heading)
	return a.render(c, status, view.Remove(p))
}

func (a *Admin) postRemoveTag(c echo.Context, s session) error {
	w, t, err := a.tag(c)
	if errors.Is(err, optgate.ErrNotFound) && w != nil {
		return a.unchanged(c, w.live, "This tag was removed before.")
	}
	if err != nil {
		return err
	}
	err = a.change(c.Request().Context(), edit{
		site: w.live.Site, group: w.group(), seen: seen(c), author: s.User, note: "tag " + t.ID + " removed",
		apply: func(k *optgate.Config) {
			k.Tags = slices.DeleteFunc(k.Tags, func(o optgate.Tag) bool { return o.ID == t.ID })
		},
	})
	if errors.Is(err, optgate.ErrConflict) {
		return a.removeLookAgain(c, s, removalOfTag(c, w, t))
	}
	if err != nil {
		return err
	}
	return a.drafted(c, w.live, "Tag %s is removed.", t.ID)
}

// removeLookAgain asks again, about what somebody else made of the site.
func (a *Admin) removeLookAgain(c echo.Context, s session, p view.RemovePage) error {
	w, err := a.edited(c)
	if err != nil {
		return err
	}
	p.Revision, p.Draft, p.Notice = w.shown, w.view(), a.whoElse(c.Request().Context(), w, seen(c))+" "+say(c, "Nothing is removed yet: look again.")
	return a.removePage(c, http.StatusConflict, s, p)
}
