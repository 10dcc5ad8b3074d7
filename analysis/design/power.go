package design

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// ErrInput is wrapped by every error of this package: a design that contradicts itself.
var ErrInput = errors.New("broken input")

// Test is what the experiment will be judged by.
type Test struct {
	Level float64 // of the two-sided interval, inside (0, 1)
	Power float64 // probability of finding the difference, inside (0, 1)
}

// DefaultTest is a 95% interval that finds a difference four times in five.
func DefaultTest() Test { return Test{Level: 0.95, Power: 0.8} }

// quantiles are the normal quantiles of the level, two-sided, and of the power.
func (t Test) quantiles() (level, power float64, err error) {
	for _, p := range []float64{t.Level, t.Power} {
		if !(p > 0 && p < 1) {
			return 0, 0, fmt.Errorf("level %v and power %v are not between 0 and 1: %w", t.Level, t.Power, ErrInput)
		}
	}
	return -distuv.UnitNormal.Quantile((1 - t.Level) / 2), distuv.UnitNormal.Quantile(t.Power), nil
}

// HoldoutUnits is how many units the holdout needs so that the test finds a change of the
// rate from control to treatment, when the treatment arm has ratio units for each of them:
//
//	[z √(p(1-p)(1 + 1/k)) + z' √(p₀(1-p₀) + p₁(1-p₁)/k)]² / (p₁ - p₀)²,  p = (p₀ + k p₁)/(1 + k).
//
// It assumes independent units and counts that are normal enough, which those of a score test
// are from about five expected converters. The number is not rounded.
//
// Errors: rates that are no probabilities or equal, a ratio that is not positive.
//
// Source: Fleiss, Tytun and Ury (1980), Biometrics 36:343, without continuity correction; for
// equal arms it is R's power.prop.test.
func HoldoutUnits(control, treatment, ratio float64, t Test) (float64, error) {
	z, power, err := t.quantiles()
	if err != nil {
		return 0, fmt.Errorf("plan holdout: %w", err)
	}
	if !(control >= 0 && control <= 1 && treatment >= 0 && treatment <= 1) || control == treatment {
		return 0, fmt.Errorf("plan holdout: rates %v and %v: %w", control, treatment, ErrInput)
	}
	if !(ratio > 0) || math.IsInf(ratio, 1) {
		return 0, fmt.Errorf("plan holdout: %v treated units for each held out: %w", ratio, ErrInput)
	}
	pooled := (control + ratio*treatment) / (1 + ratio)
	root := z*math.Sqrt(pooled*(1-pooled)*(1+1/ratio)) + power*math.Sqrt(control*(1-control)+treatment*(1-treatment)/ratio)
	return root * root / ((treatment - control) * (treatment - control)), nil
}

// Outcome describes what is measured of a unit.
type Outcome struct {
	SD           float64 // standard deviation between units; √(p(1-p)) of a rate
	DesignEffect float64 // 1 for independent units; see [DesignEffect]
	Correlation  float64 // with the covariates that the estimate is adjusted for, 0 without
}

// Detectable is the smallest difference of means that the test finds with so many units,
//
//	(z + z') √(s² D (1 - ρ²) (1/n₁ + 1/n₀)).
//
// It assumes a large sample, and the same spread in both arms.
//
// Errors: an arm without units, a negative spread, a design effect that is not positive, a
// correlation outside [-1, 1].
func Detectable(o Outcome, treated, held float64, t Test) (float64, error) {
	z, power, err := t.quantiles()
	if err != nil {
		return 0, fmt.Errorf("plan difference: %w", err)
	}
	switch {
	case !(treated > 0 && held > 0):
		return 0, fmt.Errorf("plan difference: %v treated and %v held out: %w", treated, held, ErrInput)
	case !(o.SD >= 0) || math.IsInf(o.SD, 1) || !(o.DesignEffect > 0) || math.IsInf(o.DesignEffect, 1) || !(math.Abs(o.Correlation) <= 1):
		return 0, fmt.Errorf("plan difference: outcome %+v: %w", o, ErrInput)
	}
	variance := o.SD * o.SD * o.DesignEffect * (1 - o.Correlation*o.Correlation)
	return (z + power) * math.Sqrt(variance*(1/treated+1/held)), nil
}

// DesignEffect is by how much the variance grows when the units that are counted come in
// clusters that were assigned whole, such as persons in households,
//
//	1 + ((cv² + 1) m - 1) ρ,
//
// with clusters of m units on average, whose sizes have the coefficient of variation cv, and
// ρ the correlation of outcomes within a cluster.
//
// Errors: a mean size below 1, a negative variation, a correlation outside [0, 1].
//
// Source: Eldridge, Ashby and Kerry (2006), International Journal of Epidemiology 35:1292.
func DesignEffect(size, variation, correlation float64) (float64, error) {
	if !(size >= 1) || math.IsInf(size, 1) || !(variation >= 0) || math.IsInf(variation, 1) || !(correlation >= 0 && correlation <= 1) {
		return 0, fmt.Errorf("design effect of clusters of %v with variation %v and correlation %v: %w", size, variation, correlation, ErrInput)
	}
	return 1 + ((variation*variation+1)*size-1)*correlation, nil
}
