package packed

import (
	"encoding/binary"
	"maps"
	"slices"

	"github.com/optgate/optgate/internal/optgate"
)

// countKey begins what decisions are counted under. Before it, they were counted
// under their packed answer alone, which never begins like this.
const countKey = 0x80

// AppendCountKey appends what r is counted under on its day: its answer, source,
// revision and language.
func AppendCountKey(b []byte, r *optgate.Record) []byte {
	b = AppendAnswer(append(b, countKey), r.Action, r.Choices)
	b = appendWord(b, sources, r.Source)
	b = binary.AppendUvarint(b, uint64(r.Revision))
	return appendText(b, r.Language)
}

// Tally adds up counts into those of days.
type Tally struct {
	days map[string]*optgate.DayCount
	keys map[string]counted // those that were read: days have mostly the same ones
}

// counted is what decisions are counted under.
type counted struct {
	action           optgate.Action
	choices          optgate.Choices
	whole            bool // has what follows
	source, language string
	revision         int
	answers          optgate.Answers // about all categories
}

// Add counts n decisions of that key on a day, YYYY-MM-DD.
func (t *Tally) Add(day string, key []byte, n int) error {
	c, ok := t.keys[string(key)]
	if !ok {
		var err error
		if c, err = parseCountKey(key); err != nil {
			return err
		}
		if t.keys == nil {
			t.keys = map[string]counted{}
		}
		t.keys[string(key)] = c
	}
	d := t.day(day)
	d.Actions[c.action] += n
	for id, yes := range c.choices {
		if yes {
			d.Yes[id] += n
		} else {
			d.No[id] += n
		}
	}
	if c.whole {
		d.Sources[c.source] += n
		d.Languages[c.language] += n
		d.Revisions[c.revision] += n
		all := optgate.Answers{Yes: c.answers.Yes * n, No: c.answers.No * n}
		d.BySource[c.source] = d.BySource[c.source].Plus(all)
		d.ByLanguage[c.language] = d.ByLanguage[c.language].Plus(all)
	}
	return nil
}

func parseCountKey(key []byte) (counted, error) {
	p := parser{rest: key}
	c := counted{whole: len(key) > 0 && key[0] == countKey}
	if c.whole {
		p.byte()
	}
	c.action, c.choices = p.answer()
	for _, yes := range c.choices {
		if yes {
			c.answers.Yes++
		} else {
			c.answers.No++
		}
	}
	if c.whole {
		c.source, c.revision, c.language = p.word(sources), int(p.uvarint()), p.text()
	}
	return c, p.end()
}

// day returns the counts of a day.
func (t *Tally) day(day string) *optgate.DayCount {
	if t.days == nil {
		t.days = map[string]*optgate.DayCount{}
	}
	d := t.days[day]
	if d == nil {
		d = &optgate.DayCount{
			Day: day, Actions: map[optgate.Action]int{}, Yes: map[optgate.CategoryID]int{}, No: map[optgate.CategoryID]int{},
			Sources: map[string]int{}, Languages: map[string]int{}, Revisions: map[int]int{}, BySource: map[string]optgate.Answers{}, ByLanguage: map[string]optgate.Answers{},
		}
		t.days[day] = d
	}
	return d
}

// Days returns the counts in order of the days.
func (t *Tally) Days() []optgate.DayCount {
	counts := make([]optgate.DayCount, 0, len(t.days))
	for _, day := range slices.Sorted(maps.Keys(t.days)) {
		counts = append(counts, *t.days[day])
	}
	return counts
}
