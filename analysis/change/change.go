package change

import (
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Day is one day of a series: of Of records With are counted.
type Day struct{ Of, With int64 }

// Step is a change of the share at the beginning of day At, from what it was since the step
// before, or the beginning, to what it is until the next, or the end. P is the probability
// of so large a change at any day where there is none.
type Step struct {
	At            int
	Before, After Day // summed
	P             float64
}

// Limits of what is a step.
const (
	// MinRecords that each side must have.
	MinRecords = 20
	// MinDifference of the shares: of many records chance alone would report less.
	MinDifference = 0.02

	maxDepth = 2 // of cutting parts into parts: at most three steps
)

// Steps finds the changes of a share over days, each at a rate of false alarms of alpha.
//
// The day of a step is where the likelihood ratio of two shares against one is largest, and
// each part is searched again (binary segmentation, Vostrikova 1981). Then every step is held
// against its neighbours and the least is given up until all of them are beyond chance, by
// MaximalP of the root of the ratio over the dispersion of the days within their parts
// (quasi-likelihood: Braun, Braun and Müller, Biometrika 87, 2000), and of at least MinDifference.
//
// It assumes records that are independent but for days that differ; where these differ very
// much (their shares spread as a beta with parameters that sum to 5) false alarms are up to
// four times as frequent as stated. A share that drifts slowly is found as steps.
func Steps(days []Day, alpha float64) ([]Step, error) {
	if !(alpha > 0 && alpha < 1) {
		return nil, errors.New("find steps: alpha is between 0 and 1")
	}
	s := series{make([]Day, len(days)+1)}
	for i, d := range days {
		if d.With < 0 || d.With > d.Of {
			return nil, errors.New("find steps: a day counts more than its records")
		}
		s.sums[i+1] = Day{s.sums[i].Of + d.Of, s.sums[i].With + d.With}
	}
	cuts := s.cut(0, len(days), alpha, maxDepth)
	for {
		steps, worst := s.steps(cuts), -1
		for i, step := range steps {
			if worst < 0 || step.P > steps[worst].P {
				worst = i
			}
		}
		if worst >= 0 && steps[worst].P < alpha { // all hold: is one too small?
			worst = -1
			for i, step := range steps {
				if math.Abs(share(step.Before)-share(step.After)) < MinDifference {
					worst = i
					break
				}
			}
		}
		if worst < 0 {
			return steps, nil
		}
		cuts = slices.Delete(cuts, worst, worst+1)
	}
}

// series are running sums of days: the days from a until b are sums[b] less sums[a].
type series struct{ sums []Day }

func (s series) of(a, b int) Day {
	return Day{s.sums[b].Of - s.sums[a].Of, s.sums[b].With - s.sums[a].With}
}

func share(d Day) float64 { return float64(d.With) / float64(d.Of) }

// cut lists the days of from until until at which a share changes if days do not differ.
func (s series) cut(from, until int, alpha float64, depth int) []int {
	at, ratio := 0, 0.0
	for i := from + 1; i < until; i++ {
		if s.of(from, i).Of >= MinRecords && s.of(i, until).Of >= MinRecords {
			if r := s.ratio(from, i, until); r > ratio*(1+1e-12) {
				at, ratio = i, r
			}
		}
	}
	if at == 0 || depth == 0 || s.p(from, until, ratio) >= alpha {
		return nil
	}
	return slices.Concat(s.cut(from, at, alpha, depth-1), []int{at}, s.cut(at, until, alpha, depth-1))
}

// ratio is twice the log of the likelihood of two shares over that of one.
func (s series) ratio(from, at, until int) float64 {
	return 2 * max(0, logLikelihood(s.of(from, at))+logLikelihood(s.of(at, until))-logLikelihood(s.of(from, until)))
}

func logLikelihood(d Day) float64 {
	l := 0.0
	for _, n := range []int64{d.With, d.Of - d.With} {
		if n > 0 {
			l += float64(n) * math.Log(float64(n)/float64(d.Of))
		}
	}
	return l
}

// p is the probability of a ratio so large somewhere from from until until.
func (s series) p(from, until int, ratio float64) float64 {
	all := float64(s.of(from, until).Of)
	lo, hi := 1.0, 0.0
	for i := from + 1; i < until; i++ {
		left, right := s.of(from, i).Of, s.of(i, until).Of
		if left >= MinRecords && right >= MinRecords {
			lo, hi = min(lo, float64(left)/all), max(hi, float64(left)/all)
		}
	}
	if hi == 0 {
		return 1
	}
	return MaximalP(math.Sqrt(ratio), lo, hi)
}

// steps are the changes at the cuts, with the dispersion of the days between them.
func (s series) steps(cuts []int) []Step {
	ends := slices.Concat([]int{0}, cuts, []int{len(s.sums) - 1})
	phi := s.dispersion(ends)
	steps := []Step{}
	for i, at := range cuts {
		from, until := ends[i], ends[i+2]
		steps = append(steps, Step{At: at, Before: s.of(from, at), After: s.of(at, until),
			P: s.p(from, until, s.ratio(from, at, until)/phi)})
	}
	return steps
}

// dispersion is Pearson's chi-square of the days around the shares of their parts, over
// what is left of their number; 1 at least. A step costs its share and three more for the
// choice of its day (Ninomiya, Annals of the Institute of Statistical Mathematics 67, 2015).
func (s series) dispersion(ends []int) float64 {
	var square float64
	days := -1 - 4*(len(ends)-2)
	for i := range len(ends) - 1 {
		p := 0.0
		if all := s.of(ends[i], ends[i+1]); all.Of > 0 {
			p = share(all)
		}
		for day := ends[i]; day < ends[i+1]; day++ {
			d := s.of(day, day+1)
			if d.Of == 0 {
				continue
			}
			days++
			if p > 0 && p < 1 {
				off := float64(d.With) - float64(d.Of)*p
				square += off * off / (float64(d.Of) * p * (1 - p))
			}
		}
	}
	if days < 1 {
		return 1
	}
	return max(1, square/float64(days))
}

// MaximalP is the probability that the largest of the standardized differences over all
// places of a cut, from the part lo of the records to the part hi, is b or more where
// nothing changes:
//
//	4 f(b)/b + f(b) (b - 1/b) log(hi (1-lo) / ((1-hi) lo)), f the normal density
//
// (Miller and Siegmund, Maximally Selected Chi Square Statistics, Biometrics 38, 1982). It is an
// approximation for large b; 1 at most, and 1 for b of 1 or less.
func MaximalP(b, lo, hi float64) float64 {
	if b <= 1 {
		return 1
	}
	f := distuv.UnitNormal.Prob(b)
	return min(1, 4*f/b+f*(b-1/b)*math.Log(hi*(1-lo)/((1-hi)*lo)))
}

// Apart is the probability that two shares differ by chance as much as these do: of the
// likelihood ratio of two shares against one, as a chi-square of one degree of freedom. It is
// 1 where a side has fewer than MinRecords, or they differ by less than MinDifference.
func Apart(a, b Day) float64 {
	if a.Of < MinRecords || b.Of < MinRecords || math.Abs(share(a)-share(b)) < MinDifference {
		return 1
	}
	both := Day{a.Of + b.Of, a.With + b.With}
	return math.Erfc(math.Sqrt(max(0, logLikelihood(a)+logLikelihood(b)-logLikelihood(both))))
}
