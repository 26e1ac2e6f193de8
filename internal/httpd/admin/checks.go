package admin

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/components/panel"
	"github.com/optgate/optgate/internal/optgate"
)

// checks says what is wrong with an open draft: first what keeps it from being
// published, then what its author may have overlooked.
func (a *Admin) checks(w *edited) []view.Check {
	c := &w.draft.Config
	all := invalid(c, a.Sites.Check(c))
	all = append(all, contrast(c.Theme)...)
	if len(c.Policy.URL) == 0 {
		all = append(all, view.Check{Text: "No privacy policy is linked: visitors cannot read from the banner what happens to their data."})
	}
	for _, t := range c.Tags {
		if k, ok := c.Category(c.TagCategory(t)); ok && k.Off {
			all = append(all, view.Check{Text: fmt.Sprintf("The tag “%s” does not load: its category, %s, is off.", t.ID, view.CategoryTitle(k, c.Languages)), Link: "/tags/" + t.ID})
		}
	}
	return append(all, missing(c)...)
}

// contrast checks whether the buttons can be told from what is behind them. The
// words on them are black or white, whichever is easier to read.
func contrast(t optgate.Theme) []view.Check {
	const (
		unreadable = 1.5
		wanted     = 3 // of controls, by WCAG 2.2
	)
	light, dark := panel.AccentContrast(t)
	var all []view.Check
	for _, on := range []struct {
		ratio float64
		place string
	}{{light, "light"}, {dark, "dark"}} {
		text := fmt.Sprintf("The colour %s has a contrast of %.1f to the %s background", t.Accent, on.ratio, on.place)
		switch {
		case on.ratio < unreadable:
			all = append(all, view.Check{Blocks: true, Text: text + ": its buttons can hardly be seen there. Choose another one."})
		case on.ratio < wanted:
			all = append(all, view.Check{Text: text + "; 3 or more is easier to see."})
		}
	}
	return all
}

var itemPath = regexp.MustCompile(`^(services|tags)\[(\d+)\]\.?`)

// invalid says faults in words, with links to the forms of services and tags.
func invalid(c *optgate.Config, err error) []view.Check {
	var faults optgate.InvalidErrors
	if !errors.As(err, &faults) {
		return nil
	}
	var all []view.Check
	for _, e := range faults {
		k := view.Check{Blocks: true, Text: e.Field + " " + e.Msg + "."}
		if m := itemPath.FindStringSubmatch(e.Field); m != nil {
			i, _ := strconv.Atoi(m[2])
			rest := e.Field[len(m[0]):] + " " + e.Msg + "."
			if m[1] == "services" {
				k.Text, k.Link = fmt.Sprintf("Service “%s”: %s", c.Services[i].Name, rest), "/services/"+c.Services[i].ID
			} else {
				k.Text, k.Link = fmt.Sprintf("Tag “%s”: %s", c.Tags[i].ID, rest), "/tags/"+c.Tags[i].ID
			}
		}
		all = append(all, k)
	}
	return all
}

// manyMissing is how many missing texts of a language are named.
const manyMissing = 5

// missing says, a line for each language, which words a site has in other
// languages only, and what is shown in their place.
func missing(c *optgate.Config) []view.Check {
	names := display.English.Languages()
	var all []view.Check
	for _, lang := range c.Languages {
		var lacking []string
		need := func(what string, t optgate.Text) {
			if len(t) > 0 && t[lang] == "" {
				lacking = append(lacking, what)
			}
		}
		for _, k := range c.Categories {
			need("title of "+string(k.ID), k.Title)
			need("description of "+string(k.ID), k.Description)
		}
		for _, s := range c.Services {
			need("purpose of "+s.Name, s.Purpose)
			if s.Category == optgate.Essential {
				need("reason of "+s.Name, s.Reason)
			}
		}
		need("address of the privacy policy", c.Policy.URL)
		own := func(t optgate.Texts) bool { return t.Language == lang }
		if len(c.Texts) > 0 && !slices.ContainsFunc(c.Texts, own) {
			lacking = append(lacking, "your words for the banner")
		}
		if len(lacking) > 0 {
			all = append(all, view.Check{Text: names.Name(language.Make(lang)) + " lacks " + view.Few(lacking, manyMissing) +
				". Visitors see " + names.Name(language.Make(c.DefaultLanguage())) + " or Optgate’s own words instead."})
		}
	}
	for _, s := range c.Services {
		if len(s.Purpose) == 0 {
			all = append(all, view.Check{Text: fmt.Sprintf("The service “%s” has no purpose: visitors are not told what they allow.", s.Name), Link: "/services/" + s.ID})
		}
	}
	return all
}
