package lift

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"

	"ghostlight/analysis"
)

// ClopperPearson estimates one rate with its exact interval: the rates that neither tail of
// the binomial rejects at half of 1 - level, by the quantiles of
//
//	Beta(X, N - X + 1)  and  Beta(X + 1, N - X).
//
// It covers at least at its level whatever the rate, and is wider than [Wilson] for it. It
// assumes independent units with one rate. NTreatment is N and NControl is 0; there is no
// p-value, for there is no hypothesis.
//
// Edge: X = 0 has the lower end 0, X = N the upper end 1; N = 0 can not be estimated.
//
// Source: Clopper and Pearson (1934), Biometrika 26:404.
func ClopperPearson(p Proportion, o Options) (analysis.Estimate, error) {
	e := analysis.Estimate{NTreatment: p.N, Method: MethodClopperPearson, Grade: o.Grade}
	if err := o.validate(); err != nil {
		return e, fmt.Errorf("estimate exact rate: %w", err)
	}
	if err := p.validate("the group"); err != nil {
		return e, fmt.Errorf("estimate exact rate: %w", err)
	}
	if p.N == 0 {
		e.NotEstimable = "there are no units"
		return e, nil
	}
	x, n, tail := float64(p.X), float64(p.N), (1-o.Level)/2
	within := analysis.Interval{Lo: 0, Hi: 1, Level: o.Level}
	if p.X > 0 {
		within.Lo = mathext.InvRegIncBeta(x, n-x+1, tail)
	}
	if p.X < p.N {
		within.Hi = 1 - mathext.InvRegIncBeta(n-x, x+1, tail)
	}
	e.Value, e.HasValue = p.Rate(), true
	e.Interval, e.HasInterval = within, true
	return e, nil
}

// FisherP is the two-sided p-value of Fisher's exact test of two rates: the probability,
// given all converters and the sizes of the arms, of the tables that are no more likely than
// the one observed.
//
// It assumes independent units, holds for any size of the arms, and is conservative: where
// both arms are not small, [DifferenceMN] has more power. Its cost grows with the number of
// converters.
//
// Edge: without converters, or with nothing but converters, there is one table and p is 1.
// Arms without units are an error, as there is nothing to compare.
//
// Source: Fisher (1935), JRSS 98:39; the two-sided rule is that of R's fisher.test.
func FisherP(treatment, control Proportion) (float64, error) {
	for _, arm := range []struct {
		name string
		Proportion
	}{{"treatment", treatment}, {"control", control}} {
		if err := arm.validate(arm.name); err != nil {
			return 0, fmt.Errorf("test exactly: %w", err)
		}
	}
	if why := emptyArm(treatment.N, control.N); why != "" {
		return 0, fmt.Errorf("test exactly: %s: %w", why, ErrInput)
	}
	converters := treatment.X + control.X
	table := func(x int64) float64 { // log probability, but for a constant
		return logChoose(treatment.N, x) + logChoose(control.N, converters-x)
	}
	const tolerance = 1e-7 // relative, of tables as likely as the observed one
	observed := table(treatment.X)
	var all, extreme float64
	for x := max(0, converters-control.N); x <= min(converters, treatment.N); x++ {
		log := table(x)
		weight := math.Exp(log - observed)
		all += weight
		if log <= observed+tolerance {
			extreme += weight
		}
	}
	if math.IsInf(all, 1) { // the observed table is beyond all others
		return 0, nil
	}
	return min(1, extreme/all), nil
}

// logChoose is the logarithm of the number of ways to choose k of n.
func logChoose(n, k int64) float64 {
	a, _ := math.Lgamma(float64(n) + 1)
	b, _ := math.Lgamma(float64(k) + 1)
	c, _ := math.Lgamma(float64(n-k) + 1)
	return a - b - c
}
