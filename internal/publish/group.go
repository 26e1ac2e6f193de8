package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
	g, err := r.Group(ctx, next.Config.Group)
	switch {
	case errors.Is(err, optgate.ErrNotFound) && last.Config.Group != next.Config.Group:
		return optgate.InvalidErrors{NoGroup(next.Config.Group)}
	case err != nil && !errors.Is(err, optgate.ErrNotFound):
		return err
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

// PutGroup stores a group whose version is the one that was read (0: there is
// none), and returns it as it is then. Its sites stay what they are until they
// follow, see [Registry.Follow]. It returns [optgate.InvalidErrors] if the group
// has faults, and [optgate.ErrConflict] if somebody else changed it.
func (r *Registry) PutGroup(ctx context.Context, g optgate.Group) (optgate.Group, error) {
	if err := g.Validate(); err != nil {
		return optgate.Group{}, err
	}
	if g.Version == 0 {
		// One of that id that is gone has left its version.
		old, err := r.store.Group(ctx, g.ID)
		if err != nil && !errors.Is(err, optgate.ErrNotFound) {
			return optgate.Group{}, fmt.Errorf("publish: group %s: %w", g.ID, err)
		}
		if old.Gone {
			g.Version = old.Version
		}
	}
	g.At = r.now()
	if err := r.store.PutGroup(ctx, g); err != nil {
		return optgate.Group{}, fmt.Errorf("publish: group %s: %w", g.ID, err)
	}
	g.Version++
	return g, nil
}

// ErrHasSites reports that a group cannot be deleted because sites are in it.
var ErrHasSites = errors.New("sites are in the group")

// RemoveGroup deletes a group whose version is the one that was read. It returns
// [ErrHasSites] while sites are in it, and [optgate.ErrConflict] if somebody
// else changed it. A site that joins meanwhile is taken out again.
func (r *Registry) RemoveGroup(ctx context.Context, g optgate.Group) error {
	if err := r.Load(ctx); err != nil {
		return err
	}
	if len(r.Members(g.ID)) > 0 {
		return fmt.Errorf("publish: remove group %s: %w", g.ID, ErrHasSites)
	}
	if err := r.store.PutGroup(ctx, g.Removed()); err != nil {
		return fmt.Errorf("publish: remove group %s: %w", g.ID, err)
	}
	if err := r.Load(ctx); err != nil {
		return err
	}
	return r.LeaveGone(ctx)
}

// Group returns a group, or [optgate.ErrNotFound].
func (r *Registry) Group(ctx context.Context, id optgate.GroupID) (optgate.Group, error) {
	g, err := r.store.Group(ctx, id)
	if err == nil && g.Gone {
		err = optgate.ErrNotFound
	}
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
	return slices.DeleteFunc(all, func(g optgate.Group) bool { return g.Gone }), nil
}
