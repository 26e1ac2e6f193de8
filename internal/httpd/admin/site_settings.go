package admin

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// siteSettings is the form for what a site is, who answers for it and how long
// things are kept.
func siteSettings(echo.Context, *optgate.Config) (settings, error) {
	return settings{
		path: "/settings", name: "Settings", values: siteValues, apply: applySite, fields: siteSettingsFields,
		page: func(_ echo.Context, p view.EditPage) templ.Component { return view.Settings(p) },
	}, nil
}

func siteValues(c *optgate.Config) map[string]string {
	values := map[string]string{
		"name": c.Name, "origins": strings.Join(c.Origins, "\n"),
		"controller.name": c.Controller.Name, "controller.address": c.Controller.Address, "controller.contact": c.Controller.Contact,
		"policy.effective": c.Policy.Effective, "choice_days": digits(c.ChoiceDays), "record_days": digits(c.RecordDays),
		"cookie.name": c.Cookie.Name, "cookie.domain": c.Cookie.Domain, "cookie.path": c.Cookie.Path, "hold": c.Hold.String(),
	}
	maps.Copy(values, regionValues(c))
	for _, lang := range c.Languages {
		values["policy.url."+lang] = c.Policy.URL[lang]
	}
	return values
}

// digits returns n as it is typed; nothing for 0.
func digits(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func applySite(c *optgate.Config, typed map[string]string) {
	c.Name, c.Origins = typed["name"], strings.Fields(typed["origins"])
	c.Controller = optgate.Controller{Name: typed["controller.name"], Address: typed["controller.address"], Contact: typed["controller.contact"]}
	c.Policy.Effective = typed["policy.effective"]
	for _, lang := range c.Languages {
		c.Policy.URL = with(c.Policy.URL, map[string]string{lang: typed["policy.url."+lang]})
	}
	c.ChoiceDays, c.RecordDays = wholeNumber(typed["choice_days"]), wholeNumber(typed["record_days"])
	c.Cookie = optgate.Cookie{Name: typed["cookie.name"], Domain: typed["cookie.domain"], Path: typed["cookie.path"]}
	hold, ok := holds[typed["hold"]]
	if !ok {
		hold = "none of them" // which is refused
	}
	c.Hold = hold
	applyRegions(c, typed)
}

func siteSettingsFields(ctx context.Context, c *optgate.Config) []field {
	fields := []field{
		{"name", "name", "Name"}, {"origins", "origins", "Origins"},
		{"controller.name", "controller.name", "Company or person"}, {"controller.address", "controller.address", "Address"},
		{"controller.contact", "controller.contact", "Contact"},
		{"policy.effective", "policy.effective", "In force from"},
		{"choice_days", "choice_days", "The number of days that an answer holds"}, {"record_days", "record_days", "The number of days that records are kept"},
		{"cookie.name", "cookie.name", "The cookie’s name"}, {"cookie.domain", "cookie.domain", "The cookie’s domain"},
		{"cookie.path", "cookie.path", "The cookie’s path"}, {"hold", "hold", "What is held"},
	}
	for i, origin := range c.Origins {
		fields = append([]field{{fmt.Sprintf("origins[%d]", i), "origins", fmt.Sprintf("Origin “%.100s”", origin)}}, fields...)
	}
	for _, lang := range c.Languages {
		fields = append(fields, field{"policy.url." + lang, "policy.url." + lang, bilingual.Say(ctx, "The policy’s address, %s,", view.LanguageName(ctx, lang))})
	}
	// The logo is bound to the origins.
	fields = append(fields, regionFaults(ctx, c)...)
	return append(fields, field{"theme.logo", "origins", "Without that origin the logo"})
}
