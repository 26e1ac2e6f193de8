package optgate

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// GroupID names a group of sites. It has the form of a [SiteID].
type GroupID string

const groupIDForm = "is 1 to 63 of a-z, 0-9 and hyphen, beginning with a letter or digit"

// Group is what several sites have in common. A site takes from it, when it is
// published, whatever it does not say itself; see [Own].
type Group struct {
	ID       GroupID   `json:"group"`
	Settings Config    `json:"settings"` // without what only a site can say; its Name is the group's
	Author   string    `json:"author,omitempty"`
	At       time.Time `json:"at,omitzero"` // of the last change; UTC, whole milliseconds
	Version  int       `json:"version"`     // counts the changes; see [GroupStore.PutGroup]

	Draft *GroupDraft `json:"draft,omitempty"` // nil: nothing waits to be published
	Gone  bool        `json:"gone,omitempty"`  // it was deleted; see [Group.Removed]
}

// Own is what a site of a group says itself.
type Own struct {
	// Says holds what the site is, and of all else what the site says instead of
	// its group or besides it: whole categories, services, tags, texts, settings.
	Says Config `json:"says" yaml:",inline"`

	// Without names what the site does not take from its group, as paths such as
	// "services.chat", "texts.de", "theme.logo". What belongs to such a category or
	// service is not taken either. They are sorted.
	Without []string `json:"without,omitempty" yaml:"without"`

	Order Order `json:"order,omitzero" yaml:"order"`
}

// Order names the first items of lists. By itself the group's come first, then
// the site's.
type Order struct {
	Categories []string `json:"categories,omitempty" yaml:"categories"`
	Services   []string `json:"services,omitempty" yaml:"services"`
	Tags       []string `json:"tags,omitempty" yaml:"tags"`
	Texts      []string `json:"texts,omitempty" yaml:"texts"`
}

// of returns the order of a list, by its name in JSON.
func (o *Order) of(list string) *[]string {
	return map[string]*[]string{"categories": &o.Categories, "services": &o.Services, "tags": &o.Tags, "texts": &o.Texts}[list]
}

// Resolve returns the configuration of a site that says o, in a group with
// these settings. It can have faults, so validate it; clone it to edit it.
func (o *Own) Resolve(group *Config) *Config {
	theirs, own, out := parse(group), parse(&o.Says), newDoc()
	inherited := func(i Item) bool { return !i.isIdentity() && !own.says(i) }
	for _, item := range itemsOf(theirs, own) {
		from := own
		if inherited(item) {
			if slices.Contains(o.Without, item.Path()) {
				continue
			}
			from = theirs
		}
		if part := from.parts[item]; part != nil {
			out.put(item, part)
		}
	}
	// Services come before their tags, so that a tag of an orphan is one, too.
	for _, item := range out.items {
		if inherited(item) && out.isOrphan(item, out.parts[item]) {
			delete(out.parts, item)
		}
	}
	for _, list := range lists {
		first := *o.Order.of(list)
		usual := append(slices.Clone(theirs.order[list]), without(own.order[list], theirs.order[list])...)
		for _, id := range append(slices.Clone(first), without(usual, first)...) {
			if out.parts[Item{subjects[list], id}] != nil {
				out.order[list] = append(out.order[list], id)
			}
		}
	}
	return out.config()
}

// Difference returns the least that a site has to say to be c in a group with
// these settings: [Own.Resolve] gives c again.
func Difference(group, c *Config) *Own {
	theirs, all, own := parse(group), parse(c), newDoc()
	o := new(Own)
	for _, item := range itemsOf(theirs, all) {
		theirPart, part := theirs.parts[item], all.parts[item]
		switch {
		case item.isIdentity():
			if part != nil {
				own.put(item, part)
			}
		case !all.says(item):
			if theirs.says(item) && !all.isOrphan(item, theirPart) {
				o.Without = append(o.Without, item.Path())
			}
		case !theirs.says(item) || !same(theirPart, part) || all.isOrphan(item, part):
			own.put(item, part)
		}
	}
	slices.Sort(o.Without)
	o.Says = *own.inOrderOf(all).config()
	o.orderAs(group, all)
	return o
}

// orderAs makes o resolve to lists in the order that they have in d.
func (o *Own) orderAs(group *Config, d doc) {
	o.Order = Order{}
	resolved := parse(o.Resolve(group))
	for _, list := range lists {
		if !slices.Equal(resolved.order[list], d.order[list]) {
			*o.Order.of(list) = d.order[list]
		}
	}
}

// Inherits reports whether r is what its site is in a group with these settings
// now. If not, the group was changed and the site did not follow.
func (r *Revision) Inherits(group *Config) bool {
	if r.Own == nil {
		return false
	}
	c := r.Own.Resolve(group)
	c.Cookie = r.Config.Cookie // publishing may have named it
	return c.Hash() == r.Config.Hash()
}

