// Package sitefile reads a site file, the YAML in which an owner writes down
// what a site asks and loads. It takes a plain part of YAML only: no anchors,
// aliases, merge keys or type tags, so that what is read is what is seen and no
// file is larger than it looks. docs/site-file.md lists the keys.
package sitefile

import (
	"bytes"
	"errors"
	"fmt"
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

// Parse reads the one site that data describes, which is of no group, and
// validates it. Faults are as those of [Read].
func Parse(data []byte) (*optgate.Config, error) {
	f, err := Read(data)
	if err != nil {
		return nil, err
	}
	if f.Site == nil {
		return nil, optgate.InvalidErrors{{Field: "group", Msg: "is not for here: this is about one site that is of no group"}}
	}
	return f.Site, nil
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
