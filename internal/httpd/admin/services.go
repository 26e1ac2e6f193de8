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
	"github.com/optgate/optgate/internal/catalogue"
	"github.com/optgate/optgate/internal/optgate"
)

func (a *Admin) getNewService(c echo.Context, s session) error {
	w, err := a.edited(c)
	if err != nil {
		return err
	}
	service := optgate.Service{Category: optgate.CategoryID(c.QueryParam("category"))}
	if from := c.QueryParam("from"); from != "" {
		known, ok := catalogue.Find(from)
		if !ok {
			return fmt.Errorf("admin: service %.64q of the catalogue: %w", from, optgate.ErrNotFound)
		}
		service = known.Entry(w.shown.Config.Languages)
	}
	return a.servicePage(c, http.StatusOK, s, view.ServicePage{Revision: w.shown, Draft: w.view(), Service: service})
}

func (a *Admin) getService(c echo.Context, s session) error {
	w, service, err := a.service(c)
	if err != nil {
		return err
	}
	return a.servicePage(c, http.StatusOK, s, view.ServicePage{Revision: w.shown, Draft: w.view(), Service: service, ID: service.ID})
}

// service returns the site and the service that the path names. If only the
// service is not there, it returns the site all the same.
func (a *Admin) service(c echo.Context) (*edited, optgate.Service, error) {
	w, err := a.edited(c)
	if err != nil {
		return nil, optgate.Service{}, err
	}
	i := serviceIndex(&w.shown.Config, c.Param("service"))
	if i < 0 {
		return w, optgate.Service{}, fmt.Errorf("admin: service %.64q of %s: %w", c.Param("service"), w.live.Site, optgate.ErrNotFound)
	}
	return w, w.shown.Config.Services[i], nil
}

func serviceIndex(c *optgate.Config, id string) int {
	return slices.IndexFunc(c.Services, func(s optgate.Service) bool { return s.ID == id })
}

func (a *Admin) servicePage(c echo.Context, status int, s session, p view.ServicePage) error {
	p.Frame = a.frame(c, s, "New service")
	if p.ID != "" {
		p.Title = say(c, "Service %s", p.Service.Name)
	}
	for _, known := range catalogue.All() {
		p.Catalogue = append(p.Catalogue, view.CatalogueRow{ID: known.ID, Name: known.Name, Category: known.Category})
		if known.ID == p.Service.ID {
			p.Mark = known.Mark
		}
	}
	return a.render(c, status, view.Service(p))
}

func (a *Admin) postNewService(c echo.Context, s session) error {
	return a.saveService(c, s, "")
}

func (a *Admin) postService(c echo.Context, s session) error {
	return a.saveService(c, s, c.Param("service"))
}

// saveService adds a service, or replaces the one of that id.
func (a *Admin) saveService(c echo.Context, s session, id string) error {
	w, err := a.edited(c)
	if err != nil {
		return err
	}
	var before optgate.Service
	i := serviceIndex(&w.shown.Config, id)
	if i >= 0 {
		before = w.shown.Config.Services[i]
	}
	p := view.ServicePage{Revision: w.shown, Draft: w.view(), Service: postedService(c, w.shown.Config.Languages, before), ID: id}
	if id != "" {
		p.Service.ID = id
		if i < 0 {
			p.ID = ""
			p.Notice = say(c, "Somebody removed this service in the meantime. Your entries are kept below: saving adds it again.")
			return a.servicePage(c, http.StatusConflict, s, p)
		}
	}
	verb, at := bilingual.Text("Service %s is added."), 0
	err = a.change(c.Request().Context(), edit{
		site: w.live.Site, group: w.group(), seen: seen(c), author: s.User, note: "service " + p.Service.ID,
		apply: func(k *optgate.Config) {
			if at = serviceIndex(k, id); at >= 0 {
				k.Services[at], verb = p.Service, "Service %s is changed."
				return
			}
			at = len(k.Services)
			k.Services = append(k.Services, p.Service)
		},
	})
	if errors.Is(err, optgate.ErrConflict) {
		if w, err = a.edited(c); err != nil {
			return err
		}
		p.Revision, p.Draft, p.Notice = w.shown, w.view(), a.keptEntries(c.Request().Context(), w, seen(c))
		return a.servicePage(c, http.StatusConflict, s, p)
	}
	fields := serviceFormFields(&w.shown.Config, len(p.Service.Cookies))
	if p.Faults = faultsOf(below(err, fmt.Sprintf("services[%d].", at)), fields); p.Faults != nil {
		return a.servicePage(c, http.StatusUnprocessableEntity, s, p)
	}
	if err != nil {
		return err
	}
	return a.drafted(c, w.live, verb, p.Service.Name)
}

