package admin

import (
	"context"
	"slices"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// GroupsPage is the list of groups.
type GroupsPage struct {
	Frame
	Now      time.Time
	Groups   []GroupRow
	HasSites bool // there is a site to begin a group from
}

// GroupRow is one group of the list.
type GroupRow struct {
	Revision optgate.Revision // what stands for the group; see [Path]
	Version  int
	Sites    []string // names of those that are in it
}

// NewGroupPage is the form for a group, with what was typed.
type NewGroupPage struct {
	Frame
	Group, Name, Languages, From string
	Sites                        []optgate.Revision // that are in no group
	Faults                       Faults
}

// GroupPage is everything about one group.
type GroupPage struct {
	Frame
	Revision optgate.Revision // as its reader sees it: with the draft, if she can edit it
	Draft    Draft
	Version  int
	Author   string // of the last change; may be empty
	At       time.Time
	Now      time.Time
	Members  []Member
	Others   []optgate.Revision // sites that could be added
}

// left reports whether a site is not what the group would make of it.
func (p GroupPage) left() bool {
	for _, m := range p.Members {
		if !m.Follows {
			return true
		}
	}
	return false
}

// Member is a site of a group, and what it says itself, as paths.
type Member struct {
	Revision                  optgate.Revision
	Follows                   bool // it is what the group makes of it
	Instead, Besides, Without []string
}

// inheritsAll reports whether the site says nothing but what it is.
func (m Member) inheritsAll() bool { return len(m.Instead)+len(m.Besides)+len(m.Without) == 0 }

// JoinPage asks how a site shall be in a group.
type JoinPage struct {
	Frame
	Revision optgate.Revision // what stands for the group
	Site     optgate.Revision
	Follow   bool // what was chosen
	Notice   string
	Faults   Faults

	Instead, Without []string // what it would say itself if it stays what it is
	Besides          []string // what it would say itself if it follows the group
	Changes          []optgate.Change
	Asking           string // whom following asks
	Member           *MemberDraft
}

// MemberDraft is the open draft of a site, past which something is published.
type MemberDraft struct {
	Draft   Draft
	Clashes []optgate.Item // that both change
}

// words says what becomes of the draft.
func (d MemberDraft) words(ctx context.Context) string {
	said := count(ctx, max(len(d.Draft.Changes), 1),
		"%d change of this site by %s waits to be published. It stays, and is taken over onto the new revision before it can be.",
		"%d changes of this site by %s wait to be published. They stay, and are taken over onto the new revision before they can be.", d.Draft.Author)
	if len(d.Clashes) > 0 {
		var names []string
		for _, item := range d.Clashes {
			names = append(names, itemWords(ctx, item))
		}
		const manyNames = 3
		said += " " + say(ctx, "Changed here, too: %s. Whoever takes it over chooses.", Few(ctx, names, manyNames))
	}
	return said
}

// LeavePage asks whether a site shall leave its group.
type LeavePage struct {
	Frame
	Revision  optgate.Revision // what stands for the group
	Site      optgate.Revision
	Inherited int // how many items it has from the group
	Notice    string
}

// RemoveGroupPage asks whether a group shall go.
type RemoveGroupPage struct {
	Frame
	Revision optgate.Revision
	Version  int
	Members  []Member
	Faults   Faults
	Notice   string
}

// PublishGroupPage is what publishing a group's draft means, with what was typed.
type PublishGroupPage struct {
	PublishPage
	Effects []Effect
}

// asks reports whether earlier visitors of any site are asked.
func (p PublishGroupPage) asks() bool {
	return slices.ContainsFunc(p.Effects, func(e Effect) bool { return e.Reach != nil })
}

// Effect is what a change of a group does to one of its sites.
type Effect struct {
	Revision optgate.Revision // the latest
	Changes  []optgate.Change
	Asking   string // whom it asks; empty: the site stays what it is
	Reach    *Reach
	Draft    *MemberDraft // nil: none is open
	Faults   Faults       // for which it cannot follow
}

// Blocked reports whether any check keeps a draft from being published.
func Blocked(checks []Check) bool { return blocked(checks) }

// Path returns the address of a page of a site, or of the group that a revision
// of no site stands for.
func Path(r optgate.Revision, rest string) string { return sitePath(r, rest) }

// isGroup reports whether a revision stands for a group.
func isGroup(r optgate.Revision) bool { return r.Site == "" && r.Config.Group != "" }
