package lift

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"ghostlight/analysis"
)

type estimate = analysis.Estimate

type differenceFunc = func(treatment, control Proportion, o Options) (estimate, error)

func name(arms ...Proportion) string {
	var s []string
	for _, p := range arms {
		s = append(s, fmt.Sprintf("%d/%d", p.X, p.N))
	}
	return strings.Join(s, ", ")
}

// The published ad/PSA trial. Sources: the difference by arithmetic; its interval
// as DifferenceMN in TestDifferenceVectors with two more digits; incremental
// conversions are the difference times 564,577; chi-square 54.318052 is published
// without continuity correction, and the p-value here has the factor (N-1)/N.
func TestAdAgainstPSA(t *testing.T) {
	ad, psa := Proportion{14423, 564577}, Proportion{420, 23524}
	e := must[estimate](t)(DifferenceMN(ad, psa, DefaultOptions()))
	printed("0.00769245").check(t, "difference", e.Value)
	span{"0.00587493", "0.00936169"}.check(t, "difference", e)

	total := Incremental(e)
	printed("4342.98215").check(t, "incremental", total.Value)
	if got, want := total.Interval.Lo, e.Interval.Lo*564577; got != want {
		t.Errorf("incremental lower end = %v, want %v", got, want)
	}

	n := 588101.0
	z := math.Sqrt(54.318052 * (n - 1) / n)
	// Half of the last digit of 54.318052 is 2.5e-7 of the p-value.
	if p := math.Erfc(z / math.Sqrt2); math.Abs(e.P/p-1) > 2.5e-7 {
		t.Errorf("P = %v, want %v", e.P, p)
	}
	mee := must[estimate](t)(DifferenceMee(ad, psa, DefaultOptions()))
	printed("1.70528e-13").check(t, "P without N/(N-1)", mee.P)

	lift := RelativeLift(must[estimate](t)(RatioKoopman(ad, psa, DefaultOptions())))
	printed("0.430851").check(t, "relative lift", lift.Value)
	span{"0.2998523", "0.5753006"}.check(t, "relative lift", lift)
}

// closedForm is the trigonometric solution of the cubic of Miettinen & Nurminen
// (1985), as their paper and every later text give it.
func closedForm(t twoArms, delta float64) float64 {
	n := t.n1 + t.n0
	l3 := n
	l2 := (t.n1+2*t.n0)*delta - n - t.x1 - t.x0
	l1 := (t.n0*delta-n-2*t.x0)*delta + t.x1 + t.x0
	l0 := t.x0 * delta * (1 - delta)
	qq := math.Pow(l2/(3*l3), 3) - l1*l2/(6*l3*l3) + l0/(2*l3)
	pp := math.Copysign(math.Sqrt(max(0, l2*l2/(9*l3*l3)-l1/(3*l3))), qq)
	if pp == 0 {
		return -l2 / (3 * l3)
	}
	a := (math.Pi + math.Acos(min(1, max(-1, qq/(pp*pp*pp))))) / 3
	return min(1-delta, max(0, 2*pp*math.Cos(a)-l2/(3*l3)))
}

// The iteration must find the root that the closed form names, wherever the
// closed form has digits: rates that are not tiny. 1e-7 is what clamping the arc
// cosine costs it at a double root.
func TestConstrainedRateIsTheCubic(t *testing.T) {
	for n1 := range 9 {
		for n0 := range 9 {
			for x1 := range n1 + 2 {
				for x0 := range n0 + 2 {
					arms := twoArms{float64(x1), float64(n1 + 1), float64(x0), float64(n0 + 1)}
					for i := range 41 {
						delta := float64(i) / 40
						got, want := arms.constrainedRate(delta), closedForm(arms, delta)
						if delta == 0 {
							want = (arms.x1 + arms.x0) / (arms.n1 + arms.n0)
						}
						if math.Abs(got-want) > 1e-7 {
							t.Fatalf("%+v at %v: q0 = %v, closed form %v", arms, delta, got, want)
						}
					}
				}
			}
		}
	}
}

// logLikelihood is that of q0 and q1 = q0 + δ, with 0 log 0 = 0.
func logLikelihood(t twoArms, q0, delta float64) float64 {
	term := func(x, q float64) float64 {
		if x == 0 {
			return 0
		}
		return x * math.Log(q)
	}
	q1 := q0 + delta
	return term(t.x1, q1) + term(t.n1-t.x1, 1-q1) + term(t.x0, q0) + term(t.n0-t.x0, 1-q0)
}

