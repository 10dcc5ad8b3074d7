package change

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// Critical values of the supremum of a chi-square of one parameter, Andrews, Econometrica
// 61 (1993), table 1: simulated there, by another formula here.
func TestMaximalPAndrews(t *testing.T) {
	for _, c := range []struct{ lo, critical, p float64 }{
		{0.15, 7.17, 0.10}, {0.15, 8.85, 0.05}, {0.15, 12.35, 0.01}, {0.05, 9.84, 0.05}, {0.25, 7.93, 0.05},
	} {
		if p := MaximalP(math.Sqrt(c.critical), c.lo, 1-c.lo); math.Abs(p/c.p-1) > 0.12 {
			t.Errorf("%v of %v: %v, want %v", c.critical, c.lo, p, c.p)
		}
	}
	if MaximalP(0.5, 0.1, 0.9) != 1 {
		t.Error("a difference of chance is not surprising")
	}
}

// The likelihood ratio of 15 of 50 against 30 of 50 by hand: the ratio, of which a
// chi-square of one degree of freedom leaves 0.00237.
func TestApart(t *testing.T) {
	g := 2 * (15*math.Log(15/22.5) + 35*math.Log(35/27.5) + 30*math.Log(30/22.5) + 20*math.Log(20/27.5))
	want := 1 - distuv.ChiSquared{K: 1}.CDF(g)
	if p := Apart(Day{50, 15}, Day{50, 30}); math.Abs(p-want) > 1e-12 || math.Abs(p-0.00237) > 5e-6 {
		t.Errorf("%v, want %v", p, want)
	}
	for name, p := range map[string]float64{"the same": Apart(Day{50, 15}, Day{500, 150}), "too few": Apart(Day{19, 0}, Day{50, 50}), "too little": Apart(Day{10_000, 9900}, Day{10_000, 10_000})} {
		if p != 1 {
			t.Errorf("%s: %v", name, p)
		}
	}
}

func sixtyDays(of int64, shares ...float64) []Day { // equally long parts of 60 days
	days := []Day{}
	for i := range 60 {
		days = append(days, Day{of, int64(math.Round(float64(of) * shares[i*len(shares)/60]))})
	}
	return days
}

func TestSteps(t *testing.T) {
	for _, c := range []struct {
		name string
		days []Day
		at   []int
	}{
		{"lost for good", sixtyDays(10, 1, 0), []int{30}},
		{"lost and back", sixtyDays(40, 1, 1, 0, 1, 1, 1), []int{20, 30}},
		{"three levels", sixtyDays(100, 1, 0.5, 0.9), []int{20, 40}},
		{"a little, of many", sixtyDays(5000, 1, 0.99), nil},
		{"just enough", sixtyDays(5000, 1, 0.97), []int{30}},
		{"the same", sixtyDays(100, 0.9), nil},
		{"all", sixtyDays(100, 1), nil},
		{"none", sixtyDays(100, 0), nil},
		{"too few", sixtyDays(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0)[:60], nil}, // five after the change
		{"no day", nil, nil},
	} {
		got, err := Steps(c.days, 0.001)
		if err != nil || len(got) != len(c.at) {
			t.Errorf("%s: %+v, %v; want days %v", c.name, got, err, c.at)
			continue
		}
		for i, s := range got {
			if s.At != c.at[i] || s.P >= 0.001 {
				t.Errorf("%s: %+v, want day %d", c.name, s, c.at[i])
			}
		}
	}
	if _, err := Steps([]Day{{1, 2}}, 0.1); err == nil {
		t.Error("more than all: no error")
	}
	if _, err := Steps(nil, 1); err == nil {
		t.Error("alpha 1: no error")
	}
}

// TestCalibrateSteps: series in which nothing changes have a step at most as often as stated.
func TestCalibrateSteps(t *testing.T) {
	const draws = 1500
	for _, c := range []struct {
		name   string
		days   int
		perDay float64
		share  float64
		beta   float64 // sum of the parameters of the beta that a day's share has, 0: all are alike
		times  float64 // as often as stated, at most
	}{
		{"half of some", 40, 30, 0.5, 0, 1}, {"nearly all", 40, 50, 0.97, 0, 1}, {"few days", 10, 40, 0.8, 0, 1},
		{"days that differ", 40, 50, 0.7, 20, 1}, {"days that differ very much", 40, 200, 0.9, 5, 4}, {"rare", 60, 3, 0.9, 0, 1},
	} {
		for _, alpha := range []float64{0.05, 0.01} {
			rng := rand.New(rand.NewPCG(1982, 38))
			hits := 0
			for range draws {
				days := []Day{}
				for range c.days {
					n, p := int64(distuv.Poisson{Lambda: c.perDay, Src: rng}.Rand()), c.share
					if c.beta > 0 {
						p = distuv.Beta{Alpha: c.beta * p, Beta: c.beta * (1 - p), Src: rng}.Rand()
					}
					d := Day{Of: n}
					for range n {
						if rng.Float64() < p {
							d.With++
						}
					}
					days = append(days, d)
				}
				steps, err := Steps(days, alpha)
				if err != nil {
					t.Fatal(err)
				}
				if len(steps) > 0 {
					hits++
				}
			}
			got, most := float64(hits)/draws, c.times*alpha+4*math.Sqrt(alpha*(1-alpha)/draws)
			t.Logf("%s, alpha %v: %.4f", c.name, alpha, got)
			if got > most {
				t.Errorf("%s: steps in %.4f of series, want %.4f at most", c.name, got, most)
			}
			if c.beta == 0 && c.days*int(c.perDay) >= 1000 && alpha == 0.05 && got < 0.01 {
				t.Errorf("%s: steps in %.4f of series, which is far from %v", c.name, got, alpha)
			}
		}
	}
}
