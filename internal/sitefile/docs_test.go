package sitefile_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/sitefile"
)

// The reference must name every key, and its first file must be right.
func TestDocumentation(t *testing.T) {
	data, err := os.ReadFile("../../docs/site-file.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(data)
	_, rest, _ := strings.Cut(doc, "```yaml\n")
	smallest, _, _ := strings.Cut(rest, "```")
	if _, err := sitefile.Parse([]byte(smallest)); err != nil {
		t.Errorf("the smallest file: %v", err)
	}
	for _, key := range keys(reflect.TypeFor[optgate.Own]()) {
		if !strings.Contains(doc, "`"+key+"`") && !strings.Contains(doc, "`"+key+".") && !strings.Contains(doc, "."+key+"`") && !strings.Contains(doc, key+": ") {
			t.Errorf("got no word about %q", key)
		}
	}
}

// keys lists the keys of a type and of all in it.
func keys(t reflect.Type) []string {
	switch t.Kind() {
	case reflect.Slice, reflect.Pointer:
		return keys(t.Elem())
	case reflect.Struct:
	default:
		return nil
	}
	var all []string
	for i := range t.NumField() {
		if key := t.Field(i).Tag.Get("yaml"); key != ",inline" {
			all = append(all, key)
		}
		all = append(all, keys(t.Field(i).Type)...)
	}
	return all
}
