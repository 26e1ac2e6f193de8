package hostile

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// Reads returns the names that the sources of the package under test read, by a
// pattern whose first group is the name. Fewer than atLeast mean that the pattern no
// longer fits.
func Reads(t *testing.T, pattern *regexp.Regexp, atLeast int) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range pattern.FindAllSubmatch(source, -1) {
			names[string(m[1])] = true
		}
	}
	if len(names) < atLeast {
		t.Fatalf("found the names %v, want all that the sources read", names)
	}
	return slices.Sorted(maps.Keys(names))
}
