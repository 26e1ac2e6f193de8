package admin

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/components/panel"
	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// checks says what is wrong with an open draft: first what keeps it from being
// published, then what its author may have overlooked.
func (a *Admin) checks(ctx context.Context, w *edited) []view.Check {
	c := &w.draft.Config
	all := invalid(ctx, c, a.Sites.Check(c))
	all = append(all, contrast(ctx, c.Theme)...)
	if len(c.Policy.URL) == 0 {
		all = append(all, view.Check{Text: bilingual.Say(ctx, "No privacy policy is linked: visitors cannot read from the banner what happens to their data.")})
	}
	all = append(all, a.regionChecks(ctx, c)...)
	for _, t := range c.Tags {
		if k, ok := c.Category(c.TagCategory(t)); ok && k.Off {
			all = append(all, view.Check{Text: bilingual.Say(ctx, "The tag “%s” does not load: its category, %s, is off.", t.ID, view.CategoryTitle(ctx, k, c.Languages)), Link: "/tags/" + t.ID})
		}
	}
	return append(all, missing(ctx, c)...)
}

// contrast checks whether the buttons can be told from what is behind them. The
// words on them are black or white, whichever is easier to read.
func contrast(ctx context.Context, t optgate.Theme) []view.Check {
	const (
		unreadable = 1.5
		wanted     = 3 // of controls, by WCAG 2.2
	)
	light, dark, ok := panel.AccentContrast(t)
	if !ok {
		return nil // no colour, which is a fault of its own
	}
	var all []view.Check
	for _, on := range []struct {
		ratio float64
		text  bilingual.Text
	}{
		{light, "The colour %s has a contrast of %s to the light background"},
		{dark, "The colour %s has a contrast of %s to the dark background"},
	} {
		text := bilingual.Say(ctx, on.text, t.Accent, bilingual.Decimal(ctx, on.ratio))
		switch {
		case on.ratio < unreadable:
			all = append(all, view.Check{Blocks: true, Text: bilingual.Say(ctx, "%s: its buttons can hardly be seen there. Choose another one.", text)})
		case on.ratio < wanted:
			all = append(all, view.Check{Text: bilingual.Say(ctx, "%s; 3 or more is easier to see.", text)})
		}
	}
	return all
}

var itemPath = regexp.MustCompile(`^(services|tags)\[(\d+)\]\.?`)

// invalid says faults in words, with links to the forms of services and tags.
func invalid(ctx context.Context, c *optgate.Config, err error) []view.Check {
	var faults optgate.InvalidErrors
	if !errors.As(err, &faults) {
		return nil
	}
	var all []view.Check
	for _, e := range faults {
		k := view.Check{Blocks: true, Text: view.Fault{Label: e.Field, Msg: e.Msg}.Said(ctx)}
		if m := itemPath.FindStringSubmatch(e.Field); m != nil {
			i, _ := strconv.Atoi(m[2])
			rest := view.Fault{Label: e.Field[len(m[0]):], Msg: e.Msg}.Said(ctx)
			if m[1] == "services" {
				k.Text, k.Link = bilingual.Say(ctx, "Service “%s”: %s", c.Services[i].Name, rest), "/services/"+c.Services[i].ID
			} else {
				k.Text, k.Link = bilingual.Say(ctx, "Tag “%s”: %s", c.Tags[i].ID, rest), "/tags/"+c.Tags[i].ID
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
func missing(ctx context.Context, c *optgate.Config) []view.Check {
	names := display.Languages(language.Make(bilingual.Language(ctx)))
	var all []view.Check
	for _, lang := range c.Languages {
		var lacking []string
		need := func(what string, t optgate.Text) {
			if len(t) > 0 && t[lang] == "" {
				lacking = append(lacking, what)
			}
		}
		for _, k := range c.Categories {
			need(bilingual.Say(ctx, "title of %s", string(k.ID)), k.Title)
			need(bilingual.Say(ctx, "description of %s", string(k.ID)), k.Description)
		}
		for _, s := range c.Services {
			need(bilingual.Say(ctx, "purpose of %s", s.Name), s.Purpose)
			if s.Category == optgate.Essential {
				need(bilingual.Say(ctx, "reason of %s", s.Name), s.Reason)
			}
		}
		need(bilingual.Say(ctx, "address of the privacy policy"), c.Policy.URL)
		own := func(t optgate.Texts) bool { return t.Language == lang }
		if len(c.Texts) > 0 && !slices.ContainsFunc(c.Texts, own) {
			lacking = append(lacking, bilingual.Say(ctx, "your words for the banner"))
		}
		if len(lacking) > 0 {
			all = append(all, view.Check{Text: bilingual.Say(ctx, "%s lacks %s. Visitors see %s or Optgate’s own words instead.",
				names.Name(language.Make(lang)), view.Few(ctx, lacking, manyMissing), names.Name(language.Make(c.DefaultLanguage())))})
		}
	}
	for _, s := range c.Services {
		if len(s.Purpose) == 0 {
			all = append(all, view.Check{Text: bilingual.Say(ctx, "The service “%s” has no purpose: visitors are not told what they allow.", s.Name), Link: "/services/" + s.ID})
		}
	}
	return all
}
