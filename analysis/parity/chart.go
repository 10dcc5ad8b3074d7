package parity

import "math"

// ChartPeriods is how many periods a control chart needs, and takes.
const ChartPeriods = 8

// Chart is a control chart for individual values: the mean of the periods and the
// limits three standard deviations from it.
type Chart struct{ Center, Lo, Hi float64 }

// Holds tells that a value lies within the limits, ends included.
func (c Chart) Holds(x float64) bool { return x >= c.Lo && x <= c.Hi }

// perRange is 3 / d2 for ranges of two values, d2 = 1.128.
const perRange = 3 / 1.128

// Individuals makes the chart of the last ChartPeriods values: the mean, plus and minus
// 3/1.128 times the mean absolute difference of neighbours (Shewhart; NIST/SEMATECH
// e-Handbook of Statistical Methods, 6.3.2.2). It assumes independent periods with a
// common spread. ok is false with fewer values, with one that is not finite, and when
// all are equal, of which no spread can be told.
func Individuals(values []float64) (c Chart, ok bool) {
	if len(values) < ChartPeriods {
		return Chart{}, false
	}
	values = values[len(values)-ChartPeriods:]
	return individuals(values)
}

func individuals(values []float64) (c Chart, ok bool) {
	var sum, moved float64
	for i, x := range values {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return Chart{}, false
		}
		sum += x
		if i > 0 {
			moved += math.Abs(x - values[i-1])
		}
	}
	if moved == 0 {
		return Chart{}, false
	}
	n := float64(len(values))
	reach := perRange * moved / (n - 1)
	return Chart{sum / n, sum/n - reach, sum/n + reach}, true
}
