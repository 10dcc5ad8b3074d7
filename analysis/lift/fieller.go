package lift

import (
	"fmt"
	"math"

	"ghostlight/analysis"
)

// Shape is the form of a Fieller set.
type Shape string

// The shapes that a Fieller set can have.
const (
	// Bounded is an ordinary interval: g < 1.
	Bounded Shape = "bounded"
	// HalfLine has one end only: g = 1.
	HalfLine Shape = "half line"
	// Complement is everything outside a gap: g > 1, and the ratio is clearly
	// not in the gap.
	Complement Shape = "complement"
	// WholeLine excludes nothing.
	WholeLine Shape = "whole line"
)

// tooLarge is the ratio from which the quadratic of a Fieller set could overflow.
// No control mean that is data comes near.
const tooLarge = 1e50

// FiellerSet is the estimate of a relative lift with the exact set that the test
// leaves. Estimate.Interval is the smallest interval around that set, so for a
// Complement and a WholeLine it is unbounded on both sides.
type FiellerSet struct {
	analysis.Estimate
	// G is z² v0 / m0²: how badly the control mean is known. From 1 on, a control
	// mean of zero is not ruled out and no lift can be.
	G     float64
	Shape Shape // empty when there is no interval
	// GapLo and GapHi enclose the lifts that a Complement leaves out, and are
	// zero otherwise.
	GapLo, GapHi float64
}

// Contains reports whether the set holds the lift, ends included. It is false
// when there is no set.
func (s FiellerSet) Contains(lift float64) bool {
	switch s.Shape {
	case "":
		return false
	case Complement:
		return lift <= s.GapLo || lift >= s.GapHi
	}
	return s.Interval.Contains(lift)
}

// Fieller estimates the relative lift m1/m0 - 1 of two means: all lifts θ - 1
// with
//
//	(m1 - θ m0)² ≤ z² (v1 + θ² v0),   v = s²/n of each arm,
//
// which for g = z² v0/m0² < 1 is, with R = m1/m0,
//
//	[R ± (z/m0) √(v1 + R² v0 - g v1)] / (1 - g) - 1.
//
// P is of the same statistic at θ = 1, the z test of equal means. It is left out
// when the set is a Complement or a WholeLine, which no interval can show.
//
// It assumes independent units and means close to normal.
//
// Edge: g ≥ 1 has an unbounded answer, as a Warning says; a control mean of zero
// or below has no relative lift; fewer than two units in an arm can not be
// estimated; no variance in both arms gives the lift without interval.
//
// Sources: Fieller (1954), JRSS B 16:175; Zerbe (1978), The American
// Statistician 32:103; Franz (2007), arXiv 0710.2024.
func Fieller(treatment, control Moments, o Options) (FiellerSet, error) {
	e, err := comparedMeans(treatment, control, o, MethodFieller)
	s := FiellerSet{Estimate: e}
	if err != nil {
		return s, fmt.Errorf("compare means by their ratio: %w", err)
	}
	if treatment.N < 2 || control.N < 2 {
		return s, nil
	}
	ratio := treatment.Mean / control.Mean
	se1 := math.Sqrt(treatment.Variance / float64(treatment.N))
	se0 := math.Sqrt(control.Variance / float64(control.N))
	switch {
	case control.Mean == 0:
		s.NotEstimable = "the control mean is zero, so a relative lift has no value; read the absolute difference"
		return s, nil
	case control.Mean < 0:
		s.NotEstimable = "the control mean is negative, so a relative lift has no meaning; read the absolute difference"
		return s, nil
	case max(math.Abs(ratio), se1/control.Mean, se0/control.Mean) > tooLarge:
		s.NotEstimable = "the control mean is too close to zero to divide by; read the absolute difference"
		return s, nil
	}
	s.Value, s.HasValue = ratio-1, true
	if s.NotEstimable != "" {
		return s, nil
	}

	// In units of the control mean θ solves (1-g) θ² - 2 R θ + R² - w1 ≤ 0, with
	// w1 = z² v1/m0².
	z := o.z()
	w1 := square(z * se1 / control.Mean)
	s.G = square(z * se0 / control.Mean)
	s.shape(ratio, w1)
	s.Interval.Level = o.Level
	s.HasInterval = true
	if s.Shape == Bounded || s.Shape == HalfLine {
		s.P, s.HasP = normalP((treatment.Mean-control.Mean)/math.Hypot(se1, se0)), true
	} else {
		s.Warnings = append(s.Warnings, analysis.Warning{
			Code:     "relative_lift_unbounded",
			Severity: analysis.Caution,
			Text:     "The control mean is too uncertain to divide by: it is not clearly above zero, so the data set no bound on the relative lift. Read the absolute difference.",
		})
	}
	return s, nil
}

// shape solves the quadratic for the set of lifts.
func (s *FiellerSet) shape(ratio, w1 float64) {
	s.Interval.LoUnbounded, s.Interval.HiUnbounded = true, true
	a := 1 - s.G
	discriminant := w1*a + ratio*ratio*s.G
	switch {
	case a > 0:
		half := math.Sqrt(discriminant)
		s.Shape = Bounded
		s.Interval = analysis.Interval{Lo: (ratio-half)/a - 1, Hi: (ratio+half)/a - 1}
	case a == 0 && ratio > 0:
		s.Shape = HalfLine
		s.Interval = analysis.Interval{Lo: (ratio*ratio-w1)/(2*ratio) - 1, HiUnbounded: true}
	case a == 0 && ratio < 0:
		s.Shape = HalfLine
		s.Interval = analysis.Interval{LoUnbounded: true, Hi: (ratio*ratio-w1)/(2*ratio) - 1}
	case a < 0 && discriminant > 0:
		half := math.Sqrt(discriminant)
		s.Shape = Complement
		s.GapLo, s.GapHi = (ratio+half)/a-1, (ratio-half)/a-1
	default:
		s.Shape = WholeLine
	}
}

func square(x float64) float64 { return x * x }
