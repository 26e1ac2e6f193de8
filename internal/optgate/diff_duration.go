package optgate

import (
	"strconv"
	"strings"
	"unicode"
)

// days are the units of a duration in words by how they begin, in English and
// German, with their length in days.
var days = []struct {
	prefix string
	length float64
}{
	{"sec", 1. / 86400}, {"sek", 1. / 86400}, {"min", 1. / 1440}, {"hour", 1. / 24}, {"stund", 1. / 24},
	{"day", 1}, {"tag", 1}, {"week", 7}, {"woche", 7}, {"month", 365.25 / 12}, {"monat", 365.25 / 12},
	{"year", 365.25}, {"jahr", 365.25},
}

// mayBeLonger reports whether what was kept for one duration is now kept for
// longer. Durations are words: what cannot be read counts as longer, since an
// answer from before is in doubt.
func mayBeLonger(from, to string) bool {
	if from == to {
		return false
	}
	a, okA := daysIn(from)
	b, okB := daysIn(to)
	return !okA || !okB || b > a
}

// daysIn reads a duration such as "13 months", "1 year" or "session" in days.
func daysIn(s string) (float64, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if strings.HasPrefix(s, "session") || strings.HasPrefix(s, "until you close") {
		return 0, true
	}
	number := strings.TrimRightFunc(s, func(r rune) bool { return !unicode.IsDigit(r) })
	unit := strings.TrimSpace(strings.TrimPrefix(s, number))
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n < 0 {
		return 0, false
	}
	for _, u := range days {
		if strings.HasPrefix(unit, u.prefix) && !strings.ContainsAny(unit, " ,;") {
			return n * u.length, true
		}
	}
	return 0, false
}
