package lift

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// anyProportion draws arms from a single unit to 1e9, with the extremes often.
func anyProportion(t *rapid.T, label string) Proportion {
	n := int64(math.Pow(10, rapid.Float64Range(0, 9).Draw(t, label+" log units")))
	x := rapid.OneOf(
		rapid.SampledFrom([]int64{0, 1, n}),
		rapid.Int64Range(0, min(n, 50)),
		rapid.Int64Range(0, n),
	).Draw(t, label+" converted")
	return Proportion{X: x, N: n}
}

func anyMoments(t *rapid.T, label string) Moments {
	return Moments{
		N:        rapid.Int64Range(2, 1e7).Draw(t, label+" units"),
		Mean:     rapid.Float64Range(-5, 20).Draw(t, label+" mean"),
		Variance: math.Pow(10, rapid.Float64Range(-3, 5).Draw(t, label+" log variance")),
	}
}

func anyOptions(t *rapid.T) Options {
	o := DefaultOptions()
	o.Level = rapid.SampledFrom([]float64{0.5, 0.8, 0.9, 0.95, 0.99, 0.999}).Draw(t, "level")
	return o
}

// agree fails when the p-value and the interval of one estimate contradict each
// other about the value of no effect. A p-value within 1e-9 of 1 - level is on
// the limit, where the last digits decide.
func agree(t *rapid.T, e estimate, noEffect float64) {
	alpha := 1 - e.Interval.Level
	if !e.HasP || !e.HasInterval || math.Abs(e.P-alpha) <= 1e-9 {
		return
	}
	if rejects, leavesOut := e.P < alpha, !e.Interval.Contains(noEffect); rejects != leavesOut {
		t.Fatalf("P = %v and interval %+v disagree about %v", e.P, e.Interval, noEffect)
	}
}

// within fails when the interval does not hold its own estimate.
func within(t *rapid.T, e estimate) {
	if e.HasValue && e.HasInterval && !e.Interval.Contains(e.Value) {
		t.Fatalf("interval %+v does not hold its estimate %v", e.Interval, e.Value)
	}
}

// nested fails when a higher level gives an interval that does not hold that of
// a lower one. slack is what rounding of an end may cost.
func nested(t *rapid.T, low, high estimate, slack float64) {
	if low.HasInterval != high.HasInterval {
		t.Fatalf("an interval at one level only: %+v, %+v", low, high)
	}
	a, b := low.Interval, high.Interval
	loose := func(x float64) float64 { return slack * (1 + math.Abs(x)) }
	if !b.LoUnbounded && (a.LoUnbounded || b.Lo > a.Lo+loose(a.Lo)) || !b.HiUnbounded && (a.HiUnbounded || b.Hi < a.Hi-loose(a.Hi)) {
		t.Fatalf("the interval %+v does not hold %+v", b, a)
	}
}

func higher(o Options) Options {
	o.Level = 1 - (1-o.Level)/3
	return o
}

func TestDifferenceProperties(t *testing.T) {
	for name, f := range map[string]differenceFunc{"MN": DifferenceMN, "Mee": DifferenceMee, "Newcombe": DifferenceNewcombe} {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			treatment, control, o := anyProportion(t, "treatment"), anyProportion(t, "control"), anyOptions(t)
			e := must[estimate](t)(f(treatment, control, o))
			finite(t, e)
			within(t, e)
			agree(t, e, 0)
			if !e.HasInterval || e.Interval.Lo < -1 || e.Interval.Hi > 1 {
				t.Fatalf("interval %+v outside -1 to 1", e.Interval)
			}
			nested(t, e, must[estimate](t)(f(treatment, control, higher(o))), 1e-15)

			other := must[estimate](t)(f(control, treatment, o))
			if other.Value != -e.Value || other.Interval.Lo != -e.Interval.Hi || other.Interval.Hi != -e.Interval.Lo || other.P != e.P {
				t.Fatalf("exchanged arms give %+v, not the negative of %+v", other, e)
			}
		}))
	}
}

// Counting the units that did not convert must only turn the sign.
func TestDifferenceOfTheOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, o := anyProportion(t, "treatment"), anyProportion(t, "control"), anyOptions(t)
		e := must[estimate](t)(DifferenceMN(a, b, o))
		others := must[estimate](t)(DifferenceMN(Proportion{a.N - a.X, a.N}, Proportion{b.N - b.X, b.N}, o))
		for _, pair := range [][2]float64{{e.Value, -others.Value}, {e.Interval.Lo, -others.Interval.Hi}, {e.Interval.Hi, -others.Interval.Lo}, {e.P, others.P}} {
			if math.Abs(pair[0]-pair[1]) > 1e-12 {
				t.Fatalf("%+v against %+v", e, others)
			}
		}
	})
}

func TestRatioProperties(t *testing.T) {
	for name, f := range map[string]differenceFunc{"Koopman": RatioKoopman, "MN": RatioMN} {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			treatment, control, o := anyProportion(t, "treatment"), anyProportion(t, "control"), anyOptions(t)
			e := must[estimate](t)(f(treatment, control, o))
			finite(t, e)
			within(t, e)
			agree(t, e, 1)
			finite(t, RelativeLift(e))
			agree(t, RelativeLift(e), 0)
			nested(t, e, must[estimate](t)(f(treatment, control, higher(o))), 1e-15)

			other := must[estimate](t)(f(control, treatment, o))
			if e.HasInterval && e.Interval.Lo > 0 && other.Interval.Hi != 1/e.Interval.Lo {
				t.Fatalf("exchanged arms give %+v, not one over %+v", other.Interval, e.Interval)
			}
			if other.HasP != e.HasP || other.P != e.P {
				t.Fatalf("exchanged arms have P = %v, not %v", other.P, e.P)
			}
		}))
	}
}

