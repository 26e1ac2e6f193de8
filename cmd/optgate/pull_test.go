package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/optgate/optgate/examples"
	"github.com/optgate/optgate/internal/catalogue"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/sitefile"
	"github.com/optgate/optgate/internal/store/sqlitestore"
)

// writeAll writes every example, and a site that has the whole catalogue, as site
// files and returns their paths.
func writeAll(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	var files []string
	write := func(name string, doc []byte) {
		files = append(files, filepath.Join(dir, name))
		if err := os.WriteFile(files[len(files)-1], doc, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	names, err := fs.Glob(examples.FS, "*.yaml")
	if err != nil || len(names) < 2 {
		t.Fatalf("the examples are %q: %v", names, err)
	}
	for _, name := range names {
		doc, err := examples.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		write(name, doc)
	}
	c := &optgate.Config{
		Site: "all", Name: "All", Origins: []string{"https://all.example"}, Languages: []string{"de", "en"},
		Controller: optgate.Controller{Name: "All Ltd."},
		Categories: []optgate.Category{{ID: "essential"}, {ID: "functional"}, {ID: "analytics"}, {ID: "marketing"}},
	}
	for _, s := range catalogue.All() {
		c.Services = append(c.Services, s.Entry(c.Languages))
	}
	doc, err := sitefile.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	write("all.yaml", doc)
	return files
}

// What is pulled, from the store or from a server, is what was applied.
func TestPullBringsBack(t *testing.T) {
	data, files := t.TempDir(), writeAll(t)
	apply := func(files []string) string {
		args := []string{"apply", "--data", data}
		for _, f := range files {
			args = append(args, "-f", f)
		}
		return string(runOptgate(t, args...))
	}
	apply(files)
	token := giveToken(t, data)
	t.Setenv("OPTGATE_TOKEN_FILE", token)

	stored, served := t.TempDir(), t.TempDir()
	runOptgate(t, "pull", "--data", data, "-o", stored)
	p := startServer(t, freeAddr(t), "--data", data)
	runOptgate(t, "pull", "--server", p.url, "-o", served)
	out := runOptgate(t, "pull", "--server", p.url, "--check", "-o", stored)
	if got := strings.Count(string(out), "says what revision 1 of"); got != len(files) {
		t.Errorf("the server has other sites than the store:\n%s", out)
	}
	if out, err := asProgram(t.Context(), "pull", "--server", p.url, "--site", "nosuch").CombinedOutput(); err == nil || !strings.Contains(string(out), "there is no such site") {
		t.Errorf("pulling no site: %v, %s", err, out)
	}
	p.end(syscall.SIGTERM)
	for _, dir := range []string{stored, served} {
		pulled, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(apply(pulled), ": unchanged, revision 1\n"); got != len(files) {
			t.Errorf("%d of %d sites are unchanged", got, len(files))
		}
	}
}

// giveToken makes a user with an API token in a store that nobody has open, and
// returns a file with the token.
func giveToken(t *testing.T, data string) string {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), data, sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256([]byte("secret"))
	err = store.CreateUser(t.Context(), optgate.User{Name: "ann", Role: optgate.Viewer, Tokens: []optgate.APIToken{{
		ID: "1", Name: "ci", Hash: hex.EncodeToString(hash[:]), Scopes: []optgate.Permission{optgate.SeeSites}, Expires: time.Now().Add(time.Hour),
	}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "token")
	token := "optgate_" + base64.RawURLEncoding.EncodeToString([]byte("ann")) + ".secret\n"
	if err := os.WriteFile(path, []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Groups are pulled from a server as from the store, beside their sites or alone.
func TestPullGroups(t *testing.T) {
	data, dir := t.TempDir(), t.TempDir()
	files := map[string]string{
		"shops.group.yaml": "group: shops\nlanguages: [en]\ncontroller: {name: Shop Ltd.}\nchoice_days: 90\ncategories: [{id: essential}, {id: marketing}]\n",
		"berlin.yaml":      "site: berlin\ngroup: shops\nname: Berlin\norigins: [https://berlin.example]\nchoice_days: 30\n",
	}
	args := []string{"apply", "--data", data}
	for name, doc := range files {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(doc), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "-f", path)
	}
	runOptgate(t, args...)
	t.Setenv("OPTGATE_TOKEN_FILE", giveToken(t, data))
	p := startServer(t, freeAddr(t), "--data", data)

	served := t.TempDir()
	runOptgate(t, "pull", "--server", p.url, "-o", served)
	for name := range files {
		out := runOptgate(t, "pull", "--server", p.url, "--check", "-o", dir)
		if _, err := os.Stat(filepath.Join(served, name)); err != nil || !strings.Contains(string(out), name+": says what") {
			t.Errorf("%s: %v, %s; want it pulled, and to say what was applied", name, err, out)
		}
	}
	if out := string(runOptgate(t, "pull", "--server", p.url, "--group", "shops")); !strings.Contains(out, "choice_days: 90") || strings.Contains(out, "berlin") {
		t.Errorf("got %s, want the group alone", out)
	}
	if out, err := asProgram(t.Context(), "pull", "--server", p.url, "--group", "nosuch").CombinedOutput(); err == nil || !strings.Contains(string(out), "there is no such group") {
		t.Errorf("pulling no group: %v, %s", err, out)
	}
	p.end(syscall.SIGTERM)
}
