package faultstore

import (
	"context"

	"github.com/optgate/optgate/internal/optgate"
)

// Draft implements [optgate.DraftStore].
func (s *Store) Draft(ctx context.Context, site optgate.SiteID) (optgate.Draft, error) {
	return get(s, "Draft", func() (optgate.Draft, error) { return s.Inner.Draft(ctx, site) })
}

// PutDraft implements [optgate.DraftStore].
func (s *Store) PutDraft(ctx context.Context, d optgate.Draft) error {
	return s.do("PutDraft", func() error { return s.Inner.PutDraft(ctx, d) })
}
