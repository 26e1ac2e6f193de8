package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"

	"github.com/labstack/echo/v4"
	"golang.org/x/net/publicsuffix"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/catalogue"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/pagecheck"
	"github.com/optgate/optgate/internal/words"
)

// newSiteCategories are those of a new site; all but the essential one can be
// left out of what it asks.
var newSiteCategories = []optgate.CategoryID{optgate.Essential, optgate.Functional, optgate.Analytics, optgate.Marketing}

func (a *Admin) getNewSite(c echo.Context, s session) error {
	return a.newSitePage(c, http.StatusOK, s, view.NewSitePage{Look: true, Name: c.QueryParam("name"), Origin: c.QueryParam("origin")})
}

func (a *Admin) newSitePage(c echo.Context, status int, s session, p view.NewSitePage) error {
	p.Frame = a.frame(c, s, "New site")
	return a.render(c, status, view.NewSite(p))
}

// postLookAtSite takes name and address, looks at the page there if that is
// wanted, and answers with a form that is filled in as far as can be. A page that
// cannot be fetched is no reason to stop: it may not be public yet.
func (a *Admin) postLookAtSite(c echo.Context, s session) error {
	value := func(name string) string { return strings.TrimSpace(c.Request().PostFormValue(name)) }
	p := view.NewSitePage{Name: value("name"), Origin: value("origin"), Look: value("look") != ""}
	address, err := whatwg.Parse(withScheme(p.Origin))
	var bad optgate.InvalidErrors
	if p.Name == "" {
		bad = append(bad, &optgate.InvalidError{Field: "name", Msg: "is required"})
	}
	if p.Origin == "" || err != nil || address.Hostname() == "" || address.Scheme() != "https" && address.Scheme() != "http" {
		bad = append(bad, &optgate.InvalidError{Field: "origins", Msg: "is an address such as https://www.example.com"})
	}
	if len(bad) > 0 {
		p.Faults = faultsOf(bad, siteFields)
		return a.newSitePage(c, http.StatusUnprocessableEntity, s, p)
	}
	p.Suggested, p.Language, p.Categories = true, bilingual.Language(c.Request().Context()), newSiteCategories[1:]
	if p.Look {
		page, err := a.look(c.Request().Context(), s, "origins", address.Href(true), nil)
		var fault *optgate.InvalidError
		switch {
		case errors.As(err, &fault):
			p.Looked = say(c, "The page was not looked at: its address %s. Fill this in by hand.", bilingual.Known(c.Request().Context(), fault.Msg))
		case err != nil:
			return err
		default:
			if final, err := whatwg.Parse(page.Address); err == nil {
				address = final
			}
			suggest(c.Request().Context(), &p, page)
		}
	}
	p.Origin = address.Scheme() + "://" + address.Host()
	p.Site = a.freeID(address.Hostname())
	return a.newSitePage(c, http.StatusOK, s, p)
}

// withScheme completes an address as people write it.
func withScheme(address string) string {
	if address == "" || strings.Contains(address, "://") {
		return address
	}
	return "https://" + address
}

// suggest fills in what a page tells.
func suggest(ctx context.Context, p *view.NewSitePage, page *pagecheck.Page) {
	p.Language = words.Match(append([]string{"en"}, words.Languages()...), page.Language)
	services, strangers := page.Services()
	needed := map[optgate.CategoryID]bool{}
	for _, s := range services {
		needed[s.Category] = true
		p.Services = append(p.Services, view.FoundService{ID: s.ID, Name: s.Name, Category: s.Category, Ticked: true})
	}
	for _, s := range strangers {
		needed[s.Category] = true
		p.Strangers = append(p.Strangers, s.Host+", "+view.CategoryTitle(ctx, optgate.Category{ID: s.Category}, nil))
	}
	all := len(services) + len(strangers)
	if all == 0 {
		p.Looked = bilingual.Say(ctx, "Nothing that Optgate knows was found in the page’s HTML. What its scripts add later cannot be seen from here.")
		return
	}
	p.Looked = bilingual.Count(ctx, all, "%d service was found on the page.", "%d services were found on the page.")
	p.Categories = slices.DeleteFunc(slices.Clone(newSiteCategories[1:]), func(id optgate.CategoryID) bool { return !needed[id] })
}

