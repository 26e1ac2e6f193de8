package packed

import (
	"encoding/binary"
	"encoding/hex"

	"github.com/optgate/optgate/internal/optgate"
)

// parser reads from rest and remembers the first fault, so that callers check
// once, at the end.
type parser struct {
	rest []byte
	bad  bool
}

// end reports whether all was read without fault and nothing is left over.
func (p *parser) end() error {
	if p.bad || len(p.rest) > 0 {
		return ErrDamaged
	}
	return nil
}

// take returns the next n bytes.
func (p *parser) take(n uint64) []byte {
	if p.bad || n > uint64(len(p.rest)) {
		p.bad = true
		return nil
	}
	head := p.rest[:n]
	p.rest = p.rest[n:]
	return head
}

func (p *parser) byte() byte {
	if b := p.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (p *parser) uvarint() uint64 {
	v, n := binary.Uvarint(p.rest)
	p.skip(n)
	return v
}

func (p *parser) varint() int64 {
	v, n := binary.Varint(p.rest)
	p.skip(n)
	return v
}

// skip passes over a varint of n bytes; encoding/binary says 0 or less for a bad one.
func (p *parser) skip(n int) {
	if n <= 0 {
		p.bad = true
		return
	}
	p.take(uint64(n))
}

func (p *parser) text() string { return string(p.take(p.uvarint())) }

func (p *parser) word(words []string) string {
	code := int(p.byte())
	switch {
	case code == 0:
		return p.text()
	case code > len(words):
		p.bad = true
		return ""
	}
	return words[code-1]
}

// panel reads what [appendPanel] wrote, which is never empty.
func (p *parser) panel() string {
	n := p.uvarint()
	if n > 0 {
		return string(p.take(n))
	}
	return hex.EncodeToString(p.take(panelBytes))
}

func (p *parser) answer() (optgate.Action, optgate.Choices) {
	action := optgate.Action(p.word(actions))
	choices := optgate.Choices{}
	for n := p.uvarint(); n > 0 && !p.bad; n-- {
		b := p.byte()
		id := ""
		switch code := int(b >> 1); {
		case code == 0:
			id = p.text()
		case code <= len(categories):
			id = categories[code-1]
		default:
			p.bad = true
		}
		if _, twice := choices[optgate.CategoryID(id)]; twice {
			p.bad = true
		}
		choices[optgate.CategoryID(id)] = b&1 == 1
	}
	return action, choices
}
