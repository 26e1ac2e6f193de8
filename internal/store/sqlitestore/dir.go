package sqlitestore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// prepareDir makes the directory and an empty database if they are missing, and
// takes other people's access away: the directory holds signing keys and the
// hashes of passwords. It returns what it could not put right.
func prepareDir(dir string) (warnings []string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, hint(dir, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, hint(dir, err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, hint(dir, err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		if !ours(entries) {
			warnings = append(warnings, fmt.Sprintf("the data directory %s is shared with other files and open to other users (mode %#o): give Optgate a directory of its own, or run chmod 0700 on it", dir, info.Mode().Perm()))
		} else if err := os.Chmod(dir, 0o700); err != nil {
			return nil, hint(dir, err)
		}
	}
	// Only a file that we just made is opened and closed here: closing another
	// would drop the locks that this process may hold on it (POSIX locks).
	f, err := os.OpenFile(filepath.Join(dir, databaseName), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, hint(dir, err)
	}
	// The files beside the database, -wal and -shm, get its mode from SQLite.
	for _, name := range []string{databaseName, databaseName + "-wal", databaseName + "-shm", keysName} {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, hint(dir, err)
		}
		if info.Mode().Perm() != 0o600 {
			if err := os.Chmod(path, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, hint(path, err)
			}
		}
	}
	return warnings, nil
}

// ours reports whether a directory holds nothing but Optgate's files.
func ours(entries []fs.DirEntry) bool {
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), databaseName) && !strings.HasPrefix(e.Name(), keysName) {
			return false
		}
	}
	return true
}

// hint adds to err what the operator can do about it.
func hint(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("data directory %s: %w (uid %d needs to own it: chown it, or choose another with --data)", path, err, os.Getuid())
	default:
		return fmt.Errorf("data directory %s: %w (choose another with --data)", path, err)
	}
}
