package lift

import (
	"fmt"
	"math"

	"ghostlight/analysis"
)

// DifferenceMN estimates p1 - p0 with the Miettinen-Nurminen score interval: all
// δ with
//
//	(d - δ)² ≤ z² V(δ) N/(N-1),   V(δ) = q1(1-q1)/n1 + q0(1-q0)/n0,
//
// where d = x1/n1 - x0/n0, N = n1 + n0, and q1, q0 are the maximum-likelihood
// rates under q1 - q0 = δ. P is of the same statistic at δ = 0.
//
// It assumes independent units and two binomial counts; arms of very different
// size are fine.
//
// Edge: no converters in one or both arms, or only converters, gives a finite
// interval; with d = ±1 the outer end is ±1; with the same 0% or 100% in both
// arms P is 1; an arm without units can not be compared.
//
// Source: Miettinen & Nurminen (1985), Statistics in Medicine 4:213.
func DifferenceMN(treatment, control Proportion, o Options) (analysis.Estimate, error) {
	return difference(treatment, control, o, MethodMiettinenNurminen, true)
}

// DifferenceMee is [DifferenceMN] without the factor N/(N-1), in the interval
// and in the p-value.
//
// Source: Mee (1984), Biometrics 40:1175; Newcombe (1998), method 5.
func DifferenceMee(treatment, control Proportion, o Options) (analysis.Estimate, error) {
	return difference(treatment, control, o, MethodMee, false)
}

func difference(treatment, control Proportion, o Options, method string, unbiased bool) (analysis.Estimate, error) {
	e, err := compared(treatment, control, o, method)
	if err != nil {
		return e, fmt.Errorf("compare rates: %w", err)
	}
	if e.NotEstimable != "" {
		return e, nil
	}
	t := newTwoArms(treatment, control)
	factor := t.factor(unbiased)
	z := o.z()
	e.Value, e.HasValue = t.difference(), true
	e.Interval = analysis.Interval{
		Lo:    t.lowerDifference(z, factor),
		Hi:    -newTwoArms(control, treatment).lowerDifference(z, factor),
		Level: o.Level,
	}
	e.HasInterval = true
	e.P, e.HasP = t.scoreP(factor), true
	return e, nil
}

// twoArms holds the counts of both arms as float64, exact up to 2^53.
type twoArms struct {
	x1, n1, x0, n0 float64
}

// newTwoArms counts converters when they are the minority and otherwise counts
// the others with the arms exchanged. The difference is the same, and small
// rates keep their digits where rates close to 1 would not.
func newTwoArms(treatment, control Proportion) twoArms {
	if treatment.X+control.X > (treatment.N-treatment.X)+(control.N-control.X) {
		return twoArms{
			x1: float64(control.N - control.X), n1: float64(control.N),
			x0: float64(treatment.N - treatment.X), n0: float64(treatment.N),
		}
	}
	return twoArms{
		x1: float64(treatment.X), n1: float64(treatment.N),
		x0: float64(control.X), n0: float64(control.N),
	}
}

func (t twoArms) exchanged() twoArms { return twoArms{t.x0, t.n0, t.x1, t.n1} }

func (t twoArms) difference() float64 { return t.x1/t.n1 - t.x0/t.n0 }

// factor is N/(N-1), or 1 when the variance is not to be made unbiased.
func (t twoArms) factor(unbiased bool) float64 {
	if !unbiased {
		return 1
	}
	n := t.n1 + t.n0
	return n / (n - 1)
}

// scoreP is the p-value of no difference, which is also that of a ratio of 1.
func (t twoArms) scoreP(factor float64) float64 {
	v := t.variance(0)
	if v == 0 {
		return 1
	}
	return normalP(t.difference() / math.Sqrt(v*factor))
}