// OwnAfter returns what the site of r says itself once somebody has edited its
// whole configuration to c. Group are the present settings of c's group. What
// was not edited stays what it was: said, though the group says the same, or
// inherited, though the group says something else by now.
func (r *Revision) OwnAfter(group, c *Config) *Own {
	if r.Own == nil || r.Config.Group != c.Group {
		return Difference(group, c)
	}
	follows := r.Inherits(group)
	if !follows {
		group = r.inherited()
	}
	o := Difference(group, c)
	said, before, after, own := parse(&r.Own.Says), parse(&r.Config), parse(c), parse(&o.Says)
	for _, item := range said.items {
		if own.parts[item] == nil && said.says(item) && same(before.parts[item], after.parts[item]) {
			own.put(item, said.parts[item])
		}
	}
	o.Says = *own.inOrderOf(after).config()
	for _, path := range r.Own.Without {
		if !slices.Contains(o.Without, path) && !after.says(itemAt(path)) {
			o.Without = append(o.Without, path)
		}
	}
	slices.Sort(o.Without)
	for _, list := range lists {
		order := o.Order.of(list)
		switch {
		case slices.Equal(before.order[list], after.order[list]):
			*order = *r.Own.Order.of(list)
		case !follows:
			*order = after.order[list]
		}
	}
	return o
}

// inherited returns what of r came from its group.
func (r *Revision) inherited() *Config {
	all, out := parse(&r.Config), newDoc()
	for item := range r.Inherited() {
		out.put(item, all.parts[item])
	}
	return out.inOrderOf(all).config()
}

// Inherited returns what of r came from its group; nothing if its site is of
// none.
func (r *Revision) Inherited() map[Item]bool {
	if r.Own == nil {
		return nil
	}
	all, own, inherited := parse(&r.Config), parse(&r.Own.Says), map[Item]bool{}
	for _, item := range all.items {
		if !item.isIdentity() && all.says(item) && !own.says(item) {
			inherited[item] = true
		}
	}
	return inherited
}

// Same reports whether both say the same.
func (o *Own) Same(other *Own) bool {
	return o == other || o != nil && other != nil && same(*o, *other)
}

// IsOwn reports whether the site itself says what is at a path such as
// "services.chat" or "theme.logo".
func (o *Own) IsOwn(path string) bool {
	own := parse(&o.Says)
	return own.says(itemAt(path))
}

// Check reports what o leaves out that the group does not have: what is
// misspelt would be taken all the same. It returns [InvalidErrors] or nil.
func (o *Own) Check(group *Config) error {
	var bad InvalidErrors
	theirs := parse(group)
	for _, path := range o.Without {
		item := itemAt(path)
		if item.isIdentity() || !theirs.says(item) && !IsSetting(path) {
			bad.add("without", quote(path)+" is nothing that the group has: name it as in services.chat, tags.chat, categories.research, texts.de or theme.logo")
		}
	}
	return bad.orNil()
}

// Validate reports what can be right in no site of the group. It returns
// [InvalidErrors] or nil.
func (g *Group) Validate() error {
	var bad, found InvalidErrors
	if !IsGroupID(string(g.ID)) {
		bad.add("group", groupIDForm)
	}
	settings := parse(&g.Settings)
	for _, item := range settings.items {
		if item.isIdentity() && item.Name != "name" && settings.says(item) {
			bad.add(item.Name, "is for each site to say, not for its group")
		}
	}
	if err := g.sample().Validate(); errors.As(err, &found) {
		bad = append(bad, found...)
	}
	return bad.orNil()
}

// sample returns a site of the group that says all that the group leaves to its
// sites.
func (g *Group) sample() *Config {
	c := g.Settings.Clone()
	c.Site, c.Group, c.Origins, c.Cookie = "sample", "", []string{"https://sample.example"}, Cookie{}
	c.Theme.Logo = "" // it has to be on each site's origins
	if c.Name == "" {
		c.Name = "sample"
	}
	if c.Controller.Name == "" {
		c.Controller.Name = "sample"
	}
	if len(c.Languages) == 0 {
		for _, t := range c.Texts {
			c.Languages = append(c.Languages, t.Language)
		}
		c.Languages = append(c.Languages, without([]string{"en"}, c.Languages)...)
	}
	if len(c.Categories) == 0 {
		c.Categories = []Category{{ID: Functional}, {ID: Analytics}, {ID: Marketing}}
	}
	if _, ok := c.Category(Essential); !ok {
		c.Categories = append(c.Categories, Category{ID: Essential})
	}
	return c
}

// isIdentity reports whether i is what a site is, which no group can say.
func (i Item) isIdentity() bool {
	return i.Subject == "setting" && (oneOf(i.Name, []string{"site", "name", "origins", "group"}) || strings.HasPrefix(i.Name, "cookie."))
}
