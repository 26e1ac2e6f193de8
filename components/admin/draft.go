package admin

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// Draft is what of a site is not published yet, for pages of its editors. The
// zero value says nothing.
type Draft struct {
	Seen    optgate.Seen // what the page shows; its forms say so
	Base    int          // number of the revision that is changed; 0: no draft is open
	Author  string       // of the last change
	At      time.Time    // of the last change
	Changes []optgate.Change
	Items   map[optgate.Item]optgate.ChangeKind // what happened to each
}

func (d Draft) open() bool { return d.Base > 0 }

// behind reports whether somebody published past the draft.
func (d Draft) behind() bool { return d.open() && d.Base != d.Seen.Revision }

// count says how many changes there are. A change that has no words is one.
func (d Draft) count(ctx context.Context) string {
	return count(ctx, max(len(d.Changes), 1), "%d change", "%d changes")
}

// of says what of an item is not published; nothing, if all is.
func (d Draft) of(ctx context.Context, subject, name string) string {
	switch d.Items[optgate.Item{Subject: subject, Name: name}] {
	case optgate.Added:
		return say(ctx, "new, not published")
	case "":
		return ""
	}
	return say(ctx, "changed, not published")
}

// gone returns the ids of removed items of a kind, sorted.
func (d Draft) gone(subject string) []string {
	var ids []string
	for item, kind := range d.Items {
		if item.Subject == subject && kind == optgate.Removed {
			ids = append(ids, item.Name)
		}
	}
	slices.Sort(ids)
	return ids
}

// Check is what is wrong with a draft, in sentences.
type Check struct {
	Blocks bool // it cannot be published like this
	Text   string
	Link   string // to where it is mended, below the site's page; may be empty
}

// Reach is how many visitors a publication asks again.
type Reach struct {
	Visitors    int  // that have a record
	Anyway      int  // of these, who are asked because of earlier changes, too
	AtMost      bool // some of them may have answered
	Unavailable bool // the store could not be asked
}

// Few lists words, at most n of them, and says how many more there are.
func Few(ctx context.Context, words []string, n int) string {
	if len(words) <= n {
		return strings.Join(words, ", ")
	}
	return say(ctx, "%s and %d more", strings.Join(words[:n], ", "), len(words)-n)
}

// reachText says how many visitors are asked and what that counts.
func reachText(ctx context.Context, r Reach) string {
	switch {
	case r.Unavailable:
		return say(ctx, "How many these are the store cannot say just now.")
	case r.Visitors == 0:
		return say(ctx, "Nobody has answered here yet, so that is nobody now.")
	}
	said := count(ctx, r.Visitors, "That is about %d visitor: all who have a record here, also those who never come back.",
		"That is about %d visitors: all who have a record here, also those who never come back.")
	if r.AtMost {
		said = count(ctx, r.Visitors, "That is at most %d visitor: all who have a record here, also those who never come back.",
			"That is at most %d visitors: all who have a record here, also those who never come back.")
	}
	if r.Anyway > 0 {
		said += " " + count(ctx, r.Anyway, "%d of them is asked in any case, because of earlier changes.", "%d of them are asked in any case, because of earlier changes.")
	}
	return said
}

// itemWords says which item it is.
func itemWords(ctx context.Context, i optgate.Item) string {
	switch i.Subject {
	case "order":
		return say(ctx, "The order of %s", known(ctx, i.Name))
	case "setting":
		return say(ctx, "Setting %s", i.Name)
	}
	return capital(known(ctx, i.Subject)) + say(ctx, " “%s”", i.Name)
}

// blocked reports whether any check keeps a draft from being published.
func blocked(checks []Check) bool {
	for _, k := range checks {
		if k.Blocks {
			return true
		}
	}
	return false
}
