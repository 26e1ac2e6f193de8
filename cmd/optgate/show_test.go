package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/sqlitestore"
)

// decided serves a site once, so that what it shows is kept, and records a click
// on "Accept all". It returns the data directory and the record.
func decided(t *testing.T) (dir string, r optgate.Record) {
	t.Helper()
	dir = t.TempDir()
	runOptgate(t, "apply", "--data", dir, "-f", "../../examples/tiertime.yaml")
	server := startServer(t, freeAddr(t), "--data", dir)
	server.end(syscall.SIGTERM)
	store, err := sqlitestore.Open(t.Context(), dir, sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}()
	panels, err := store.Panels(t.Context(), "tiertime", 1)
	if err != nil || len(panels) == 0 {
		t.Fatalf("got %d panels, %v; want those of revision 1", len(panels), err)
	}
	for _, p := range panels {
		content, err := store.Panel(t.Context(), p.Hash)
		if err != nil {
			t.Fatal(err)
		}
		if p.Language == "de" && strings.HasPrefix(string(content), "<style>") {
			r.Panel = p.Hash
		}
	}
	r = optgate.Record{
		ID: ulid.Make().String(), Site: "tiertime", Visitor: ulid.Make().String(), Revision: 1, Language: "de", Action: optgate.AcceptAll,
		Source: "banner", Choices: optgate.Choices{"functional": true, "analytics": true, "marketing": true}, At: time.Now(), Panel: r.Panel,
	}
	if _, _, err := store.Append(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	return dir, r
}

func TestShow(t *testing.T) {
	dir, r := decided(t)
	file := filepath.Join(t.TempDir(), "page.html")
	runOptgate(t, "show", r.ID, "--data", dir, "--site", "tiertime", "-o", file)
	doc, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"“Accept all”, in the banner", "Alle ablehnen", r.Visitor} {
		if !strings.Contains(string(doc), want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, %v; want that nobody else can read it", info.Mode(), err)
	}
	// By the visitor, on whatever site.
	if out := string(runOptgate(t, "show", "--data", dir, r.Visitor)); !strings.Contains(out, r.ID) {
		t.Errorf("got %.200s, want the page of record %s", out, r.ID)
	}
	cmd := asProgram(t.Context(), "show", ulid.Make().String(), "--data", dir)
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "there is no such record") {
		t.Errorf("got %s, %v; want that there is no such record", out, err)
	}
}
