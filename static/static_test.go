package static_test

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/optgate/optgate/static"
)

// A hashed name leads to the file's content and to no other.
func TestHashedNames(t *testing.T) {
	want, err := static.FS.ReadFile("gate/gate.js")
	if err != nil {
		t.Fatal(err)
	}
	name := static.Hashed("gate/gate.js")
	if !regexp.MustCompile(`^gate/gate\.[0-9a-f]{8}\.js$`).MatchString(name) {
		t.Errorf("got name %q, want gate/gate.<hash>.js", name)
	}
	if got, ok := static.Lookup(name); !ok || !bytes.Equal(got, want) {
		t.Errorf("Lookup(%q): got %d bytes, %v; want the gate's %d", name, len(got), ok, len(want))
	}
	for _, unknown := range []string{"gate/gate.js", "gate/gate.00000000.js", "", "../static.go"} {
		if got, ok := static.Lookup(unknown); ok {
			t.Errorf("Lookup(%q): got %d bytes, want nothing", unknown, len(got))
		}
	}
	if got := static.Hashed("no/such.file"); got != "no/such.file" {
		t.Errorf("got %q for a file that is not there, want its name", got)
	}
}
