package lift

import (
	"errors"
	"math"
	"math/big"
	"testing"
)

// cents makes moments in units of 100 from integer sums.
func cents(t *testing.T, n, sumY, sumYY int64) Moments {
	t.Helper()
	m, err := MomentsFromSums(n, big.NewInt(sumY), big.NewInt(sumYY), 100)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Sums of spend in cents and of its square, by arm, over the 64,000 customers of
// Kevin Hillstrom's MineThatData e-mail challenge (20 March 2008): every spend
// of the public file times 100, added as integers.
func hillstromMens(t *testing.T) Moments   { return cents(t, 21307, 3031169, 67590244973) }
func hillstromWomens(t *testing.T) Moments { return cents(t, 21387, 2303811, 49114465763) }
func hillstromNone(t *testing.T) Moments   { return cents(t, 21306, 1390833, 28700503621) }

// Sums of the unit test of GrowthBook's gbstats (commit 8f1db44569): A 1396.87
// and 52377.9767 over 3,407, B 2422.7 and 134698.29 over 3,461.
func growthBookA(t *testing.T) Moments { return cents(t, 3407, 139687, 523779767) }
func growthBookB(t *testing.T) Moments { return cents(t, 3461, 242270, 1346982900) }

// moments of whole numbers.
func moments(t *testing.T, perUnit float64, ys ...int64) Moments {
	t.Helper()
	sumY, sumYY := new(big.Int), new(big.Int)
	for _, y := range ys {
		v := big.NewInt(y)
		sumY.Add(sumY, v)
		sumYY.Add(sumYY, new(big.Int).Mul(v, v))
	}
	m, err := MomentsFromSums(int64(len(ys)), sumY, sumYY, perUnit)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Sources: the means and variances that the data files' own table prints, and
// those of GrowthBook's unit test.
func TestMomentsVectors(t *testing.T) {
	tests := []struct {
		name           string
		in             Moments
		mean, variance printed
	}{
		{"Hillstrom no e-mail", hillstromNone(t), "0.652789355", "134.286372"},
		{"Hillstrom mens", hillstromMens(t), "1.422616511", "315.211799"},
		{"Hillstrom womens", hillstromWomens(t), "1.077201571", "228.496675"},
		{"GrowthBook A", growthBookA(t), "0.41", "15.21"},
		{"GrowthBook B", growthBookB(t), "0.70", "38.44"},
	}
	for _, tt := range tests {
		tt.mean.check(t, tt.name+" mean", tt.in.Mean)
		tt.variance.check(t, tt.name+" variance", tt.in.Variance)
	}
}

// A large mean beside a small spread: y = 10^15 ± 1 in micros has the variance
// 2/1 micros² over the two values 10^15 - 1 and 10^15 + 1, which sums in float64
// would lose altogether.
func TestMomentsAreExact(t *testing.T) {
	m := moments(t, 1, 1e15-1, 1e15+1)
	if m.Mean != 1e15 || m.Variance != 2 {
		t.Errorf("moments = %+v, want mean 1e15 and variance 2", m)
	}
	if m := moments(t, 1e6, -3_000_000); m != (Moments{N: 1, Mean: -3}) {
		t.Errorf("a single unit = %+v, want mean -3 and no variance", m)
	}
	if m := moments(t, 1e6); m != (Moments{}) {
		t.Errorf("no units = %+v", m)
	}
}

func TestMomentsErrors(t *testing.T) {
	one, huge := big.NewInt(1), new(big.Int).Exp(big.NewInt(10), big.NewInt(400), nil)
	tests := []struct {
		name        string
		n           int64
		sumY, sumYY *big.Int
		perUnit     float64
	}{
		{"negative units", -1, one, one, 1},
		{"no sum", 3, nil, one, 1},
		{"no sum of squares", 3, one, nil, 1},
		{"sums without units", 0, one, one, 1},
		{"squares too small", 2, big.NewInt(10), big.NewInt(49), 1},
		{"negative squares", 2, big.NewInt(0), big.NewInt(-1), 1},
		{"zero per unit", 2, one, one, 0},
		{"NaN per unit", 2, one, one, math.NaN()},
		{"infinite per unit", 2, one, one, math.Inf(1)},
		{"beyond float64", 2, one, huge, 1},
	}
	for _, tt := range tests {
		if m, err := MomentsFromSums(tt.n, tt.sumY, tt.sumYY, tt.perUnit); !errors.Is(err, ErrInput) || m != (Moments{}) {
			t.Errorf("%s: %+v, %v; want an error that is ErrInput", tt.name, m, err)
		}
	}
}

// Sources: sleep, R 4.2.2 t.test(extra ~ group, sleep); GrowthBook, the sums of
// its unit test in R; Hillstrom, R 4.2.2 t.test on the file, and the interval of
// womens by numerical integration of the t density at 40 digits (mpmath). The
// public analysis of this file (russluber/hillstrom, table 3) prints the same
// differences and standard errors, but takes 1.960001 of them either way, where
// Welch's t takes 1.960023; its intervals are therefore narrower in the sixth
// decimal.
func TestWelchVectors(t *testing.T) {
	sleep1 := moments(t, 10, 7, -16, -2, -12, -1, 34, 37, 8, 0, 20)
	sleep2 := moments(t, 10, 19, 8, 11, 1, -1, 44, 55, 16, 46, 34)
	tests := []struct {
		name               string
		treatment, control Moments
		value, t, df, se   printed // empty where the source has none
		p                  printed
		want               span
	}{
		{"sleep", sleep1, sleep2, "-1.58", "-1.8608135", "17.776474", "", "0.07939414", span{"-3.3654832307", "0.2054832307"}},
		{"GrowthBook", growthBookB(t), growthBookA(t), "0.29", "", "5841.742", "0.12478363", "0.020158403", span{"0.045377893", "0.53462211"}},
		{"Hillstrom mens", hillstromMens(t), hillstromNone(t), "0.769827156", "5.3001404", "36671.158", "0.14524656", "1.163815e-07", span{"0.48513973", "1.0545146"}},
		{"Hillstrom womens", hillstromWomens(t), hillstromNone(t), "0.424412216", "3.2563716", "40064.884", "0.130332859", "0.0011293971", span{"0.16895679", "0.67986764"}},
	}
	for _, tt := range tests {
		w, err := Welch(tt.treatment, tt.control, DefaultOptions())
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		finite(t, w.Estimate)
		tt.value.check(t, tt.name+" difference", w.Value)
		tt.df.check(t, tt.name+" df", w.DF)
		tt.p.check(t, tt.name+" P", w.P)
		tt.want.check(t, tt.name, w.Estimate)
		if tt.t != "" {
			tt.t.check(t, tt.name+" t", w.T)
		}
		if tt.se != "" {
			tt.se.check(t, tt.name+" se", w.SE)
		}
	}
}

func TestWelchEdges(t *testing.T) {
	o := DefaultOptions()
	some := Moments{N: 10, Mean: 3, Variance: 2}
	flat := Moments{N: 10, Mean: 1}
	for name, arms := range map[string][2]Moments{
		"no treatment":     {{}, some},
		"no control":       {some, {}},
		"no arm":           {{}, {}},
		"single treatment": {{N: 1, Mean: 3}, some},
		"single control":   {some, {N: 1, Mean: 3}},
	} {
		w, err := Welch(arms[0], arms[1], o)
		if err != nil || w.HasValue || w.HasInterval || w.HasP || w.NotEstimable == "" {
			t.Errorf("%s: %+v, %v", name, w, err)
		}
	}
	w, err := Welch(Moments{N: 10, Mean: 3}, flat, o)
	if err != nil || !w.HasValue || w.Value != 2 || w.HasInterval || w.HasP || w.NotEstimable == "" || w.DF != 0 {
		t.Errorf("no variance in both arms: %+v, %v", w, err)
	}
	w, err = Welch(some, flat, o)
	if err != nil || !w.HasInterval || w.DF != 9 {
		t.Errorf("no variance in control: %+v, %v; want df 9", w, err)
	}
	// se⁴ of these would be 1e-400, below the smallest float64.
	w, err = Welch(Moments{N: 10, Mean: 3e-50, Variance: 1e-99}, Moments{N: 10, Mean: 1e-50, Variance: 1e-99}, o)
	if err != nil || !w.HasInterval || math.Abs(w.DF-18) > 1e-9 {
		t.Errorf("tiny variances: %+v, %v; want df 18", w, err)
	}
	for name, m := range map[string]Moments{
		"negative units": {N: -1}, "NaN mean": {N: 2, Mean: math.NaN()}, "infinite mean": {N: 2, Mean: math.Inf(-1)},
		"negative variance": {N: 2, Variance: -1}, "NaN variance": {N: 2, Variance: math.NaN()}, "infinite variance": {N: 2, Variance: math.Inf(1)},
	} {
		if _, err := Welch(some, m, o); !errors.Is(err, ErrInput) {
			t.Errorf("Welch, %s in control: %v, want ErrInput", name, err)
		}
		if _, err := Fieller(m, some, o); !errors.Is(err, ErrInput) {
			t.Errorf("Fieller, %s in treatment: %v, want ErrInput", name, err)
		}
	}
	if _, err := Welch(some, some, Options{Level: 2}); !errors.Is(err, ErrInput) {
		t.Errorf("level 2: %v, want ErrInput", err)
	}
}

// Source: mpmath at 40 digits, from the incomplete beta function: the t with
// P(|T| > t) = 0.05, and P(|T| > 5).
func TestStudent(t *testing.T) {
	for df, want := range map[float64]printed{
		1.5: "6.0166631044", 9: "2.2621571628", 17.776474: "2.1028172374", 36671.158: "1.96002867702", 1e5: "1.95998770753461",
	} {
		want.check(t, "quantile", studentQuantile(0.05, df))
	}
	printed("5.7427016786417e-07").check(t, "P on 1e5 df", studentP(5, 1e5))
	printed("5.7339978708907e-07").check(t, "P on 1e6 df", studentP(-5, 1e6))
	printed("1.2573919876e-15").check(t, "P(8) on 1e5 df", studentP(8, 1e5))
	for _, df := range []float64{1, 30, 99_999, 100_000, 1e7, 2e9} {
		for _, tail := range []float64{0.5, 0.05, 0.001} {
			// gonum's own quantile and distribution agree to 1e-9 below largeDF.
			if got := studentP(studentQuantile(tail, df), df); math.Abs(got/tail-1) > 1e-9 {
				t.Errorf("P of the %v quantile on %v df = %v", tail, df, got)
			}
		}
		if got := studentP(0, df); got != 1 {
			t.Errorf("P of t = 0 on %v df = %v, want 1", df, got)
		}
		if got := studentP(1e6, df); !(got >= 0 && got < 1e-5) {
			t.Errorf("P of t = 1e6 on %v df = %v", df, got)
		}
	}
}
