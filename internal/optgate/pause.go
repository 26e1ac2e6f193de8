package optgate

import (
	"slices"
	"time"
)

// Pausable is what can be stopped on a site at once, without a revision: a
// category, or one of the tags that the server holds. Exactly one field is set.
type Pausable struct {
	Category CategoryID `json:"category,omitempty"`
	Tag      string     `json:"tag,omitempty"`
}

// Pause says that something loads for nobody until it is resumed. Visitors'
// answers and what they are asked stay as they are.
type Pause struct {
	Pausable
	By     string    `json:"by"`     // user name, or the command's
	Since  time.Time `json:"since"`  // UTC, whole milliseconds
	Reason string    `json:"reason"` // may be empty; at most [MaxAuditReason] bytes
}

// Paused is all that is paused on one site.
type Paused struct {
	Site   SiteID  `json:"site"`
	Pauses []Pause `json:"pauses,omitempty"` // the oldest first

	// Version counts the changes, from 0 on for a site on which nothing was paused
	// yet. Who changes it hands in the version that she read; see
	// [RevisionStore.SetPaused].
	Version int `json:"version"`
}

// Pausable returns an [InvalidError] of field "pause" if c has no such thing, or
// if it must not be paused: the essential category is what sites do not work
// without. Its tags can be.
func (c *Config) Pausable(what Pausable) error {
	const field = "pause"
	switch {
	case (what.Category == "") == (what.Tag == ""):
		return &InvalidError{field, "is about a category or about a tag"}
	case what.Category == Essential:
		return &InvalidError{field, "is not for the essential category: pause its tags instead"}
	case what.Tag != "" && !slices.ContainsFunc(c.Tags, func(t Tag) bool { return t.ID == what.Tag }):
		return &InvalidError{field, "is about a tag that the site does not have"}
	}
	if _, ok := c.Category(what.Category); what.Category != "" && !ok {
		return &InvalidError{field, "is about a category that the site does not have"}
	}
	return nil
}

// Of returns the pause of something, if it is paused.
func (p *Paused) Of(what Pausable) (Pause, bool) {
	i := slices.IndexFunc(p.Pauses, func(each Pause) bool { return each.Pausable == what })
	if i < 0 {
		return Pause{}, false
	}
	return p.Pauses[i], true
}

// Stops reports whether p keeps a tag of c from loading: by itself, or with its
// category.
func (p *Paused) Stops(c *Config, t Tag) bool {
	_, tag := p.Of(Pausable{Tag: t.ID})
	_, category := p.Of(Pausable{Category: c.TagCategory(t)})
	return tag || category
}

// With returns p with one more pause. What is paused already stays as it is.
func (p *Paused) With(pause Pause) Paused {
	next := *p
	if _, is := p.Of(pause.Pausable); !is {
		pause.Since = pause.Since.UTC().Truncate(time.Millisecond)
		next.Pauses = append(slices.Clone(p.Pauses), pause)
	}
	return next
}

// Without returns p without the pause of something.
func (p *Paused) Without(what Pausable) Paused {
	return p.keep(func(each Pause) bool { return each.Pausable != what })
}

// On returns of p what is about c: a later revision may have left out what was
// paused.
func (p *Paused) On(c *Config) Paused {
	return p.keep(func(each Pause) bool { return c.Pausable(each.Pausable) == nil })
}

func (p *Paused) keep(stays func(Pause) bool) Paused {
	next := *p
	next.Pauses = slices.DeleteFunc(slices.Clone(p.Pauses), func(each Pause) bool { return !stays(each) })
	return next
}
