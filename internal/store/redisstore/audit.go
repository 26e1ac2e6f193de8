package redisstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/optgate/optgate/internal/optgate"
)

// auditKey is a list: the audit log's entries in JSON, the oldest first, so that
// entry number n is at n-1.
const auditKey = "og:{audit}"

// AppendAudit implements [optgate.AuditStore]. The very same entry again
// succeeds, so that an uncertain outcome can be repeated.
func (s *Store) AppendAudit(ctx context.Context, e optgate.AuditEntry) error {
	doc, err := json.Marshal(e)
	if err == nil {
		s.writing.RLock()
		defer s.writing.RUnlock()
		err = swapped(done(s.runWrite(ctx, appendAuditScript, []string{auditKey}, doc, e.Seq)))
	}
	if err != nil {
		return fmt.Errorf("redisstore: append audit entry %d: %w", e.Seq, err)
	}
	return nil
}

// Audit implements [optgate.AuditStore].
func (s *Store) Audit(ctx context.Context, before uint64, limit int) ([]optgate.AuditEntry, error) {
	all, err := s.audit(ctx, before, limit)
	if err != nil {
		return nil, fmt.Errorf("redisstore: audit log: %w", err)
	}
	return all, nil
}

func (s *Store) audit(ctx context.Context, before uint64, limit int) ([]optgate.AuditEntry, error) {
	// The list only grows, so its length may be read first.
	n, err := s.rdb.LLen(ctx, auditKey).Uint64()
	if err != nil {
		return nil, err
	}
	if before == 0 || before > n+1 {
		before = n + 1
	}
	if before == 1 {
		return nil, nil
	}
	last := int64(before) - 2
	docs, err := s.rdb.LRange(ctx, auditKey, max(0, last-int64(limit)+1), last).Result()
	if err != nil {
		return nil, err
	}
	var all []optgate.AuditEntry
	for _, doc := range slices.Backward(docs) {
		var e optgate.AuditEntry
		if err := json.Unmarshal([]byte(doc), &e); err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}
