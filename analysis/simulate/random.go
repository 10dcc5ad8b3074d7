package simulate

import (
	"math"
	"math/rand/v2"
)

// Domains keep the streams of one seed apart.
const (
	domainHousehold uint64 = iota + 1
	domainReach
	domainNeighbourhood
	domainStranger
	domainEventID
)

// draws is a random generator that can be set to the start of any stream. The
// same seed, domain and index give the same numbers whatever was drawn before.
type draws struct {
	pcg *rand.PCG
	*rand.Rand
}

func newDraws() draws {
	pcg := rand.NewPCG(0, 0)
	return draws{pcg, rand.New(pcg)}
}

func (d draws) start(seed, domain uint64, index int64) {
	key := mix(seed ^ mix(domain))
	d.pcg.Seed(mix(key+uint64(index)), mix(key^mix(uint64(index)+1)))
}

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood 2014): a bijection of
// 64-bit numbers, so different inputs never give the same output.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (d draws) chance(p float64) bool { return d.Float64() < p }

// between draws an integer from lo up to, without, hi.
func (d draws) between(lo, hi int64) int64 { return lo + d.Int64N(hi-lo) }

// geometric draws a number of successes before the first failure with the
// given mean; 0 when the mean is 0.
func (d draws) geometric(mean float64) int {
	if mean <= 0 {
		return 0
	}
	p := mean / (1 + mean)
	n := 0
	for n < 1000 && d.chance(p) {
		n++
	}
	return n
}

// cents draws a log-normal amount in hundredths, at least one.
func (d draws) cents(median, sigma float64) int64 {
	return max(1, int64(math.Round(100*median*math.Exp(sigma*d.NormFloat64()))))
}

// pick returns the index of the interval of the cumulated shares into which a
// uniform draw falls; len(shares) for what is left of 1.
func (d draws) pick(shares ...float64) int {
	u := d.Float64()
	for i, s := range shares {
		if u < s {
			return i
		}
		u -= s
	}
	return len(shares)
}
