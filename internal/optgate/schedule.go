package optgate

import (
	"maps"
	"slices"
	"time"
)

// Scheduled is a material change that earlier visitors are asked about only
// from a time on: those whose answer is older than the revision.
type Scheduled struct {
	Revision int       `json:"revision"`
	From     time.Time `json:"from"`
}

// Later says which change of a category is scheduled; see [Revision.Later].
type Later map[CategoryID]Scheduled

// maxNotice is how long before it takes effect a revision may be published.
const maxNotice = 2 // years

// ValidateSchedule returns an [InvalidError] of field "effective" if r can take
// effect for earlier visitors neither at once nor when it says.
func (r *Revision) ValidateSchedule() error {
	switch {
	case r.Effective.IsZero():
		return nil
	case !r.Effective.After(r.At):
		return &InvalidError{"effective", "is over: leave it out, and earlier visitors are asked at once"}
	case r.Effective.After(r.At.AddDate(maxNotice, 0, 0)):
		return &InvalidError{"effective", "is more than two years ahead"}
	}
	return nil
}

// and returns what is scheduled if next is so too: all that is new is asked
// about at once, on the earlier of the two days.
func (s Scheduled) and(next Scheduled) Scheduled {
	if s.Revision > 0 && s.From.Before(next.From) {
		next.From = s.From
	}
	return next
}

// Timing is what changed materially, as it is for earlier visitors at a time.
type Timing struct {
	Since Since // counts
	Later Later // will count
}

// TimingAt returns r.Since with the scheduled changes that have taken effect by
// then, and those that have not.
func (r *Revision) TimingAt(now time.Time) Timing {
	c := Timing{Since{}, Later{}}
	maps.Copy(c.Since, r.Since)
	for id, s := range r.Later {
		if s.From.After(now) {
			c.Later[id] = s
		} else {
			c.Since[id] = max(c.Since[id], s.Revision)
		}
	}
	return c
}

// refresh works out r.Fresh: what it was before, as far as it is still
// scheduled, and if r is scheduled what r brings.
func (r *Revision) refresh(previous *Revision, scheduled bool) {
	for _, t := range r.Config.Tags {
		id := r.Config.TagCategory(t)
		switch {
		case r.Later[id].Revision == 0:
		case scheduled && bringsNew(&previous.Config, &r.Config, t.ID):
			r.Fresh[t.ID] = r.Number
		case previous.Fresh[t.ID] > 0:
			r.Fresh[t.ID] = previous.Fresh[t.ID]
		}
	}
}

// bringsNew reports whether a tag loads what an answer to before does not cover.
func bringsNew(before, after *Config, tag string) bool {
	changes := Diff(about(before, tag), about(after, tag))
	return slices.ContainsFunc(changes, func(c Change) bool { return c.Material })
}

// about returns what c says of one tag: the tag and its service.
func about(c *Config, tag string) *Config {
	only := new(Config)
	for _, t := range c.Tags {
		if t.ID != tag {
			continue
		}
		only.Tags = append(only.Tags, t)
		for _, s := range c.Services {
			if s.ID == t.Service {
				only.Services = append(only.Services, s)
			}
		}
	}
	return only
}

// orNil returns nil for a map without entries.
func orNil[M ~map[K]V, K comparable, V any](m M) M {
	if len(m) == 0 {
		return nil
	}
	return m
}
