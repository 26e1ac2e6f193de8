package faultstore

import (
	"context"

	"github.com/optgate/optgate/internal/optgate"
)

// SawUnmarked implements [optgate.UnmarkedStore].
func (s *Store) SawUnmarked(ctx context.Context, site optgate.SiteID, day string, tags []optgate.Unmarked) error {
	return s.do("SawUnmarked", func() error { return s.Inner.SawUnmarked(ctx, site, day, tags) })
}

// Unmarked implements [optgate.UnmarkedStore].
func (s *Store) Unmarked(ctx context.Context, site optgate.SiteID) ([]optgate.SeenUnmarked, error) {
	return get(s, "Unmarked", func() ([]optgate.SeenUnmarked, error) { return s.Inner.Unmarked(ctx, site) })
}

// ForgetUnmarked implements [optgate.UnmarkedStore].
func (s *Store) ForgetUnmarked(ctx context.Context, site optgate.SiteID, tag optgate.Unmarked) error {
	return s.do("ForgetUnmarked", func() error { return s.Inner.ForgetUnmarked(ctx, site, tag) })
}
