package admin

import (
	"fmt"
	"time"

	"github.com/optgate/optgate/internal/optgate"
)

// Totals are the counts of several days together.
type Totals struct {
	Decisions int
	Yes, No   map[optgate.CategoryID]int
}

// Sum adds up days.
func Sum(days []optgate.DayCount) Totals {
	t := Totals{Yes: map[optgate.CategoryID]int{}, No: map[optgate.CategoryID]int{}}
	for _, d := range days {
		for _, n := range d.Actions {
			t.Decisions += n
		}
		for id, n := range d.Yes {
			t.Yes[id] += n
		}
		for id, n := range d.No {
			t.No[id] += n
		}
	}
	return t
}

// share returns the share of yes among all answers about a category, and how
// many answers there are.
func (t Totals) share(id optgate.CategoryID) (float64, int) {
	n := t.Yes[id] + t.No[id]
	if n == 0 {
		return 0, 0
	}
	return float64(t.Yes[id]) / float64(n), n
}

// optIn returns the share of yes among all answers about all categories.
func (t Totals) optIn() string {
	yes, no := 0, 0
	for _, n := range t.Yes {
		yes += n
	}
	for _, n := range t.No {
		no += n
	}
	if yes+no == 0 {
		return "–"
	}
	return percent(float64(yes) / float64(yes+no))
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", share*100) }

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
	label string
}

var actions = []action{
	{optgate.AcceptAll, "Accepted all"}, {optgate.Save, "Chose"}, {optgate.RejectAll, "Rejected all"}, {optgate.Withdraw, "Withdrew"},
}

// bar is one rectangle of the chart, in the units of its view box.
type bar struct {
	x, y, width, height string
	class               string
}

// The chart's view box. A day has a slot of which its bar leaves a quarter free.
const (
	chartHeight = 120
	slotWidth   = 20
	barWidth    = 15
)

// bars returns the chart of days: for each a bar, made up of its actions.
func bars(days []optgate.DayCount) []bar {
	most := 1
	for _, d := range days {
		most = max(most, Sum([]optgate.DayCount{d}).Decisions)
	}
	var all []bar
	for i, d := range days {
		top := float64(chartHeight)
		for _, a := range actions {
			h := float64(d.Actions[a.id]) * chartHeight / float64(most)
			if h == 0 {
				continue
			}
			top -= h
			all = append(all, bar{
				x: fmt.Sprint(i*slotWidth + (slotWidth-barWidth)/2), width: fmt.Sprint(barWidth),
				y: fmt.Sprintf("%.2f", top), height: fmt.Sprintf("%.2f", h), class: "bar-" + string(a.id),
			})
		}
	}
	return all
}

// shortDay writes YYYY-MM-DD as people say it.
func shortDay(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("Mon 2 Jan")
}