func TestConstrainedRateMaximisesTheLikelihood(t *testing.T) {
	for _, arms := range []twoArms{
		{56, 70, 48, 80}, {5, 56, 0, 29}, {0, 10, 0, 20}, {10, 10, 0, 20}, {10, 10, 10, 10},
		{14423, 564577, 420, 23524}, {1, 1e6, 0, 1e6}, {3, 1e9, 7, 1e8}, {0, 1, 1, 1},
	} {
		for i := 1; i < 100; i++ {
			delta := float64(i) / 100
			q := arms.constrainedRate(delta)
			best := logLikelihood(arms, q, delta)
			for j := 1; j < 400; j++ {
				other := (1 - delta) * float64(j) / 400
				if l := logLikelihood(arms, other, delta); l > best+1e-9*math.Abs(best) {
					t.Fatalf("%+v at δ %v: q0 = %v has log-likelihood %v, but %v has %v", arms, delta, q, best, other, l)
				}
			}
		}
	}
}

// With up to 1e9 units an arm the limits must still satisfy the equation that
// defines them, to nine digits of their distance from the estimate.
func TestDifferenceAtScale(t *testing.T) {
	const n = int64(1e9)
	for _, arms := range [][2]Proportion{
		{{0, n}, {0, n}}, {{n, n}, {n, n}}, {{n, n}, {0, n}}, {{0, n}, {n, n}}, {{1, n}, {0, n}},
		{{n - 1, n}, {n, n}}, {{3, n}, {8, n}}, {{n - 3, n}, {n - 8, n}}, {{n / 2, n}, {n/2 + 1000, n}},
		{{1e6, n}, {0, 10}}, {{0, n}, {1, 1}}, {{5, 10}, {n / 3, n}}, {{20_000_000, n}, {1_000_000, 50_000_000}},
	} {
		e := must[estimate](t)(DifferenceMN(arms[0], arms[1], DefaultOptions()))
		finite(t, e)
		i := e.Interval
		if !i.Contains(e.Value) || i.Lo < -1 || i.Hi > 1 {
			t.Errorf("%s: %+v", name(arms[:]...), e)
		}
		counts := newTwoArms(arms[0], arms[1])
		z, factor := DefaultOptions().z(), counts.factor(true)
		for _, end := range []float64{i.Lo, i.Hi} {
			if end == 1 || end == -1 {
				continue
			}
			distance := math.Abs(e.Value - end)
			want := z * math.Sqrt(factor*counts.variance(end))
			// An end near ±1 or a rate near 1/2 has its own rounding, 1e-16.
			if math.Abs(distance-want) > 1e-9*want+4*epsilon*math.Abs(end) {
				t.Errorf("%s: end %v is %v from the estimate, want %v", name(arms[:]...), end, distance, want)
			}
		}
	}
}

// No converters in n and n units: q0 = 0 is the maximum for small δ, so the limit
// solves δ² = z² c δ(1-δ)/n, that is δ = k/(1+k) with k = z² c/n.
func TestDifferenceWithoutConverters(t *testing.T) {
	for _, n := range []int64{10, 1000, 1e6, 1e9} {
		e := must[estimate](t)(DifferenceMN(Proportion{0, n}, Proportion{0, n}, DefaultOptions()))
		z := DefaultOptions().z()
		k := z * z / float64(n) * float64(2*n) / float64(2*n-1)
		want := k / (1 + k)
		if math.Abs(e.Interval.Hi/want-1) > 1e-12 || e.Interval.Lo != -e.Interval.Hi {
			t.Errorf("0/%d, 0/%d: %v to %v, want ±%v", n, n, e.Interval.Lo, e.Interval.Hi, want)
		}
		if e.P != 1 || e.Value != 0 {
			t.Errorf("0/%d, 0/%d: value %v, P %v; want 0 and 1", n, n, e.Value, e.P)
		}
	}
}

func TestEstimatorsDoNotAllocate(t *testing.T) {
	ad, psa := Proportion{14423, 564577}, Proportion{420, 23524}
	o := DefaultOptions()
	for name, f := range map[string]differenceFunc{"DifferenceMN": DifferenceMN, "RatioKoopman": RatioKoopman} {
		if n := testing.AllocsPerRun(20, func() {
			if _, err := f(ad, psa, o); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

func BenchmarkDifferenceMN(b *testing.B) {
	ad, psa := Proportion{14423, 564577}, Proportion{420, 23524}
	o := DefaultOptions()
	for b.Loop() {
		if _, err := DifferenceMN(ad, psa, o); err != nil {
			b.Fatal(err)
		}
	}
}
