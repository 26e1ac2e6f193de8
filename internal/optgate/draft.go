package optgate

import "time"

// Draft is what the editors of a site have changed and nobody has published
// yet. There is one a site, which all its editors share. It can be unfit to be
// published, for example after it was merged with what somebody else published.
type Draft struct {
	Site   SiteID    `json:"site"`
	Base   int       `json:"base,omitempty"` // number of the revision that it changes; 0: nothing is changed
	Config Config    `json:"config,omitzero"`
	Author string    `json:"author,omitempty"` // of the last change
	At     time.Time `json:"at,omitzero"`      // of the last change; UTC, whole milliseconds

	// Version counts the draft's changes and never goes back, not even when a
	// draft is discarded: a form that showed another draft is then told from one
	// that showed this. See [DraftStore.PutDraft].
	Version int `json:"version"`
}

// IsOpen reports whether there is anything that could be published.
func (d *Draft) IsOpen() bool { return d.Base > 0 }

// Closed returns what to store in the place of d once it was published or
// discarded.
func (d *Draft) Closed() Draft { return Draft{Site: d.Site, Version: d.Version} }

// Seen is what the author of a change looked at: the latest revision of a site,
// and the version of its open draft (0: none was open).
type Seen struct {
	Revision, Draft int
}

// Seen returns what somebody sees who looks at d and the latest revision.
func (d *Draft) Seen(latest *Revision) Seen {
	if !d.IsOpen() {
		return Seen{Revision: latest.Number}
	}
	return Seen{latest.Number, d.Version}
}
