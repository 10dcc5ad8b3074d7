package lift

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// largeDF is where the expansion of Student's t around the normal distribution
// takes over from the incomplete beta function, which loses digits as its
// arguments grow (1e-7 of the quantile at 2e9 degrees of freedom). From here on
// the first term left out is under 1e-15 of the quantile.
const largeDF = 1e5

// studentQuantile is the t that |T| exceeds with probability tail, for T of
// Student's distribution with df degrees of freedom.
//
// Source of the expansion: Abramowitz & Stegun (1964), 26.7.5.
func studentQuantile(tail, df float64) float64 {
	if df < largeDF {
		return -distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile(tail / 2)
	}
	z := -distuv.UnitNormal.Quantile(tail / 2)
	s := z * z
	return z * (1 +
		(s+1)/(4*df) +
		(3+s*(16+s*5))/(96*df*df) +
		(-15+s*(17+s*(19+s*3)))/(384*df*df*df))
}

// studentP is the probability that |T| exceeds |t|: the inverse of
// [studentQuantile].
//
// Source of the expansion: the inverse series of Abramowitz & Stegun 26.7.5
// (Hill 1970, Communications of the ACM 13:617).
func studentP(t, df float64) float64 {
	t = math.Abs(t)
	if df < largeDF {
		return min(1, 2*distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.CDF(-t))
	}
	t = min(t, 40) // the probability beyond is below the smallest float64
	s := t * t
	return normalP(t * (1 -
		(s+1)/(4*df) +
		(3+s*(8+s*13))/(96*df*df) -
		(-15+s*(1+s*(19+s*35)))/(384*df*df*df)))
}
