package sitefile

import (
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/optgate/optgate/internal/optgate"
)

// inline is the tag of a field whose own fields have their keys beside it.
const inline = ",inline"

// A decoder fills a struct from YAML nodes. It goes on after a
// fault, where the YAML library's own would stop at the first.
type decoder struct {
	places map[string]place // of every path that the file gives
	nulls  map[string]bool  // those of them that have no value
	faults []fault
	fatal  bool // what was read is not worth validating
}

// value decodes n into v, whose path in the file is path.
func (d *decoder) value(n ast.Node, v reflect.Value, path string) {
	if n.Type() == ast.NullType {
		d.null(v, path)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.mapping(n, v, path)
	case reflect.Map:
		d.byKey(n, v, path)
	case reflect.Slice:
		d.list(n, v, path)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, v.Elem(), path)
	case reflect.String:
		d.string(n, v, path)
	case reflect.Bool:
		if b, ok := n.(*ast.BoolNode); ok {
			v.SetBool(b.Value)
			return
		}
		d.fail(path, "is true or false, without quotes")
	case reflect.Int:
		d.int(n, v, path)
	default:
		panic("sitefile: Config has a field of a kind that site files cannot hold: " + v.Type().String())
	}
}

// null leaves lists and mappings empty, as they are when every item in them is
// commented out. A value that is gone is more likely an accident.
func (d *decoder) null(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Struct:
		d.nulls[path] = true
		return
	}
	d.fail(path, `has no value: fill it in or remove the key; text that begins with # needs quotes, as in "#1a56db"`)
}

func (d *decoder) mapping(n ast.Node, v reflect.Value, path string) {
	fields, names := fieldsOf(v)
	for key, value := range d.pairs(n, path, "is a block of keys: "+strings.Join(names, ", ")) {
		name := key.name
		field, known := fields[name]
		if !known {
			name, known = d.unknown(key, names)
			field = fields[name]
		}
		// A misspelt key is read as the one that was meant, so that it causes no
		// faults further on, but never over one that is given too.
		if known && field.IsZero() {
			d.value(value, field, join(path, name))
		}
	}
}

// fieldsOf returns the fields of a struct by their keys, and these in order. A
// field that is inline has its own fields in its place.
func fieldsOf(v reflect.Value) (fields map[string]reflect.Value, names []string) {
	fields = map[string]reflect.Value{}
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("yaml")
		if name != inline {
			fields[name] = v.Field(i)
			names = append(names, name)
			continue
		}
		inner, more := fieldsOf(v.Field(i))
		maps.Copy(fields, inner)
		names = append(names, more...)
	}
	return fields, names
}

// unknown notes the fault of a key that there is not, and returns the one that
// was probably meant.
func (d *decoder) unknown(key key, names []string) (string, bool) {
	if near, ok := nearest(key.name, names); ok {
		d.fail(key.path, "unknown, did you mean %s?", near)
		return near, true
	}
	d.fail(key.path, "unknown; known here are %s", strings.Join(names, ", "))
	return "", false
}

// byKey decodes what has keys of the site's own: words by language, lists by
// category, or rules by region.
func (d *decoder) byKey(n ast.Node, v reflect.Value, path string) {
	want := `is words by language, as in "en: Video player"`
	if v.Type().Elem().Kind() == reflect.Slice {
		want = `is lists by category, as in "analytics: [analytics_storage]"`
	}
	if v.Type() == reflect.TypeFor[map[optgate.Region]optgate.RegionRule]() {
		want = `is rules by region, as in "US-CA: opt-out"`
	}
	v.Set(reflect.MakeMap(v.Type()))
	for key, value := range d.pairs(n, path, want) {
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(value, item, key.path)
		v.SetMapIndex(reflect.ValueOf(key.name).Convert(v.Type().Key()), item)
	}
}

func (d *decoder) list(n ast.Node, v reflect.Value, path string) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.fail(path, "is a list: begin each item with a hyphen")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values)))
	for i, item := range seq.Values {
		at := fmt.Sprintf("%s[%d]", path, i)
		d.places[at] = placeOf(item.GetToken())
		d.value(item, v.Index(i), at)
	}
}

// string takes a number, too, in the spelling of the file.
func (d *decoder) string(n ast.Node, v reflect.Value, path string) {
	switch n := n.(type) {
	case *ast.StringNode:
		v.SetString(n.Value)
	case *ast.LiteralNode:
		v.SetString(n.Value.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		v.SetString(n.GetToken().Value)
	default:
		d.fail(path, "is text, not a list or a block of keys")
	}
}

func (d *decoder) int(n ast.Node, v reflect.Value, path string) {
	if i, ok := n.(*ast.IntegerNode); ok {
		switch x := i.Value.(type) {
		case int64:
			v.SetInt(x)
			return
		case uint64:
			if x < 1<<31 {
				v.SetInt(int64(x))
				return
			}
		}
	}
	d.fail(path, "is a whole number, without quotes")
}

// A key is one key of a mapping, with its path.
type key struct{ name, path string }

// pairs yields the keys and values of a mapping and notes what is wrong with
// the keys. If n is none, it says that the field wants what want describes.
func (d *decoder) pairs(n ast.Node, path, want string) func(yield func(key, ast.Node) bool) {
	return func(yield func(key, ast.Node) bool) {
		m, ok := n.(ast.MapNode)
		if !ok {
			d.fail(path, "%s", want)
			return
		}
		seen := map[string]bool{}
		for it := m.MapRange(); it.Next(); {
			t := it.Key().GetToken()
			k := key{t.Value, join(path, shown(t.Value))}
			if _, scalar := it.Key().(ast.ScalarNode); !scalar {
				d.faults = append(d.faults, fault{placeOf(t), path, `has a key that is not a plain word, as in "name: Shop"`})
				continue
			}
			if seen[k.name] {
				d.faults = append(d.faults, fault{placeOf(t), k.path, fmt.Sprintf("is given twice, first in line %d", d.places[k.path].line)})
				continue
			}
			seen[k.name] = true
			d.places[k.path] = placeOf(t)
			if !yield(k, it.Value()) {
				return
			}
		}
	}
}

// join returns the path of a key in path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// shown returns a key as it can stand in a message, whatever bytes it has.
func shown(key string) string {
	if len(key) <= 40 && !strings.ContainsFunc(key, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return key
	}
	return fmt.Sprintf("%.40q", key)
}
