package optgate

import (
	"time"
)

// Revision is a published configuration of a site. It is never changed: an
// edit, and also a roll-back, is a new revision.
type Revision struct {
	Site   SiteID    `json:"site"`
	Number int       `json:"number"` // 1, 2, 3, ... without gaps
	Hash   string    `json:"hash"`   // [Config.Hash]
	At     time.Time `json:"at"`     // UTC, whole milliseconds
	Author string    `json:"author"` // user name, or the command's, such as "apply"
	Note   string    `json:"note,omitempty"`
	Config Config    `json:"config"` // all that visitors are asked, whatever of it comes from a group

	// Own is what of Config the site says itself; nil if it is of no group.
	Own *Own `json:"own,omitempty"`

	// Since names, by category, the latest revision that changed the category
	// materially: an answer to an earlier one does not cover it. A category that
	// never changed so is not in it.
	Since Since `json:"since,omitempty"`

	// Effective is the time from which what is new is asked of earlier visitors;
	// zero: at once. New visitors are shown a revision as soon as it is published.
	Effective time.Time `json:"effective,omitzero"` // UTC, whole milliseconds

	// Later are changes of this revision and of those before it that had not
	// taken effect for earlier visitors when this one was published.
	Later Later `json:"later,omitempty"`

	// Fresh are the tags that load what such a change brought, with the number of
	// the revision that did: only an answer to that one or a later one covers them.
	Fresh map[string]int `json:"fresh,omitempty"`
}

// Since is the number of a revision by category; see [Revision.Since].
type Since map[CategoryID]int

// NewRevision returns the revision that follows number previous (0: none) of
// c's site.
func NewRevision(c *Config, previous int, author, note string, now time.Time) Revision {
	own := c.Clone() // an empty object that somebody wrote out is none there
	return Revision{
		Site: c.Site, Number: previous + 1, Hash: own.Hash(), At: now.UTC().Truncate(time.Millisecond),
		Author: author, Note: note, Config: *own,
	}
}

// Follow works out r.Since, r.Later and r.Fresh from the revision before r and
// from r.Effective, and returns what changed.
func (r *Revision) Follow(previous *Revision) []Change {
	changes := Diff(&previous.Config, &r.Config)
	again := altered(changes)
	by := previous.TimingAt(r.At)
	r.Since, r.Later, r.Fresh = Since{}, Later{}, map[string]int{}
	scheduled := r.Effective.After(r.At)
	for _, k := range r.Config.Categories {
		if k.ID == Essential {
			continue
		}
		since, pending := by.Since[k.ID], by.Later[k.ID]
		was, before := previous.Config.Category(k.ID)
		// A category that was away may come back as anything.
		changed := !before || again[k.ID] || again[""]
		switch {
		case scheduled && (changed || was.Off && !k.Off):
			pending = pending.and(Scheduled{r.Number, r.Effective})
		case changed:
			since, pending = r.Number, Scheduled{}
		}
		if since > 0 {
			r.Since[k.ID] = since
		}
		if pending.Revision > 0 {
			r.Later[k.ID] = pending
		}
	}
	r.refresh(previous, scheduled)
	r.Since, r.Later, r.Fresh = orNil(r.Since), orNil(r.Later), orNil(r.Fresh)
	return changes
}
