package sqlitestore_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"golang.org/x/sys/unix"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/sqlitestore"
)

// modes returns the mode of a directory, as ".", and of all in it.
func modes(t *testing.T, dir string) map[string]fs.FileMode {
	t.Helper()
	found := map[string]fs.FileMode{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		found[name] = info.Mode().Perm()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestNobodyElseCanRead(t *testing.T) {
	// The widest umask: what is private is so by the store's own doing.
	old := unix.Umask(0)
	defer unix.Umask(old)
	dir := filepath.Join(t.TempDir(), "parent", "optgate-data")
	for round, name := range []string{"made anew", "opened with modes that were widened"} {
		if round == 1 {
			for name := range modes(t, dir) {
				if err := os.Chmod(filepath.Join(dir, name), 0o777); err != nil {
					t.Fatal(err)
				}
			}
		}
		s := open(t, dir)
		if err := s.SwapKeys(t.Context(), nil, []byte("ring")); err != nil {
			t.Fatal(err)
		}
		got := modes(t, dir)
		for _, file := range []string{".", "optgate.db", "optgate.db-wal", "optgate.db-shm", "keys.json"} {
			want := fs.FileMode(0o600)
			if file == "." {
				want = 0o700
			}
			if mode, ok := got[file]; !ok || mode != want {
				t.Errorf("%s: %s has mode %#o (there: %t), want %#o", name, file, mode, ok, want)
			}
		}
		if len(got) != 5 {
			t.Errorf("%s: the directory holds %v, want no other files", name, got)
		}
		if warnings, err := s.Warnings(t.Context()); err != nil || len(warnings) != 0 {
			t.Errorf("%s: Warnings = %q, %v; want none", name, warnings, err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("%s: Close: %v", name, err)
		}
	}
}

func TestSharedDirectoryIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "other.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	defer s.Close()
	if got := modes(t, dir); got["."] != 0o755 || got["other.txt"] != 0o644 || got["optgate.db"] != 0o600 {
		t.Errorf("modes are %v, want only Optgate's file to be private", got)
	}
	if warnings, err := s.Warnings(t.Context()); err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], dir) {
		t.Errorf("Warnings = %q, %v; want one that names %s", warnings, err, dir)
	}
}

func TestOpenSaysWhatToDo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	locked := filepath.Join(t.TempDir(), "locked")
	if err := os.Mkdir(locked, 0o500); err != nil {
		t.Fatal(err)
	}
	garbage := t.TempDir()
	if err := os.WriteFile(filepath.Join(garbage, "optgate.db"), []byte(strings.Repeat("no database ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	newer := t.TempDir()
	if err := open(t, newer).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := rawDB(t, newer).Exec("PRAGMA user_version=99"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, dir string
		want      []string
	}{
		{"a file in the way", filepath.Join(file, "data"), []string{filepath.Join(file, "data"), "--data"}},
		{"no right to write", locked, []string{locked, "permission denied", "chown", "--data"}},
		{"no database", garbage, []string{filepath.Join(garbage, "optgate.db"), "not a database"}},
		{"a newer schema", newer, []string{filepath.Join(newer, "optgate.db"), "schema version 99 is newer than", "run the Optgate that wrote it or a later one"}},
	} {
		s, err := openAsNobody(c.dir)
		if err == nil {
			s.Close()
			t.Errorf("%s: Open succeeded", c.name)
			continue
		}
		for _, part := range c.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: Open = %q, want it to say %q", c.name, err, part)
			}
		}
	}
}

// openAsNobody opens a store on a thread without the rights of root, which no
// file mode stops. The directory stays readable to its owner alone, so that only
// cases about rights differ by it.
func openAsNobody(dir string) (s *sqlitestore.Store, err error) {
	if os.Getuid() != 0 || !strings.HasSuffix(dir, "locked") {
		return sqlitestore.Open(context.Background(), dir, sqlitestore.Options{})
	}
	var done sync.WaitGroup
	done.Go(func() {
		runtime.LockOSThread() // the thread ends with the goroutine, rights and all
		if err = unix.Setfsuid(65534); err == nil {
			s, err = sqlitestore.Open(context.Background(), dir, sqlitestore.Options{})
		}
	})
	done.Wait()
	return s, err
}

