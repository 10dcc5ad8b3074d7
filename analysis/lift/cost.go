package lift

import (
	"fmt"
	"math"

	"ghostlight/analysis"
)

// CostPer is what one incremental thing cost: cost / incremental, for a known
// cost and an estimated total. The interval is that of the total turned over,
//
//	cost/hi to cost/lo,
//
// so that it holds the same values of the total and goes with the same p-value.
//
// Edge: a total whose lower end is not above zero leaves the cost without upper
// bound; a total that is itself not above zero has no cost per thing, and an
// interval wholly at or below zero has none either. Broken input, a cost that is
// negative or not finite, is an error that wraps [ErrInput].
//
// Source: Franz (2007), arXiv 0710.2024, for ratios with a known part.
func CostPer(cost float64, incremental analysis.Estimate) (analysis.Estimate, error) {
	if !(cost >= 0) || math.IsInf(cost, 1) {
		return analysis.Estimate{}, fmt.Errorf("cost %v: %w", cost, ErrInput)
	}
	e := incremental
	e.Value, e.HasValue = 0, false
	e.Interval, e.HasInterval = analysis.Interval{Level: incremental.Interval.Level}, false
	switch i := incremental.Interval; {
	case !incremental.HasValue:
		return e, nil
	case incremental.Value <= 0:
		e.NotEstimable = "nothing was added, so there is no cost for each"
		e.P, e.HasP = 0, false
		return e, nil
	case incremental.HasInterval && (i.HiUnbounded || i.Hi > 0):
		e.HasInterval = true
		if !i.HiUnbounded {
			e.Interval.Lo = cost / i.Hi
		}
		if i.LoUnbounded || i.Lo <= 0 {
			e.Interval.HiUnbounded = true
		} else {
			e.Interval.Hi = cost / i.Lo
		}
	}
	e.Value, e.HasValue = cost/incremental.Value, true
	return e, nil
}
