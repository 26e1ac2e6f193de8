package optgate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ChangeKind is what happened to a thing between two configurations.
type ChangeKind string

// The kinds of change.
const (
	Added       ChangeKind = "added"
	Removed     ChangeKind = "removed"
	Changed     ChangeKind = "changed"
	SwitchedOn  ChangeKind = "switched on"
	SwitchedOff ChangeKind = "switched off"
)

// Change is one difference between two configurations of a site, for people:
// the admin who publishes it, and the visitor or lawyer who reads the history.
type Change struct {
	Kind     ChangeKind `json:"kind"`
	Subject  string     `json:"subject"`            // of what sort: "category", "service", "cookie", "tag", "site" and so on
	Name     string     `json:"name,omitempty"`     // which one; empty: there is only one
	Field    string     `json:"field,omitempty"`    // which part of it; empty: all of it
	From     string     `json:"from,omitempty"`     // before; empty: nothing, or not to be told in a line
	To       string     `json:"to,omitempty"`       // after; likewise
	Category CategoryID `json:"category,omitempty"` // whose visitors it concerns; empty: all of the site's
	Material bool       `json:"material"`           // an answer from before does not cover it
	Reason   string     `json:"reason,omitempty"`   // why it is material
}

// longestValue is how many characters of a value [Change.String] tells.
const longestValue = 120

// String returns the change as a sentence without a full stop.
func (c Change) String() string {
	var b strings.Builder
	b.WriteString(c.Subject)
	if c.Name != "" {
		fmt.Fprintf(&b, " “%s”", c.Name)
	}
	if c.Category != "" && c.Subject != "category" {
		fmt.Fprintf(&b, " (%s)", c.Category)
	}
	if c.Field != "" {
		b.WriteString(": " + c.Field)
	}
	b.WriteString(" " + string(c.Kind))
	switch {
	case c.From != "" && c.To != "":
		fmt.Fprintf(&b, " from “%s” to “%s”", Shorten(c.From), Shorten(c.To))
	case c.To != "" && c.Kind == Changed:
		fmt.Fprintf(&b, " to “%s”, was empty", Shorten(c.To))
	case c.From != "" && c.Kind == Changed:
		fmt.Fprintf(&b, " from “%s” to nothing", Shorten(c.From))
	case c.From+c.To != "":
		fmt.Fprintf(&b, ": “%s”", Shorten(c.From+c.To))
	}
	return b.String()
}

// Shorten bounds a value to what fits into a line.
func Shorten(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > longestValue {
		return string(r[:longestValue]) + "…"
	}
	return s
}

// Diff returns every difference between two configurations of a site, in a
// fixed order: the site, its categories, services, tags, words, look, signals, regions. A change
// is material if somebody who agreed before did not agree to it: a new category,
// service, purpose, recipient, country or stored thing, or a longer duration.
// To remove, reword, restyle or reorder is not, and neither is what concerns
// only the essential category, about which nobody is asked. Nil means that they
// say the same.
func Diff(before, after *Config) []Change {
	d := &differ{before: before, after: after}
	d.site()
	d.categories()
	d.services()
	d.tags()
	d.texts()
	d.theme()
	d.signals()
	d.regions()
	return d.changes
}

// differ collects changes.
type differ struct {
	before, after *Config
	changes       []Change
}

// add notes a change. A reason makes it material, unless its category is never
// asked about.
func (d *differ) add(c Change, reason string) {
	if reason != "" && c.Category != Essential {
		c.Material, c.Reason = true, reason
	}
	d.changes = append(d.changes, c)
}

// value notes a change of a field from one value to another, if they differ.
func (d *differ) value(of Change, field, from, to, reason string) {
	if from == to {
		return
	}
	of.Kind, of.Field, of.From, of.To = Changed, field, from, to
	d.add(of, reason)
}

// text notes changes of words, language by language. To say them otherwise is
// no other thing; to say anything for the first time is told by the caller.
func (d *differ) text(of Change, field string, from, to Text) {
	if maps.Equal(from, to) {
		return
	}
	for _, lang := range keysOf(from, to) {
		d.value(of, field+" ("+lang+")", from[lang], to[lang], "")
	}
}

// set notes what a list gained and what it lost.
func (d *differ) set(of Change, field string, from, to []string) {
	gained, lost := without(to, from), without(from, to)
	for _, s := range gained {
		of.Kind, of.Field, of.From, of.To = Added, field, "", s
		d.add(of, "")
	}
	for _, s := range lost {
		of.Kind, of.Field, of.From, of.To = Removed, field, s, ""
		d.add(of, "")
	}
	if len(gained)+len(lost) == 0 {
		d.order(field, from, to)
	}
}

// order notes that a list has the same in another order.
func (d *differ) order(field string, from, to []string) {
	if kept := without(from, without(from, to)); !slices.Equal(kept, without(to, without(to, from))) {
		d.add(Change{Kind: Changed, Subject: "order of " + field}, "")
	}
}

// without returns those of all that others does not have.
func without(all, others []string) []string {
	var rest []string
	for _, s := range all {
		if !slices.Contains(others, s) {
			rest = append(rest, s)
		}
	}
	return rest
}

// keysOf returns the keys of both maps, sorted.
func keysOf[K ~string, V any](a, b map[K]V) []K {
	var keys []K
	for k := range a {
		keys = append(keys, k)
	}
	for k := range b {
		if _, both := a[k]; !both {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}

// idsOf returns the ids of a list's items in their order.
func idsOf[T any](all []T, id func(T) string) []string {
	ids := make([]string, len(all))
	for i, v := range all {
		ids[i] = id(v)
	}
	return ids
}

// byID returns the items of a list by their ids.
func byID[T any](all []T, id func(T) string) map[string]T {
	m := make(map[string]T, len(all))
	for _, v := range all {
		m[id(v)] = v
	}
	return m
}

// AskedAbout is what visitors are asked because of changes, in the site's order.
type AskedAbout struct {
	New   []CategoryID // those who have not answered yet
	Again []CategoryID // also those who have: their answer does not cover what is new
}

// Asking returns what visitors of c are asked because of changes that led to it.
func Asking(changes []Change, c *Config) AskedAbout {
	again := altered(changes)
	var asked AskedAbout
	for _, id := range c.Asked() {
		arrived := func(kind ChangeKind) bool {
			return slices.ContainsFunc(changes, func(c Change) bool {
				return c.Subject == "category" && c.Category == id && c.Kind == kind
			})
		}
		switch {
		case arrived(Added):
			asked.New = append(asked.New, id)
		case again[id] || again[""]:
			asked.Again = append(asked.Again, id)
		case arrived(SwitchedOn):
			asked.New = append(asked.New, id)
		}
	}
	return asked
}

// altered returns the categories that an answer from before changes does not
// cover, the empty one for all. To switch a category on lets earlier answers to
// it hold, as it is what it was: what changed in it meanwhile is a change of its
// own.
func altered(changes []Change) map[CategoryID]bool {
	categories := map[CategoryID]bool{}
	for _, c := range changes {
		if c.Material && c.Kind != SwitchedOn {
			categories[c.Category] = true
		}
	}
	return categories
}

// String says it in a sentence for an admin.
func (a AskedAbout) String() string {
	var parts []string
	if len(a.Again) > 0 {
		parts = append(parts, "visitors will be asked again about "+list(a.Again))
	}
	if len(a.New) > 0 {
		parts = append(parts, "visitors who have not answered it will be asked about "+list(a.New))
	}
	return cmp.Or(strings.Join(parts, "; "), "nobody is asked again")
}
