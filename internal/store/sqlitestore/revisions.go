package sqlitestore

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// Publish implements [optgate.RevisionStore]. Publishing the very same revision
// again succeeds, so that an uncertain outcome can be repeated.
func (s *Store) Publish(ctx context.Context, r optgate.Revision) error {
	r.At = r.At.UTC().Truncate(time.Millisecond)
	doc, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("sqlitestore: publish %s revision %d: %w", r.Site, r.Number, err)
	}
	err = s.submit(ctx, func(b *batch) error {
		site, err := b.site(r.Site)
		if err != nil {
			return err
		}
		if r.Number != site.revision+1 {
			var there []byte
			err := b.get(b.w.findRevision, []any{string(r.Site), r.Number}, &there)
			if errors.Is(err, sql.ErrNoRows) || err == nil && !bytes.Equal(there, doc) {
				return optgate.ErrConflict
			}
			return err
		}
		if err := b.exec(b.w.addRevision, string(r.Site), r.Number, doc); err != nil {
			return err
		}
		if err := b.exec(b.w.setRevision, r.Number, site.no); err != nil {
			return err
		}
		site.revision = r.Number
		b.afterwards = append(b.afterwards, s.watchers.notify)
		return nil
	})
	if err != nil {
		return fmt.Errorf("sqlitestore: publish %s revision %d: %w", r.Site, r.Number, err)
	}
	return nil
}

// Latest implements [optgate.RevisionStore].
func (s *Store) Latest(ctx context.Context) ([]optgate.Revision, error) {
	latest, err := queryDocs[optgate.Revision](ctx, s.reads.latest)
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: latest revisions: %w", err)
	}
	return latest, nil
}

// Revision implements [optgate.RevisionStore].
func (s *Store) Revision(ctx context.Context, site optgate.SiteID, number int) (optgate.Revision, error) {
	r, err := queryDoc[optgate.Revision](ctx, s.reads.revision, string(site), number)
	if err != nil {
		return optgate.Revision{}, fmt.Errorf("sqlitestore: %s revision %d: %w", site, number, err)
	}
	return r, nil
}
