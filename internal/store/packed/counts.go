package packed

import (
	"maps"
	"slices"

	"github.com/optgate/optgate/internal/optgate"
)

// Tally adds up answers into the counts of days.
type Tally struct{ days map[string]*optgate.DayCount }

// Add counts n decisions of that packed answer on a day, YYYY-MM-DD.
func (t *Tally) Add(day string, answer []byte, n int) error {
	action, choices, err := ParseAnswer(answer)
	if err != nil {
		return err
	}
	if t.days == nil {
		t.days = map[string]*optgate.DayCount{}
	}
	d := t.days[day]
	if d == nil {
		d = &optgate.DayCount{
			Day: day, Actions: map[optgate.Action]int{}, Yes: map[optgate.CategoryID]int{}, No: map[optgate.CategoryID]int{},
		}
		t.days[day] = d
	}
	d.Actions[action] += n
	for id, yes := range choices {
		if yes {
			d.Yes[id] += n
		} else {
			d.No[id] += n
		}
	}
	return nil
}

// Days returns the counts in order of the days.
func (t *Tally) Days() []optgate.DayCount {
	counts := make([]optgate.DayCount, 0, len(t.days))
	for _, day := range slices.Sorted(maps.Keys(t.days)) {
		counts = append(counts, *t.days[day])
	}
	return counts
}
