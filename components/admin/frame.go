// Package admin holds the pages of the admin. Each page is a function of one
// struct, which has all that the page shows.
package admin

import (
	"fmt"
	"strings"
	"time"

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
// sentence.
type Fault struct {
	Field string // name of the field; empty: none of this form
	Label string
	Msg   string
}

// Faults are those of one form, in the order in which they are listed.
type Faults []Fault

// of returns what is wrong with a field as a sentence, or nothing.
func (f Faults) of(field string) string {
	var all []string
	for _, fault := range f {
		if fault.Field == field && field != "" {
			all = append(all, fault.sentence())
		}
	}
	return strings.Join(all, " ")
}

func (f Fault) sentence() string { return f.Label + " " + strings.TrimSuffix(f.Msg, ".") + "." }

// fieldID returns the id of a field's element.
func fieldID(name string) string {
	return "f-" + strings.NewReplacer(".", "-", "[", "-", "]", "").Replace(name)
}

// Ago says in words how long before now at was.
func Ago(at, now time.Time) string {
	units := []struct {
		length time.Duration
		word   string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}}
	d := now.Sub(at)
	for _, u := range units {
		if n := int(d / u.length); n >= 30 && u.word == "day" {
			return "on " + at.UTC().Format("2 January 2006")
		} else if n > 0 {
			return plural(n, u.word) + " ago"
		}
	}
	return "just now"
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return number(n) + " " + word + "s"
}

// number writes n with a comma at each thousand.
func number(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// CategoryTitle returns a category's title for the admin, whose language is
// English: the site's own, or the usual one.
func CategoryTitle(k optgate.Category, languages []string) string {
	if s := k.Title.In("en", languages...); s != "" {
		return s
	}
	if words, ok := usual[k.ID]; ok {
		return words.title
	}
	return string(k.ID)
}

// usual are the words for the four standard categories.
var usual = map[optgate.CategoryID]struct{ title, meaning string }{
	optgate.Essential:  {"Essential", "What the site cannot work without."},
	optgate.Functional: {"Functional", "Settings, videos, comments."},
	optgate.Analytics:  {"Analytics", "How the site is used."},
	optgate.Marketing:  {"Marketing", "Promotional messages and advertising."},
}

func categoryMeaning(k optgate.Category, languages []string) string {
	if s := k.Description.In("en", languages...); s != "" {
		return s
	}
	return usual[k.ID].meaning
}

func sitePath(r optgate.Revision, rest string) string {
	return "/admin/sites/" + string(r.Site) + rest
}
