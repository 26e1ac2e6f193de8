package admin

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/optgate/optgate/internal/bilingual"
	"github.com/optgate/optgate/internal/optgate"
)

// Period is how far back an overview looks.
type Period struct {
	ID    string // as addresses have it
	Label text
	Days  int
	Step  int // days of one point of a chart
}

// Periods lists every period, the shortest first.
var Periods = []Period{
	{"7d", "7 days", 7, 1}, {"30d", "30 days", 30, 1}, {"90d", "90 days", 90, 1}, {"2y", "2 years", 104 * 7, 7},
}

// FindPeriod returns the period of that id, or 30 days.
func FindPeriod(id string) Period {
	for _, p := range Periods {
		if p.ID == id {
			return p
		}
	}
	return Periods[1]
}

// CompareDays is how many days, today among them, a comparison of two weeks
// needs.
const CompareDays = 15

// OverviewPage are the numbers of one site.
type OverviewPage struct {
	Frame
	Revision  optgate.Revision
	Period    Period
	Points    []Point            // those of the period, the last ends today
	Recent    []optgate.DayCount // the last [CompareDays] likewise
	Answered  map[int]int        // visitors by the revision of their newest answer
	NoCounts  bool               // the store could not be asked for counts
	NoVisitor bool               // nor for visitors
}

// Point is one place on the time axis of a chart.
type Point struct {
	First, Last string // days
	Totals
}

// Points sums days up, size at a time.
func Points(days []optgate.DayCount, size int) []Point {
	var all []Point
	for from := 0; from < len(days); from += size {
		part := days[from:min(from+size, len(days))]
		all = append(all, Point{part[0].Day, part[len(part)-1].Day, Sum(part)})
	}
	return all
}

// total returns the counts of all points together.
func total(all []Point) Totals {
	t := Sum(nil)
	for _, p := range all {
		t.Decisions += p.Decisions
		add(t.Actions, p.Actions)
		add(t.Yes, p.Yes)
		add(t.No, p.No)
		add(t.Sources, p.Sources)
		add(t.Languages, p.Languages)
		add(t.Revisions, p.Revisions)
		addAnswers(t.BySource, p.BySource)
		addAnswers(t.ByLanguage, p.ByLanguage)
	}
	return t
}

// label names a point's time.
func (p Point) label(ctx context.Context) string {
	if p.First == p.Last {
		return shortDay(ctx, p.First)
	}
	return say(ctx, "%s to %s", longDay(ctx, p.First), longDay(ctx, p.Last))
}

// longDay writes a day with its year: two years have each date twice.
func longDay(ctx context.Context, day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return bilingual.LongDay(ctx, t)
}

// unit says what a point is.
func (p Period) unit() text {
	if p.Step == 1 {
		return "day"
	}
	return "week"
}

// decisions is a heading over how many there were per point.
func (p Period) decisions() text {
	if p.Step == 1 {
		return "Decisions per day"
	}
	return "Decisions per week"
}

// only says of a rate that there is one point with answers.
func (p Period) only() text {
	if p.Step == 1 {
		return "%s on one day (%s)."
	}
	return "%s in one week (%s)."
}

// leftOut says how many points have no answers.
func (p Period) leftOut() (one, many text) {
	if p.Step == 1 {
		return "%d day without answers left out: a gap in the line.", "%d days without answers left out: a gap in the line."
	}
	return "%d week without answers left out: a gap in the line.", "%d weeks without answers left out: a gap in the line."
}

// rateSummary says in words what the chart of the opt-in rate shows.
func rateSummary(ctx context.Context, p Period, all []Point) string {
	var high, low *Point
	empty := 0
	for i := range all {
		rate, n := all[i].rate()
		if n == 0 {
			empty++
			continue
		}
		if high == nil {
			high, low = &all[i], &all[i]
		}
		if best, _ := high.rate(); rate > best {
			high = &all[i]
		}
		if worst, _ := low.rate(); rate < worst {
			low = &all[i]
		}
	}
	if high == nil {
		return say(ctx, "No answers.")
	}
	best, _ := high.rate()
	worst, _ := low.rate()
	said := say(ctx, "Between %s (%s) and %s (%s).", percent(ctx, worst), low.label(ctx), percent(ctx, best), high.label(ctx))
	if high == low {
		said = say(ctx, p.only(), percent(ctx, best), high.label(ctx))
	}
	if empty > 0 {
		one, many := p.leftOut()
		said += " " + count(ctx, empty, one, many)
	}
	return said
}

