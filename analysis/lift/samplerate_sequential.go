package lift

import (
	"fmt"
	"math"
)

// sequentialWeight is the prior's weight in units: how closely it is centred on the design.
const sequentialWeight = 10_000

// SequentialSampleRatio tests the arm sizes at every look, however often: the probability
// that P ever falls to alpha, where the design holds, is at most alpha.
type SequentialSampleRatio struct {
	LogBayesFactor float64 // of other sizes against the design's
	P              float64 // min(1, 1 / Bayes factor), and no larger than that of earlier looks
}

// SequentialSampleRatioOf is the sequential multinomial test of the units by arm against the
// design, with a Dirichlet prior of weight 10,000 around it:
//
//	log B = lnΓ(a) - lnΓ(a + N) + Σ (lnΓ(aᵢ + nᵢ) - lnΓ(aᵢ)) - Σ nᵢ ln θᵢ,  aᵢ = 10,000 θᵢ.
//
// before is the P of the look before, 1 at the first: evidence once seen stays. Counts must
// be those of assignment, each look's a continuation of the last, and of independent units.
// Shares are taken in proportion.
//
// Edge: without units P is that of before. Broken input is an error: fewer than two arms, not
// one share an arm, a negative count, a share that is not positive, or a before that is no
// probability.
//
// Source: Lindon and Malek (2020), arXiv:2011.03567.
func SequentialSampleRatioOf(counts []int64, shares []float64, before float64) (SequentialSampleRatio, error) {
	var t SequentialSampleRatio
	if len(counts) != len(shares) || len(counts) < 2 {
		return t, fmt.Errorf("test sample ratio at a look: %d arms have %d shares: %w", len(counts), len(shares), ErrInput)
	}
	if !(before >= 0 && before <= 1) {
		return t, fmt.Errorf("test sample ratio at a look: the p-value before is %v: %w", before, ErrInput)
	}
	var whole, n float64
	for i, share := range shares {
		if counts[i] < 0 || !(share > 0) || math.IsInf(share, 1) {
			return t, fmt.Errorf("test sample ratio at a look: arm %d has %d units and the share %v: %w", i, counts[i], share, ErrInput)
		}
		whole += share
		n += float64(counts[i])
	}
	t.LogBayesFactor = -logRising(sequentialWeight, n)
	for i, share := range shares {
		theta := share / whole
		t.LogBayesFactor += logRising(sequentialWeight*theta, float64(counts[i])) - float64(counts[i])*math.Log(theta)
	}
	t.P = min(before, math.Exp(-t.LogBayesFactor))
	return t, nil
}

// logRising is lnΓ(a + n) - lnΓ(a).
func logRising(a, n float64) float64 {
	top, _ := math.Lgamma(a + n)
	bottom, _ := math.Lgamma(a)
	return top - bottom
}
