package optgate

import "time"

// Revision is a published configuration of a site. It is never changed: an
// edit, and also a roll-back, is a new revision.
type Revision struct {
	Site   SiteID    `json:"site"`
	Number int       `json:"number"` // 1, 2, 3, ... without gaps
	Hash   string    `json:"hash"`   // [Config.Hash]
	At     time.Time `json:"at"`     // UTC, whole milliseconds
	Author string    `json:"author"` // user name, or "apply" for the command line
	Note   string    `json:"note,omitempty"`
	Config Config    `json:"config"`
}

// NewRevision returns the revision that follows number previous (0: none) of
// c's site.
func NewRevision(c *Config, previous int, author, note string, now time.Time) Revision {
	return Revision{
		Site: c.Site, Number: previous + 1, Hash: c.Hash(), At: now.UTC().Truncate(time.Millisecond),
		Author: author, Note: note, Config: *c.Clone(),
	}
}
