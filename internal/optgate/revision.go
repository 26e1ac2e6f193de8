package optgate

import (
	"strconv"
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
	Config Config    `json:"config"`

	// Since names, by category, the latest revision that changed the category
	// materially: an answer to an earlier one does not cover it. A category that
	// never changed so is not in it.
	Since Since `json:"since,omitempty"`
}

// Since is the number of a revision by category; see [Revision.Since].
type Since map[CategoryID]int

// NewRevision returns the revision that follows number previous (0: none) of
// c's site.
func NewRevision(c *Config, previous int, author, note string, now time.Time) Revision {
	return Revision{
		Site: c.Site, Number: previous + 1, Hash: c.Hash(), At: now.UTC().Truncate(time.Millisecond),
		Author: author, Note: note, Config: *c.Clone(),
	}
}

// Follow works out r.Since from the revision before r, and returns what changed.
func (r *Revision) Follow(previous *Revision) []Change {
	changes := Diff(&previous.Config, &r.Config)
	again := altered(changes)
	r.Since = nil
	for _, k := range r.Config.Categories {
		since := previous.Since[k.ID]
		// A category that was away may come back as anything.
		if _, before := previous.Config.Category(k.ID); !before || again[k.ID] || again[""] {
			since = r.Number
		}
		if since == 0 || k.ID == Essential {
			continue
		}
		if r.Since == nil {
			r.Since = Since{}
		}
		r.Since[k.ID] = since
	}
	return changes
}

// RollBackNote returns the note of a revision that says again what revision
// number said; why may be empty.
func RollBackNote(number int, why string) string {
	note := "back to revision " + strconv.Itoa(number)
	if why != "" {
		note += ": " + why
	}
	return note
}
