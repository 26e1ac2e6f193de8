// Package sitefile reads a site file, the YAML in which an owner writes down
// what a site asks and loads. It takes a plain part of YAML only: no anchors,
// aliases, merge keys or type tags, so that what is read is what is seen and no
// file is larger than it looks. docs/site-file.md lists the keys.
package sitefile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/optgate/optgate/internal/optgate"
)

const (
	maxSize   = 1 << 20 // bytes
	maxDepth  = 32      // levels in brackets, or list items opened on one line
	maxFaults = 100     // more than that helps nobody
)

// off is how a site file says [optgate.HoldOff]: to say nothing is to want the
// default.
const off = optgate.Hold("off")

// Parse reads the one site that data describes and validates it. Everything
// that is wrong is reported at once, in the file's order, as
// [optgate.InvalidErrors]; their fields say the key's path and its line.
func Parse(data []byte) (*optgate.Config, error) {
	d := decoder{places: map[string]place{}}
	var c optgate.Config
	if root := d.parse(data); root != nil {
		d.value(root, reflect.ValueOf(&c).Elem(), "")
	}
	switch c.Hold {
	case "":
		c.Hold = optgate.HoldKnown
	case off:
		c.Hold = optgate.HoldOff
	}
	if d.fatal {
		return nil, d.errors()
	}
	var invalid optgate.InvalidErrors
	if err := c.Validate(); err != nil && !errors.As(err, &invalid) {
		return nil, fmt.Errorf("sitefile: validate: %w", err)
	}
	for _, f := range invalid {
		if !d.faulty(f.Field) {
			d.fail(f.Field, "%s", f.Msg)
		}
	}
	if len(d.faults) > 0 {
		return nil, d.errors()
	}
	return &c, nil
}

// Marshal writes c as a site file, without comments. [Parse] reads it back.
func Marshal(c *optgate.Config) ([]byte, error) {
	doc, err := yaml.MarshalWithOptions(written(c), yaml.OmitEmpty(), yaml.OmitZero(), yaml.IndentSequence(true))
	if err != nil {
		return nil, fmt.Errorf("sitefile: marshal %s: %w", c.Site, err)
	}
	if same(doc, c) {
		return doc, nil
	}
	// The library loses, for example, the indentation of a text's first line.
	// JSON is YAML, too: less pleasant to read, but exact.
	return MarshalJSON(c)
}

// MarshalJSON writes c as a site file that is JSON.
func MarshalJSON(c *optgate.Config) ([]byte, error) {
	var b bytes.Buffer
	lines := json.NewEncoder(&b)
	lines.SetEscapeHTML(false)
	lines.SetIndent("", "  ")
	if err := lines.Encode(written(c)); err != nil {
		return nil, fmt.Errorf("sitefile: marshal %s: %w", c.Site, err)
	}
	if !same(b.Bytes(), c) {
		return nil, fmt.Errorf("sitefile: marshal %s: what was written reads differently", c.Site)
	}
	return b.Bytes(), nil
}

// written returns c with the words that site files have.
func written(c *optgate.Config) *optgate.Config {
	if c.Hold != optgate.HoldOff {
		return c
	}
	w := c.Clone()
	w.Hold = off
	return w
}

// same reports whether doc reads as c.
func same(doc []byte, c *optgate.Config) bool {
	again, err := Parse(doc)
	return err == nil && again.Hash() == c.Hash()
}

