package parity

import (
	"errors"
	"fmt"
	"math"
)

// Status of a comparison of two lists.
type Status string

// The statuses, from the best to the worst. Unknown: one of the lists is empty, so
// that nothing can be said; it is no pass.
const (
	Expected    Status = "expected"
	Unknown     Status = "unknown"
	Investigate Status = "investigate"
	Blocked     Status = "blocked"
)

// Band is what a comparison may give. Expected is the ratio of the second list to the
// first that is normal, 1 where both should hold the same. A ratio further from it
// than Acceptable is to be looked into, further than Blocked stops a report from being
// final; both are differences of ratios.
type Band struct{ Expected, Acceptable, Blocked float64 }

// Validate says what is wrong with a band: the expected ratio is above zero, and the
// bands are not negative, finite and in order.
func (b Band) Validate() error {
	for _, x := range []float64{b.Expected, b.Acceptable, b.Blocked} {
		if math.IsNaN(x) || math.IsInf(x, 0) || x < 0 {
			return errors.New("a band is made of numbers that are not negative")
		}
	}
	switch {
	case b.Expected == 0:
		return errors.New("the expected ratio is above zero")
	case b.Blocked < b.Acceptable:
		return errors.New("what is blocked is further off than what is acceptable")
	}
	return nil
}

// Judgement is what a comparison came to. Ratio is second / first, nil where a list is
// empty. Reason is a clause for people.
type Judgement struct {
	Status Status
	Ratio  *float64
	Chart  *Chart // nil with less than ChartPeriods of history
	Reason string
}

// Judge compares a list of first units with one of second units, neither negative.
// history holds the ratios of the same comparison in earlier periods, the oldest
// first; of more than ChartPeriods the last count. Of the band and the chart the worse
// answer holds; the chart by itself never blocks.
func Judge(first, second int64, band Band, history []float64) (Judgement, error) {
	if first < 0 || second < 0 {
		return Judgement{}, fmt.Errorf("judge parity: %d and %d units", first, second)
	}
	if err := band.Validate(); err != nil {
		return Judgement{}, fmt.Errorf("judge parity: %w", err)
	}
	if first == 0 || second == 0 {
		return Judgement{Status: Unknown, Reason: "one of the lists is empty, so it cannot be known how far they are apart"}, nil
	}
	ratio := float64(second) / float64(first)
	j := Judgement{Status: Expected, Ratio: &ratio, Reason: "within the acceptable difference"}
	if chart, ok := Individuals(history); ok {
		j.Chart = &chart
		if !chart.Holds(ratio) {
			j.Status, j.Reason = Investigate, fmt.Sprintf("outside of what the last %d periods were like", ChartPeriods)
		}
	}
	switch off := math.Abs(ratio - band.Expected); {
	case off > band.Blocked:
		j.Status, j.Reason = Blocked, "further off than a final report may be"
	case off > band.Acceptable:
		j.Status, j.Reason = Investigate, "further off than is acceptable"
	}
	return j, nil
}
