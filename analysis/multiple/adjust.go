package multiple

import (
	"errors"
	"fmt"
	"slices"
)

// ErrInput is wrapped by every error of this package: a p-value that is none, or a rate
// outside (0, 1).
var ErrInput = errors.New("broken input")

// Bonferroni adjusts p-values by their number: the rate of any false alarm in the family is
// at most that at which they are held, whatever their dependence.
//
// Adjusted p-values stand in the order of the input and are 1 at most. An empty family has
// none.
func Bonferroni(p []float64) ([]float64, error) {
	return adjust(p, false, func(rank, m int) float64 { return float64(m) })
}

// Holm adjusts p-values by the step-down method of Holm (Scandinavian Journal of Statistics
// 6, 1979): the guarantee of [Bonferroni], and never less power.
func Holm(p []float64) ([]float64, error) {
	return adjust(p, false, func(rank, m int) float64 { return float64(m - rank + 1) })
}

// Hochberg adjusts p-values by the step-up method of Hochberg (Biometrika 75, 1988), which
// rejects at least what [Holm] does. Its guarantee needs independent statistics, or such as
// are positively dependent (Sarkar 1998).
func Hochberg(p []float64) ([]float64, error) {
	return adjust(p, true, func(rank, m int) float64 { return float64(m - rank + 1) })
}

// BenjaminiHochberg adjusts p-values so that the expected share of false alarms among those
// rejected at q is at most q (Benjamini and Hochberg, JRSS B 57, 1995), for independent or
// positively dependent statistics.
func BenjaminiHochberg(p []float64) ([]float64, error) {
	return adjust(p, true, func(rank, m int) float64 { return float64(m) / float64(rank) })
}

// BenjaminiYekutieli is [BenjaminiHochberg] under any dependence, at the price of the
// harmonic sum of the family's size (Annals of Statistics 29, 2001).
func BenjaminiYekutieli(p []float64) ([]float64, error) {
	var harmonic float64
	for i := range p {
		harmonic += 1 / float64(i+1)
	}
	return adjust(p, true, func(rank, m int) float64 { return harmonic * float64(m) / float64(rank) })
}

// FCRLevel is the level of the intervals of those comparisons that were picked out by
// [BenjaminiHochberg] at q, picked of family, so that the expected share of them that miss
// is at most q (Benjamini and Yekutieli, JASA 100, 2005). With none picked there is no
// interval to draw, and the level is that of all of them, 1 - q.
func FCRLevel(picked, family int, q float64) (float64, error) {
	switch {
	case !(q > 0 && q < 1):
		return 0, fmt.Errorf("rate %v is not between 0 and 1: %w", q, ErrInput)
	case picked < 0 || picked > family:
		return 0, fmt.Errorf("%d picked of a family of %d: %w", picked, family, ErrInput)
	case picked == 0:
		return 1 - q, nil
	}
	return 1 - q*float64(picked)/float64(family), nil
}

// SimultaneousLevel is the level of each interval of a declared family, so that all of them
// cover together at level (Bonferroni). A family has one comparison at least.
func SimultaneousLevel(family int, level float64) (float64, error) {
	switch {
	case !(level > 0 && level < 1):
		return 0, fmt.Errorf("level %v is not between 0 and 1: %w", level, ErrInput)
	case family < 1:
		return 0, fmt.Errorf("a family of %d: %w", family, ErrInput)
	}
	return 1 - (1-level)/float64(family), nil
}

// adjust multiplies the p-value of each rank, 1 for the least, by its factor, and makes the
// result monotone: downwards from the largest when stepping up, else upwards from the least.
func adjust(p []float64, stepsUp bool, factor func(rank, m int) float64) ([]float64, error) {
	order := make([]int, len(p))
	for i, x := range p {
		if !(x >= 0 && x <= 1) {
			return nil, fmt.Errorf("p-value %v of comparison %d is not between 0 and 1: %w", x, i+1, ErrInput)
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return 0
	})
	adjusted := make([]float64, len(p))
	worst, best := 0.0, 1.0
	for step := range order {
		rank := step + 1
		if stepsUp {
			rank = len(order) - step
		}
		i := order[rank-1]
		x := min(1, p[i]*factor(rank, len(p)))
		worst, best = max(worst, x), min(best, x)
		adjusted[i] = worst
		if stepsUp {
			adjusted[i] = best
		}
	}
	return adjusted, nil
}
