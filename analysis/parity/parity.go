package parity

import (
	"errors"
	"fmt"
	"math"
)

// Status of a comparison of two lists.
type Status string

// The statuses, from the best to the worst. Unknown: there is nothing to compare with; it is
// no pass.
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

// Judgement is what a comparison came to. Ratio is second / first, nil where the first list
// is empty. Reason is a clause for people.
type Judgement struct {
	Status Status
	Ratio  *float64
	Chart  *Chart // nil with too few weeks
	Reason string
}

// Counts are the units of two lists, and how many of them are in both.
type Counts struct{ First, Second, Both int64 }

// Judge compares two lists. Two things may be off: the ratio of the lists, and the share of
// the first that both have, which is 1 at most; lists of equal length with nothing in common
// do not agree. weeks are the ratios of single weeks, the oldest first: where there are
// enough, the last is held against the chart of those before it, which by itself never
// blocks. An empty first list leaves nothing to compare with, an empty second is a ratio of 0.
func Judge(c Counts, band Band, weeks []float64) (Judgement, error) {
	if c.Both < 0 || c.Both > c.First || c.Both > c.Second {
		return Judgement{}, fmt.Errorf("judge parity: %d and %d units, %d in both", c.First, c.Second, c.Both)
	}
	if err := band.Validate(); err != nil {
		return Judgement{}, fmt.Errorf("judge parity: %w", err)
	}
	if c.First == 0 {
		return Judgement{Status: Unknown, Reason: "one of the lists is empty, so it cannot be known how far they are apart"}, nil
	}
	ratio, both := float64(c.Second)/float64(c.First), float64(c.Both)/float64(c.First)
	j := Judgement{Status: Expected, Ratio: &ratio, Reason: "within the acceptable difference"}
	if n := len(weeks); n > 0 {
		if chart, ok := Individuals(weeks[:n-1]); ok {
			j.Chart = &chart
			if !chart.Holds(weeks[n-1]) {
				j.Status, j.Reason = Investigate, fmt.Sprintf("in its last week unlike the %d weeks before", ChartPeriods)
			}
		}
	}
	apart, missed := math.Abs(ratio-band.Expected), min(band.Expected, 1)-both
	switch {
	case apart > band.Blocked:
		j.Status, j.Reason = Blocked, "further off than a final report may be"
	case missed > band.Blocked:
		j.Status, j.Reason = Blocked, "with less in common than a final report may have"
	case apart > band.Acceptable:
		j.Status, j.Reason = Investigate, "further off than is acceptable"
	case missed > band.Acceptable:
		j.Status, j.Reason = Investigate, "with less in common than is acceptable"
	}
	return j, nil
}
