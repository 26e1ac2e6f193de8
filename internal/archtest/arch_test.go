// Package archtest holds the rules of who may import whom, as a test.
package archtest

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const module = "github.com/optgate/optgate/"

type listed struct {
	ImportPath   string
	Dir          string
	Imports      []string
	Deps         []string
	TestGoFiles  []string
	XTestGoFiles []string
}

// list returns every package of the module.
func list(t *testing.T) []listed {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Dir,Imports,Deps,TestGoFiles,XTestGoFiles", "./...")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []listed
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(p.ImportPath, module) {
			all = append(all, p)
		}
	}
	if len(all) < 10 {
		t.Fatalf("go list found %d packages, want all of the module", len(all))
	}
	return all
}

// Each row: packages under from must not import, even through others, any under
// to, unless they are under except.
func TestImports(t *testing.T) {
	packages := list(t)
	for _, rule := range []struct {
		why, from, to string
		except        []string
		direct        bool
	}{
		{why: "the domain knows nothing of the rest", from: "internal/optgate", to: module},
		{why: "the domain has no dependencies but ULIDs", from: "internal/optgate", to: "github.com/", except: []string{"github.com/oklog/ulid", module}},
		{why: "stores know nothing of each other", from: "internal/store/redisstore", to: module + "internal/store/sqlitestore"},
		{why: "stores know nothing of each other", from: "internal/store/sqlitestore", to: module + "internal/store/redisstore"},
		{why: "stores know nothing of HTTP", from: "internal/store", to: "github.com/labstack/echo"},
		{why: "components are drawn from values", from: "components", to: module + "internal/httpd"},
		{why: "components are drawn from values", from: "components", to: module + "internal/store"},
		{why: "the HTTP layer takes any store", from: "internal/httpd", to: module + "internal/store"},
		{why: "only the HTTP layer knows Echo", from: "", to: "github.com/labstack/echo", except: []string{module + "internal/httpd"}, direct: true},
		{why: "the build tool stays out of the server", from: "cmd/optgate", to: "github.com/evanw/esbuild"},
		{why: "the build tool stays out of the server", from: "cmd/optgate", to: "github.com/chromedp"},
	} {
		for _, p := range packages {
			name := strings.TrimPrefix(p.ImportPath, module)
			if !under(name, rule.from) || exempt(p.ImportPath, rule.except) {
				continue
			}
			imports := p.Deps
			if rule.direct {
				imports = p.Imports
			}
			for _, dep := range imports {
				if strings.HasPrefix(dep, rule.to) && !exempt(dep, rule.except) && !inside(dep, rule.from) {
					t.Errorf("%s imports %s: %s", name, dep, rule.why)
				}
			}
		}
	}
}

// under reports whether a package is the folder or below it.
func under(name, folder string) bool {
	return folder == "" || name == folder || strings.HasPrefix(name, folder+"/")
}

// inside reports whether an import path is that of a package of ours in the
// folder.
func inside(path, folder string) bool {
	name, ours := strings.CutPrefix(path, module)
	return ours && folder != "" && under(name, folder)
}

func exempt(path string, except []string) bool {
	for _, e := range except {
		if strings.HasPrefix(path, e) {
			return true
		}
	}
	return false
}

// A test that does not run, or that waits for time instead of for the thing,
// proves nothing.
func TestNoSkipsNoSleeps(t *testing.T) {
	for _, p := range list(t) {
		for _, file := range append(p.TestGoFiles, p.XTestGoFiles...) {
			if under(strings.TrimPrefix(p.ImportPath, module), "internal/archtest") {
				continue
			}
			source, err := os.ReadFile(filepath.Join(p.Dir, file))
			if err != nil {
				t.Fatal(err)
			}
			for _, forbidden := range []string{"t.Skip", "b.Skip", "time.Sleep("} {
				if strings.Contains(string(source), forbidden) {
					t.Errorf("%s/%s has %s", p.ImportPath, file, forbidden)
				}
			}
		}
	}
}
