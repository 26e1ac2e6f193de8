package sqlitestore_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/sqlitestore"
)

// TestErasedBytesAreGone looks for what was erased where no query leads: in unused
// parts of the files. Somebody reads while the records are erased.
func TestErasedBytesAreGone(t *testing.T) {
	dir := t.TempDir()
	s, err := sqlitestore.Open(t.Context(), dir, sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	at := time.Date(2026, 3, 9, 10, 0, 0, 0, time.UTC)
	// The visitors come from long ago and come again, so that rows move and pages split.
	visitor := func(n int) ulid.ULID {
		return ulid.MustNew(uint64(at.UnixMilli()-int64(n*7919%1000)*60_000), bytes.NewReader(fmt.Appendf(nil, "visitor %04d", n)))
	}
	record := func(n int) ulid.ULID {
		return ulid.MustNew(uint64(at.UnixMilli()+int64(n)), bytes.NewReader(fmt.Appendf(nil, "record %05d", n)))
	}
	const visitors, records = 300, 1500
	for n := range records {
		if _, _, err := s.Append(t.Context(), optgate.Record{
			ID: record(n).String(), Site: "shop", Visitor: visitor(n * 31 % visitors).String(), Revision: 1, Language: "en",
			Action: optgate.RejectAll, Source: "banner", Choices: optgate.Choices{"marketing": false}, At: at.Add(time.Duration(n) * time.Second),
		}); err != nil {
			t.Fatal(err)
		}
	}
	reader, err := rawDB(t, dir).Begin()
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := reader.QueryRow("SELECT count(*) FROM entries").Scan(&n); err != nil || n != records {
		t.Fatalf("there are %d entries, %v; want %d", n, err, records)
	}
	var erased [][]byte
	for n := range records {
		if v := n * 31 % visitors; v < visitors/2 {
			id := record(n)
			erased = append(erased, id[:])
		}
	}
	for n := range visitors / 2 {
		id := visitor(n)
		erased = append(erased, id[:])
		if _, err := s.Erase(t.Context(), optgate.EraseRequest{Site: "shop", Visitor: id.String(), Reason: optgate.ErasedByVisitor, At: at}); err != nil {
			t.Fatal(err)
		}
	}
	if left(t, dir, erased) == 0 {
		t.Error("nothing is left while somebody reads a former state: the test looks in the wrong place")
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for left(t, dir, erased) > 0 {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d erased ids can be found in the files", left(t, dir, erased), len(erased))
		}
	}
}

// left returns how many of the ids some file of the directory has.
func left(t *testing.T, dir string, ids [][]byte) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			if bytes.Contains(content, id) {
				found++
			}
		}
	}
	return found
}
