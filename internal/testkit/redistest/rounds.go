package redistest

import (
	"slices"
	"testing"
)

// Rounds collects what short rounds reached, each beside a limit that was
// measured just before it: what else the machine does then weighs on both.
type Rounds struct{ rates, limits, shares []float64 }

// Add notes a round; both are of the same unit.
func (r *Rounds) Add(rate, limit float64) {
	r.rates, r.limits, r.shares = append(r.rates, rate), append(r.limits, limit), append(r.shares, rate/limit)
}

// Report reports the medians of the rounds: of the rates, in unit, of the
// limits, by that name, and of the shares, which is that of the ratios and not their ratio.
func (r *Rounds) Report(b *testing.B, unit, limit string) {
	b.ReportMetric(median(r.rates), unit)
	b.ReportMetric(median(r.limits), limit+"/s")
	b.ReportMetric(median(r.shares), "of-"+limit)
}

// median returns the middle of all, which are not none.
func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
