package redisstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// draftKey is a site's draft in JSON.
func draftKey(site optgate.SiteID) string { return "og:{draft:" + string(site) + "}" }

// Draft implements [optgate.DraftStore].
func (s *Store) Draft(ctx context.Context, site optgate.SiteID) (optgate.Draft, error) {
	var d optgate.Draft
	doc, err := s.rdb.Get(ctx, draftKey(site)).Bytes()
	if errors.Is(notFound(err), optgate.ErrNotFound) {
		return optgate.Draft{Site: site}, nil
	}
	if err == nil {
		err = json.Unmarshal(doc, &d)
	}
	if err != nil {
		return optgate.Draft{}, fmt.Errorf("redisstore: draft of %s: %w", site, err)
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
		s.writing.RLock()
		defer s.writing.RUnlock()
		err = swapped(done(s.runWrite(ctx, putDraftScript, []string{draftKey(d.Site)}, doc, read)))
	}
	if err != nil {
		return fmt.Errorf("redisstore: put draft of %s: %w", d.Site, err)
	}
	return nil
}
