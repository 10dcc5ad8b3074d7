package lift

import (
	"errors"
	"fmt"
	"math"
	"math/big"

	"ghostlight/analysis"
)

// Moments are the number of units of an arm, their mean and their sample
// variance (divided by N - 1; 0 when N < 2).
type Moments struct {
	N        int64
	Mean     float64
	Variance float64
}

// MomentsFromSums makes moments from the exact sums over the n units of an arm
// of y and of y², where y is a whole number of small units such as cents.
// perUnit is how many of them make one unit of the result: 100 for cents in
// dollars, 1e6 for micros. The arithmetic is exact and rounded once at the end,
//
//	mean = Σy / (n perUnit),  variance = (n Σy² - (Σy)²) / (n (n-1) perUnit²),
//
// so no digits are lost when the mean is large beside the spread.
//
// It returns an error that wraps [ErrInput] when the sums can not be those of n
// whole numbers, or when perUnit is not positive and finite.
func MomentsFromSums(n int64, sumY, sumYY *big.Int, perUnit float64) (Moments, error) {
	if err := validateSums(n, sumY, sumYY, perUnit); err != nil {
		return Moments{}, fmt.Errorf("make moments from sums: %w", errors.Join(err, ErrInput))
	}
	if n == 0 {
		return Moments{}, nil
	}
	count := new(big.Rat).SetInt64(n)
	scale := new(big.Rat)
	scale.SetFloat64(perUnit)

	mean := new(big.Rat).SetInt(sumY)
	mean.Quo(mean, count).Quo(mean, scale)
	m := Moments{N: n}
	m.Mean, _ = mean.Float64()
	if n > 1 {
		variance := new(big.Rat).SetInt(spread(n, sumY, sumYY))
		variance.Quo(variance, count).Quo(variance, new(big.Rat).SetInt64(n-1))
		variance.Quo(variance, scale).Quo(variance, scale)
		m.Variance, _ = variance.Float64()
	}
	if err := m.validate("the arm"); err != nil {
		return Moments{}, fmt.Errorf("make moments from sums: %w", err)
	}
	return m, nil
}

// spread is n Σy² - (Σy)², which is n(n-1) times the variance.
func spread(n int64, sumY, sumYY *big.Int) *big.Int {
	s := new(big.Int).Mul(big.NewInt(n), sumYY)
	return s.Sub(s, new(big.Int).Mul(sumY, sumY))
}

func validateSums(n int64, sumY, sumYY *big.Int, perUnit float64) error {
	switch {
	case n < 0:
		return fmt.Errorf("%d units", n)
	case sumY == nil || sumYY == nil:
		return errors.New("a sum is missing")
	case !(perUnit > 0) || math.IsInf(perUnit, 1):
		return fmt.Errorf("%v small units in a unit", perUnit)
	case n == 0 && (sumY.Sign() != 0 || sumYY.Sign() != 0):
		return errors.New("sums without units are not zero")
	case spread(n, sumY, sumYY).Sign() < 0:
		return fmt.Errorf("the sum of squares %v is too small for the sum %v of %d units", sumYY, sumY, n)
	}
	return nil
}

func (m Moments) validate(arm string) error {
	finite := !math.IsNaN(m.Mean) && !math.IsInf(m.Mean, 0) && !math.IsInf(m.Variance, 1)
	if m.N < 0 || !finite || !(m.Variance >= 0) {
		return fmt.Errorf("%s has mean %v and variance %v over %d units: %w", arm, m.Mean, m.Variance, m.N, ErrInput)
	}
	return nil
}

// comparedMeans checks two arms and opens their estimate. It has NotEstimable
// set when an arm has fewer than two units or neither has any variance.
func comparedMeans(treatment, control Moments, o Options, method string) (analysis.Estimate, error) {
	e := analysis.Estimate{NTreatment: treatment.N, NControl: control.N, Method: method, Grade: o.Grade}
	if err := o.validate(); err != nil {
		return e, err
	}
	if err := treatment.validate("treatment"); err != nil {
		return e, err
	}
	if err := control.validate("control"); err != nil {
		return e, err
	}
	switch {
	case treatment.N == 0 || control.N == 0:
		e.NotEstimable = emptyArm(treatment.N, control.N)
	case treatment.N < 2:
		e.NotEstimable = "the treatment arm has a single unit, which shows no spread"
	case control.N < 2:
		e.NotEstimable = "the control arm has a single unit, which shows no spread"
	case treatment.Variance == 0 && control.Variance == 0:
		e.NotEstimable = "all units of an arm have the same value, in both arms, so there is no spread to make an interval from"
	}
	return e, nil
}

// WelchTest is the estimate of a difference of means with its t statistic. All
// three are 0 when there is no interval.
type WelchTest struct {
	analysis.Estimate
	T  float64
	DF float64
	SE float64
}

// Welch estimates m1 - m0 with the interval of the unequal-variance t test
//
//	d ± t(df) se,  se² = v1 + v0,  df = se⁴ / (v1²/(n1-1) + v0²/(n0-1)),
//
// where v = s²/n of each arm. P is two-sided, of t = d/se.
//
// It assumes independent units with finite variance, and enough of them that
// means are close to normal: over about 355 × skewness² an arm for 95%.
//
// Edge: fewer than two units in an arm can not be estimated; no variance in
// both arms gives the difference without interval and p-value; no variance in
// one arm takes the other's degrees of freedom.
//
// Source: Welch (1947), Biometrika 34:28.
func Welch(treatment, control Moments, o Options) (WelchTest, error) {
	e, err := comparedMeans(treatment, control, o, MethodWelch)
	w := WelchTest{Estimate: e}
	if err != nil {
		return w, fmt.Errorf("compare means: %w", err)
	}
	if treatment.N < 2 || control.N < 2 {
		return w, nil
	}
	w.Value, w.HasValue = treatment.Mean-control.Mean, true
	if w.NotEstimable != "" {
		return w, nil
	}
	v1 := treatment.Variance / float64(treatment.N)
	v0 := control.Variance / float64(control.N)
	share1, share0 := v1/(v1+v0), v0/(v1+v0)
	w.SE = math.Sqrt(v1 + v0)
	w.T = w.Value / w.SE
	w.DF = 1 / (share1*share1/float64(treatment.N-1) + share0*share0/float64(control.N-1))

	half := studentQuantile(1-o.Level, w.DF) * w.SE
	w.Interval = analysis.Interval{Lo: w.Value - half, Hi: w.Value + half, Level: o.Level}
	w.HasInterval = true
	w.P, w.HasP = studentP(w.T, w.DF), true
	return w, nil
}
