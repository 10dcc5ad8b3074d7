package simulate

import (
	"math"
	"math/bits"
	"slices"
)

const (
	weightUnit = 1 << 20
	weightMost = 60 * weightUnit // no household watches more than 60 times the median
)

// weight is how much of the campaign a household can receive, in units of
// 1/weightUnit of the median household; 0 when ads cannot reach it. It is drawn
// before and without the arm.
func (w *World) weight(d draws, index int64) uint64 {
	d.start(w.cfg.Seed, domainReach, index)
	if !d.chance(w.cfg.Reach) {
		return 0
	}
	return uint64(min(weightMost, max(1, math.Round(weightUnit*math.Exp(w.cfg.FrequencySigma*d.NormFloat64())))))
}

// frequency is the number of exposures of a household, given the sum of the
// weights before it and its own: total exposures are dealt out in proportion
// to weight, so that they sum to Config.Exposures exactly.
func (w *World) frequency(before, weight uint64) int {
	deal := func(cumulated uint64) uint64 {
		hi, lo := bits.Mul64(uint64(w.cfg.Exposures), cumulated)
		q, _ := bits.Div64(hi, lo, w.totalWeight)
		return q
	}
	if weight == 0 || w.totalWeight == 0 {
		return 0
	}
	return int(deal(before+weight) - deal(before))
}

// expose draws n exposures after the assignment and before the period ends,
// oldest first.
func (g *generator) expose(h *Household, n int) {
	firstMS, endMS := (h.AssignedAt+minute)*1000, PeriodEnd.UnixMilli()
	for range n {
		h.Exposures = append(h.Exposures, Exposure{AtMS: g.between(firstMS, endMS), Creative: g.pick(g.creativeShares...)})
	}
	slices.SortFunc(h.Exposures, func(a, b Exposure) int {
		if a.AtMS != b.AtMS {
			return int(a.AtMS - b.AtMS)
		}
		return a.Creative - b.Creative
	})
}
