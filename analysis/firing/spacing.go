package firing

import "math"

// LongestSpacing is the probability that n points, spread independently and evenly over a
// line of length 1, leave somewhere an empty stretch longer than x, the two ends included:
//
//	sum over k >= 1, while kx < 1, of (-1)^(k+1) C(n+1, k) (1 - kx)^n
//
// (Whitworth; R. A. Fisher, Tests of Significance in Harmonic Analysis, Proc. R. Soc. A 125,
// 1929, whose g for n+1 periods has the same law). Where the first term, which is never too
// small, says more than a half it is given, at most 1: there the series cancels. Without a
// point the whole line is empty.
func LongestSpacing(n int64, x float64) float64 {
	switch {
	case x >= 1:
		return isZero(n)
	case n <= 0 || x <= 0:
		return 1
	}
	term := func(k float64) float64 {
		m := float64(n) + 1
		return math.Exp(logChoose(m, k) + float64(n)*math.Log1p(-k*x))
	}
	p := term(1)
	if p > 0.5 {
		return min(p, 1)
	}
	sign := -1.0
	for k := 2.0; k*x < 1 && k <= float64(n)+1; k++ {
		t := term(k)
		p += sign * t
		if t < 1e-18*p {
			break
		}
		sign = -sign
	}
	return max(p, 0)
}

// NoneOf is the probability that m records drawn by chance from own and others hold none of
// own: the hypergeometric C(others, m) / C(own+others, m). It is 1 where m is 0 and 0 where
// more are drawn than there are of others.
func NoneOf(own, others, m int64) float64 {
	switch {
	case m <= 0 || own <= 0:
		return 1
	case m > others:
		return 0
	}
	return math.Exp(logChoose(float64(others), float64(m)) - logChoose(float64(own+others), float64(m)))
}

func isZero(n int64) float64 {
	if n <= 0 {
		return 1
	}
	return 0
}

func logChoose(n, k float64) float64 {
	a, _ := math.Lgamma(n + 1)
	b, _ := math.Lgamma(k + 1)
	c, _ := math.Lgamma(n - k + 1)
	return a - b - c
}
