package ledger

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

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
	At         *stamp          `json:"at,omitempty"` // hides the record's
	Site       optgate.SiteID  `json:"site"`         // likewise, as a tombstone has one, too
	Erased     bool            `json:"erased,omitempty"`
	Leaf       *optgate.Digest `json:"leaf,omitempty"`
	Erasure    *note           `json:"erasure,omitempty"`
	Checkpoint string          `json:"checkpoint,omitempty"`
}

// note is an erasure in a line.
type note struct {
	optgate.Erasure
	At stamp `json:"at"` // hides the erasure's
}

// stamp is a time as what is hashed has it, so that whoever checks an export can
// take it as it stands.
type stamp time.Time

// stampForm is RFC 3339 with three decimals.
const stampForm = "2006-01-02T15:04:05.000Z07:00"

var errStamp = errors.New("ledger: time is not of whole milliseconds in UTC")

// MarshalText implements [encoding.TextMarshaler].
func (s stamp) MarshalText() ([]byte, error) {
	return time.Time(s).UTC().AppendFormat(make([]byte, 0, len(stampForm)), stampForm), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler]. A time that says more than
// its hash covers, or the same in another zone, is refused.
func (s *stamp) UnmarshalText(text []byte) error {
	var t time.Time
	if err := t.UnmarshalText(text); err != nil {
		return err
	}
	if t.Nanosecond()%int(time.Millisecond) != 0 || text[len(text)-1] != 'Z' {
		return errStamp
	}
	*s = stamp(t)
	return nil
}

// newLine returns the line of an entry.
func newLine(site optgate.SiteID, e *optgate.Entry) line {
	l := line{Site: site, Link: &e.Link, Record: e.Record}
	switch {
	case e.Record != nil:
		l.At = (*stamp)(&e.Record.At)
	case e.Erasure != nil:
		l.Erasure = &note{*e.Erasure, stamp(e.Erasure.At)}
	default:
		l.Erased, l.Leaf = true, &e.Leaf
	}
	return l
}

// entry returns the entry that a line is of. A line says nothing that the hash of
// its entry does not cover.
func (l line) entry() (*optgate.Entry, error) {
	if l.Link == nil {
		return nil, &optgate.InvalidError{Field: "seq", Msg: "is missing: this export is not chained"}
	}
	e := &optgate.Entry{Link: *l.Link}
	recorded, buried := l.Record != nil || l.At != nil, l.Erased || l.Leaf != nil
	switch {
	case recorded && buried || recorded && l.Erasure != nil || buried && l.Erasure != nil:
		return nil, &optgate.InvalidError{Field: "line", Msg: "is more than one of a record, a tombstone and an erasure"}
	case l.Erasure != nil:
		l.Erasure.Erasure.At = time.Time(l.Erasure.At)
		e.Erasure, e.Leaf = &l.Erasure.Erasure, l.Erasure.Leaf()
	case l.Erased && l.Leaf != nil:
		e.Leaf = *l.Leaf
	case l.Record != nil && l.Record.ID != "" && l.At != nil:
		l.Record.Site, l.Record.At = l.Site, time.Time(*l.At)
		e.Record, e.Leaf = l.Record, l.Record.Leaf()
	default:
		return nil, &optgate.InvalidError{Field: "line", Msg: "is neither a record nor a tombstone nor an erasure, or lacks a part of it"}
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
		if errors.Is(err, errStamp) {
			return fmt.Sprintf("%.40q says more than what was recorded, whole milliseconds in UTC", strings.TrimPrefix(string(e.JSONPointer), "/"))
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
	if k.Site != c.site {
		return c, &optgate.InvalidError{Field: "checkpoint", Msg: fmt.Sprintf("is of site %s, not of %s", k.Site, c.site)}
	}
	c.signed = k
	if err := c.endsWith(k); err != nil {
		return c, err
	}
	return c, c.End()
}
