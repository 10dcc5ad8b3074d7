package pchart

import (
	"fmt"
	"math"
)

// Week is one week of a share: K of N have what is looked for.
type Week struct{ K, N int64 }

// share is K of N; N is above zero.
func (w Week) share() float64 { return float64(w.K) / float64(w.N) }

// What a week needs to be judged, and to be judged as a drop.
const (
	MinRecords = 30   // of a week; one with fewer is passed over
	MinBefore  = 3    // weeks that can be judged before it
	MaxBefore  = 8    // weeks before it that are looked at, the last ones
	MinFall    = 0.05 // of the share: what is smaller is no matter, however sure
	limit      = 3    // standard deviations, as Shewhart has it
)

// Drop is a week whose share is below what the weeks before it let expect. Before is those
// weeks together, and Lasts whether every later week that can be judged is a drop too.
type Drop struct {
	Week   int // its place among the weeks
	Before Week
	Of     Week
	Lasts  bool
}

// First finds the first week in which the share fell, nil where none did.
//
// It is a p chart with the limits of Laney, Improved control charts for attributes,
// Quality Engineering 14 (2002): the standard deviation of a week's share is that of a
// binomial one (NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.3.2), which is widened
// by the mean moving range of the standardized shares of the weeks before, over 1.128, where
// these differ by more than chance; it is never narrowed. The share before is itself
// estimated, which adds its own variance, and so that a share of 0 or 1 has some, half a
// record is added to both sides of it. A week is a drop when its share lies more than three
// such standard deviations, and at least MinFall, below that of the weeks before it
// together. The weeks of a drop do not enter what later weeks are held against, so that
// what stays low is not taken for normal.
//
// A week with fewer than MinRecords records is not judged, nor one with fewer than MinBefore
// weeks before it. Of weeks that are binomial about one in 741 is a
// drop by chance, and fewer where MinFall is more than three deviations.
func First(weeks []Week) (*Drop, error) {
	var before []Week
	var first *Drop
	for i, w := range weeks {
		if w.K < 0 || w.K > w.N {
			return nil, fmt.Errorf("judge week %d: %d of %d", i+1, w.K, w.N)
		}
		if w.N < MinRecords {
			continue
		}
		if len(before) >= MinBefore {
			all, isDrop := falls(before[max(0, len(before)-MaxBefore):], w)
			switch {
			case isDrop && first == nil:
				first = &Drop{Week: i, Before: all, Of: w, Lasts: true}
			case !isDrop && first != nil:
				first.Lasts = false
			}
			if isDrop {
				continue
			}
		}
		before = append(before, w)
	}
	return first, nil
}

// falls tells whether a week lies below the limit of the weeks before it, and gives these
// together.
func falls(before []Week, w Week) (all Week, isDrop bool) {
	for _, b := range before {
		all.K += b.K
		all.N += b.N
	}
	p := (float64(all.K) + 0.5) / (float64(all.N) + 1)
	deviation := func(n float64) float64 { return math.Sqrt(p * (1 - p) / n) }
	standardized := func(b Week) float64 { return (b.share() - p) / deviation(float64(b.N)) }
	var moved float64
	for i, b := range before[1:] {
		moved += math.Abs(standardized(b) - standardized(before[i]))
	}
	spread := max(1, moved/float64(len(before)-1)/1.128)
	reach := limit * spread * deviation(1/(1/float64(w.N)+1/float64(all.N)))
	fall := all.share() - w.share()
	return all, fall >= MinFall && fall > reach
}