// actionSummary says in words how decisions were made.
func actionSummary(ctx context.Context, t Totals) string {
	said := count(ctx, t.Decisions, "%d decision:", "%d decisions:")
	for i, a := range actions {
		if i > 0 {
			said += ","
		}
		said += " " + percent(ctx, float64(t.Actions[a.id])/float64(t.Decisions)) + " " + say(ctx, a.told)
	}
	return said + "."
}

// part is one row of a split: how many decisions were of one kind, and what they
// answered.
type part struct {
	label   string
	n       int
	share   float64
	answers optgate.Answers
}

// split returns the parts that decisions divide into, the largest first.
func split(counts map[string]int, answers map[string]optgate.Answers, label func(string) string) []part {
	all, sum := 0, []part{}
	for _, n := range counts {
		all += n
	}
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		if n := counts[k]; n > 0 {
			sum = append(sum, part{label(k), n, float64(n) / float64(all), answers[k]})
		}
	}
	slices.SortStableFunc(sum, func(a, b part) int { return b.n - a.n })
	return sum
}

// sourceLabels say where a decision was made.
var sourceLabels = map[string]text{
	"banner": "Banner", "preferences": "Preferences", "placeholder": "In place of a frame", "api": "The page’s own code",
	"gpc": "Browser’s signal (GPC)", "form": "Page without a script", "import": "Imported",
}

func sourceLabel(ctx context.Context) func(string) string {
	return func(s string) string { return cmp.Or(say(ctx, sourceLabels[s]), s) }
}

// categoryRow is what was answered about one category.
type categoryRow struct {
	title string
	yes   int
	no    int
}

func (r categoryRow) share() float64 { return float64(r.yes) / float64(r.yes+r.no) }

// categoryRows returns what was answered, in the site's order, then about
// categories that the site no longer has.
func categoryRows(ctx context.Context, c *optgate.Config, t Totals) []categoryRow {
	var rows []categoryRow
	add := func(id optgate.CategoryID, title string) {
		if t.Yes[id]+t.No[id] > 0 {
			rows = append(rows, categoryRow{title, t.Yes[id], t.No[id]})
		}
	}
	for _, k := range c.Categories {
		add(k.ID, CategoryTitle(ctx, k, c.Languages))
	}
	gone := maps.Clone(t.Yes)
	maps.Copy(gone, t.No)
	for _, id := range slices.Sorted(maps.Keys(gone)) {
		if _, there := c.Category(id); !there {
			add(id, say(ctx, "%s (no longer asked)", string(id)))
		}
	}
	return rows
}

// revisionRow is how a revision was answered.
type revisionRow struct {
	number    int
	decisions int
	visitors  int
	share     float64 // of all visitors
}

// revisionRows returns the revisions that have been answered, newest first.
func revisionRows(t Totals, answered map[int]int) []revisionRow {
	all := 0
	numbers := maps.Clone(answered)
	if numbers == nil {
		numbers = map[int]int{}
	}
	for _, n := range answered {
		all += n
	}
	maps.Copy(numbers, t.Revisions)
	var rows []revisionRow
	for _, number := range slices.Backward(slices.Sorted(maps.Keys(numbers))) {
		r := revisionRow{number: number, decisions: t.Revisions[number], visitors: answered[number]}
		if all > 0 {
			r.share = float64(r.visitors) / float64(all)
		}
		if r.decisions+r.visitors > 0 {
			rows = append(rows, r)
		}
	}
	return rows
}

// comparison is a number with the one of before.
type comparison struct{ title, now, before string }

