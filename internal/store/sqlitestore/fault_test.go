package sqlitestore_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
	"github.com/optgate/optgate/internal/store/sqlitestore"
	"github.com/optgate/optgate/internal/store/storetest"
)

// TestDiskFull fills the disk in the middle of recording. What was acknowledged
// stays, and recording goes on when there is room again.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	defer s.Close()
	if err := s.LimitPages(20); err != nil {
		t.Fatal(err)
	}
	acknowledged := 0
	var refused optgate.Record
	for refused.ID == "" {
		r := crashRecord(ulid.Make().String())
		_, _, err := s.Append(t.Context(), r)
		switch {
		case err == nil:
			acknowledged++
		case strings.Contains(err.Error(), "full"):
			refused = r
		default:
			t.Fatalf("Append = %v, want an error that says that the disk is full", err)
		}
	}
	if n := storetest.CheckChains(t, s, "shop"); n != acknowledged || n == 0 {
		t.Errorf("the ledger holds %d entries, want the %d that were acknowledged", n, acknowledged)
	}
	if err := s.LimitPages(-1); err != nil {
		t.Fatal(err)
	}
	if _, created, err := s.Append(t.Context(), refused); err != nil || !created {
		t.Errorf("Append with room again = created %t, %v; want it to be new", created, err)
	}
	other := open(t, dir)
	defer other.Close()
	if n := storetest.CheckChains(t, other, "shop"); n != acknowledged+1 {
		t.Errorf("the ledger holds %d entries, want %d", n, acknowledged+1)
	}
}

// TestHalfDatabase cuts the database file, as a copy that was interrupted is.
func TestHalfDatabase(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for range 2000 {
		if _, _, err := s.Append(t.Context(), crashRecord(ulid.Make().String())); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "optgate.db")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()/2/4096*4096); err != nil {
		t.Fatal(err)
	}
	half, err := sqlitestore.Open(t.Context(), dir, sqlitestore.Options{})
	if err == nil {
		half.Close()
		t.Fatal("Open of half a database succeeded")
	}
	for _, part := range []string{path, "malformed", "backup"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("Open = %q, want it to say %q", err, part)
		}
	}
}

// TestHalfWrittenLog cuts the write-ahead log at many places, as a machine does
// that fails while it writes. What is left is the ledger up to some record, and
// recording goes on behind it.
func TestHalfWrittenLog(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	defer s.Close()
	const records = 40
	for range records {
		if _, _, err := s.Append(t.Context(), crashRecord(ulid.Make().String())); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(filepath.Join(dir, "optgate.db-wal"))
	if err != nil {
		t.Fatal(err)
	}
	counts := map[int]bool{}
	for i := range 12 {
		cut := len(whole) - i*len(whole)/12 - i%5*997 // also in the middle of a page
		copied := t.TempDir()
		if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(
			os.Remove(filepath.Join(copied, "optgate.db-shm")),
			os.Truncate(filepath.Join(copied, "optgate.db-wal"), int64(cut)),
		); err != nil {
			t.Fatal(err)
		}
		after := open(t, copied)
		n := storetest.CheckChains(t, after, "shop")
		if i == 0 && n != records {
			t.Errorf("the ledger of the whole log holds %d entries, want %d", n, records)
		}
		counts[n] = true
		if _, created, err := after.Append(t.Context(), crashRecord(ulid.Make().String())); err != nil || !created {
			t.Errorf("cut at %d: Append = created %t, %v; want it to be new", cut, created, err)
		}
		if got := storetest.CheckChains(t, after, "shop"); got != n+1 {
			t.Errorf("cut at %d: the ledger holds %d entries, want %d", cut, got, n+1)
		}
		if err := after.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(counts) < 6 {
		t.Errorf("cuts left %d different numbers of records: they were not in the log", len(counts))
	}
}

// TestClockSetBack records with a clock that goes back an hour: the order is
// that of taking.
func TestClockSetBack(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close()
	visitor := ulid.Make().String()
	var want []string
	for _, ahead := range []time.Duration{0, -time.Hour, time.Minute - time.Hour} {
		r := crashRecord(visitor)
		r.At = r.At.Add(ahead)
		want = append(want, r.ID)
		if _, _, err := s.Append(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	all, err := s.Records(t.Context(), "shop", visitor)
	var got []string
	for _, e := range all {
		got = append(got, e.Record.ID)
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("Records = %q, %v; want %q", got, err, want)
	}
	storetest.CheckChains(t, s, "shop")
}

// TestChainsRecords opens a database of an Optgate that did not chain its
// records: they get links in their order, and nothing is counted twice.
func TestChainsRecords(t *testing.T) {
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, "optgate.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(sqlitestore.FirstSchema + `; PRAGMA user_version = 1;
		INSERT INTO sites (no, name, taken) VALUES (1, 'forum', 1), (2, 'shop', 1009)`); err != nil {
		t.Fatal(err)
	}
	visitor := ulid.Make()
	var want []string
	for i := range 1005 {
		r := crashRecord(visitor.String())
		r.Revision = 1 + i/1000
		id, err := packed.ParseID("id", r.ID)
		if err != nil {
			t.Fatal(err)
		}
		site := 2
		if i == 500 {
			site = 1
		} else {
			want = append(want, r.ID)
		}
		if _, err := db.Exec("INSERT INTO records (n, site, visitor, id, body) VALUES (?, ?, ?, ?, ?)", site<<40|(i+3), site, visitor[:], id[:], packed.AppendBody(nil, &r)); err != nil {
			t.Fatal(err)
		}
	}
	r := crashRecord(visitor.String())
	if _, err := db.Exec("INSERT INTO counts VALUES (2, '2026-03-09', ?, 1004)", packed.AppendAnswer(nil, r.Action, r.Choices)); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for round := range 2 {
		s := open(t, dir)
		all, err := s.Records(t.Context(), "shop", visitor.String())
		var got []string
		for _, e := range all {
			got = append(got, e.Record.ID)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("opened %d times: Records = %d, %v; want the %d of before in their order", round+1, len(got), err, len(want))
		}
		if n := storetest.CheckChains(t, s, "shop"); n != len(want) {
			t.Errorf("opened %d times: the ledger holds %d entries, want %d", round+1, n, len(want))
		}
		if visitors, err := s.Answered(t.Context(), "shop"); err != nil || len(visitors) != 1 || visitors[2] != 1 {
			t.Errorf("Answered = %v, %v; want one visitor of revision 2", visitors, err)
		}
		if counts, err := s.Counts(t.Context(), "shop", r.At, r.At); err != nil || len(counts) != 1 || counts[0].Actions[optgate.RejectAll] != 1004 {
			t.Errorf("Counts = %+v, %v; want 1004", counts, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
