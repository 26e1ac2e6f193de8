package optgate

import (
	"slices"
	"time"
)

// GroupDraft is what the editors of a group have changed and nobody has
// published to its sites yet. It is kept with its group, whose version counts its
// changes, too.
type GroupDraft struct {
	Base     Config    `json:"base"` // the group's settings when it was opened
	Settings Config    `json:"settings"`
	Author   string    `json:"author"` // of the last change
	At       time.Time `json:"at"`     // of the last change; UTC, whole milliseconds
}

// Removed returns what to store in the place of g once it is deleted. It keeps
// the version, so that a form of a group that is gone is not taken for one of a
// group that is made under the same id.
func (g *Group) Removed() Group { return Group{ID: g.ID, Version: g.Version, Gone: true} }

// Sample returns a site of the group that says all that the group leaves to its
// sites.
func (g *Group) Sample() *Config { return g.sample() }

// Differs returns what a site of a group with these settings says instead of it,
// and what it says besides it, as sorted paths such as "services.chat". What a
// site is, is in neither.
func (o *Own) Differs(group *Config) (instead, besides []string) {
	own, theirs := parse(&o.Says), parse(group)
	for _, item := range own.items {
		switch {
		case item.isIdentity() || !own.says(item):
		case theirs.says(item):
			instead = append(instead, item.Path())
		default:
			besides = append(besides, item.Path())
		}
	}
	slices.Sort(instead)
	slices.Sort(besides)
	return instead, besides
}

// Following returns what a site says itself that is c so far and is to have from
// a group with these settings all that the group says. What c has besides stays
// its own.
func Following(group, c *Config) *Own {
	theirs := *group
	theirs.Name = ""
	_, both := Merge(new(Config), c, &theirs, nil)
	taken := map[Item]bool{}
	for _, item := range both {
		taken[item] = !item.isIdentity()
	}
	merged, _ := Merge(new(Config), c, &theirs, taken)
	return Difference(group, merged)
}
