package publish

import (
	"context"
	"errors"
	"fmt"

	"github.com/optgate/optgate/internal/optgate"
)

// LeaveGone takes sites out of groups that were deleted. They keep all that they
// had. A site comes to be in one if it joins at the very moment at which somebody deletes the
// group: neither sees the other, for sites and groups lie apart. So both look
// again afterwards, and upkeep does for those who could not.
func (r *Registry) LeaveGone(ctx context.Context) error {
	all, err := r.store.Groups(ctx)
	if err != nil {
		return fmt.Errorf("publish: groups: %w", err)
	}
	var failed []error
	for _, g := range all {
		if !g.Gone {
			continue
		}
		for _, m := range r.Members(g.ID) {
			if _, err := r.leaveGone(ctx, m); err != nil && !errors.Is(err, optgate.ErrConflict) {
				failed = append(failed, err)
			}
		}
	}
	return errors.Join(failed...)
}

// leaveGone takes a site out of a group that is gone, and returns its latest
// revision.
func (r *Registry) leaveGone(ctx context.Context, member optgate.Revision) (optgate.Revision, error) {
	c := member.Config.Clone()
	c.Group = ""
	note := optgate.Deed{Kind: optgate.DidLoseGroup, Group: member.Config.Group}.Note()
	return r.Publish(ctx, c, member.Number, member.Author, note)
}

// settled returns what came of a revision that was just published: another one,
// if its group was deleted meanwhile.
func (r *Registry) settled(ctx context.Context, published optgate.Revision) optgate.Revision {
	if published.Config.Group == "" {
		return published
	}
	if g, err := r.store.Group(ctx, published.Config.Group); err != nil || !g.Gone {
		return published
	}
	out, err := r.leaveGone(ctx, published)
	if err != nil {
		return published // upkeep takes it out
	}
	return out
}
