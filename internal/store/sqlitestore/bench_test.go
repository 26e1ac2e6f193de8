package sqlitestore_test

import (
	"database/sql"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// benchCallers is how many callers append at once.
const benchCallers = 64

// BenchmarkAppend reports how many records 64 callers append in a second, each
// waiting until hers is on disk, as a share of what one writer inserts who does
// nothing else: the same rows, index and settings, prepared statements, and 64
// rows in each transaction.
func BenchmarkAppend(b *testing.B) {
	limit := rawInserts(b, 100_000)
	s := open(b, b.TempDir())
	defer s.Close()
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	var callers sync.WaitGroup
	for range benchCallers {
		callers.Go(func() {
			for left.Add(-1) >= 0 {
				if _, _, err := s.Append(b.Context(), benchRecord()); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	callers.Wait()
	rate := float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(rate, "appends/s")
	b.ReportMetric(rate/limit, "of-raw-inserts")
}

// benchRecord returns a new visitor's decision.
func benchRecord() optgate.Record {
	return optgate.Record{
		ID: ulid.Make().String(), Site: "shop", Visitor: ulid.Make().String(), Revision: 7, Language: "de",
		Action: optgate.AcceptAll, Source: "banner", At: time.Date(2026, 3, 9, 10, 11, 12, 0, time.UTC),
		Choices: optgate.Choices{optgate.Functional: true, optgate.Analytics: true, optgate.Marketing: true},
	}
}

// rawInserts returns how many rows a second one writer inserts in transactions
// of 64.
func rawInserts(b *testing.B, rows int) float64 {
	dsn := "file:" + filepath.ToSlash(filepath.Join(b.TempDir(), "raw.db")) + "?_journal_mode=WAL&_synchronous=FULL&_pragma=cache_size(-32000)"
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(b.Context(), `
		CREATE TABLE records (n INTEGER PRIMARY KEY, site INTEGER NOT NULL, visitor BLOB NOT NULL, id BLOB NOT NULL, body BLOB NOT NULL) STRICT;
		CREATE UNIQUE INDEX records_visitor ON records (visitor, id, site)`); err != nil {
		b.Fatal(err)
	}
	insert, err := conn.PrepareContext(b.Context(), "INSERT INTO records VALUES (?, 1, ?, ?, ?)")
	if err != nil {
		b.Fatal(err)
	}
	r := benchRecord()
	body := packed.AppendBody(nil, &r)
	start := time.Now()
	for n := 0; n < rows; {
		if _, err := conn.ExecContext(b.Context(), "BEGIN IMMEDIATE"); err != nil {
			b.Fatal(err)
		}
		for range benchCallers {
			visitor, id := ulid.Make(), ulid.Make()
			if _, err := insert.Exec(n, visitor[:], id[:], body); err != nil {
				b.Fatal(err)
			}
			n++
		}
		if _, err := conn.ExecContext(b.Context(), "COMMIT"); err != nil {
			b.Fatal(err)
		}
	}
	return float64(rows) / time.Since(start).Seconds()
}
