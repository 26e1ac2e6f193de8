package redisstore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
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
		d, err = s.drafts.decode(site, doc)
	}
	if err != nil {
		return optgate.Draft{}, fmt.Errorf("redisstore: draft of %s: %w", site, err)
	}
	return d, nil
}

// mostDrafts bounds how many drafts are kept decoded.
const mostDrafts = 8

// decodedDrafts keeps what was read last of some sites: to decode the draft of a
// big site takes longer than all else of a page that shows it. It compares the
// whole text, so that what it returns is never older than what the store has. It
// is safe for concurrent use.
type decodedDrafts struct {
	mu  sync.Mutex
	all map[optgate.SiteID]decodedDraft
}

type decodedDraft struct {
	doc   []byte
	draft optgate.Draft
}

func (k *decodedDrafts) decode(site optgate.SiteID, doc []byte) (optgate.Draft, error) {
	k.mu.Lock()
	known, ok := k.all[site]
	k.mu.Unlock()
	if ok && bytes.Equal(known.doc, doc) {
		return known.draft, nil
	}
	var d optgate.Draft
	if err := json.Unmarshal(doc, &d); err != nil {
		return optgate.Draft{}, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil || len(k.all) >= mostDrafts {
		k.all = map[optgate.SiteID]decodedDraft{}
	}
	k.all[site] = decodedDraft{doc, d}
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
