package lift

import (
	"math"
	"testing"
)

// Source: statsmodels 0.13.5 confint_proportions_2indep(compare="ratio"), methods
// "score" without and with correction. The first pair is the example of Koopman
// (1984), Biometrics 40:513, printed there as about 2.94 and 7.15.
func TestRatioVectors(t *testing.T) {
	tests := []struct {
		treatment, control Proportion
		koopman, mn        span
	}{
		{Proportion{36, 40}, Proportion{16, 80}, span{"2.9395692", "7.1522234"}, span{"2.9346465", "7.1662983"}},
		{Proportion{7, 34}, Proportion{1, 34}, span{"1.2208529", "42.575718"}, span{"1.208568", "43.032972"}},
		{Proportion{15, 30}, Proportion{6, 30}, span{"1.1811673", "5.6190254"}, span{"1.1742433", "5.6565894"}},
		{Proportion{5, 56}, Proportion{0, 29}, span{"0.72568888", "inf"}, span{"0.71749508", "inf"}},
		{Proportion{0, 50}, Proportion{3, 50}, span{"0", "1.2381385"}, span{"0", "1.2504636"}},
		{Proportion{14423, 564577}, Proportion{420, 23524}, span{"1.2998523", "1.5753006"}, span{"1.2998522", "1.5753007"}},
	}
	for _, tt := range tests {
		for _, m := range []struct {
			name     string
			estimate differenceFunc
			want     span
		}{
			{"Koopman", RatioKoopman, tt.koopman},
			{"Miettinen-Nurminen ratio", RatioMN, tt.mn},
		} {
			e, err := m.estimate(tt.treatment, tt.control, DefaultOptions())
			if err != nil {
				t.Fatalf("%s %v %v: %v", m.name, tt.treatment, tt.control, err)
			}
			m.want.check(t, m.name+" "+name(tt.treatment, tt.control), e)
			finite(t, e)
		}
	}
}

func TestRatioEdges(t *testing.T) {
	o := DefaultOptions()
	one := must[estimate](t)(RatioKoopman(Proportion{5, 56}, Proportion{0, 29}, o))
	if one.HasValue || !one.HasInterval || !one.Interval.HiUnbounded || !one.HasP || one.NotEstimable == "" {
		t.Errorf("no converters in control: %+v", one)
	}
	lift := RelativeLift(one)
	if lift.HasValue || math.Abs(lift.Interval.Lo-(one.Interval.Lo-1)) > 1e-15 || !lift.Interval.HiUnbounded {
		t.Errorf("lift without converters in control: %+v", lift)
	}
	none := must[estimate](t)(RatioKoopman(Proportion{0, 56}, Proportion{0, 29}, o))
	if none.HasValue || none.HasInterval || none.HasP || none.NotEstimable == "" {
		t.Errorf("no converters at all: %+v", none)
	}
	zero := must[estimate](t)(RatioKoopman(Proportion{0, 50}, Proportion{3, 50}, o))
	if !zero.HasValue || zero.Value != 0 || zero.Interval.Lo != 0 || zero.NotEstimable != "" {
		t.Errorf("no converters in treatment: %+v", zero)
	}
}

// Only converters in both arms: q0 = 1 for r ≤ 1, so the lower limit solves
// (1-r)² = z² r(1-r)/n, that is r = n/(n + z²).
func TestRatioWithOnlyConverters(t *testing.T) {
	z := DefaultOptions().z()
	for _, n := range []int64{10, 1e6, 1e9} {
		e := must[estimate](t)(RatioKoopman(Proportion{n, n}, Proportion{n, n}, DefaultOptions()))
		k := z * z / float64(n)
		if got, want := 1-e.Interval.Lo, k/(1+k); math.Abs(got-want) > 1e-6*want {
			t.Errorf("%d/%d twice: lower end 1 - %v, want 1 - %v", n, n, got, want)
		}
		if got := e.Interval.Hi - 1; math.Abs(got-k) > 1e-6*k {
			t.Errorf("%d/%d twice: upper end 1 + %v, want 1 + %v", n, n, got, k)
		}
		if e.P != 1 {
			t.Errorf("%d/%d twice: P = %v, want 1", n, n, e.P)
		}
	}
}

// The limits must satisfy the equation that defines them at any size.
func TestRatioAtScale(t *testing.T) {
	const n = int64(1e9)
	for _, arms := range [][2]Proportion{
		{{1, n}, {1, n}}, {{1, n}, {n, n}}, {{n, n}, {1, n}}, {{3, n}, {8, n}}, {{n - 3, n}, {n - 8, n}},
		{{n / 2, n}, {n/2 + 1000, n}}, {{1e6, n}, {1, 10}}, {{1, 1}, {1, n}}, {{0, n}, {1, n}}, {{1, n}, {0, n}},
		{{20_000_000, n}, {1_000_000, 50_000_000}},
	} {
		e := must[estimate](t)(RatioKoopman(arms[0], arms[1], DefaultOptions()))
		finite(t, e)
		if e.HasValue && !e.Interval.Contains(e.Value) {
			t.Errorf("%s: %+v", name(arms[:]...), e)
		}
		counts := twoArms{float64(arms[0].X), float64(arms[0].N), float64(arms[1].X), float64(arms[1].N)}
		ends := []float64{e.Interval.Lo}
		if !e.Interval.HiUnbounded {
			ends = append(ends, e.Interval.Hi)
		}
		for _, r := range ends {
			if r == 0 {
				continue
			}
			distance := math.Abs(counts.x1/counts.n1 - r*counts.x0/counts.n0)
			want := DefaultOptions().z() * math.Sqrt(counts.ratioVariance(r))
			if math.Abs(distance-want) > 1e-9*want+8*epsilon*counts.x1/counts.n1 {
				t.Errorf("%s: at ratio %v the rates differ by %v, want %v", name(arms[:]...), r, distance, want)
			}
		}
	}
}
