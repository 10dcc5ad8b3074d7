package parity

import (
	"math"
	"testing"
)

// NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2, flow rates of ten batches:
// mean 50.81, mean moving range 1.8778, limits 45.8159 and 55.8041.
func TestIndividualsNIST(t *testing.T) {
	c, ok := individuals([]float64{49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1})
	if !ok || math.Abs(c.Center-50.81) > 5e-5 || math.Abs(c.Lo-45.8159) > 1e-4 || math.Abs(c.Hi-55.8041) > 1e-4 {
		t.Errorf("got %+v, %v", c, ok)
	}
}

func TestIndividualsNeedHistory(t *testing.T) {
	for name, values := range map[string][]float64{
		"seven periods": {1, 2, 1, 2, 1, 2, 1},
		"all equal":     {1, 1, 1, 1, 1, 1, 1, 1},
		"not finite":    {1, 2, 1, math.NaN(), 1, 2, 1, 2},
	} {
		if c, ok := Individuals(values); ok {
			t.Errorf("%s: %+v", name, c)
		}
	}
	older := append([]float64{1000, 0}, 1, 2, 1, 2, 1, 2, 1, 2)
	if c, ok := Individuals(older); !ok || c.Center != 1.5 {
		t.Errorf("of ten periods the last eight count: %+v, %v", c, ok)
	}
}

func TestJudge(t *testing.T) {
	band := Band{Expected: 1, Acceptable: 0.1, Blocked: 0.2}
	steady := []float64{0.99, 1.01, 0.99, 1.01, 0.99, 1.01, 0.99, 1.01} // limits 1 ± 0.0532
	after := func(last float64, weeks ...float64) []float64 { return append(append([]float64{}, weeks...), last) }
	for _, c := range []struct {
		name                string
		first, second, both int64
		band                Band
		weeks               []float64
		want                Status
	}{
		{"the same", 100, 100, 100, band, nil, Expected},
		{"at the acceptable difference", 200, 175, 175, Band{1, 0.125, 0.25}, nil, Expected},
		{"above it", 1000, 874, 874, Band{1, 0.125, 0.25}, nil, Investigate},
		{"more in the second", 1000, 1126, 1000, Band{1, 0.125, 0.25}, nil, Investigate},
		{"at the block", 1000, 750, 750, Band{1, 0.125, 0.25}, nil, Investigate},
		{"beyond it", 1000, 749, 749, Band{1, 0.125, 0.25}, nil, Blocked},
		{"another ratio is normal", 1000, 750, 750, Band{0.75, 0.05, 0.1}, nil, Expected},
		{"twice as many are normal", 1000, 2000, 1000, Band{2, 0.05, 0.1}, nil, Expected},
		{"equal lengths and little in common", 1000, 1000, 850, band, nil, Investigate},
		{"equal lengths and nothing in common", 1, 1, 0, band, nil, Blocked},
		{"nothing arrived", 50, 0, 0, band, nil, Blocked},
		{"nothing to compare with", 0, 100, 0, band, nil, Unknown},
		{"both are empty", 0, 0, 0, band, nil, Unknown},
		{"in the band, the last week unlike before", 1000, 980, 980, band, after(0.94, steady...), Investigate},
		{"in the band, the last week as before", 1000, 980, 980, band, after(0.96, steady...), Expected},
		{"too few weeks before the last", 1000, 980, 980, band, after(0.5, steady[1:]...), Expected},
		{"as before, and out of the band", 1000, 500, 500, band, after(0.5, 0.4, 0.6, 0.4, 0.6, 0.4, 0.6, 0.4, 0.6), Blocked},
	} {
		got, err := Judge(Counts{c.first, c.second, c.both}, c.band, c.weeks)
		if err != nil || got.Status != c.want {
			t.Errorf("%s: %+v, %v; want %s", c.name, got, err, c.want)
		}
		if (got.Ratio == nil) != (c.want == Unknown) || got.Reason == "" {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestJudgeRefuses(t *testing.T) {
	for name, do := range map[string]func() error{
		"fewer than none":  func() error { _, err := Judge(Counts{-1, 1, -1}, Band{1, 0, 0}, nil); return err },
		"more in both":     func() error { _, err := Judge(Counts{1, 2, 2}, Band{1, 0, 0}, nil); return err },
		"no expectation":   func() error { _, err := Judge(Counts{1, 1, 1}, Band{0, 0.1, 0.2}, nil); return err },
		"bands in reverse": func() error { _, err := Judge(Counts{1, 1, 1}, Band{1, 0.2, 0.1}, nil); return err },
		"not a number":     func() error { _, err := Judge(Counts{1, 1, 1}, Band{1, math.NaN(), 1}, nil); return err },
	} {
		if do() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
