package ledger

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/optgate/optgate/internal/keys"
	"github.com/optgate/optgate/internal/optgate"
)

// line is a line of an export in JSON Lines. A record's line has the record's
// own keys beside its link; that of a tombstone has "erased" and the leaf, that
// of an erasure's note has "erasure". The last line also has a checkpoint.
type line struct {
	*optgate.Record
	*optgate.Link
	Site       optgate.SiteID   `json:"site"` // hides the record's, as a tombstone has one, too
	Erased     bool             `json:"erased,omitempty"`
	Leaf       *optgate.Digest  `json:"leaf,omitempty"`
	Erasure    *optgate.Erasure `json:"erasure,omitempty"`
	Checkpoint string           `json:"checkpoint,omitempty"`
}

// newLine returns the line of an entry.
func newLine(site optgate.SiteID, e *optgate.Entry) line {
	l := line{Site: site, Link: &e.Link, Record: e.Record, Erasure: e.Erasure}
	if e.Record == nil && e.Erasure == nil {
		l.Erased, l.Leaf = true, &e.Leaf
	}
	return l
}

// entry returns the entry that a line is of.
func (l line) entry() (*optgate.Entry, error) {
	if l.Link == nil {
		return nil, &optgate.InvalidError{Field: "seq", Msg: "is missing: this export is not chained"}
	}
	e := &optgate.Entry{Link: *l.Link, Erasure: l.Erasure}
	switch {
	case l.Erasure != nil:
		e.Leaf = l.Erasure.Leaf()
	case l.Erased && l.Leaf != nil:
		e.Leaf = *l.Leaf
	case l.Record != nil && l.Record.ID != "":
		l.Record.Site = l.Site
		e.Record, e.Leaf = l.Record, l.Record.Leaf()
	default:
		return nil, &optgate.InvalidError{Field: "id", Msg: "is missing: this is neither a record nor a tombstone nor an erasure"}
	}
	return e, nil
}

// Line is what was read from a line of an export.
type Line struct {
	Number     int // 1, 2, 3, ...
	Site       optgate.SiteID
	Entry      *optgate.Entry
	Checkpoint string // signed; may be empty
}

// maxLine is the most bytes that a line may have: an erasure's note names up to
// some thousand entries.
const maxLine = 4 << 20

// Lines reads an export in JSON Lines. After an error, which names the line and
// its field, it ends.
func Lines(r io.Reader) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		scan := bufio.NewScanner(r)
		scan.Buffer(make([]byte, 64<<10), maxLine)
		for n := 1; scan.Scan(); n++ {
			l, err := parseLine(scan.Bytes())
			if err != nil {
				yield(Line{}, fmt.Errorf("ledger: line %d: %w", n, err))
				return
			}
			l.Number = n
			if !yield(l, nil) {
				return
			}
		}
		if err := scan.Err(); errors.Is(err, bufio.ErrTooLong) {
			yield(Line{}, &optgate.InvalidError{Field: "line", Msg: "is longer than 4 MiB"})
		} else if err != nil {
			yield(Line{}, fmt.Errorf("ledger: read export: %w", err))
		}
	}
}

// parseLine takes only what has one reading: each key known, and given once.
func parseLine(text []byte) (Line, error) {
	var l line
	if err := json.Unmarshal(text, &l, json.RejectUnknownMembers(true)); err != nil {
		return Line{}, &optgate.InvalidError{Field: "line", Msg: "is not a line of an export: " + jsonReason(err)}
	}
	e, err := l.entry()
	if err != nil {
		return Line{}, err
	}
	return Line{Site: l.Site, Entry: e, Checkpoint: l.Checkpoint}, nil
}

// jsonReason returns what a decoder has against a line, without repeating the
// line.
func jsonReason(err error) string {
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		switch {
		case errors.Is(err, jsontext.ErrDuplicateName):
			return fmt.Sprintf("%.40q stands there twice", e.JSONPointer.LastToken())
		case errors.Is(err, io.ErrUnexpectedEOF):
			return "it is cut short"
		}
		return fmt.Sprintf("it is no JSON from byte %d on", e.ByteOffset)
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		if errors.Is(err, json.ErrUnknownName) {
			return fmt.Sprintf("unknown field %.40q", e.JSONPointer.LastToken())
		}
		return fmt.Sprintf("%.40q is of the wrong type", strings.TrimPrefix(string(e.JSONPointer), "/"))
	}
	return "it is no JSON"
}

// VerifyLines checks an export in JSON Lines by itself: every entry of the site,
// and that the signed checkpoint at its end fits. The error is a [*Fault],
// [keys.ErrNotOurs], or what is wrong with a line.
func VerifyLines(r io.Reader, v keys.Verifier) (*Check, error) {
	var c *Check
	var signed string
	for l, err := range Lines(r) {
		if err != nil {
			return c, err
		}
		if c == nil {
			c = NewCheck(l.Site)
		}
		if l.Site != c.site {
			return c, fmt.Errorf("ledger: line %d: %w", l.Number, &optgate.InvalidError{Field: "site", Msg: fmt.Sprintf("is %.70q, and %s before", l.Site, c.site)})
		}
		if err := c.Next(l.Entry); err != nil {
			return c, fmt.Errorf("line %d: %w", l.Number, err)
		}
		signed = l.Checkpoint
	}
	if signed == "" {
		return c, &optgate.InvalidError{Field: "checkpoint", Msg: "is missing from the last line: the export is cut short, filtered or empty"}
	}
	k, err := v.Checkpoint(signed)
	if err != nil {
		return c, err
	}
	if k.Site != c.site || !slices.Equal(k.Heads, c.Heads()) {
		return c, &optgate.InvalidError{Field: "checkpoint", Msg: "is that of another ledger, or of this one at another time"}
	}
	return c, c.End()
}
