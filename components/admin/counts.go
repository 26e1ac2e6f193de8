package admin

import (
	"context"
	"time"

	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// Totals are the counts of several days together.
type Totals struct {
	Decisions int
	Actions   map[optgate.Action]int
	Yes, No   map[optgate.CategoryID]int
	Sources   map[string]int
	Languages map[string]int
	Revisions map[int]int

	BySource, ByLanguage map[string]optgate.Answers
}

// Sum adds up days.
func Sum(days []optgate.DayCount) Totals {
	t := Totals{
		Actions: map[optgate.Action]int{}, Yes: map[optgate.CategoryID]int{}, No: map[optgate.CategoryID]int{},
		Sources: map[string]int{}, Languages: map[string]int{}, Revisions: map[int]int{}, BySource: map[string]optgate.Answers{}, ByLanguage: map[string]optgate.Answers{},
	}
	for _, d := range days {
		for _, n := range d.Actions {
			t.Decisions += n
		}
		add(t.Actions, d.Actions)
		add(t.Yes, d.Yes)
		add(t.No, d.No)
		add(t.Sources, d.Sources)
		add(t.Languages, d.Languages)
		add(t.Revisions, d.Revisions)
		addAnswers(t.BySource, d.BySource)
		addAnswers(t.ByLanguage, d.ByLanguage)
	}
	return t
}

func add[K comparable](to, counts map[K]int) {
	for k, n := range counts {
		to[k] += n
	}
}

func addAnswers(to, answers map[string]optgate.Answers) {
	for k, a := range answers {
		to[k] = to[k].Plus(a)
	}
}

// answers returns the answers about all categories together.
func (t Totals) answers() optgate.Answers {
	var a optgate.Answers
	for _, n := range t.Yes {
		a.Yes += n
	}
	for _, n := range t.No {
		a.No += n
	}
	return a
}

// rate returns the share of yes among all answers about all categories, and how
// many answers there are.
func (t Totals) rate() (float64, int) { return rateOf(t.answers()) }

func rateOf(a optgate.Answers) (float64, int) {
	all := a.Yes + a.No
	if all == 0 {
		return 0, 0
	}
	return float64(a.Yes) / float64(all), all
}

// optIn writes [Totals.rate], or a dash if nobody answered.
func (t Totals) optIn(ctx context.Context) string { return optIn(ctx, t.answers()) }

func optIn(ctx context.Context, a optgate.Answers) string {
	rate, n := rateOf(a)
	if n == 0 {
		return "–"
	}
	return percent(ctx, rate)
}

// FillDays returns one count for each of n days from the day of from on, also
// for those without decisions, which days leaves out.
func FillDays(days []optgate.DayCount, from time.Time, n int) []optgate.DayCount {
	byDay := map[string]optgate.DayCount{}
	for _, d := range days {
		byDay[d.Day] = d
	}
	all := make([]optgate.DayCount, n)
	for i := range all {
		day := from.UTC().AddDate(0, 0, i).Format(time.DateOnly)
		all[i] = byDay[day]
		all[i].Day = day
	}
	return all
}

// action is an action with its words, in the order of the bars from below.
type action struct {
	id    optgate.Action
	label text
	told  text // as the end of a sentence
}

var actions = []action{
	{optgate.AcceptAll, "Accepted all", "accepted all"}, {optgate.Save, "Chose", "chose one by one"},
	{optgate.RejectAll, "Rejected all", "rejected all"}, {optgate.Withdraw, "Withdrew", "withdrew"},
}

// shortDay writes YYYY-MM-DD as people say it.
func shortDay(ctx context.Context, day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return bilingual.ShortDay(ctx, t)
}
