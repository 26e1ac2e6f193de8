package panel

import (
	"net/url"
	"slices"
	"strings"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/words"
)

// view is a configuration in one language, ready to be shown.
type view struct {
	*words.Words
	Lang, Dir   string
	Title, Body string // of the first layer
	Controller  optgate.Controller
	ContactURL  string
	PolicyURL   string
	Logo        string // address; may be empty
	Asks        string
	Uses        string // where nobody is asked first
	Elsewhere   bool   // there are regions where nobody is
	Parties     string
	Holds       string
	Parts       []part // of the first layer, if only some categories are asked again
	GPC         string // what the browser's opt-out signal means here; empty if nothing
	Categories  []category
}

// category is one row of the second layer.
type category struct {
	ID          optgate.CategoryID
	Title       string
	Description string
	Services    []service
}

// service is one entry under a category.
type service struct {
	Name      string
	Provider  string
	Country   string
	Why       string // its purpose, and of an essential one why it is needed
	PolicyURL string
	Hosts     []string
	Stored    []stored
}

// stored is one thing that a service keeps in the browser.
type stored struct {
	Name     string
	Kind     string
	Duration string
	Purpose  string
}

// Asked reports whether visitors are asked about the category.
func (k category) Asked() bool { return k.ID != optgate.Essential }

// Asking reports whether visitors are asked about anything. A site that has only
// what is essential, or switched off the rest, asks nothing.
func (v view) Asking() bool { return slices.ContainsFunc(v.Categories, category.Asked) }

// newView returns c in lang.
func newView(c *optgate.Config, lang string) view { return newPartialView(c, lang, c.Asked()) }

// newPartialView returns c in lang, of which the first layer asks about some
// categories.
func newPartialView(c *optgate.Config, lang string, asked []optgate.CategoryID) view {
	w, _ := words.For(lang)
	v := view{
		Words: w, Lang: w.Language, Dir: words.Direction(w.Language),
		Title: w.Banner.Title, Body: w.Banner.Body,
		Controller: c.Controller, ContactURL: contactURL(c.Controller.Contact),
		PolicyURL: webURL(text(c, c.Policy.URL, lang)), Logo: webURL(c.Theme.Logo),
		Holds: w.Holds(c.ChoiceLifetimeDays()),
	}
	for _, t := range c.Texts {
		if t.Language == lang {
			v.Title, v.Body = or(t.Title, v.Title), or(t.Body, v.Body)
		}
	}
	var purposes, parties, objectedTo []string
	for _, k := range c.Categories {
		if k.Off {
			continue
		}
		known := w.Categories[string(k.ID)]
		row := category{
			ID:          k.ID,
			Title:       or(k.Title[lang], known.Title, text(c, k.Title, lang), string(k.ID)),
			Description: or(k.Description[lang], known.Description, text(c, k.Description, lang)),
		}
		for _, s := range c.ServicesIn(k.ID) {
			row.Services = append(row.Services, newService(c, s, lang))
			if slices.Contains(asked, k.ID) && s.Provider != c.Controller.Name && !slices.Contains(parties, s.Provider) {
				parties = append(parties, s.Provider)
			}
		}
		if slices.Contains(asked, k.ID) {
			purposes = append(purposes, row.Title)
		}
		if slices.Contains(c.GPCCategories(), k.ID) {
			objectedTo = append(objectedTo, row.Title)
		}
		v.Categories = append(v.Categories, row)
	}
	v.Asks = w.Asks(c.Controller.Name, purposes)
	v.Uses, v.Elsewhere = w.Uses(c.Controller.Name, purposes), c.LoadsBeforeAnswer()
	v.Parties = w.ThirdParties(len(parties))
	if len(objectedTo) > 0 {
		v.GPC = w.GPC(objectedTo)
	}
	return v
}

// lead says above the declaration what loads when.
func (v view) lead() string {
	if v.Elsewhere {
		return v.OptOut.Note
	}
	return v.Declaration.Intro
}

// Titles returns the titles in lang of the categories that visitors are asked
// about.
func Titles(c *optgate.Config, lang string) map[optgate.CategoryID]string {
	titles := map[optgate.CategoryID]string{}
	for _, k := range newView(c, lang).Categories {
		if k.Asked() {
			titles[k.ID] = k.Title
		}
	}
	return titles
}

// newBannerView returns r in lang, with what is said if only a part is asked
// again.
func newBannerView(r *optgate.Revision, lang string) view {
	v := newView(&r.Config, lang)
	v.Parts = partsOf(r, lang)
	return v
}

// newService returns s in lang.
func newService(c *optgate.Config, s optgate.Service, lang string) service {
	w, _ := words.For(lang)
	r := service{
		Name: s.Name, Provider: s.Provider, Why: text(c, s.Purpose, lang),
		PolicyURL: webURL(s.Policy), Hosts: s.Hosts,
	}
	if s.Country != "" {
		r.Country = w.Country(s.Country)
	}
	if s.Category == optgate.Essential {
		r.Why = or(text(c, s.Reason, lang), r.Why)
	}
	for _, k := range s.Cookies {
		r.Stored = append(r.Stored, stored{
			Name: k.Name, Kind: w.Kind(k.Kind), Duration: k.Duration, Purpose: text(c, k.Purpose, lang),
		})
	}
	return r
}

// text returns t in lang, or in the site's default language, or in English.
func text(c *optgate.Config, t optgate.Text, lang string) string {
	return t.In(lang, c.DefaultLanguage(), "en")
}

// place returns who provides the service and in which country.
func (s service) place(comma string) string { return joined(comma, s.Provider, s.Country) }

// joined returns those of all that are not empty, as a list.
func joined(comma string, all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), comma)
}

// or returns the first of all that is not empty.
func or(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}

// webURL returns s if it is an absolute http or https address, which alone a
// visitor may be led to, and otherwise the empty string.
func webURL(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return s
}

// contactURL returns the address behind a controller's contact: a page, or a
// mail to be written.
func contactURL(s string) string {
	if s == "" || webURL(s) != "" {
		return s
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "" && u.Scheme != "mailto" {
		return ""
	}
	if u.Scheme == "" {
		return "mailto:" + s
	}
	return s
}
