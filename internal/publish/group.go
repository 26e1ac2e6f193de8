package publish

import (
	"context"
	"errors"
	"fmt"

	"github.com/optgate/optgate/internal/optgate"
)

// Says tells what of a configuration its site says itself. By itself that is what
// was said before and what was changed.
func Says(own *optgate.Own) Option {
	return func(r *optgate.Revision) { r.Own = own }
}

// inherit works out what of next its site says itself, if it is of a group.
func (r *Registry) inherit(ctx context.Context, next, last *optgate.Revision) error {
	switch {
	case next.Config.Group == "":
		next.Own = nil
		return nil
	case next.Own != nil:
		return nil
	}
	g, err := r.store.Group(ctx, next.Config.Group)
	switch {
	case errors.Is(err, optgate.ErrNotFound) && last.Config.Group != next.Config.Group:
		return optgate.InvalidErrors{NoGroup(next.Config.Group)}
	case err != nil && !errors.Is(err, optgate.ErrNotFound):
		return fmt.Errorf("publish: group of %s: %w", next.Site, err)
	}
	next.Own = last.OwnAfter(&g.Settings, &next.Config)
	return nil
}

// NoGroup returns the fault of a site whose group there is not.
func NoGroup(id optgate.GroupID) *optgate.InvalidError {
	return &optgate.InvalidError{Field: "group", Msg: fmt.Sprintf("%q is no group here: apply its file first", string(id))}
}

// Members returns the latest revision of each site of a group, ordered by site.
func (r *Registry) Members(id optgate.GroupID) []optgate.Revision {
	var members []optgate.Revision
	for _, latest := range r.Sites() {
		if latest.Config.Group == id && latest.Own != nil {
			members = append(members, latest)
		}
	}
	return members
}

// Regrouped returns what a site of a group is with these settings of the group,
// and how to publish that.
func Regrouped(g *optgate.Group, member *optgate.Revision) (*optgate.Config, Option) {
	c := member.Own.Resolve(&g.Settings)
	c.Cookie = member.Config.Cookie // publishing may have named it
	return c, Says(member.Own)
}

// PutGroup stores a group whose version is the one that was read, and returns it
// as it is then. Its sites stay what they are until they are published, see
// [Regrouped]. It returns [optgate.InvalidErrors] if the group has faults, and
// [optgate.ErrConflict] if somebody else changed it.
func (r *Registry) PutGroup(ctx context.Context, g optgate.Group) (optgate.Group, error) {
	if err := g.Validate(); err != nil {
		return optgate.Group{}, err
	}
	g.At = r.now()
	if err := r.store.PutGroup(ctx, g); err != nil {
		return optgate.Group{}, fmt.Errorf("publish: group %s: %w", g.ID, err)
	}
	g.Version++
	return g, nil
}

// Group returns a group, or [optgate.ErrNotFound].
func (r *Registry) Group(ctx context.Context, id optgate.GroupID) (optgate.Group, error) {
	g, err := r.store.Group(ctx, id)
	if err != nil {
		return optgate.Group{}, fmt.Errorf("publish: group %s: %w", id, err)
	}
	return g, nil
}

// Groups returns all groups, ordered by id.
func (r *Registry) Groups(ctx context.Context) ([]optgate.Group, error) {
	all, err := r.store.Groups(ctx)
	if err != nil {
		return nil, fmt.Errorf("publish: groups: %w", err)
	}
	return all, nil
}
