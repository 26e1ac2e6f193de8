package sqlitestore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// Draft implements [optgate.DraftStore].
func (s *Store) Draft(ctx context.Context, site optgate.SiteID) (optgate.Draft, error) {
	d, err := queryDoc[optgate.Draft](ctx, s.reads.draft, string(site))
	if errors.Is(err, optgate.ErrNotFound) {
		return optgate.Draft{Site: site}, nil
	}
	if err != nil {
		return optgate.Draft{}, fmt.Errorf("sqlitestore: draft of %s: %w", site, err)
	}
	return d, nil
}

// PutDraft implements [optgate.DraftStore].
func (s *Store) PutDraft(ctx context.Context, d optgate.Draft) error {
	read := d.Version
	d.Version++
	d.At = d.At.UTC().Truncate(time.Millisecond)
	doc, err := json.Marshal(d)
	if err == nil {
		err = s.submit(ctx, func(b *batch) error { return drafts.swap(b, string(d.Site), doc, read) })
	}
	if err != nil {
		return fmt.Errorf("sqlitestore: put draft of %s: %w", d.Site, err)
	}
	return nil
}
