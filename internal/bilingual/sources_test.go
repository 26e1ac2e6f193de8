package bilingual_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/optgate/optgate/"

// listed is what the go command tells about a package.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
}

// sources are the packages that say something in the admin, or that it repeats.
type sources struct {
	fset     *token.FileSet
	packages map[string]listed
	imports  types.Importer
}

func newSources(t *testing.T) *sources {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-export", "-json=ImportPath,Dir,Export,GoFiles", "./internal/httpd/admin")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	s := &sources{fset: token.NewFileSet(), packages: map[string]listed{}}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		s.packages[p.ImportPath] = p
	}
	s.imports = importer.ForCompiler(s.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(s.packages[path].Export) })
	return s
}

// parse returns the files of a package with their types.
func (s *sources) parse(t *testing.T, name string) ([]*ast.File, *types.Info) {
	t.Helper()
	p, ok := s.packages[module+name]
	if !ok {
		t.Fatalf("the admin does not import %s", name)
	}
	var files []*ast.File
	for _, file := range p.GoFiles {
		parsed, err := parser.ParseFile(s.fset, filepath.Join(p.Dir, file), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, parsed)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	config := types.Config{Importer: s.imports}
	if _, err := config.Check(p.ImportPath, s.fset, files, info); err != nil {
		t.Fatal(err)
	}
	return files, info
}

// sayers are the packages whose sentences are constants of [bilingual.Text].
var sayers = []string{"internal/httpd/admin", "components/admin", "components/evidence"}

// repeated are packages whose own English [bilingual.Known] repeats, by where it
// stands: in these fields of structs, and in these arguments of calls.
var repeated = []string{"internal/optgate", "internal/publish", "internal/password", "internal/evidence", "internal/pagecheck"}

// neverRepeated are files whose faults are about what programs send, and never
// come to the admin.
var neverRepeated = []string{
	"optgate/chain.go", "optgate/cookie.go", "optgate/record.go", "optgate/unmarked.go", "publish/panels.go",
}

var repeatedFields = map[string][]string{
	"Msg": {".Fault", ".InvalidError", "pagecheck.Error"}, "Label": {".Fault"}, "label": {"admin.field"}, "Action": {".AuditEntry"}, "Reason": {".AuditEntry"},
	"Subject": {".Change"}, "Field": {".Change"},
}

// place is where a sentence is said first.
type place struct {
	position string
	repeated bool // somewhere it is repeated by [bilingual.Known]
}

// part returns the part of the file in which the sentence's German belongs.
func (p place) part() string {
	if p.repeated {
		return "elsewhere"
	}
	file, _, _ := strings.Cut(filepath.Base(p.position), ".go")
	return strings.TrimSuffix(file, "_templ")
}

// said returns each sentence with its place.
func (s *sources) said(t *testing.T) map[string]place {
	t.Helper()
	all := map[string]place{}
	note := func(text ast.Expr, repeated bool, info *types.Info) {
		said := constant.StringVal(info.Types[text].Value)
		at, known := all[said]
		if !known {
			at.position = s.fset.Position(text.Pos()).String()
		}
		at.repeated = at.repeated || repeated
		all[said] = at
	}
	for _, name := range append(sayers, repeated...) {
		files, info := s.parse(t, name)
		for _, file := range files {
			path := s.fset.Position(file.Pos()).Filename
			if slices.ContainsFunc(neverRepeated, func(name string) bool { return strings.HasSuffix(path, name) }) {
				continue
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if value, ok := n.(*ast.ValueSpec); ok && strings.HasSuffix(path, "optgate/diff_items.go") {
					for _, text := range value.Values { // why a change asks again
						if sentenceOf(text, info) != nil {
							note(text, true, info)
						}
					}
				}
				if lit, ok := n.(*ast.CompositeLit); ok {
					for _, text := range repeatedIn(lit, info) {
						note(text, true, info)
					}
				}
				if call, ok := n.(*ast.CallExpr); ok {
					if text := faultOf(call, info); text != nil {
						note(text, true, info)
					}
				}
				expr, ok := n.(ast.Expr)
				if !ok {
					return true
				}
				if unsaid(expr, info) {
					t.Errorf("%s: a sentence is shown in English whoever reads it: say it", s.fset.Position(expr.Pos()))
				}
				if tv := info.Types[expr]; tv.Value != nil && isText(tv.Type) {
					note(expr, false, info)
					return false
				}
				return true
			})
		}
	}
	return all
}

// unsaid reports whether an expression puts a sentence into a page as it is.
func unsaid(e ast.Expr, info *types.Info) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return false
	}
	name, ok := call.Fun.(*ast.SelectorExpr)
	return ok && name.Sel.Name == "JoinStringErrs" && isText(info.Types[call.Args[0]].Type)
}

func isText(t types.Type) bool {
	return types.Unalias(t).String() == module+"internal/bilingual.Text"
}

// repeatedIn returns what a literal says in its repeated fields.
func repeatedIn(lit *ast.CompositeLit, info *types.Info) []ast.Expr {
	kind, ok := info.Types[lit].Type.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	var all []ast.Expr
	for i, e := range lit.Elts {
		field := ""
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			field, e = pair.Key.(*ast.Ident).Name, pair.Value
		} else {
			field = kind.Field(i).Name()
		}
		of := types.Unalias(info.Types[lit].Type).String()
		if kinds, ok := repeatedFields[field]; ok && slices.ContainsFunc(kinds, func(kind string) bool { return strings.HasSuffix(of, kind) }) {
			if text := sentenceOf(e, info); text != nil {
				all = append(all, text)
			}
		}
	}
	return all
}

// repeatedArguments are where calls have what they say, by the name of what is
// called: those of validators, comparisons, proofs and of what is noted in the audit log.
var repeatedArguments = map[string]int{
	"add": 1, "fail": 1, "value": 1, "text": 1, "set": 1, "order": 0, "say": 0, "fault": 0, "changeTheirs": 2, "frame": 0, "document": 0,
}

// faultOf returns what a call says.
func faultOf(call *ast.CallExpr, info *types.Info) ast.Expr {
	called := ""
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		called = f.Sel.Name
	case *ast.Ident:
		called = f.Name
	}
	at, ok := repeatedArguments[called]
	if !ok || len(call.Args) <= at {
		return nil
	}
	return sentenceOf(call.Args[at], info)
}

// sentenceOf returns the constant string of an expression, or of the format from
// which it is made.
func sentenceOf(e ast.Expr, info *types.Info) ast.Expr {
	if call, ok := e.(*ast.CallExpr); ok && len(call.Args) > 0 {
		if name, ok := call.Fun.(*ast.SelectorExpr); ok && name.Sel.Name == "Sprintf" {
			e = call.Args[0]
		}
	}
	tv := info.Types[e]
	if tv.Value == nil || tv.Value.Kind() != constant.String || tv.Type.Underlying() != types.Typ[types.String] && tv.Type != types.Typ[types.UntypedString] {
		return nil
	}
	return e
}
