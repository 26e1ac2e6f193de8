package faultstore

import (
	"context"

	"github.com/optgate/optgate/internal/optgate"
)

// Group implements [optgate.GroupStore].
func (s *Store) Group(ctx context.Context, id optgate.GroupID) (optgate.Group, error) {
	return get(s, "Group", func() (optgate.Group, error) { return s.Inner.Group(ctx, id) })
}

// Groups implements [optgate.GroupStore].
func (s *Store) Groups(ctx context.Context) ([]optgate.Group, error) {
	return get(s, "Groups", func() ([]optgate.Group, error) { return s.Inner.Groups(ctx) })
}

// PutGroup implements [optgate.GroupStore].
func (s *Store) PutGroup(ctx context.Context, g optgate.Group) error {
	return s.do("PutGroup", func() error { return s.Inner.PutGroup(ctx, g) })
}
