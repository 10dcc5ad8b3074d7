package pchart

import (
	"math/rand/v2"
	"testing"
)

func TestFirst(t *testing.T) {
	steady := []Week{{80, 100}, {79, 100}, {82, 100}, {81, 100}}
	after := func(weeks ...Week) []Week { return append(append([]Week{}, steady...), weeks...) }
	for _, c := range []struct {
		name  string
		weeks []Week
		want  int // -1: none
		lasts bool
	}{
		{"none", nil, -1, false},
		{"as before", after(Week{80, 100}), -1, false},
		{"a rise is no drop", after(Week{100, 100}), -1, false},
		{"lost", after(Week{0, 100}), 4, true},
		{"lost for good", after(Week{10, 100}, Week{12, 100}, Week{9, 100}), 4, true},
		{"lost and found", after(Week{10, 100}, Week{80, 100}), 4, false},
		{"a small week is passed over", after(Week{0, MinRecords - 1}, Week{81, 100}), -1, false},
		{"and does not end a drop", after(Week{10, 100}, Week{20, 20}, Week{9, 100}), 4, true},
		{"the smallest week that is judged", after(Week{0, MinRecords}), 4, true},
		{"too few weeks before", []Week{{80, 100}, {80, 100}, {0, 100}}, -1, false},
		{"just enough", []Week{{80, 100}, {80, 100}, {80, 100}, {0, 100}}, 3, true},
		{"all carried it until then", []Week{{100, 100}, {100, 100}, {100, 100}, {90, 100}}, 3, true},
		{"none ever carried it", []Week{{0, 100}, {0, 100}, {0, 100}, {0, 100}}, -1, false},
		{"sure and too small to matter", []Week{{900000, 1000000}, {900000, 1000000}, {900000, 1000000}, {860000, 1000000}}, -1, false},
		{"weeks that differ by more than chance", []Week{{900, 1000}, {600, 1000}, {850, 1000}, {620, 1000}, {550, 1000}}, -1, false},
		{"below even those", []Week{{900, 1000}, {600, 1000}, {850, 1000}, {620, 1000}, {20, 1000}}, -1, false},
		{"only the last eight weeks count", append([]Week{{0, 1000}, {1000, 1000}}, Week{500, 1000}, Week{500, 1000}, Week{500, 1000}, Week{500, 1000}, Week{500, 1000}, Week{500, 1000}, Week{500, 1000}, Week{500, 1000}, Week{400, 1000}), 10, true},
	} {
		got, err := First(c.weeks)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		switch {
		case (got == nil) != (c.want < 0):
			t.Errorf("%s: %+v, want week %d", c.name, got, c.want)
		case got != nil && (got.Week != c.want || got.Lasts != c.lasts || got.Of != c.weeks[c.want]):
			t.Errorf("%s: %+v, want week %d, lasts %v", c.name, got, c.want, c.lasts)
		}
	}
	if _, err := First([]Week{{2, 1}}); err == nil {
		t.Error("two of one were taken")
	}
}

// The limit by hand: 240 of 300 before, p = 240.5/301 = 0.799003; the deviation of a week
// of 100 is sqrt(0.160597 (1/100 + 1/300)) = 0.046275, so that the limit lies 0.138826
// below 0.8: 67 of 100 are within it, 66 are not.
func TestLimitByHand(t *testing.T) {
	before := []Week{{80, 100}, {80, 100}, {80, 100}}
	for _, c := range []struct {
		k    int64
		want bool
	}{{67, false}, {66, true}} {
		all, got := falls(before, Week{c.k, 100})
		if got != c.want || all != (Week{240, 300}) {
			t.Errorf("%d of 100 is a drop: %v, want %v (before: %v)", c.k, got, c.want, all)
		}
	}
}

// Weeks that differ by chance alone, or by more than chance but always in the same way,
// are seldom called a drop, and a share that halves is found.
func TestFalseAlarmsAndPower(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	binomial := func(n int64, p float64) (k int64) {
		for range n {
			if rng.Float64() < p {
				k++
			}
		}
		return k
	}
	const series, perSeries = 2000, 8
	for _, c := range []struct {
		name   string
		spread float64 // of the share from week to week
		falls  float64 // what the last week's share is multiplied by
		lo, hi float64 // of series with a drop
	}{
		{"by chance alone", 0, 1, 0, 0.02},
		{"by more than chance", 0.04, 1, 0, 0.06},
		{"halved", 0, 0.5, 0.99, 1},
	} {
		found := 0
		for range series {
			var weeks []Week
			for i := range perSeries {
				p := 0.6 + c.spread*rng.NormFloat64()
				if i == perSeries-1 {
					p *= c.falls
				}
				n := int64(100 + rng.IntN(200))
				weeks = append(weeks, Week{binomial(n, p), n})
			}
			drop, err := First(weeks)
			if err != nil {
				t.Fatal(err)
			}
			if drop != nil {
				found++
			}
		}
		if share := float64(found) / series; share < c.lo || share > c.hi {
			t.Errorf("%s: %.3f of series have a drop, want %v to %v", c.name, share, c.lo, c.hi)
		} else {
			t.Logf("%s: %.4f", c.name, share)
		}
	}
}
