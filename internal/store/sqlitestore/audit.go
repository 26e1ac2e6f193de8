package sqlitestore

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/optgate/optgate/internal/optgate"
)

// AppendAudit implements [optgate.AuditStore]. The very same entry again
// succeeds, so that an uncertain outcome can be repeated.
func (s *Store) AppendAudit(ctx context.Context, e optgate.AuditEntry) error {
	doc, err := json.Marshal(e)
	if err == nil {
		err = s.submit(ctx, func(b *batch) error { return b.addAudit(e, doc) })
	}
	if err != nil {
		return fmt.Errorf("sqlitestore: append audit entry %d: %w", e.Seq, err)
	}
	return nil
}

func (b *batch) addAudit(e optgate.AuditEntry, doc []byte) error {
	var seq int64
	var newest []byte
	err := b.w.conn.QueryRowContext(context.Background(), "SELECT seq, doc FROM audit ORDER BY seq DESC LIMIT 1").Scan(&seq, &newest)
	switch {
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return b.fail(err)
	case bytes.Equal(newest, doc):
		return nil
	case e.Seq != uint64(seq)+1:
		return optgate.ErrConflict
	}
	return b.rare("INSERT INTO audit (seq, doc) VALUES (?, ?)", seq+1, doc)
}

// Audit implements [optgate.AuditStore].
func (s *Store) Audit(ctx context.Context, before uint64, limit int) ([]optgate.AuditEntry, error) {
	all, err := s.audit(ctx, before, limit)
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: audit log: %w", err)
	}
	return all, nil
}

func (s *Store) audit(ctx context.Context, before uint64, limit int) ([]optgate.AuditEntry, error) {
	if before == 0 || before > math.MaxInt64 {
		before = math.MaxInt64
	}
	rows, err := s.readDB.QueryContext(ctx, "SELECT doc FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?", int64(before), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []optgate.AuditEntry
	for rows.Next() {
		var doc sql.RawBytes
		if err := rows.Scan(&doc); err != nil {
			return nil, err
		}
		var e optgate.AuditEntry
		if err := json.Unmarshal(doc, &e); err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, rows.Err()
}
