// Package packed is the compact binary form in which both stores keep records,
// and their cursors. A record of three categories takes 49 bytes, where its JSON
// takes about 250; a ledger of millions of records is mostly this.
//
// Nothing here may change the meaning of bytes that a store holds: word tables
// only grow at their end, and another layout gets another version byte.
package packed

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/optgate/optgate/internal/optgate"
)

// ErrDamaged reports bytes that this package did not write.
var ErrDamaged = errors.New("packed: its bytes were altered or are damaged")

// One of these begins every body. A record of a panel that is known has one
// field more.
const (
	versionPlain = 1
	versionPanel = 2
)

// panelBytes is the length of a panel's hash as bytes.
const panelBytes = 16

// The words that one byte stands for, by their place here; any other word is
// written out.
var (
	actions    = []string{"accept_all", "reject_all", "save", "withdraw"}
	sources    = []string{"banner", "preferences", "placeholder", "api", "gpc", "form", "import"}
	categories = []string{"essential", "functional", "analytics", "marketing"}
)

// ID is a ULID as bytes.
type ID = ulid.ULID

// ParseID reads a ULID in its canonical spelling. Any other text is an
// [optgate.InvalidError] of that field.
func ParseID(field, s string) (ID, error) {
	id, err := ulid.ParseStrict(s)
	var text [ulid.EncodedSize]byte
	if err != nil || id.MarshalTextTo(text[:]) != nil || string(text[:]) != s {
		return ID{}, &optgate.InvalidError{Field: field, Msg: "is not a ULID"}
	}
	return id, nil
}

// AppendAnswer appends a decision's action and choices to b. Equal answers have
// equal bytes, so that they can be counted under them.
func AppendAnswer(b []byte, action optgate.Action, choices optgate.Choices) []byte {
	b = appendWord(b, actions, string(action))
	ids := make([]optgate.CategoryID, 0, 8)
	for id := range choices {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	b = binary.AppendUvarint(b, uint64(len(ids)))
	for _, id := range ids {
		var yes byte
		if choices[id] {
			yes = 1
		}
		code := slices.Index(categories, string(id)) + 1
		b = append(b, byte(code)<<1|yes)
		if code == 0 {
			b = appendText(b, string(id))
		}
	}
	return b
}

// ParseAnswer reads what [AppendAnswer] wrote.
func ParseAnswer(b []byte) (optgate.Action, optgate.Choices, error) {
	p := parser{rest: b}
	action, choices := p.answer()
	if err := p.end(); err != nil {
		return "", nil, err
	}
	return action, choices, nil
}

// AppendBody appends all of r but its site, visitor and id.
func AppendBody(b []byte, r *optgate.Record) []byte {
	version := byte(versionPlain)
	if r.Panel != "" {
		version = versionPanel
	}
	b = append(b, version)
	b = AppendAnswer(b, r.Action, r.Choices)
	b = appendWord(b, sources, r.Source)
	b = binary.AppendUvarint(b, uint64(r.Revision))
	b = binary.AppendVarint(b, r.At.UnixMilli())
	b = appendText(b, r.Language)
	if version == versionPanel {
		b = appendPanel(b, r.Panel)
	}
	return b
}

// ParseBody reads what [AppendBody] wrote into r.
func ParseBody(b []byte, r *optgate.Record) error {
	p := parser{rest: b}
	version := p.byte()
	if version != versionPlain && version != versionPanel && !p.bad {
		return fmt.Errorf("packed: record of version %d, which this Optgate is too old for: %w", version, ErrDamaged)
	}
	r.Action, r.Choices = p.answer()
	r.Source = p.word(sources)
	r.Revision = int(p.uvarint())
	r.At = time.UnixMilli(p.varint()).UTC()
	r.Language = p.text()
	r.Panel = ""
	if version == versionPanel {
		r.Panel = p.panel()
	}
	return p.end()
}

// Record returns all of r but its site. The ids are those of r, parsed.
func Record(r *optgate.Record, visitor, id ID) []byte {
	b := make([]byte, 0, 64)
	b = append(b, id[:]...)
	b = append(b, visitor[:]...)
	return AppendBody(b, r)
}

// ParseRecord reads what [Record] wrote for that site.
func ParseRecord(site optgate.SiteID, b []byte) (optgate.Record, error) {
	const ids = 2 * len(ID{})
	if len(b) < ids {
		return optgate.Record{}, ErrDamaged
	}
	r := optgate.Record{Site: site, ID: ID(b[:ids/2]).String(), Visitor: ID(b[ids/2 : ids]).String()}
	if err := ParseBody(b[ids:], &r); err != nil {
		return optgate.Record{}, err
	}
	return r, nil
}

func appendWord(b []byte, words []string, s string) []byte {
	if i := slices.Index(words, s); i >= 0 {
		return append(b, byte(i+1))
	}
	return appendText(append(b, 0), s)
}

// appendPanel appends a panel's hash as bytes behind a zero, anything else as text.
func appendPanel(b []byte, s string) []byte {
	if !optgate.IsPanelHash(s) {
		return appendText(b, s)
	}
	raw, _ := hex.DecodeString(s) // it is hex
	return append(append(b, 0), raw...)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