// lowerDifference is the least δ in the score interval.
//
// The distance u = d - δ is found instead of δ, so that a narrow interval has
// all its digits. Inside the interval u - z √V is negative, outside positive.
func (t twoArms) lowerDifference(z, factor float64) float64 {
	d := t.difference()
	farthest := 1 + d
	if farthest <= 0 {
		return -1
	}
	score := func(u float64) float64 {
		return u - z*math.Sqrt(factor*t.variance(d-u))
	}
	inside, outside := 0.0, -score(0)
	if outside == 0 {
		// No variance at d itself: both arms at 0% or both at 100%.
		outside = z * z / (t.n1 + t.n0)
	}
	outside = min(outside, farthest)
	atOutside := score(outside)
	for atOutside <= 0 && outside < farthest {
		inside = outside
		outside = min(2*outside, farthest)
		atOutside = score(outside)
	}
	if atOutside <= 0 {
		return -1
	}
	if inside == 0 {
		for inside = outside / 2; score(inside) >= 0; inside /= 2 {
			if inside == 0 {
				return d // narrower than a float64 can show
			}
			outside, atOutside = inside, score(inside)
		}
	}
	return max(-1, d-root(score, inside, outside, score(inside), atOutside, 0))
}

// variance is V(δ) of [DifferenceMN].
func (t twoArms) variance(delta float64) float64 {
	if delta < 0 {
		t, delta = t.exchanged(), -delta
	}
	q0 := t.constrainedRate(min(delta, 1))
	q1 := min(q0+delta, 1)
	return q1*(1-q1)/t.n1 + q0*(1-q0)/t.n0
}

// constrainedRate is the maximum-likelihood q0 under q1 = q0 + δ, 0 ≤ δ ≤ 1.
//
// The derivative of the log-likelihood is zero where
//
//	h(q0) = (x1 - n1 q1) q0(1-q0) + (x0 - n0 q0) q1(1-q1)
//
// is: the cubic of Miettinen & Nurminen in factored form. The likelihood is
// concave, so its maximum lies between the maxima of its two factors, x0/n0 and
// x1/n1 - δ, and h falls through zero there once. A Newton iteration that is
// kept in that bracket has full relative precision at rates of 1e-9, where the
// closed form with the arc cosine loses them all.
func (t twoArms) constrainedRate(delta float64) float64 {
	if delta == 0 {
		return (t.x1 + t.x0) / (t.n1 + t.n0)
	}
	rest := 1 - delta
	if rest <= 0 {
		return 0
	}
	// With no converters in control the maximum can be the end q0 = 0, with only
	// converters in treatment the end q1 = 1. h is zero there in any case.
	if t.x0 == 0 && t.x1*rest-(t.n1-t.x1)*delta-t.n0*delta*rest <= 0 {
		return 0
	}
	if t.x1 == t.n1 && t.n1*delta*rest+t.x0*delta-(t.n0-t.x0)*rest >= 0 {
		return rest
	}

	lo, hi := t.x0/t.n0, t.x1/t.n1-delta
	if lo > hi {
		lo, hi = hi, lo
	}
	lo, hi = max(lo, 0), min(hi, rest)
	q := (t.x0 + t.x1 - t.n1*delta) / (t.n1 + t.n0)
	if q <= lo || q >= hi {
		q = lo + (hi-lo)/2
	}
	const maxSteps = 200
	for range maxSteps {
		q1 := q + delta
		v0, v1 := q*(1-q), q1*(1-q1)
		e0, e1 := t.x0-t.n0*q, t.x1-t.n1*q1
		h := e1*v0 + e0*v1
		if h >= 0 {
			lo = q
		} else {
			hi = q
		}
		slope := e1*(1-2*q) - t.n1*v0 + e0*(1-2*q1) - t.n0*v1
		next := q - h/slope
		if !(next >= lo && next <= hi) {
			next = lo + (hi-lo)/2
		}
		if math.Abs(next-q) <= 2*epsilon*next {
			return next
		}
		q = next
	}
	return q
}
