package packed

import (
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// daysVersion begins what [AppendDays] writes.
const daysVersion = 1

// A day's number counts from 1970 on. Those from firstDay to lastDay have four
// digits of a year.
const (
	daySeconds = 24 * 60 * 60
	firstDay   = -719162
	lastDay    = 2932896
)

// AppendDays appends the counts of days, which are written YYYY-MM-DD.
func AppendDays(b []byte, days []optgate.DayCount) ([]byte, error) {
	b = binary.AppendUvarint(append(b, daysVersion), uint64(len(days)))
	for _, d := range days {
		at, err := time.Parse(time.DateOnly, d.Day)
		if err != nil {
			return nil, err
		}
		b = binary.AppendVarint(b, at.Unix()/daySeconds)
		b = appendCounts(b, actions, d.Actions)
		b = appendCounts(b, categories, d.Yes)
		b = appendCounts(b, categories, d.No)
		b = appendCounts(b, sources, d.Sources)
		b = appendCounts(b, nil, d.Languages)
		b = binary.AppendUvarint(b, uint64(len(d.Revisions)))
		for _, revision := range slices.Sorted(maps.Keys(d.Revisions)) {
			b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(revision)), uint64(d.Revisions[revision]))
		}
		b = appendAnswers(b, sources, d.BySource)
		b = appendAnswers(b, nil, d.ByLanguage)
	}
	return b, nil
}

func appendCounts[K ~string](b []byte, words []string, counts map[K]int) []byte {
	b = binary.AppendUvarint(b, uint64(len(counts)))
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		b = binary.AppendUvarint(appendWord(b, words, string(k)), uint64(counts[k]))
	}
	return b
}

func appendAnswers(b []byte, words []string, answers map[string]optgate.Answers) []byte {
	b = binary.AppendUvarint(b, uint64(len(answers)))
	for _, k := range slices.Sorted(maps.Keys(answers)) {
		b = binary.AppendUvarint(appendWord(b, words, k), uint64(answers[k].Yes))
		b = binary.AppendUvarint(b, uint64(answers[k].No))
	}
	return b
}

// ParseDays reads what [AppendDays] wrote.
func ParseDays(b []byte) ([]optgate.DayCount, error) {
	p := daysParser{parser{rest: b}, map[string]string{}}
	if p.byte() != daysVersion {
		p.bad = true
	}
	var days []optgate.DayCount
	for n := p.uvarint(); n > 0 && !p.bad; n-- {
		days = append(days, optgate.DayCount{
			Day:     p.day(),
			Actions: parseCounts[optgate.Action](&p, actions), Yes: parseCounts[optgate.CategoryID](&p, categories), No: parseCounts[optgate.CategoryID](&p, categories),
			Sources: parseCounts[string](&p, sources), Languages: parseCounts[string](&p, nil), Revisions: p.revisions(),
			BySource: p.answers(sources), ByLanguage: p.answers(nil),
		})
	}
	return days, p.end()
}

// daysParser keeps the words that it met: days have mostly the same ones.
type daysParser struct {
	parser
	met map[string]string
}

func (p *daysParser) word(words []string) string {
	if len(p.rest) == 0 || p.rest[0] != 0 {
		return p.parser.word(words)
	}
	p.byte()
	raw := p.take(p.uvarint())
	if s, ok := p.met[string(raw)]; ok {
		return s
	}
	s := string(raw)
	p.met[s] = s
	return s
}

func (p *daysParser) day() string {
	n := p.varint()
	if n < firstDay || n > lastDay {
		p.bad = true
		return ""
	}
	return time.Unix(n*daySeconds, 0).UTC().Format(time.DateOnly)
}

// room is how large a map is made for n things that the bytes claim to hold.
func (p *daysParser) room(n uint64) int { return int(min(n, uint64(len(p.rest)))) }

func parseCounts[K ~string](p *daysParser, words []string) map[K]int {
	n := p.uvarint()
	counts := make(map[K]int, p.room(n))
	for ; n > 0 && !p.bad; n-- {
		k := K(p.word(words))
		counts[k] = int(p.uvarint())
	}
	return counts
}

func (p *daysParser) revisions() map[int]int {
	n := p.uvarint()
	counts := make(map[int]int, p.room(n))
	for ; n > 0 && !p.bad; n-- {
		k := int(p.uvarint())
		counts[k] = int(p.uvarint())
	}
	return counts
}

func (p *daysParser) answers(words []string) map[string]optgate.Answers {
	n := p.uvarint()
	all := make(map[string]optgate.Answers, p.room(n))
	for ; n > 0 && !p.bad; n-- {
		k := p.word(words)
		all[k] = optgate.Answers{Yes: int(p.uvarint()), No: int(p.uvarint())}
	}
	return all
}
