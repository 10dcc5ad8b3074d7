package lift

import (
	"math"
	"testing"

	"ghostlight/analysis"
)

// The constants are those of reference section 3.15: conversion effect and its
// 95% interval per unit, at a cost of 0.10 per unit; and the published case of
// 131,374.638 for the ad/PSA trial.
func TestCostPerPublished(t *testing.T) {
	for _, c := range []struct {
		name                 string
		cost, value          float64
		lo, hi               float64
		want, wantLo, wantHi float64
		tolerance            float64
	}{
		{"cost 0.10 per unit", 0.10, 0.00680500653, 0.0050001714, 0.0086098417, 14.695063, 11.6146154, 19.9993145, 1e-6},
		{"ad/PSA media cost", 131374.638, 4342.98215, 3359.76, 5326.20, 30.2498683, 24.6657132, 39.1023926, 1e-3},
	} {
		e, err := CostPer(c.cost, analysis.Estimate{
			Value: c.value, HasValue: true, HasInterval: true, Interval: analysis.Interval{Lo: c.lo, Hi: c.hi, Level: 0.95},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range []struct{ got, want float64 }{{e.Value, c.want}, {e.Interval.Lo, c.wantLo}, {e.Interval.Hi, c.wantHi}} {
			if math.Abs(got.got-got.want) > c.tolerance {
				t.Errorf("%s: got %v, want %v", c.name, got.got, got.want)
			}
		}
	}
}

func TestCostPerEdges(t *testing.T) {
	straddling := analysis.Estimate{Value: 10, HasValue: true, HasInterval: true, Interval: analysis.Interval{Lo: -5, Hi: 25, Level: 0.95}}
	e, err := CostPer(100, straddling)
	if err != nil || !e.HasValue || e.Value != 10 || e.Interval.Lo != 4 || !e.Interval.HiUnbounded {
		t.Errorf("a total that may be zero: %+v, %v", e, err)
	}
	e, err = CostPer(100, analysis.Estimate{Value: -1, HasValue: true, HasInterval: true, Interval: analysis.Interval{Lo: -2, Hi: 3, Level: 0.95}})
	if err != nil || e.HasValue || e.HasInterval || e.NotEstimable == "" {
		t.Errorf("a total below zero: %+v, %v", e, err)
	}
	e, err = CostPer(100, analysis.Estimate{NotEstimable: "no control"})
	if err != nil || e.HasValue || e.NotEstimable != "no control" {
		t.Errorf("no total: %+v, %v", e, err)
	}
	if _, err := CostPer(math.NaN(), straddling); err == nil {
		t.Error("NaN is a cost")
	}
}
