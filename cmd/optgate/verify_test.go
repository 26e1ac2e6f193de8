package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	_ "modernc.org/sqlite"

	"github.com/optgate/optgate/internal/testkit/redistest"
)

// failOptgate runs a command that must fail and returns what it said.
func failOptgate(t *testing.T, args ...string) string {
	t.Helper()
	cmd := asProgram(t.Context(), args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Run(); err == nil {
		t.Fatalf("optgate %s: succeeded, want a failure", strings.Join(args, " "))
	}
	return errs.String()
}

// wantSaid checks that a command said something.
func wantSaid(t *testing.T, got string, want string) {
	t.Helper()
	if !strings.Contains(got, want) {
		t.Errorf("it said\n%s\nwant %q in it", got, want)
	}
}

// TestVerify records by a real server, then checks its ledger, an export and a
// receipt, offline too, imports the export, moves everything to Redis and back,
// and tampers with the file.
func TestVerify(t *testing.T) {
	dir := t.TempDir()
	data := []string{"--data", filepath.Join(dir, "data")}
	runOptgate(t, append([]string{"apply", "-f", writeSite(t)}, data...)...)
	server := startServer(t, freeAddr(t), append(data, "--public-url", "http://127.0.0.1")...)
	var reply struct{ Receipt string }
	for i := range 40 {
		id, visitor := ulid.Make().String(), ulid.Make().String()
		body := fmt.Sprintf(`{"id":%q,"visitor":%q,"revision":1,"language":"en","action":"save","source":"banner","choices":{"functional":true,"marketing":false}}`, id, visitor)
		r, err := http.Post(server.url+"/s/shop/choices", "application/json", strings.NewReader(body))
		if err != nil || r.StatusCode != http.StatusCreated {
			t.Fatalf("decision %d: %v, %v", i, r, err)
		}
		err = json.NewDecoder(r.Body).Decode(&reply)
		_ = r.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
	}
	keys, err := http.Get(server.url + "/.well-known/jwks.json")
	if err != nil {
		t.Fatal(err)
	}
	var jwks bytes.Buffer
	if _, err := jwks.ReadFrom(keys.Body); err != nil {
		t.Fatal(err)
	}
	_ = keys.Body.Close()
	server.end(syscall.SIGTERM)

	write := func(name string, content []byte) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	receipt, jwksFile := write("receipt.txt", []byte(reply.Receipt+"\n")), write("jwks.json", jwks.Bytes())
	whole := runOptgate(t, append([]string{"export", "--site", "shop"}, data...)...)
	export := write("export.jsonl", whole)

	verify := func(args ...string) string {
		t.Helper()
		return string(runOptgate(t, append([]string{"verify"}, args...)...))
	}
	wantSaid(t, verify(append([]string{"--site", "shop"}, data...)...), "40 records in 40 entries are as they were recorded")
	wantSaid(t, verify(append(data, "--site", "shop", receipt)...), "40 records")
	wantSaid(t, verify("--jwks", jwksFile, export), "40 records in 40 entries are as they were recorded, and the end is signed")
	wantSaid(t, verify("--jwks", jwksFile, receipt), "signed by a known key")
	wantSaid(t, verify(append(data, receipt)...), "the record is in the ledger")

	bad := write("bad.jsonl", bytes.Replace(whole, []byte(`"marketing":false`), []byte(`"marketing":true`), 1))
	wantSaid(t, failOptgate(t, "verify", "--jwks", jwksFile, bad), "line 1: ledger: shop: entry 1 of partition")
	wantSaid(t, failOptgate(t, "verify", "--jwks", jwksFile, write("cut.jsonl", whole[:len(whole)/2])), "it is cut short")
	wantSaid(t, failOptgate(t, "verify", "--jwks", jwksFile, write("none.txt", []byte("eyJhbGciOiJub25lIn0.e30."))), "not signed by a known key")
	wantSaid(t, failOptgate(t, "verify"), "needs to know what to check")
	wantSaid(t, failOptgate(t, "verify", export, "--jwks", jwksFile), "flags come first")

	// Another Optgate imports it; its own keys are others.
	other := []string{"--data", filepath.Join(dir, "other")}
	runOptgate(t, append([]string{"apply", "-f", writeSite(t)}, other...)...)
	wantSaid(t, failOptgate(t, append(append([]string{"import"}, other...), "--site", "nosuch", export)...), "there is no site nosuch")
	wantSaid(t, string(runOptgate(t, append(append([]string{"import"}, other...), "--site", "shop", export)...)), "40 entries imported")
	wantSaid(t, verify(append([]string{"--site", "shop"}, other...)...), "40 records")
	wantSaid(t, failOptgate(t, append(append([]string{"verify"}, other...), export)...), "not signed by a known key")

	// To Redis and back.
	redis := redistest.Start(t)
	moved := []string{"--redis", redis.URL()}
	for range 2 {
		wantSaid(t, string(runOptgate(t, append([]string{"migrate", "--from-data", data[1]}, moved...)...)), "both ledgers of each site end alike")
	}
	wantSaid(t, verify(append(moved, "--site", "shop", receipt)...), "40 records")
	back := []string{"--data", filepath.Join(dir, "back")}
	wantSaid(t, string(runOptgate(t, append([]string{"migrate", "--from-redis", redis.URL()}, back...)...)), "40 entries")
	wantSaid(t, verify(append(back, "--site", "shop", receipt)...), "40 records")
	wantSaid(t, failOptgate(t, append([]string{"migrate", "--from-redis", redis.URL()}, other...)...), "begin with an empty one")

	// Somebody gets at the file.
	db, err := sql.Open("sqlite", filepath.Join(data[1], "optgate.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("DELETE FROM entries WHERE n = (SELECT max(n) FROM entries)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	wantSaid(t, failOptgate(t, append(append([]string{"verify"}, data...), "--site", "shop", receipt)...), "is missing")
	wantSaid(t, failOptgate(t, append(append([]string{"verify"}, data...), receipt)...), "the ledger has no entry")
}

// TestExportFilters lets the program filter.
func TestExportFilters(t *testing.T) {
	data := []string{"--data", t.TempDir()}
	runOptgate(t, append([]string{"apply", "-f", writeSite(t)}, data...)...)
	server := startServer(t, freeAddr(t), data...)
	client := &http.Client{Timeout: 10 * time.Second}
	for range 3 {
		if status := postDecision(client, server.url, ulid.Make().String(), ulid.Make().String()); status != http.StatusCreated {
			t.Fatalf("the decision was answered %d", status)
		}
	}
	for _, tt := range []struct {
		args []string
		want int
	}{
		{nil, 3}, {[]string{"--action", "save"}, 3}, {[]string{"--action", "withdraw"}, 0}, {[]string{"--revision", "1"}, 3}, {[]string{"--revision", "2"}, 0},
		{[]string{"--from", "2020-01-01"}, 3}, {[]string{"--to", "2020-01-01"}, 0}, {[]string{"--format", "csv"}, 4},
	} {
		out := runOptgate(t, append(append([]string{"export", "--site", "shop"}, tt.args...), data...)...)
		if got := bytes.Count(out, []byte("\n")); got != tt.want {
			t.Errorf("export %v has %d lines, want %d:\n%s", tt.args, got, tt.want, out)
		}
	}
	wantSaid(t, failOptgate(t, append([]string{"export", "--site", "shop", "--from", "yesterday"}, data...)...), "from: is a day such as")
	iso := runOptgate(t, append([]string{"export", "--site", "shop", "--format", "iso27560"}, data...)...)
	if !json.Valid(iso) || bytes.Count(iso, []byte("dpv:ConsentRecord")) != 3 {
		t.Errorf("the export as consent records is %s", iso)
	}
}
