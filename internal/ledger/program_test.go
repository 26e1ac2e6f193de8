package ledger_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/optgate/optgate/internal/ledger"
	"github.com/optgate/optgate/internal/optgate"
)

// TestProgramOfTheDocument checks an export by a program that shares nothing with
// Optgate but docs/ledger.md: who has an export needs no Optgate to trust it.
func TestProgramOfTheDocument(t *testing.T) {
	s := open(t)
	k := openKeys(t, s)
	for n := range 120 {
		r := record(n)
		r.At = start.Add(time.Duration(n) * 110 * time.Millisecond) // some with zeros at the end
		if n%3 == 0 {
			r.Panel = strings.Repeat("0f", 16)
		}
		_, _, err := s.Append(t.Context(), r)
		must(t, err)
	}
	for _, n := range []int{20, 33} {
		_, err := s.Erase(t.Context(), optgate.EraseRequest{Site: "shop", Visitor: record(n).Visitor, Reason: optgate.ErasedByAdmin, At: start.Add(50 * time.Millisecond)})
		must(t, err)
	}
	must(t, k.Rotate(t.Context()))
	text := export(t, ledger.Export{Format: ledger.JSONLines, Ledger: s, Checkpoint: sign(k)})
	keySet, err := k.JWKS()
	must(t, err)
	lines := strings.SplitAfter(text, "\n")
	tests := []struct{ name, text, want string }{
		{"as it is", text, "116 records in 122 entries\n"},
		{"an answer edited", strings.Replace(text, `"accept_all"`, `"reject_all"`, 1), "line 1: it does not follow"},
		{"a record deleted", strings.Join(lines[1:], ""), "is missing"},
		{"the end cut off", strings.Join(lines[:len(lines)-2], ""), "line 121: "},
		{"a note edited", strings.Replace(text, `"reason":"admin"`, `"reason":"visitor"`, 1), "it does not follow"},
		{"another site", strings.ReplaceAll(text, `"site":"shop"`, `"site":"other"`), "line 1: it does not follow"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			jwks, records := filepath.Join(dir, "jwks.json"), filepath.Join(dir, "records.jsonl")
			must(t, os.WriteFile(jwks, keySet, 0o600))
			must(t, os.WriteFile(records, []byte(tt.text), 0o600))
			cmd := exec.CommandContext(t.Context(), "node", "testdata/verify.mjs", jwks, records)
			var said bytes.Buffer
			cmd.Stdout, cmd.Stderr = &said, &said
			err := cmd.Run()
			if !strings.Contains(said.String(), tt.want) || (err == nil) != (tt.text == text) {
				t.Errorf("got %q, %v; want %q (is Node.js installed? go tool task setup)", said.String(), err, tt.want)
			}
		})
	}
}
