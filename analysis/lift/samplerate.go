package lift

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"ghostlight/analysis"
)

// Limits of [SampleRatio].
const (
	// SampleRatioAlert is the p-value under which arm sizes contradict the
	// design.
	SampleRatioAlert = 0.001
	// SampleRatioPerfect is the p-value above which arm sizes agree with the
	// design better than chance would make them.
	SampleRatioPerfect = 0.9997
	// leastExpected is the smallest expected arm for which chi-square holds.
	leastExpected = 5
)

// SampleRatioTest says whether the arms have the sizes that the design gave
// them. ChiSquare and P are there when HasP is set; otherwise NotEstimable says
// why not.
type SampleRatioTest struct {
	ChiSquare float64
	DF        int
	P         float64
	HasP      bool
	N         int64 // units in all arms
	Warnings  []analysis.Warning

	NotEstimable string
}

// SampleRatio is the chi-square test of the observed units by arm against the
// design,
//
//	Σ (count - N share)² / (N share),  on arms - 1 degrees of freedom.
//
// Shares are taken in proportion, so that 96 and 4 are the same as 0.96 and
// 0.04. The counts must be those of assignment, before any filter, and of
// independent units.
//
// A p-value under [SampleRatioAlert] comes with a warning to stop; one over
// [SampleRatioPerfect] with a note, for then the units were allocated or sampled
// to the design and the test proves nothing.
//
// Edge: a single arm, no units, or fewer than 5 expected units in an arm can not
// be tested. Broken input is an error: a negative count, a share that is not
// positive, or not one share an arm.
//
// Source: Pearson (1900); Fabijan et al. (2019), KDD, for the use and the limit.
func SampleRatio(counts []int64, shares []float64) (SampleRatioTest, error) {
	var t SampleRatioTest
	if len(counts) != len(shares) {
		return t, fmt.Errorf("test sample ratio: %d arms have %d shares: %w", len(counts), len(shares), ErrInput)
	}
	var whole float64
	for i, share := range shares {
		if counts[i] < 0 {
			return t, fmt.Errorf("test sample ratio: arm %d has %d units: %w", i, counts[i], ErrInput)
		}
		if !(share > 0) || math.IsInf(share, 1) {
			return t, fmt.Errorf("test sample ratio: arm %d has the share %v: %w", i, share, ErrInput)
		}
		t.N += counts[i]
		whole += share
	}
	switch {
	case len(counts) < 2:
		t.NotEstimable = "a single arm has no ratio to test"
		return t, nil
	case t.N == 0:
		t.NotEstimable = "no arm has units"
		return t, nil
	}

	n := float64(t.N)
	for i, share := range shares {
		expected := n * (share / whole)
		if expected < leastExpected {
			t.NotEstimable = fmt.Sprintf("the design expects %.2g units in an arm, and the chi-square test needs %d", expected, leastExpected)
			t.ChiSquare = 0
			return t, nil
		}
		excess := math.FMA(-n, share/whole, float64(counts[i]))
		t.ChiSquare += excess * excess / expected
	}
	t.DF = len(counts) - 1
	t.P, t.HasP = distuv.ChiSquared{K: float64(t.DF)}.Survival(t.ChiSquare), true
	t.warn()
	return t, nil
}

func (t *SampleRatioTest) warn() {
	switch {
	case t.P < SampleRatioAlert:
		t.Warnings = append(t.Warnings, analysis.Warning{
			Code:     "sample_ratio_mismatch",
			Severity: analysis.Stop,
			Text:     "The arms do not have the sizes that the design gave them (" + FormatP(t.P) + "), so units were lost or moved in a way that can bias every comparison.",
		})
	case t.P > SampleRatioPerfect:
		t.Warnings = append(t.Warnings, analysis.Warning{
			Code:     "sample_ratio_perfect",
			Severity: analysis.Info,
			Text:     "The arm sizes agree with the design better than chance would make them, so units were allocated or sampled to the design and this test proves nothing.",
		})
	}
}
