package panel

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// HistoryPage lists what changed from revision to revision.
type HistoryPage struct {
	Config         *optgate.Config
	Lang           string // one of Config's languages
	Revisions      []PastRevision
	StyleURL       string // of page.css
	DeclarationURL string // of the declaration
	OlderURL       string // of the next page; empty: there is none
}

// PastRevision is one entry of a [HistoryPage].
type PastRevision struct {
	Number    int
	At        time.Time // when it was published
	Hash      string    // SHA-256 of its content, in hex
	Effective string    // from when its privacy policy holds, YYYY-MM-DD; may be empty
	Changes   []optgate.Change
}

// Render writes the page. It implements templ.Component.
func (p HistoryPage) Render(ctx context.Context, w io.Writer) error {
	return historyPage(p, newView(p.Config, p.Lang)).Render(ctx, w)
}

// effectiveFrom says from which day a privacy policy holds, or nothing.
func (v view) effectiveFrom(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return v.Effective(t)
}

// happened is what a change did.
func (v view) happened(c optgate.Change) string {
	switch c.Kind {
	case optgate.Added, optgate.SwitchedOn:
		return v.History.Added
	case optgate.Removed, optgate.SwitchedOff:
		return v.History.Removed
	}
	return v.History.Changed
}

// about names what changed, in the words that the declaration has for it.
func (v view) about(c optgate.Change) string {
	switch c.Subject {
	case "category":
		return v.Declaration.Category
	case "service":
		return v.Declaration.Service
	case "controller":
		return v.Preferences.Controller
	case "privacy policy":
		return v.Preferences.Policy
	case "answers":
		return v.Preferences.Title
	}
	return or(v.Kinds[c.Subject], v.History.Other)
}

// which names the very thing, a category by its title.
func (v view) which(c optgate.Change) string {
	if c.Subject == "category" {
		return v.categoryTitle(c.Category)
	}
	return c.Name
}

// part names the part of the thing that changed; one without a word of its own
// has none.
func (v view) part(c optgate.Change) string {
	field, language, _ := strings.Cut(c.Field, " (")
	known := map[string]string{
		"provider": v.Declaration.Provider, "country": v.Declaration.Country, "purpose": v.Declaration.Purpose,
		"reason": v.Preferences.Reason, "duration": v.Declaration.Duration, "category": v.Declaration.Category,
		"hosts": v.Declaration.Hosts, "privacy policy": v.Declaration.Policy, "name": v.Declaration.StoredName,
		"languages": v.Form.Language, "days that they hold": v.Declaration.Duration, "contact": v.Preferences.Contact,
	}[field]
	if known != "" && language != "" {
		known += " (" + language
	}
	return known
}

// value is a value of a change in words.
func (v view) value(c optgate.Change, s string) string {
	switch {
	case s == "":
		return ""
	case c.Field == "country":
		return v.Country(s)
	case c.Field == "category":
		return v.categoryTitle(optgate.CategoryID(s))
	}
	return s
}

// categoryTitle names a category that the site has or had.
func (v view) categoryTitle(id optgate.CategoryID) string {
	for _, k := range v.Categories {
		if k.ID == id {
			return k.Title
		}
	}
	return or(v.Words.Categories[string(id)].Title, string(id))
}