// serviceFormFields are serviceFields and the ones that depend on the site's
// languages and the number of cookies. A fault of a text in no language stands
// at the default one.
func serviceFormFields(c *optgate.Config, cookies int) []field {
	fields := slices.Clone(serviceFields)
	for _, text := range []struct{ path, label string }{{"purpose", "Purpose"}, {"reason", "Reason"}} {
		for _, lang := range c.Languages {
			fields = append(fields, field{text.path + "." + lang, text.path + "." + lang, text.label + " (" + lang + ")"})
		}
		fields = append(fields, field{text.path, text.path + "." + c.DefaultLanguage(), text.label})
	}
	for i := range cookies {
		for _, part := range []string{"name", "kind", "duration", "purpose"} {
			path := fmt.Sprintf("cookies[%d].%s", i, part)
			fields = append(fields, field{path, path, fmt.Sprintf("Cookie %d, %s", i+1, part)})
		}
	}
	return fields
}

// postedService reads the form. Words in languages that it does not show are
// kept from before.
func postedService(c echo.Context, languages []string, before optgate.Service) optgate.Service {
	value := func(name string) string { return strings.TrimSpace(c.Request().PostFormValue(name)) }
	s := optgate.Service{
		ID: value("id"), Name: value("name"), Category: optgate.CategoryID(value("category")), Provider: value("provider"),
		Country: strings.ToUpper(value("country")), Policy: value("policy"), Hosts: strings.Fields(value("hosts")),
		Purpose: with(before.Purpose, nil), Reason: with(before.Reason, nil),
	}
	for _, lang := range languages {
		s.Purpose = with(s.Purpose, map[string]string{lang: value("purpose." + lang)})
		s.Reason = with(s.Reason, map[string]string{lang: value("reason." + lang)})
	}
	for i := range view.MaxCookieRows {
		row := fmt.Sprintf("cookies[%d].", i)
		k := optgate.StoredCookie{Name: value(row + "name"), Kind: value(row + "kind"), Duration: value(row + "duration")}
		purpose := value(row + "purpose")
		if k.Name == "" && k.Duration == "" && purpose == "" {
			continue
		}
		for _, old := range before.Cookies {
			if old.Name == k.Name {
				k.Purpose = old.Purpose
			}
		}
		k.Purpose = with(k.Purpose, map[string]string{languages[0]: purpose})
		s.Cookies = append(s.Cookies, k)
	}
	return s
}

// with returns a copy of t with changes. Empty words are left out.
func with(t optgate.Text, changes map[string]string) optgate.Text {
	out := optgate.Text{}
	for _, words := range []map[string]string{t, changes} {
		for lang, s := range words {
			if out[lang] = s; s == "" {
				delete(out, lang)
			}
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func (a *Admin) getRemoveService(c echo.Context, s session) error {
	w, service, err := a.service(c)
	if err != nil {
		return err
	}
	return a.removePage(c, http.StatusOK, s, removalOfService(c, w, service))
}

// removalOfService says what removing means, or which tags stand in its way.
func removalOfService(c echo.Context, w *edited, s optgate.Service) view.RemovePage {
	p := view.RemovePage{
		Revision: w.shown, Draft: w.view(), Heading: say(c, "Remove the service %s?", s.Name), Back: view.Path(w.live, "/services/"+s.ID),
		Text: say(c, "Once this is published, visitors no longer see it in the preferences and the declaration. Earlier revisions keep it as it was."),
	}
	for _, t := range w.shown.Config.Tags {
		if t.Service == s.ID {
			p.Blocking = append(p.Blocking, t.ID)
		}
	}
	return p
}

func (a *Admin) postRemoveService(c echo.Context, s session) error {
	w, service, err := a.service(c)
	if errors.Is(err, optgate.ErrNotFound) && w != nil {
		return a.unchanged(c, w.live, "This service was removed before.")
	}
	if err != nil {
		return err
	}
	p := removalOfService(c, w, service)
	if len(p.Blocking) > 0 {
		return a.removePage(c, http.StatusConflict, s, p)
	}
	err = a.change(c.Request().Context(), edit{
		site: w.live.Site, group: w.group(), seen: seen(c), author: s.User, note: "service " + service.ID + " removed",
		apply: func(k *optgate.Config) {
			k.Services = slices.DeleteFunc(k.Services, func(o optgate.Service) bool { return o.ID == service.ID })
		},
	})
	if errors.Is(err, optgate.ErrConflict) {
		return a.removeLookAgain(c, s, p)
	}
	if err != nil {
		return err
	}
	return a.drafted(c, w.live, "Service %s is removed.", service.Name)
}
