package publish

import (
	"context"

	"github.com/optgate/optgate/internal/optgate"
)

// Follower is a site of a group, and what a change of the group does to it.
type Follower struct {
	Before  optgate.Revision
	After   *optgate.Revision // nil: it stays what it is, or Err says why it cannot follow
	Changes []optgate.Change
	Err     error // [optgate.InvalidErrors], [optgate.ErrConflict], or of the store
}

// Following says how sites follow their group.
type Following struct {
	Author, Note string
	DryRun       bool // say what would be published, and write nothing
	How          []Option
}

// Follow publishes to each site of a group what it is with the group's settings.
// A site that cannot follow stays what it is and does not keep others from it;
// to do the same again does what is left.
func (r *Registry) Follow(ctx context.Context, g *optgate.Group, f Following) []Follower {
	var all []Follower
	for _, m := range r.Members(g.ID) {
		one := Follower{Before: m}
		config, says := Regrouped(g, &m)
		how := append([]Option{says}, f.How...)
		if r.Same(config, &m, says) {
			all = append(all, one)
			continue
		}
		var next optgate.Revision
		if f.DryRun {
			next, _, one.Err = r.Next(ctx, config, m.Number, f.Author, f.Note, how...)
		} else {
			next, one.Err = r.Publish(ctx, config, m.Number, f.Author, f.Note, how...)
		}
		if one.Err == nil {
			one.After, one.Changes = &next, optgate.Diff(&m.Config, &next.Config)
		}
		all = append(all, one)
	}
	return all
}
