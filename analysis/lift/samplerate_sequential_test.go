package lift

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// The first counts are those of a published example of a mismatch (Fabijan et al. 2019); the values
// follow from the formula of the paper, computed independently with 15 digits.
func TestSequentialSampleRatio(t *testing.T) {
	for _, c := range []struct {
		counts []int64
		log, p printed
	}{
		{[]int64{821_588, 815_482}, "8.76597229", "0.00015595044"},
		{[]int64{5200, 4800}, "3.65388067", "0.0258904614"},
		{[]int64{520, 480}, "0.0250766824", "0.9752351"},
		{[]int64{0, 0}, "0", "1"},
	} {
		got, err := SequentialSampleRatioOf(c.counts, []float64{1, 1}, 1)
		if err != nil {
			t.Fatal(err)
		}
		c.log.check(t, fmt.Sprint("log Bayes factor of ", c.counts), got.LogBayesFactor)
		c.p.check(t, fmt.Sprint("p of ", c.counts), got.P)
	}
	if got, _ := SequentialSampleRatioOf([]int64{500, 500}, []float64{50, 50}, .004); got.P != .004 {
		t.Errorf("evidence that was seen is forgotten: %v", got.P)
	}
	for _, bad := range []struct {
		counts []int64
		shares []float64
		before float64
	}{
		{[]int64{1}, []float64{1}, 1}, {[]int64{1, 2}, []float64{1}, 1}, {[]int64{-1, 2}, []float64{1, 1}, 1},
		{[]int64{1, 2}, []float64{0, 1}, 1}, {[]int64{1, 2}, []float64{1, 1}, 1.5}, {[]int64{1, 2}, []float64{1, 1}, math.NaN()},
	} {
		if _, err := SequentialSampleRatioOf(bad.counts, bad.shares, bad.before); !errors.Is(err, ErrInput) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

// TestSequentialSampleRatioHolds: looked at after every 200 units, a split as designed is
// called wrong in at most alpha of the trials, and one of 92 to 8 instead of 90 to 10 is found.
func TestSequentialSampleRatioHolds(t *testing.T) {
	const trials, looks, perLook, alpha = 1000, 200, 200, .05
	random := rand.New(rand.NewPCG(11, 3))
	for _, c := range []struct {
		share        float64
		least, limit float64
	}{{.9, 0, alpha + 3*math.Sqrt(alpha*(1-alpha)/trials)}, {.92, .9, 1}} {
		alarms := 0
		for range trials {
			counts, p := []int64{0, 0}, 1.0
			for range looks {
				for range perLook {
					arm := 0
					if random.Float64() > c.share {
						arm = 1
					}
					counts[arm]++
				}
				got, err := SequentialSampleRatioOf(counts, []float64{9, 1}, p)
				if err != nil {
					t.Fatal(err)
				}
				p = got.P
			}
			if p <= alpha {
				alarms++
			}
		}
		if rate := float64(alarms) / trials; rate < c.least || rate > c.limit {
			t.Errorf("share %v: alarms in %v of the trials, from %v to %v are right", c.share, rate, c.least, c.limit)
		}
	}
}
