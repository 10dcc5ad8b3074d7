package lift

import "testing"

// Sources: closed form in R 4.2.2 with z = 1.959963985, on the data named in
// mean_test.go; "small" is made up.
func TestFiellerVectors(t *testing.T) {
	tests := []struct {
		name               string
		treatment, control Moments
		value, g           printed
		want               span
	}{
		{"GrowthBook", growthBookB(t), growthBookA(t), "0.70731707", "0.10202005", span{"0.094169463", "1.7084034"}},
		{"Hillstrom mens", hillstromMens(t), hillstromNone(t), "1.1792888", "0.056817232", span{"0.64369044", "1.9774474"}},
		{"Hillstrom womens", hillstromWomens(t), hillstromNone(t), "0.65015", "0.056817232", span{"0.22417279", "1.2749409"}},
		{"small", Moments{10, 1.5, 1}, Moments{10, 1, 1}, "0.5", "0.38414588", span{"-0.26807456", "3.1393581"}},
	}
	for _, tt := range tests {
		s := must[FiellerSet](t)(Fieller(tt.treatment, tt.control, DefaultOptions()))
		finite(t, s.Estimate)
		tt.value.check(t, tt.name+" lift", s.Value)
		tt.g.check(t, tt.name+" g", s.G)
		tt.want.check(t, tt.name, s.Estimate)
		if s.Shape != Bounded || len(s.Warnings) != 0 {
			t.Errorf("%s: shape %s, warnings %v", tt.name, s.Shape, s.Warnings)
		}
	}
}

// g = 6.1463341: the formula for g < 1 would give -0.637 to -2.529, upside down.
// Source: as TestFiellerVectors.
func TestFiellerUnbounded(t *testing.T) {
	s := must[FiellerSet](t)(Fieller(Moments{10, 1.5, 4}, Moments{10, 0.5, 4}, DefaultOptions()))
	finite(t, s.Estimate)
	printed("6.1463341").check(t, "g", s.G)
	if !s.HasValue || s.Value != 2 || !s.HasInterval || !s.Interval.LoUnbounded || !s.Interval.HiUnbounded {
		t.Errorf("estimate = %+v, want 2 with no bound either way", s.Estimate)
	}
	if s.HasP || len(s.Warnings) != 1 || s.Warnings[0].Code != "relative_lift_unbounded" {
		t.Errorf("P %v, warnings %v; want no P and the warning", s.HasP, s.Warnings)
	}
	if s.Shape != Complement {
		t.Fatalf("shape = %s, want a complement", s.Shape)
	}
	printed("-2.529").check(t, "gap lower end", s.GapLo)
	printed("-0.637").check(t, "gap upper end", s.GapHi)
	if s.Contains(-1) || !s.Contains(0) || !s.Contains(s.Value) || !s.Contains(-3) {
		t.Error("the set must leave out its gap only")
	}
}

func TestFiellerShapes(t *testing.T) {
	o := DefaultOptions()
	z := o.z()
	// A control variance that makes g exactly 1 with mean z and one unit of
	// variance over its n.
	one := Moments{N: 10, Mean: z, Variance: 10}
	tests := []struct {
		name               string
		treatment, control Moments
		want               Shape
	}{
		{"bounded", Moments{10, 5, 1}, Moments{10, 4, 1}, Bounded},
		{"no control variance", Moments{10, 5, 1}, Moments{10, 4, 0}, Bounded},
		{"half line up", Moments{10, 9, 1}, one, HalfLine},
		{"half line down", Moments{10, -9, 1}, one, HalfLine},
		{"complement", Moments{10, 9, 1}, Moments{10, 0.5, 10}, Complement},
		{"whole line", Moments{10, 0.1, 10}, Moments{10, 0.1, 10}, WholeLine},
		{"whole line at g = 1", Moments{10, 0, 10}, one, WholeLine},
	}
	for _, tt := range tests {
		s := must[FiellerSet](t)(Fieller(tt.treatment, tt.control, o))
		finite(t, s.Estimate)
		if s.Shape != tt.want {
			t.Errorf("%s: shape %s (g = %v), want %s", tt.name, s.Shape, s.G, tt.want)
			continue
		}
		if bounded := tt.want == Bounded || tt.want == HalfLine; s.HasP != bounded || (len(s.Warnings) == 0) != bounded {
			t.Errorf("%s: P %v, warnings %v", tt.name, s.HasP, s.Warnings)
		}
		v1, v0 := tt.treatment.Variance/10, tt.control.Variance/10
		for theta := -40.0; theta <= 40; theta += 0.173 {
			in := square(tt.treatment.Mean-theta*tt.control.Mean) <= z*z*(v1+theta*theta*v0)
			if s.Contains(theta-1) != in {
				t.Errorf("%s: set holds ratio %v = %v, but the test says %v", tt.name, theta, !in, in)
			}
		}
	}
}

func TestFiellerRefuses(t *testing.T) {
	some := Moments{N: 10, Mean: 3, Variance: 2}
	for name, arms := range map[string][2]Moments{
		"no control":         {some, {}},
		"single control":     {some, {N: 1, Mean: 2}},
		"zero control mean":  {some, {N: 10, Variance: 2}},
		"negative mean":      {some, {N: 10, Mean: -1, Variance: 2}},
		"vanishing mean":     {some, {N: 10, Mean: 5e-324, Variance: 2}},
		"mean below spread":  {{N: 10, Mean: 1e-200, Variance: 2}, {N: 10, Mean: 1e-200, Variance: 2}},
		"zero mean, no data": {{N: 10}, {N: 10}},
	} {
		s := must[FiellerSet](t)(Fieller(arms[0], arms[1], DefaultOptions()))
		finite(t, s.Estimate)
		if s.HasValue || s.HasInterval || s.HasP || s.NotEstimable == "" || s.Shape != "" || s.Contains(0) {
			t.Errorf("%s: %+v", name, s)
		}
	}
	s := must[FiellerSet](t)(Fieller(Moments{N: 10, Mean: 3}, Moments{N: 10, Mean: 2}, DefaultOptions()))
	finite(t, s.Estimate)
	if !s.HasValue || s.Value != 0.5 || s.HasInterval || s.NotEstimable == "" {
		t.Errorf("no spread in either arm: %+v, want a lift of 0.5 without interval", s)
	}
}