// The same statistic tests a difference of 0 and a ratio of 1.
func TestDifferenceAndRatioAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		treatment, control, o := anyProportion(t, "treatment"), anyProportion(t, "control"), anyOptions(t)
		d := must[estimate](t)(DifferenceMN(treatment, control, o))
		r := must[estimate](t)(RatioMN(treatment, control, o))
		if r.HasP && r.P != d.P {
			t.Fatalf("P = %v of the difference, %v of the ratio", d.P, r.P)
		}
	})
}

func TestWelchProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		treatment, control, o := anyMoments(t, "treatment"), anyMoments(t, "control"), anyOptions(t)
		w := must[WelchTest](t)(Welch(treatment, control, o))
		finite(t, w.Estimate)
		within(t, w.Estimate)
		agree(t, w.Estimate, 0)
		nested(t, w.Estimate, must[WelchTest](t)(Welch(treatment, control, higher(o))).Estimate, 0)
		if least, most := float64(min(treatment.N, control.N)-1), float64(treatment.N+control.N-2); w.DF < least*(1-1e-12) || w.DF > most*(1+1e-12) {
			t.Fatalf("df = %v outside %v to %v", w.DF, least, most)
		}
		other := must[WelchTest](t)(Welch(control, treatment, o))
		if other.Value != -w.Value || other.Interval.Lo != -w.Interval.Hi || other.Interval.Hi != -w.Interval.Lo || other.P != w.P {
			t.Fatalf("exchanged arms give %+v, not the negative of %+v", other, w)
		}
	})
}

func TestFiellerProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		treatment, control, o := anyMoments(t, "treatment"), anyMoments(t, "control"), anyOptions(t)
		s := must[FiellerSet](t)(Fieller(treatment, control, o))
		finite(t, s.Estimate)
		within(t, s.Estimate)
		agree(t, s.Estimate, 0)
		if !s.HasInterval {
			return
		}
		if !s.Contains(s.Value) {
			t.Fatalf("the set %+v does not hold its estimate", s)
		}
		nested(t, s.Estimate, must[FiellerSet](t)(Fieller(treatment, control, higher(o))).Estimate, 1e-12)

		// The exact set against the test that defines it, the z test of equal means
		// among its ratios.
		for _, theta := range []float64{1, rapid.Float64Range(-30, 30).Draw(t, "ratio")} {
			v1, v0 := treatment.Variance/float64(treatment.N), control.Variance/float64(control.N)
			statistic := math.Abs(treatment.Mean-theta*control.Mean) / math.Sqrt(v1+theta*theta*v0)
			if math.Abs(statistic-o.z()) < 1e-6 {
				continue
			}
			if in := statistic < o.z(); s.Contains(theta-1) != in {
				t.Fatalf("set %+v holds ratio %v: %v, but its z is %v", s, theta, !in, statistic)
			}
		}
		// A ratio does not depend on the currency.
		k := 1000.0
		scaled := must[FiellerSet](t)(Fieller(
			Moments{treatment.N, treatment.Mean * k, treatment.Variance * k * k},
			Moments{control.N, control.Mean * k, control.Variance * k * k}, o))
		if scaled.Shape != s.Shape || math.Abs(scaled.Value-s.Value) > 1e-9*(1+math.Abs(s.Value)) {
			t.Fatalf("in small units %+v, otherwise %+v", scaled, s)
		}
	})
}

func TestSampleRatioProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 6).Draw(t, "arms")
		counts := rapid.SliceOfN(rapid.Int64Range(0, 1e7), k, k).Draw(t, "counts")
		shares := rapid.SliceOfN(rapid.Float64Range(0.01, 1), k, k).Draw(t, "shares")
		s := must[SampleRatioTest](t)(SampleRatio(counts, shares))
		if s.HasP != (s.NotEstimable == "") || s.P < 0 || s.P > 1 || math.IsNaN(s.ChiSquare) || s.ChiSquare < 0 {
			t.Fatalf("%+v", s)
		}
		// The order of the arms must not matter.
		first, last := 0, k-1
		counts[first], counts[last] = counts[last], counts[first]
		shares[first], shares[last] = shares[last], shares[first]
		if other := must[SampleRatioTest](t)(SampleRatio(counts, shares)); math.Abs(other.P-s.P) > 1e-9 || other.HasP != s.HasP {
			t.Fatalf("P = %v, and %v with two arms exchanged", s.P, other.P)
		}
	})
}

// Whatever the headline, the verdict agrees with its p-value and has a sentence.
func TestJudgeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		treatment, control, o := anyProportion(t, "treatment"), anyProportion(t, "control"), anyOptions(t)
		absolute := must[estimate](t)(DifferenceMN(treatment, control, o))
		v := Judge(Headline{
			Arm: "Ads", Control: "Holdout", Metric: "Orders",
			Absolute: absolute, Relative: RelativeLift(must[estimate](t)(RatioKoopman(treatment, control, o))), Incremental: Incremental(absolute),
			AbsoluteIn: Points, IncrementalIn: Count("orders"),
		})
		want := Inconclusive
		switch alpha := 1 - o.Level; {
		case math.Abs(absolute.P-alpha) <= 1e-9:
			return
		case absolute.P < alpha && absolute.Value > 0:
			want = ClearIncrease
		case absolute.P < alpha:
			want = ClearDecrease
		}
		if v.State != want || v.Sentence == "" || len(v.Reasons) != 1 {
			t.Fatalf("%+v on %+v, want %s", v, absolute, want)
		}
	})
}
