package lift

import (
	"fmt"
	"math"

	"ghostlight/analysis"
)

// Proportion is X converted units of N.
type Proportion struct {
	X, N int64
}

// Rate is X/N, and 0 when there are no units.
func (p Proportion) Rate() float64 {
	if p.N == 0 {
		return 0
	}
	return float64(p.X) / float64(p.N)
}

func (p Proportion) validate(arm string) error {
	if p.N < 0 || p.X < 0 || p.X > p.N {
		return fmt.Errorf("%s has %d converted units of %d: %w", arm, p.X, p.N, ErrInput)
	}
	return nil
}

// compared checks two arms and opens their estimate. It has NotEstimable set
// when an arm is empty.
func compared(treatment, control Proportion, o Options, method string) (analysis.Estimate, error) {
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
	e.NotEstimable = emptyArm(treatment.N, control.N)
	return e, nil
}

// emptyArm says which arm has no units, if one has none.
func emptyArm(treatment, control int64) string {
	switch {
	case treatment == 0 && control == 0:
		return "neither arm has units"
	case treatment == 0:
		return "the treatment arm has no units"
	case control == 0:
		return "the control arm has no units, so there is nothing to compare with"
	}
	return ""
}

// Wilson estimates one rate with its score interval
//
//	(p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n),  p = X/N.
//
// It assumes independent units with one rate. There is no p-value, for there is
// no hypothesis. NTreatment is N and NControl is 0.
//
// Edge: X = 0 has the lower end 0, X = N the upper end 1; N = 0 can not be
// estimated.
//
// Source: Wilson (1927), JASA 22:209.
func Wilson(p Proportion, o Options) (analysis.Estimate, error) {
	e := analysis.Estimate{NTreatment: p.N, Method: MethodWilson, Grade: o.Grade}
	if err := o.validate(); err != nil {
		return e, fmt.Errorf("estimate rate: %w", err)
	}
	if err := p.validate("the group"); err != nil {
		return e, fmt.Errorf("estimate rate: %w", err)
	}
	if p.N == 0 {
		e.NotEstimable = "there are no units"
		return e, nil
	}
	lo, hi := wilson(p, o.z())
	e.Value, e.HasValue = p.Rate(), true
	e.Interval, e.HasInterval = analysis.Interval{Lo: lo, Hi: hi, Level: o.Level}, true
	return e, nil
}

// wilson returns both limits. The lower one is written as the product of the
// roots over the upper one, which keeps its digits when it is small.
func wilson(p Proportion, z float64) (lo, hi float64) {
	n := float64(p.N)
	rate := p.Rate()
	k := z * z / n
	top := 2*rate + k + math.Sqrt(k*k+4*k*rate*(1-rate))
	hi = top / (2 * (1 + k))
	if p.X == p.N {
		hi = 1
	}
	return 2 * rate * rate / top, hi
}

// DifferenceNewcombe estimates p1 - p0 with Newcombe's hybrid score interval
//
//	d - √((p1-l1)² + (u0-p0)²)  to  d + √((u1-p1)² + (p0-l0)²),
//
// where l and u are the Wilson limits of each arm. It assumes independent units
// and two binomial counts.
//
// It inverts no single test, so it has no p-value; [DifferenceMN] is the one to
// report. Edge: no converters in either arm gives a finite interval; an arm
// without units can not be compared.
//
// Source: Newcombe (1998), Statistics in Medicine 17:873, method 10.
func DifferenceNewcombe(treatment, control Proportion, o Options) (analysis.Estimate, error) {
	e, err := compared(treatment, control, o, MethodNewcombe)
	if err != nil {
		return e, fmt.Errorf("compare rates: %w", err)
	}
	if e.NotEstimable != "" {
		return e, nil
	}
	z := o.z()
	p1, p0 := treatment.Rate(), control.Rate()
	l1, u1 := wilson(treatment, z)
	l0, u0 := wilson(control, z)
	d := p1 - p0
	e.Value, e.HasValue = d, true
	e.Interval = analysis.Interval{
		Lo:    max(-1, d-math.Hypot(p1-l1, u0-p0)),
		Hi:    min(1, d+math.Hypot(u1-p1, p0-l0)),
		Level: o.Level,
	}
	e.HasInterval = true
	return e, nil
}
