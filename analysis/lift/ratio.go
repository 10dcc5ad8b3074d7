package lift

import (
	"fmt"
	"math"

	"ghostlight/analysis"
)

// RatioKoopman estimates p1/p0 with Koopman's score interval: all r > 0 with
//
//	(p1 - r p0)² ≤ z² V(r),   V(r) = q1(1-q1)/n1 + r² q0(1-q0)/n0,
//
// where q1, q0 are the maximum-likelihood rates under q1 = r q0. P is of the
// same statistic at r = 1. [RelativeLift] turns the ratio into a lift.
//
// It assumes independent units and two binomial counts; a holdout with ten
// expected converters is enough.
//
// Edge: without converters in treatment the ratio is 0 and so is its lower end;
// without converters in control the ratio has no value and no upper end, but a
// finite lower one; without converters in either arm nothing can be estimated.
//
// Source: Koopman (1984), Biometrics 40:513.
func RatioKoopman(treatment, control Proportion, o Options) (analysis.Estimate, error) {
	return ratio(treatment, control, o, MethodKoopman, false)
}

// RatioMN is [RatioKoopman] with V(r) times N/(N-1), N = n1 + n0, in the
// interval and in the p-value, which is therefore that of [DifferenceMN].
//
// Source: Miettinen & Nurminen (1985), Statistics in Medicine 4:213.
func RatioMN(treatment, control Proportion, o Options) (analysis.Estimate, error) {
	return ratio(treatment, control, o, MethodMiettinenNurminenR, true)
}

// RelativeLift turns the estimate of a ratio r into that of the lift r - 1.
func RelativeLift(ratio analysis.Estimate) analysis.Estimate {
	return ratio.Shift(-1)
}

func ratio(treatment, control Proportion, o Options, method string, unbiased bool) (analysis.Estimate, error) {
	e, err := compared(treatment, control, o, method)
	if err != nil {
		return e, fmt.Errorf("compare rates by their ratio: %w", err)
	}
	switch {
	case e.NotEstimable != "":
		return e, nil
	case treatment.X == 0 && control.X == 0:
		e.NotEstimable = "neither arm has a conversion, so their ratio has no value and no bound"
		return e, nil
	}
	t := twoArms{
		x1: float64(treatment.X), n1: float64(treatment.N),
		x0: float64(control.X), n0: float64(control.N),
	}
	factor := t.factor(unbiased)
	z := o.z()
	e.Interval = analysis.Interval{Lo: t.lowerRatio(z, factor), Level: o.Level}
	e.HasInterval = true
	if control.X == 0 {
		e.Interval.HiUnbounded = true
		e.NotEstimable = "the control arm has no conversions, so the ratio has no value and no upper bound, only a lower one"
	} else {
		e.Value, e.HasValue = treatment.Rate()/control.Rate(), true
		e.Interval.Hi = 1 / t.exchanged().lowerRatio(z, factor)
	}
	e.P, e.HasP = newTwoArms(treatment, control).scoreP(factor), true
	return e, nil
}

// lowerRatio is the least r in the score interval. The upper end is one over the
// least ratio of the exchanged arms, for V(r)/r² is theirs.
//
// The logarithm of r is found; p1 - r p0 - z √V is positive below the limit and
// negative from it on.
func (t twoArms) lowerRatio(z, factor float64) float64 {
	if t.x1 == 0 {
		return 0
	}
	p1, p0 := t.x1/t.n1, t.x0/t.n0
	score := func(logR float64) float64 {
		r := math.Exp(logR)
		return p1 - r*p0 - z*math.Sqrt(factor*t.ratioVariance(r))
	}
	a := math.Log(p1 * t.n0 / (t.x0 + z*z))
	fa := score(a)
	step := 0.25
	if fa < 0 {
		step = -step
	}
	b := a + step
	fb := score(b)
	for (fa < 0) == (fb < 0) {
		a, fa = b, fb
		step *= 2
		b = a + step
		fb = score(b)
	}
	return math.Exp(root(score, a, b, fa, fb, epsilon))
}

// ratioVariance is V(r) of [RatioKoopman].
func (t twoArms) ratioVariance(r float64) float64 {
	q0, rest0 := t.constrainedByRatio(r)
	q1, rest1 := t.exchanged().constrainedByRatio(1 / r)
	return q1*rest1/t.n1 + r*r*q0*rest0/t.n0
}

// constrainedByRatio is the maximum-likelihood q0 under q1 = r q0, and 1 - q0.
//
// q0 is the smaller root of N r q² - (A r + B) q + M = 0 with A = n1 + x0,
// B = n0 + x1, M = x1 + x0. Its discriminant is a sum of two squares,
// (A r - B)² + 4 r (n1-x1)(n0-x0), and 1 - q0 is a root of a quadratic of its
// own, so neither loses digits to a subtraction.
func (t twoArms) constrainedByRatio(r float64) (q, rest float64) {
	n := t.n1 + t.n0
	a, b := t.n1+t.x0, t.n0+t.x1
	s := math.Hypot(a*r-b, 2*math.Sqrt(r*(t.n1-t.x1)*(t.n0-t.x0)))
	q = 2 * (t.x1 + t.x0) / (a*r + b + s)
	if e := b - (2*n-a)*r; e > 0 {
		rest = 2 * (t.n0 - t.x0) * (1 - r) / (e + s)
	} else {
		rest = (s - e) / (2 * n * r)
	}
	return q, rest
}
