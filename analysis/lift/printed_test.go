package lift

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"ghostlight/analysis"
)

// printed is a constant as its source prints it. Its tolerance is half of its
// last digit, and a thousandth more for the rounding of that half itself. "inf"
// is an end that does not exist.
type printed string

func (p printed) parse(t *testing.T) (value, tolerance float64) {
	t.Helper()
	value, err := strconv.ParseFloat(string(p), 64)
	if err != nil {
		t.Fatalf("printed constant %q: %v", p, err)
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(string(p)), "e")
	_, decimals, _ := strings.Cut(mantissa, ".")
	power := 0
	if exponent != "" {
		if power, err = strconv.Atoi(exponent); err != nil {
			t.Fatalf("printed constant %q: %v", p, err)
		}
	}
	return value, 0.5005 * math.Pow10(power-len(decimals))
}

func (p printed) check(t *testing.T, what string, got float64) {
	t.Helper()
	want, tolerance := p.parse(t)
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %.12g, want %s", what, got, p)
	}
}

// span is an interval as printed.
type span struct{ lo, hi printed }

func (s span) check(t *testing.T, what string, e analysis.Estimate) {
	t.Helper()
	if !e.HasInterval {
		t.Errorf("%s has no interval: %s", what, e.NotEstimable)
		return
	}
	if e.Interval.LoUnbounded {
		t.Errorf("%s has no lower end, want %s", what, s.lo)
	} else {
		s.lo.check(t, what+" lower end", e.Interval.Lo)
	}
	if unbounded := s.hi == "inf"; unbounded != e.Interval.HiUnbounded {
		t.Errorf("%s upper end unbounded = %v, want %s", what, e.Interval.HiUnbounded, s.hi)
	} else if !unbounded {
		s.hi.check(t, what+" upper end", e.Interval.Hi)
	}
}

// finite fails when a number of the estimate is not one, or when what is missing
// has no reason.
func finite(t interface{ Fatalf(string, ...any) }, e analysis.Estimate) {
	for _, x := range []float64{e.Value, e.Interval.Lo, e.Interval.Hi, e.P} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			t.Fatalf("estimate holds %v: %+v", x, e)
		}
	}
	if (e.HasValue && e.HasInterval) != (e.NotEstimable == "") {
		t.Fatalf("NotEstimable must be empty exactly when there is a value and an interval: %+v", e)
	}
	if e.HasP && (e.P < 0 || e.P > 1) {
		t.Fatalf("P = %v", e.P)
	}
}

// must returns the estimate of an estimator that has no reason to fail.
func must[E any](t interface{ Fatalf(string, ...any) }) func(E, error) E {
	return func(e E, err error) E {
		if err != nil {
			t.Fatalf("estimate: %v", err)
		}
		return e
	}
}
