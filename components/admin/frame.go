// Package admin holds the pages of the admin. Each page is a function of one
// struct, which has all that the page shows.
package admin

import (
	"context"
	"strings"
	"time"

	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// Frame is what every page has around its content.
type Frame struct {
	Title string // of the document
	User  string // who is signed in; empty: nobody
	Role  optgate.Role
	CSRF  string // token that the forms of a signed-in user carry
	Flash string // what the last change did; may be empty
}

// may reports whether the page is for somebody who may do that. A page shows
// only what its reader can use; that it is not usable otherwise is the server's
// business.
func (f Frame) may(p optgate.Permission) bool { return f.User != "" && f.Role.May(p) }

// Fault is what is wrong with one field of a form. Label and Msg make a
// sentence. They are English, or in the reader's language already.
type Fault struct {
	Field string // name of the field; empty: none of this form
	Label string
	Msg   string
}

// Faults are those of one form, in the order in which they are listed.
type Faults []Fault

// of returns what is wrong with a field as a sentence, or nothing.
func (f Faults) of(ctx context.Context, field string) string {
	var all []string
	for _, fault := range f {
		if fault.Field == field && field != "" {
			all = append(all, fault.Said(ctx))
		}
	}
	return strings.Join(all, " ")
}

// Said says f as a sentence.
func (f Fault) Said(ctx context.Context) string {
	return say(ctx, "%s %s.", known(ctx, f.Label), known(ctx, strings.TrimSuffix(f.Msg, ".")))
}

// fieldID returns the id of a field's element.
func fieldID(name string) string {
	return "f-" + strings.NewReplacer(".", "-", "[", "-", "]", "").Replace(name)
}

// Ago says in words how long before now at was.
func Ago(ctx context.Context, at, now time.Time) string {
	units := []struct {
		length    time.Duration
		one, many text
	}{{24 * time.Hour, "%d day ago", "%d days ago"}, {time.Hour, "%d hour ago", "%d hours ago"}, {time.Minute, "%d minute ago", "%d minutes ago"}}
	d := now.Sub(at)
	if d >= 30*24*time.Hour {
		return say(ctx, "on %s", bilingual.Day(ctx, at))
	}
	for _, u := range units {
		if n := int(d / u.length); n > 0 {
			return count(ctx, n, u.one, u.many)
		}
	}
	return say(ctx, "just now")
}

// CategoryTitle returns a category's title for the reader: the site's own, or the
// usual one.
func CategoryTitle(ctx context.Context, k optgate.Category, languages []string) string {
	if s := k.Title.In(bilingual.Language(ctx), languages...); s != "" {
		return s
	}
	if words, ok := usual[k.ID]; ok {
		return say(ctx, words.title)
	}
	return string(k.ID)
}

// usual are the words for the four standard categories.
var usual = map[optgate.CategoryID]struct{ title, meaning text }{
	optgate.Essential:  {"Essential", "What the site cannot work without."},
	optgate.Functional: {"Functional", "Settings, videos, comments."},
	optgate.Analytics:  {"Analytics", "How the site is used."},
	optgate.Marketing:  {"Marketing", "Promotional messages and advertising."},
}

func categoryMeaning(ctx context.Context, k optgate.Category, languages []string) string {
	if s := k.Description.In(bilingual.Language(ctx), languages...); s != "" {
		return s
	}
	return say(ctx, usual[k.ID].meaning)
}

func sitePath(r optgate.Revision, rest string) string {
	if isGroup(r) {
		return "/admin/groups/" + string(r.Config.Group) + rest
	}
	return "/admin/sites/" + string(r.Site) + rest
}
