package optgate_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

const ledgerDoc = "../../docs/ledger.md"

// revisionVectors are testdata/vectors/revision.json. They are only ever added to:
// a receipt names a revision's hash for ever.
type revisionVectors struct {
	Revisions []revisionVector
}

type revisionVector struct {
	Name      string
	Config    json.RawMessage
	Canonical string
	SHA256    string
}

func readRevisionVectors(t *testing.T) revisionVectors {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors/revision.json")
	if err != nil {
		t.Fatal(err)
	}
	var v revisionVectors
	if err := json.Unmarshal(data, &v); err != nil || len(v.Revisions) == 0 {
		t.Fatalf("testdata/vectors/revision.json: %d revisions, %v", len(v.Revisions), err)
	}
	return v
}

func TestRevisionVectors(t *testing.T) {
	for _, v := range readRevisionVectors(t).Revisions {
		var c optgate.Config
		if err := json.Unmarshal(v.Config, &c); err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		r := optgate.NewRevision(&c, 0, "ann", "", time.UnixMilli(1))
		if got := string(r.Config.Canonical()); got != v.Canonical {
			t.Errorf("%s: the canonical form is\n%s, want\n%s", v.Name, got, v.Canonical)
		}
		if r.Hash != v.SHA256 || r.Config.Hash() != v.SHA256 {
			t.Errorf("%s: the hash is %s, and %s of what is kept; want %s", v.Name, r.Hash, r.Config.Hash(), v.SHA256)
		}
	}
}

// TestRevisionHashElsewhere: a program of another language that knows nothing but
// the documentation gets the same.
func TestRevisionHashElsewhere(t *testing.T) {
	var in, want bytes.Buffer
	for _, v := range readRevisionVectors(t).Revisions {
		if err := json.Compact(&in, v.Config); err != nil {
			t.Fatal(err)
		}
		in.WriteByte('\n')
		fmt.Fprintln(&want, v.SHA256, v.Canonical)
	}
	cmd := exec.CommandContext(t.Context(), "node", "testdata/canonical.mjs", ledgerDoc)
	cmd.Stdin, cmd.Stderr = &in, t.Output()
	got, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v (is Node.js installed? go tool task setup)", err)
	}
	if string(got) != want.String() {
		t.Errorf("got\n%s\nwant\n%s", got, want.String())
	}
}

// TestCanonicalFormIsDocumented holds the list of keys in the documentation to
// the types, and the vectors to every key.
func TestCanonicalFormIsDocumented(t *testing.T) {
	doc, err := os.ReadFile(ledgerDoc)
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	addRows(&rows, "configuration", reflect.TypeFor[optgate.Config]())
	for _, row := range rows {
		if !strings.Contains(string(doc), "\n    "+row+"\n") {
			t.Errorf("docs/ledger.md lacks the row %q", row)
		}
	}
	vectors := readRevisionVectors(t)
	for _, row := range rows {
		_, keys, _ := strings.Cut(row, ": ")
		for key := range strings.FieldsSeq(keys) {
			key = strings.TrimRight(key, "?+")
			if !slices.ContainsFunc(vectors.Revisions, func(v revisionVector) bool { return strings.Contains(v.Canonical, `"`+key+`":`) }) {
				t.Errorf("no vector has a %s", key)
			}
		}
	}
	if example := strings.ReplaceAll(vectors.Revisions[0].Canonical, `"policy"`, "\n    \"policy\""); !strings.Contains(string(doc), example) ||
		!strings.Contains(string(doc), vectors.Revisions[0].SHA256) {
		t.Errorf("docs/ledger.md lacks the example\n%s\nof hash %s", example, vectors.Revisions[0].SHA256)
	}
}

// addRows adds the row of a struct and those of the structs in it.
func addRows(rows *[]string, name string, s reflect.Type) {
	var keys []string
	at := len(*rows)
	*rows = append(*rows, "")
	for field := range s.Fields() {
		key, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		of := field.Type
		mark := ""
		if options != "" {
			mark = "?"
		}
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
			if of.Kind() == reflect.Pointer {
				mark = "+"
			}
			of = of.Elem()
		}
		if of.Kind() == reflect.Struct {
			addRows(rows, key, of)
		}
		keys = append(keys, key+mark)
	}
	(*rows)[at] = name + ": " + strings.Join(keys, " ")
}
