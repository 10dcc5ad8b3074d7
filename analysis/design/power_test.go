package design

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"ghostlight/analysis/lift"
)

// Source: R 4.2.2 power.prop.test for equal arms (its help page prints 76.7 for the first),
// and the same formula with nine treated units for each held out.
func TestHoldoutUnits(t *testing.T) {
	for _, c := range []struct {
		control, treatment, ratio, power, want, tolerance float64
	}{
		{.50, .75, 1, .90, 76.70693, 5e-6},
		{.02, .022, 1, .80, 80681.38, 5e-3},
		{.02, .022, 9, .80, 45475.92, 5e-3},
	} {
		got, err := HoldoutUnits(c.control, c.treatment, c.ratio, Test{.95, c.power})
		if err != nil || math.Abs(got-c.want) > c.tolerance {
			t.Errorf("%+v: %.7f, %v", c, got, err)
		}
	}
}

// TestDetectable: of a million units with a rate of 2%, the relative difference that a
// holdout of 5, 10, 20 and 50% can show.
func TestDetectable(t *testing.T) {
	const n, rate = 1e6, .02
	of := Outcome{SD: math.Sqrt(rate * (1 - rate)), DesignEffect: 1}
	for holdout, want := range map[float64]float64{.05: .08998, .10: .06537, .20: .04903, .50: .03922} {
		got, err := Detectable(of, n*(1-holdout), n*holdout, DefaultTest())
		if err != nil || math.Abs(got/rate-want) > 5e-6 {
			t.Errorf("holdout %v: %.6f, %v, want %v", holdout, got/rate, err, want)
		}
	}
	plain, _ := Detectable(of, n, n, DefaultTest())
	of.DesignEffect, of.Correlation = 4, math.Sqrt(.75)
	if got, err := Detectable(of, n, n, DefaultTest()); err != nil || math.Abs(got-plain) > 1e-15 {
		t.Errorf("four times the variance, of which three quarters are explained: %v, %v, want %v", got, err, plain)
	}
}

func TestDesignEffect(t *testing.T) {
	if got, err := DesignEffect(2.3, 0, .1); err != nil || math.Abs(got-1.13) > 1e-15 {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := DesignEffect(1, 0, 1); err != nil || got != 1 {
		t.Errorf("clusters of one: %v, %v", got, err)
	}
}

// TestPowerIsReached: with so many units the score test finds the difference as often as was
// asked for.
func TestPowerIsReached(t *testing.T) {
	const control, treatment, ratio, trials = .02, .03, 9, 4000
	test := DefaultTest()
	held, err := HoldoutUnits(control, treatment, ratio, test)
	if err != nil {
		t.Fatal(err)
	}
	source := rand.NewPCG(13, 3)
	n0 := math.Ceil(held)
	found := 0
	for range trials {
		x0 := distuv.Binomial{N: n0, P: control, Src: source}.Rand()
		x1 := distuv.Binomial{N: n0 * ratio, P: treatment, Src: source}.Rand()
		e, err := lift.DifferenceMN(lift.Proportion{X: int64(x1), N: int64(n0 * ratio)}, lift.Proportion{X: int64(x0), N: int64(n0)}, lift.DefaultOptions())
		if err != nil {
			t.Fatal(err)
		}
		if e.P < .05 {
			found++
		}
	}
	power := float64(found) / trials
	if math.Abs(power-test.Power) > .03 { // 3 errors of the simulation are 0.019; the normal formula may be 0.01 off
		t.Errorf("power %v, asked for %v", power, test.Power)
	}
}

func TestBrokenDesign(t *testing.T) {
	fine := Outcome{SD: 1, DesignEffect: 1}
	for name, err := range map[string]error{
		"equal rates":    failed(HoldoutUnits(.1, .1, 1, DefaultTest())),
		"rate above 1":   failed(HoldoutUnits(.1, 1.1, 1, DefaultTest())),
		"no ratio":       failed(HoldoutUnits(.1, .2, 0, DefaultTest())),
		"power of 1":     failed(HoldoutUnits(.1, .2, 1, Test{.95, 1})),
		"empty arm":      failed(Detectable(fine, 0, 1, DefaultTest())),
		"negative SD":    failed(Detectable(Outcome{SD: -1, DesignEffect: 1}, 1, 1, DefaultTest())),
		"no effect":      failed(Detectable(Outcome{SD: 1}, 1, 1, DefaultTest())),
		"correlation":    failed(Detectable(Outcome{SD: 1, DesignEffect: 1, Correlation: 1.1}, 1, 1, DefaultTest())),
		"level of NaN":   failed(Detectable(fine, 1, 1, Test{math.NaN(), .8})),
		"small clusters": failed(DesignEffect(.5, 0, .1)),
	} {
		if !errors.Is(err, ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func failed(_ float64, err error) error { return err }