// comparisons compare today with the same weekday of last week, and the last
// seven whole days with those before them: today is not over yet.
func comparisons(ctx context.Context, recent []optgate.DayCount) []comparison {
	n := len(recent)
	today, weekAgo := Sum(recent[n-1:]), Sum(recent[n-8:n-7])
	week, before := Sum(recent[n-8:n-1]), Sum(recent[n-15:n-8])
	day := say(ctx, "The same day last week")
	if t, err := time.Parse(time.DateOnly, recent[n-8].Day); err == nil {
		day = say(ctx, "Last %s", bilingual.Weekday(ctx, t))
	}
	return []comparison{
		{say(ctx, "Decisions today, so far"), number(ctx, today.Decisions), say(ctx, "%s, the whole day: %d", day, weekAgo.Decisions)},
		{say(ctx, "Opt-in today, so far"), today.optIn(ctx), say(ctx, "%s, the whole day: %s", day, weekAgo.optIn(ctx)+pointsChanged(ctx, today, weekAgo))},
		{say(ctx, "Decisions, last 7 whole days"), number(ctx, week.Decisions), say(ctx, "The 7 before: %s", number(ctx, before.Decisions)+changed(ctx, week.Decisions, before.Decisions))},
		{say(ctx, "Opt-in, last 7 whole days"), week.optIn(ctx), say(ctx, "The 7 before: %s", before.optIn(ctx)+pointsChanged(ctx, week, before))},
	}
}

// changed says how now differs from before, in percent.
func changed(ctx context.Context, now, before int) string {
	if before == 0 || now == before {
		return ""
	}
	d := float64(now-before) / float64(before)
	if d > 0 {
		return say(ctx, " (%s more)", percent(ctx, d))
	}
	return say(ctx, " (%s fewer)", percent(ctx, -d))
}

// pointsChanged says how a rate differs from before, in percentage points.
func pointsChanged(ctx context.Context, now, before Totals) string {
	a, n := now.rate()
	b, m := before.rate()
	d := int(100*a+0.5) - int(100*b+0.5)
	switch {
	case n == 0 || m == 0 || d == 0:
		return ""
	case d > 0:
		return count(ctx, d, " (%d point more)", " (%d points more)")
	}
	return count(ctx, -d, " (%d point less)", " (%d points less)")
}

// niceTop returns the top of a scale for numbers up to most: 1, 2 or 5 and
// zeros.
func niceTop(most int) int {
	for unit := 1; ; unit *= 10 {
		for _, step := range []int{1, 2, 5} {
			if step*unit >= most {
				return step * unit
			}
		}
	}
}

// pc writes a coordinate, in percent of the drawing, so that it fits any width.
func pc(share float64) string { return strconv.FormatFloat(share*100, 'f', 2, 64) + "%" }

// stroke is a straight piece of a line, dot a point that has no neighbour.
type stroke struct{ x1, y1, x2, y2 string }
type dot struct{ x, y string }

// The plot leaves this share free above and below, so that its edge cuts no
// line.
const margin = 0.03

// rateLine returns the chart of the opt-in rate. A point without answers is a
// gap.
func rateLine(all []Point) (strokes []stroke, dots []dot) {
	at := func(i int) (x, y string, ok bool) {
		if i < 0 || i >= len(all) {
			return "", "", false
		}
		rate, n := all[i].rate()
		return pc((float64(i) + 0.5) / float64(len(all))), pc(1 - margin - rate*(1-2*margin)), n > 0
	}
	for i := range all {
		x, y, ok := at(i)
		if !ok {
			continue
		}
		_, _, before := at(i - 1)
		if x2, y2, after := at(i + 1); after {
			strokes = append(strokes, stroke{x, y, x2, y2})
		} else if !before {
			dots = append(dots, dot{x, y})
			continue
		}
		if len(all) <= 31 {
			dots = append(dots, dot{x, y})
		}
	}
	return strokes, dots
}

// bar is one rectangle of a chart.
type bar struct {
	x, y, width, height string
	action              optgate.Action
}

// stacks returns the chart of decisions: for each point a bar, made up of its
// actions, and what the top of its scale stands for.
func stacks(all []Point) (bars []bar, top int) {
	for _, p := range all {
		top = max(top, p.Decisions)
	}
	top = niceTop(top)
	slot := 1 / float64(len(all))
	for i, p := range all {
		y := 1.0
		for _, a := range actions {
			h := float64(p.Actions[a.id]) / float64(top)
			if h == 0 {
				continue
			}
			y -= h
			bars = append(bars, bar{pc((float64(i) + 0.125) * slot), pc(y), pc(slot * 0.75), pc(h), a.id})
		}
	}
	return bars, top
}
