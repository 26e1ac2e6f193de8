package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// PutPanel implements [optgate.PanelStore].
func (s *Store) PutPanel(ctx context.Context, p optgate.Panel) error {
	name := p.Name()
	content, err := packed.Panel(p.Content)
	if err == nil {
		err = s.submit(ctx, func(b *batch) error {
			if err := b.rare("INSERT INTO panels (hash, content) VALUES (?, ?) ON CONFLICT DO NOTHING", name.Hash, content); err != nil {
				return err
			}
			return b.rare("INSERT INTO shown (site, revision, language, panel) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
				string(p.Site), p.Revision, p.Language, name.Hash)
		})
	}
	if err != nil {
		return fmt.Errorf("sqlitestore: put panel of %s revision %d in %s: %w", p.Site, p.Revision, p.Language, err)
	}
	return nil
}

// rare runs a statement that is run too seldom to be prepared.
func (b *batch) rare(statement string, args ...any) error {
	if _, err := b.w.conn.ExecContext(context.Background(), statement, args...); err != nil {
		return b.fail(err)
	}
	return nil
}

// Panel implements [optgate.PanelStore].
func (s *Store) Panel(ctx context.Context, hash string) ([]byte, error) {
	var stored, content []byte
	err := s.readDB.QueryRowContext(ctx, "SELECT content FROM panels WHERE hash = ?", hash).Scan(&stored)
	if errors.Is(err, sql.ErrNoRows) {
		err = optgate.ErrNotFound
	}
	if err == nil {
		content, err = packed.ParsePanel(hash, stored)
	}
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: panel %.40q: %w", hash, err)
	}
	return content, nil
}

// Panels implements [optgate.PanelStore].
func (s *Store) Panels(ctx context.Context, site optgate.SiteID, revision int) ([]optgate.PanelName, error) {
	names, err := s.panels(ctx, site, revision)
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: panels of %s revision %d: %w", site, revision, err)
	}
	return names, nil
}

func (s *Store) panels(ctx context.Context, site optgate.SiteID, revision int) ([]optgate.PanelName, error) {
	rows, err := s.readDB.QueryContext(ctx,
		"SELECT language, panel FROM shown WHERE site = ? AND revision = ? ORDER BY language, panel", string(site), revision)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []optgate.PanelName
	for rows.Next() {
		var name optgate.PanelName
		if err := rows.Scan(&name.Language, &name.Hash); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}
