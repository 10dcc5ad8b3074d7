package lift

import "math"

// epsilon is the distance from 1 to the next float64.
const epsilon = 0x1p-52

// root returns the zero of a continuous f between a and b, where fa = f(a) and
// fb = f(b) differ in sign, to within tolerance plus four units in the last
// place. It never leaves the bracket.
//
// Source: Chandrupatla (1997), Advances in Engineering Software 28:145: inverse
// quadratic interpolation where that is safe, bisection where it is not.
func root(f func(float64) float64, a, b, fa, fb, tolerance float64) float64 {
	const maxSteps = 200 // bisection alone needs about 60
	c, fc := a, fa
	step := 0.5
	best := a
	for range maxSteps {
		x := a + step*(b-a)
		fx := f(x)
		if (fx < 0) == (fa < 0) {
			c, fc = a, fa
		} else {
			c, fc = b, fb
			b, fb = a, fa
		}
		a, fa = x, fx

		best = a
		if math.Abs(fb) < math.Abs(fa) {
			best = b
		}
		least := (2*epsilon*math.Abs(best) + tolerance/2) / math.Abs(b-a)
		if least > 0.5 || fa == 0 {
			break
		}
		xi := (a - b) / (c - b)
		phi := (fa - fb) / (fc - fb)
		step = 0.5
		if phi*phi < xi && (1-phi)*(1-phi) < 1-xi {
			step = fa/(fb-fa)*fc/(fb-fc) + (c-a)/(b-a)*fa/(fc-fa)*fb/(fc-fb)
		}
		step = min(max(step, least), 1-least)
	}
	return best
}
