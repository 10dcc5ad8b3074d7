package lift

import (
	"errors"
	"fmt"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// Source: R 4.2.2 binom.test; the second pair is the rate of the example in Newcombe (1998).
func TestClopperPearson(t *testing.T) {
	for _, c := range []struct {
		p      Proportion
		lo, hi printed
	}{
		{Proportion{0, 50}, "0", "0.0711217365"},
		{Proportion{81, 263}, "0.252736746", "0.367621923"},
		{Proportion{50, 50}, "0.9288782635", "1"},
	} {
		e, err := ClopperPearson(c.p, DefaultOptions())
		if err != nil {
			t.Fatal(err)
		}
		c.lo.check(t, fmt.Sprintf("lower end of %v", c.p), e.Interval.Lo)
		c.hi.check(t, fmt.Sprintf("upper end of %v", c.p), e.Interval.Hi)
	}
}

// TestClopperPearsonCovers: summed over all outcomes, the interval holds the rate at least at
// its level, on both sides.
func TestClopperPearsonCovers(t *testing.T) {
	const n = 40
	for _, rate := range []float64{.01, .05, .2, .5, .93} {
		var below, above float64
		for x := range int64(n + 1) {
			e, err := ClopperPearson(Proportion{x, n}, DefaultOptions())
			if err != nil {
				t.Fatal(err)
			}
			chance := distuv.Binomial{N: n, P: rate}.Prob(float64(x))
			if rate < e.Interval.Lo {
				below += chance
			}
			if rate > e.Interval.Hi {
				above += chance
			}
		}
		if below > .025 || above > .025 {
			t.Errorf("rate %v is missed below by %v and above by %v", rate, below, above)
		}
	}
}

// Source: R 4.2.2 fisher.test; the second is the tea tasting of
// Fisher (1935) with three cups of four.
func TestFisherP(t *testing.T) {
	for _, c := range []struct {
		treatment, control Proportion
		want               printed
	}{
		{Proportion{5, 56}, Proportion{0, 29}, "0.160621443"},
		{Proportion{3, 4}, Proportion{1, 4}, "0.4857142857"},
		{Proportion{0, 9}, Proportion{0, 3}, "1"},
		{Proportion{9, 9}, Proportion{3, 3}, "1"},
	} {
		p, err := FisherP(c.treatment, c.control)
		if err != nil {
			t.Fatal(err)
		}
		c.want.check(t, fmt.Sprint(c.treatment, c.control), p)
		if exchanged, _ := FisherP(c.control, c.treatment); exchanged != p {
			t.Errorf("%v, and %v with the arms exchanged", p, exchanged)
		}
	}
	if p, err := FisherP(Proportion{100_000, 100_000}, Proportion{0, 100_000}); err != nil || p != 0 && p > 1e-300 {
		t.Errorf("arms that have nothing in common: %v, %v", p, err)
	}
	for _, arms := range [][2]Proportion{{{1, 0}, {0, 1}}, {{0, 0}, {0, 1}}, {{0, 1}, {2, 1}}} {
		if _, err := FisherP(arms[0], arms[1]); !errors.Is(err, ErrInput) {
			t.Errorf("%v: %v", arms, err)
		}
	}
}