func TestManyOpenAtOnce(t *testing.T) {
	dir := t.TempDir()
	var opening sync.WaitGroup
	for range 8 {
		opening.Go(func() {
			s, err := sqlitestore.Open(t.Context(), dir, sqlitestore.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			if _, _, err := s.Append(t.Context(), crashRecord(ulid.Make().String())); err != nil {
				t.Errorf("Append: %v", err)
			}
			if err := s.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
	opening.Wait()
	s := open(t, dir)
	defer s.Close()
	if page, _, err := s.Scan(t.Context(), "shop", "", 100); err != nil || len(page) != 8 {
		t.Errorf("Scan = %d records, %v; want 8", len(page), err)
	}
}

// TestLockedDatabase holds the lock for writing, as a process that hangs would.
func TestLockedDatabase(t *testing.T) {
	dir := t.TempDir()
	s, err := sqlitestore.Open(t.Context(), dir, sqlitestore.Options{BusyTimeout: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	first := crashRecord(ulid.Make().String())
	if _, _, err := s.Append(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	lock, err := rawDB(t, dir).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if _, err := lock.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	refused := crashRecord(first.Visitor)
	if _, _, err := s.Append(t.Context(), refused); err == nil || !strings.Contains(err.Error(), "locked") {
		t.Errorf("Append while locked = %v, want an error that says so", err)
	}
	if got, err := s.Current(t.Context(), "shop", first.Visitor); err != nil || got.Record.ID != first.ID {
		t.Errorf("Current while locked = %s, %v; want %s: readers do not wait", got.Record.ID, err, first.ID)
	}
	if _, err := lock.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if _, created, err := s.Append(t.Context(), refused); err != nil || !created {
		t.Errorf("Append after the lock went = created %t, %v; want it to be new", created, err)
	}
}

// TestWaitingWriteIsDropped cancels a write that waits behind one that is stuck.
func TestWaitingWriteIsDropped(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	defer s.Close()
	lock, err := rawDB(t, dir).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if _, err := lock.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	ctx := &leaver{Context: cancelled, leave: cancel}
	kept, dropped := crashRecord(ulid.Make().String()), crashRecord(ulid.Make().String())
	var appending sync.WaitGroup
	appending.Go(func() {
		if _, _, err := s.Append(t.Context(), kept); err != nil {
			t.Errorf("Append: %v", err)
		}
	})
	appending.Go(func() {
		if _, _, err := s.Append(ctx, dropped); !errors.Is(err, context.Canceled) {
			t.Errorf("Append of one who left = %v, want context.Canceled", err)
		}
		// Nobody has been answered yet: the lock is still held.
		if _, err := lock.ExecContext(t.Context(), "ROLLBACK"); err != nil {
			t.Error(err)
		}
	})
	appending.Wait()
	page, _, err := s.Scan(t.Context(), "shop", "", 10)
	if err != nil || len(page) != 1 || page[0].Record.ID != kept.ID {
		t.Errorf("Scan = %+v, %v; want only the record of the one who stayed", page, err)
	}
}

// leaver is a context that ends once its write has been queued: that is when
// Done is asked for the second time, first to queue and then to wait.
type leaver struct {
	context.Context
	asked atomic.Int32
	leave func()
}

func (l *leaver) Done() <-chan struct{} {
	if l.asked.Add(1) == 2 {
		l.leave()
	}
	return l.Context.Done()
}

func TestPingNoticesADeletedDatabase(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	defer s.Close()
	if err := os.Remove(filepath.Join(dir, "optgate.db")); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Ping = %v, want fs.ErrNotExist", err)
	}
}

func TestSwapKeysKeepsTheOldFileOnFailure(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	defer s.Close()
	if err := s.SwapKeys(t.Context(), nil, []byte("ring")); err != nil {
		t.Fatal(err)
	}
	// A directory in the place of the ring cannot be renamed over.
	if err := os.Remove(filepath.Join(dir, "keys.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "keys.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.SwapKeys(t.Context(), []byte("ring"), []byte("other")); err == nil || errors.Is(err, optgate.ErrConflict) {
		t.Errorf("SwapKeys = %v, want an error of the file system", err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "keys.json.*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
	if _, _, err := s.Append(t.Context(), crashRecord(ulid.Make().String())); err != nil {
		t.Errorf("Append after a failed SwapKeys = %v", err)
	}
}
