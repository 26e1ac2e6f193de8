package sqlitestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/optgate/optgate/internal/optgate"
)

// Keys implements [optgate.KeyStore]. The ring is a file of its own, so that a
// copy of the database holds no secret that signs.
func (s *Store) Keys(ctx context.Context) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("sqlitestore: read keys: %w", err)
	}
	ring, err := os.ReadFile(filepath.Join(s.dir, keysName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("sqlitestore: read keys: %w", optgate.ErrNotFound)
	} else if err != nil {
		return nil, fmt.Errorf("sqlitestore: read keys: %w", err)
	}
	return ring, nil
}

// SwapKeys implements [optgate.KeyStore]. It runs in a write transaction only
// for its lock, which keeps other processes from swapping at the same time.
func (s *Store) SwapKeys(ctx context.Context, old, ring []byte) error {
	err := s.submit(ctx, func(*batch) error {
		there, err := s.Keys(context.Background())
		switch {
		case errors.Is(err, optgate.ErrNotFound):
			there = nil
		case err != nil:
			return err
		case bytes.Equal(there, ring):
			return nil
		}
		if !bytes.Equal(there, old) || (there == nil) != (old == nil) {
			return optgate.ErrConflict
		}
		return writeFile(filepath.Join(s.dir, keysName), ring)
	})
	if err != nil {
		return fmt.Errorf("sqlitestore: swap keys: %w", err)
	}
	return nil
}

// writeFile replaces a file so that after a crash it holds the old bytes or the
// new ones, and the new ones once it has returned.
func writeFile(path string, data []byte) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, filepath.Base(path)+".*") // of mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
