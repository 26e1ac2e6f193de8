package faultstore

import (
	"context"

	"github.com/optgate/optgate/internal/optgate"
)

// PutPanel implements [optgate.PanelStore].
func (s *Store) PutPanel(ctx context.Context, p optgate.Panel) error {
	return s.do("PutPanel", func() error { return s.Inner.PutPanel(ctx, p) })
}

// Panel implements [optgate.PanelStore].
func (s *Store) Panel(ctx context.Context, hash string) ([]byte, error) {
	return get(s, "Panel", func() ([]byte, error) { return s.Inner.Panel(ctx, hash) })
}

// Panels implements [optgate.PanelStore].
func (s *Store) Panels(ctx context.Context, site optgate.SiteID, revision int) ([]optgate.PanelName, error) {
	return get(s, "Panels", func() ([]optgate.PanelName, error) { return s.Inner.Panels(ctx, site, revision) })
}
