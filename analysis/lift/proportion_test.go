package lift

import (
	"errors"
	"math"
	"testing"
)

// Sources of the constants below. Newcombe: R 4.2.2, Epi 2.47 ci.pd(method =
// "Nc") and statsmodels 0.13.5 "newcomb"; the first eight pairs are Table II of
// Newcombe (1998), Statistics in Medicine 17:873. Mee and Miettinen-Nurminen: an
// independent program whose constrained rates maximise the likelihood directly;
// they agree with methods 5 and 6 of the same table. The last pair is the
// published trial of an ad against public-service ads.
func TestDifferenceVectors(t *testing.T) {
	tests := []struct {
		treatment, control Proportion
		newcombe, mee, mn  span
	}{
		{Proportion{56, 70}, Proportion{48, 80}, span{"0.05243147", "0.33387265"}, span{"0.05333385", "0.33772946"}, span{"0.05282971", "0.33817294"}},
		{Proportion{9, 10}, Proportion{3, 10}, span{"0.17052272", "0.80901797"}, span{"0.18212650", "0.83695033"}, span{"0.17002502", "0.84064954"}},
		{Proportion{6, 7}, Proportion{2, 7}, span{"0.05822793", "0.80624964"}, span{"0.05444833", "0.84780908"}, span{"0.03417555", "0.85340526"}},
		{Proportion{5, 56}, Proportion{0, 29}, span{"-0.03813715", "0.19256001"}, span{"-0.03132707", "0.19256001"}, span{"-0.03259656", "0.19333098"}},
		{Proportion{0, 10}, Proportion{0, 20}, span{"-0.16112516", "0.27753280"}, span{"-0.16112516", "0.27753280"}, span{"-0.16576023", "0.28438134"}},
		{Proportion{0, 10}, Proportion{0, 10}, span{"-0.27753280", "0.27753280"}, span{"-0.27753280", "0.27753280"}, span{"-0.28793394", "0.28793394"}},
		{Proportion{10, 10}, Proportion{0, 20}, span{"0.67908604", "1.00000000"}, span{"0.72246720", "1.00000000"}, span{"0.71561866", "1.00000000"}},
		{Proportion{10, 10}, Proportion{0, 10}, span{"0.60750935", "1.00000000"}, span{"0.67774968", "1.00000000"}, span{"0.66364155", "1.00000000"}},
		{Proportion{14423, 564577}, Proportion{420, 23524}, span{"0.00587342", "0.00936003"}, span{"0.00587493", "0.00936169"}, span{"0.00587493", "0.00936169"}},
	}
	for _, tt := range tests {
		for _, m := range []struct {
			name     string
			estimate differenceFunc
			want     span
		}{
			{"Newcombe", DifferenceNewcombe, tt.newcombe},
			{"Mee", DifferenceMee, tt.mee},
			{"Miettinen-Nurminen", DifferenceMN, tt.mn},
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

// Source: closed form, R 4.2.2. 81/263 is the example of Newcombe (1998),
// Statistics in Medicine 17:857, printed there as 0.2553 to 0.3662.
func TestWilsonVectors(t *testing.T) {
	tests := []struct {
		in   Proportion
		want span
	}{
		{Proportion{0, 50}, span{"0", "0.0713475991"}},
		{Proportion{3, 50}, span{"0.0206149703", "0.162170917"}},
		{Proportion{81, 263}, span{"0.25528852", "0.366209577"}},
	}
	for _, tt := range tests {
		e, err := Wilson(tt.in, DefaultOptions())
		if err != nil {
			t.Fatalf("%v: %v", tt.in, err)
		}
		tt.want.check(t, "Wilson "+name(tt.in), e)
		if e.Value != tt.in.Rate() || e.NTreatment != tt.in.N || e.NControl != 0 || e.HasP {
			t.Errorf("Wilson %v = %+v", tt.in, e)
		}
	}
}

func TestWilsonEdges(t *testing.T) {
	none, err := Wilson(Proportion{}, DefaultOptions())
	if err != nil || none.HasValue || none.HasInterval || none.NotEstimable == "" {
		t.Errorf("no units: %+v, %v", none, err)
	}
	for _, n := range []int64{1, 7, 1e9} {
		all, err := Wilson(Proportion{n, n}, DefaultOptions())
		if err != nil || all.Interval.Hi != 1 || !(all.Interval.Lo > 0) {
			t.Errorf("all of %d: %+v, %v", n, all, err)
		}
		zero, err := Wilson(Proportion{0, n}, DefaultOptions())
		if err != nil || zero.Interval.Lo != 0 || !(zero.Interval.Hi > 0) || zero.Interval.Hi > 1 {
			t.Errorf("none of %d: %+v, %v", n, zero, err)
		}
	}
	// One converter of 1e9: the exact lower limit is 2p²/(2p + k + √(k² + 4kp(1-p)))
	// with k = z²/n, here in units of 1e-9 (30 digits, mpmath).
	one, err := Wilson(Proportion{1, 1e9}, DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	printed("0.176524554957e-9").check(t, "Wilson 1 of 1e9 lower end", one.Interval.Lo)
}

func TestProportionErrors(t *testing.T) {
	good := Proportion{3, 10}
	half := DefaultOptions()
	half.Level = 1
	tests := []struct {
		name               string
		treatment, control Proportion
		o                  Options
	}{
		{"more converted than units", Proportion{11, 10}, good, DefaultOptions()},
		{"negative converted", good, Proportion{-1, 10}, DefaultOptions()},
		{"negative units", good, Proportion{0, -10}, DefaultOptions()},
		{"level 1", good, good, half},
		{"no level", good, good, Options{}},
		{"level NaN", good, good, Options{Level: math.NaN()}},
	}
	for _, tt := range tests {
		for name, f := range map[string]differenceFunc{
			"DifferenceMN": DifferenceMN, "DifferenceMee": DifferenceMee, "DifferenceNewcombe": DifferenceNewcombe,
			"RatioKoopman": RatioKoopman, "RatioMN": RatioMN,
			"Wilson": func(a, b Proportion, o Options) (e estimate, err error) {
				if e, err = Wilson(a, o); err == nil {
					e, err = Wilson(b, o)
				}
				return e, err
			},
		} {
			if e, err := f(tt.treatment, tt.control, tt.o); !errors.Is(err, ErrInput) || e.HasValue {
				t.Errorf("%s, %s: %+v, %v; want an error that is ErrInput", name, tt.name, e, err)
			}
		}
	}
}

func TestEmptyArms(t *testing.T) {
	for name, f := range map[string]differenceFunc{
		"DifferenceMN": DifferenceMN, "DifferenceNewcombe": DifferenceNewcombe, "RatioKoopman": RatioKoopman,
	} {
		for _, arms := range [][2]Proportion{{{}, {3, 10}}, {{3, 10}, {}}, {{}, {}}} {
			e, err := f(arms[0], arms[1], DefaultOptions())
			if err != nil || e.HasValue || e.HasInterval || e.HasP || e.NotEstimable == "" {
				t.Errorf("%s %v: %+v, %v", name, arms, e, err)
			}
		}
	}
}