// freeID makes an id of a host name that no site has yet.
func (a *Admin) freeID(host string) string {
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		host, _, _ = strings.Cut(domain, ".")
	}
	base := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(host)), "-")
	if base == "" {
		base = "site"
	}
	base = base[:min(len(base), 50)]
	id := base
	for n := 2; ; n++ {
		if _, taken := a.Sites.Site(optgate.SiteID(id)); !taken {
			return id
		}
		id = fmt.Sprintf("%s-%d", base, n)
	}
}

// postNewSite makes a site of what is ticked.
func (a *Admin) postNewSite(c echo.Context, s session) error {
	value := func(name string) string { return strings.TrimSpace(c.Request().PostFormValue(name)) }
	form := c.Request().PostForm
	p := view.NewSitePage{
		Site: value("site"), Name: value("name"), Origin: value("origin"), Language: value("language"), Controller: value("controller"),
		Suggested: true,
		Categories: slices.DeleteFunc(slices.Clone(newSiteCategories[1:]), func(id optgate.CategoryID) bool {
			return !slices.Contains(form["category"], string(id))
		}),
	}
	for _, id := range form["found"] {
		if known, ok := catalogue.Find(id); ok {
			p.Services = append(p.Services, view.FoundService{ID: id, Name: known.Name, Category: known.Category, Ticked: slices.Contains(form["service"], id)})
		}
	}
	config, left := newConfig(c.Request().Context(), &p)
	taken := view.Fault{Field: "site", Label: "Id", Msg: "is that of another site: choose another one"}
	if _, ok := a.Sites.Site(config.Site); ok {
		p.Faults = view.Faults{taken}
		return a.newSitePage(c, http.StatusUnprocessableEntity, s, p)
	}
	r, err := a.Sites.Publish(c.Request().Context(), config, 0, s.User, optgate.Deed{Kind: optgate.DidCreate}.Note())
	if errors.Is(err, optgate.ErrConflict) {
		p.Faults = view.Faults{taken}
		return a.newSitePage(c, http.StatusUnprocessableEntity, s, p)
	}
	if p.Faults = faultsOf(err, siteFields); p.Faults != nil {
		return a.newSitePage(c, http.StatusUnprocessableEntity, s, p)
	}
	if err != nil {
		return err
	}
	a.note(c.Request().Context(), optgate.AuditEntry{User: s.User, Action: "create a site", Site: r.Site, After: r.Config.Name})
	if err := a.flash(c, "%s is ready: put its line into the pages.%s", r.Config.Name, left); err != nil {
		return err
	}
	return seeOther(c, "/admin/sites/"+string(r.Site)+"/check")
}

// newConfig returns the first configuration of a site, and which ticked services
// were left out: an essential one has to say why in the site's first language.
func newConfig(ctx context.Context, p *view.NewSitePage) (config *optgate.Config, left string) {
	config = &optgate.Config{
		Site: optgate.SiteID(p.Site), Name: p.Name, Origins: []string{strings.TrimSuffix(p.Origin, "/")},
		Languages:  strings.FieldsFunc(p.Language, func(r rune) bool { return r == ' ' || r == ',' }),
		Controller: optgate.Controller{Name: p.Controller}, Hold: optgate.HoldKnown,
	}
	for _, id := range newSiteCategories {
		config.Categories = append(config.Categories, optgate.Category{ID: id, Off: id != optgate.Essential && !slices.Contains(p.Categories, id)})
	}
	var missing []string
	for _, f := range p.Services {
		known, ok := catalogue.Find(f.ID)
		if !ok || !f.Ticked || len(config.Languages) == 0 {
			continue
		}
		entry := known.Entry(config.Languages)
		if entry.Category == optgate.Essential && entry.Reason[config.Languages[0]] == "" {
			missing = append(missing, known.Name)
			continue
		}
		config.Services = append(config.Services, entry)
	}
	if len(missing) > 0 {
		left = bilingual.Say(ctx, " Add by hand, with a reason in %s: %s.", config.Languages[0], strings.Join(missing, ", "))
	}
	return config, left
}