// parse returns the file's only document, or nil after it noted why there is
// none to decode.
func (d *decoder) parse(data []byte) ast.Node {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	switch {
	case len(data) > maxSize:
		return d.refuse(nil, "is larger than %d bytes", maxSize)
	case !utf8.Valid(data):
		return d.refuse(nil, "is not UTF-8: save it in that encoding")
	case len(bytes.TrimSpace(data)) == 0:
		return d.refuse(nil, "is empty: docs/site-file.md shows the smallest one")
	}
	tokens := lexer.Tokenize(string(data))
	d.scan(tokens)
	if d.fatal {
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	var syntax yaml.Error
	switch {
	case errors.As(err, &syntax):
		return d.refuse(syntax.GetToken(), "%s", syntax.GetMessage())
	case err != nil:
		return d.refuse(nil, "is not YAML: %v", err)
	case len(file.Docs) == 0 || file.Docs[0].Body == nil:
		return d.refuse(nil, "has only comments: docs/site-file.md shows the smallest file")
	case len(file.Docs) > 1:
		return d.refuse(file.Docs[1].Start, "a second document begins here: write one file for each site")
	}
	if _, ok := file.Docs[0].Body.(ast.MapNode); !ok {
		return d.refuse(file.Docs[0].Body.GetToken(), `is not a block of keys, as in "site: shop"`)
	}
	return file.Docs[0].Body
}

// scan refuses what the parser should not even see: it recurses for each level,
// and what an alias repeats can be larger than any limit on the file.
func (d *decoder) scan(tokens token.Tokens) {
	depth, run, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			run, line = 0, t.Position.Line
		}
		switch t.Type {
		case token.AliasType:
			d.refuse(t, `text that begins with * needs quotes, as in "*.example.com"; aliases are not taken`)
		case token.AnchorType:
			d.refuse(t, "text that begins with & needs quotes; anchors are not taken")
		case token.TagType:
			d.refuse(t, "text that begins with ! needs quotes; type tags are not taken")
		case token.MergeKeyType:
			d.refuse(t, "merge keys are not taken: write the keys out")
		case token.DirectiveType:
			d.refuse(t, "text that begins with %% needs quotes; directives are not taken")
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType, token.MappingKeyType:
			run++
		}
		if depth > maxDepth || run > maxDepth {
			d.refuse(t, "is nested deeper than %d levels", maxDepth)
			return
		}
	}
}

// A place is where a key or item stands in the file, counted from 1.
type place struct{ line, column int }

// errors returns the faults in the order of the file.
func (d *decoder) errors() error {
	slices.SortStableFunc(d.faults, func(a, b fault) int {
		if a.line != b.line {
			return a.line - b.line
		}
		return a.column - b.column
	})
	var all optgate.InvalidErrors
	for i, f := range d.faults {
		if i == maxFaults {
			all = append(all, &optgate.InvalidError{Field: "site file", Msg: fmt.Sprintf("has %d faults more", len(d.faults)-i)})
			break
		}
		all = append(all, f.error())
	}
	return all
}

// A fault is something wrong at a place; line 0 if that is the whole file.
type fault struct {
	place
	field, msg string
}

func (f fault) error() *optgate.InvalidError {
	field := f.field
	switch {
	case field == "" && f.line == 0:
		field = "site file"
	case field == "":
		field = fmt.Sprintf("line %d, column %d", f.line, f.column)
	case f.line > 0:
		field = fmt.Sprintf("%s (line %d:%d)", field, f.line, f.column)
	}
	return &optgate.InvalidError{Field: field, Msg: f.msg}
}

// refuse notes a fault that makes the rest unreadable. It returns nil, for
// callers that return a node.
func (d *decoder) refuse(t *token.Token, format string, args ...any) ast.Node {
	d.fatal = true
	f := fault{msg: fmt.Sprintf(format, args...)}
	if t != nil {
		f.place = placeOf(t)
	}
	d.faults = append(d.faults, f)
	return nil
}

// fail notes a fault of the field, at its place or else at the nearest one
// around it.
func (d *decoder) fail(field, format string, args ...any) {
	at := field
	for at != "" && d.places[at] == (place{}) {
		at = parent(at)
	}
	d.faults = append(d.faults, fault{d.places[at], field, fmt.Sprintf(format, args...)})
}

// faulty reports whether the field, or something around or inside it, has a
// fault already: what validation says about it would be an echo.
func (d *decoder) faulty(field string) bool {
	return slices.ContainsFunc(d.faults, func(f fault) bool {
		return f.field != "" && (within(f.field, field) || within(field, f.field))
	})
}

// within reports whether the path inner is outer or lies in it.
func within(inner, outer string) bool {
	rest, ok := strings.CutPrefix(inner, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// parent returns the path around a path: "tags" for "tags[2]".
func parent(path string) string { return path[:max(0, strings.LastIndexAny(path, ".["))] }

func placeOf(t *token.Token) place { return place{t.Position.Line, t.Position.Column} }
