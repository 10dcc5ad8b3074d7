package simulate_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"testing"

	"ghostlight/analysis/simulate"
)

func world(t *testing.T, c simulate.Config) *simulate.World {
	t.Helper()
	w, err := simulate.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// fingerprint is a hash of every record of a walk, and the truth of it.
func fingerprint(t *testing.T, w *simulate.World) (uint64, simulate.Truth) {
	t.Helper()
	sum := fnv.New64a()
	truth, err := w.Each(func(h *simulate.Household) error {
		_, err := fmt.Fprintf(sum, "%+v\n", *h)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sum.Sum64(), truth
}

func TestSameConfigSameRecords(t *testing.T) {
	c := simulate.Default()
	c.Households, c.Exposures = 2_000, 15_000
	w := world(t, c)
	first, truth := fingerprint(t, w)
	if again, _ := fingerprint(t, w); again != first {
		t.Error("a second walk through the same world differs")
	}
	if other, same := fingerprint(t, world(t, c)); other != first || fmt.Sprint(same) != fmt.Sprint(truth) {
		t.Error("the same settings make another world")
	}
	c.Seed++
	if other, _ := fingerprint(t, world(t, c)); other == first {
		t.Error("another seed makes the same world")
	}
}

// TestHouseholdsDoNotDependOnEachOther: what a household draws depends on its
// own number and the seed, not on how many others there are.
func TestHouseholdsDoNotDependOnEachOther(t *testing.T) {
	lives := func(households int64) []string {
		c := simulate.Default()
		c.Households, c.Exposures, c.FalseLinkShare = households, 0, 0
		var out []string
		stop := errors.New("enough")
		_, err := world(t, c).Each(func(h *simulate.Household) error {
			if h.Index == 500 {
				return stop
			}
			out = append(out, fmt.Sprint(*h))
			return nil
		})
		if !errors.Is(err, stop) {
			t.Fatalf("Each returned %v, want the error of yield", err)
		}
		return out
	}
	if !slices.Equal(lives(600), lives(900)) {
		t.Error("the first 500 households differ between a world of 600 and one of 900")
	}
}

func TestExposures(t *testing.T) {
	for _, n := range []int64{0, 1, 999, 60_000} {
		c := simulate.Default()
		c.Households, c.Exposures = 3_000, n
		var rows, reached, most int64
		_, err := world(t, c).Each(func(h *simulate.Household) error {
			k := int64(len(h.Exposures))
			rows += k
			most = max(most, k)
			if k > 0 {
				reached++
			}
			for i, e := range h.Exposures {
				at := e.AtMS / 1000
				if at <= h.AssignedAt || at >= simulate.PeriodEnd.Unix() {
					t.Errorf("household %d exposed at %d: assigned at %d", h.Index, at, h.AssignedAt)
				}
				if i > 0 && e.AtMS < h.Exposures[i-1].AtMS {
					t.Errorf("household %d: exposures out of order", h.Index)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if rows != n {
			t.Errorf("%d exposures, want %d", rows, n)
		}
		if n == 60_000 {
			mean := float64(n) / float64(reached)
			if share := float64(reached) / 3_000; math.Abs(share-c.Reach) > 0.03 {
				t.Errorf("%.3f of the households reached, want about %.2f", share, c.Reach)
			}
			if float64(most) < 5*mean {
				t.Errorf("the most exposed household has %d exposures, the mean is %.1f: not skewed", most, mean)
			}
		}
	}
}

// TestTruthIsTheTruth compares the counts of a large world with its
// probabilities, at five standard errors.
func TestTruthIsTheTruth(t *testing.T) {
	c := simulate.Default()
	c.Households, c.Exposures = 200_000, 0
	_, truth := fingerprint(t, world(t, c))
	for i, p := range []float64{truth.Lift.Treatment, truth.Lift.Holdout} {
		arm := truth.Arms[i]
		got := float64(arm.PaidBuyers) / float64(arm.Households)
		if se := math.Sqrt(p * (1 - p) / float64(arm.Households)); math.Abs(got-p) > 5*se {
			t.Errorf("%s: %.5f bought, want %.5f within %.5f", arm.Name, got, p, 5*se)
		}
		// What is not the outcome must not know the arm.
		other := float64(arm.AnyPurchases-arm.PaidOrders) / float64(arm.Households)
		all := float64(truth.Arms[0].AnyPurchases-truth.Arms[0].PaidOrders+truth.Arms[1].AnyPurchases-truth.Arms[1].PaidOrders) / float64(c.Households)
		if se := math.Sqrt(2 * all / float64(arm.Households)); math.Abs(other-all) > 5*se {
			t.Errorf("%s: %.5f unpaid or unrecorded purchases per household, %.5f over both arms", arm.Name, other, all)
		}
	}
	if share := float64(truth.Arms[1].Households) / float64(c.Households); math.Abs(share-c.HoldoutShare) > 0.005 {
		t.Errorf("%.4f held out, want about %.2f", share, c.HoldoutShare)
	}
	if got, want := truth.Lift.Absolute, 0.024; math.Abs(got-want) > 1e-12 {
		t.Errorf("absolute lift %v, want %v", got, want)
	}
}

func TestWithConversions(t *testing.T) {
	for _, test := range []struct{ households, conversions int64 }{
		{50_000, 1_000}, {50_000, 10_000}, {50_000, 50_000}, {10_000, 100_000},
	} {
		c := simulate.Default()
		c.Households, c.Exposures = test.households, 0
		c, err := c.WithConversions(test.conversions)
		if err != nil {
			t.Fatal(err)
		}
		if c.Lift != simulate.Default().Lift {
			t.Errorf("lift is %v now", c.Lift)
		}
		_, truth := fingerprint(t, world(t, c))
		if got := truth.Conversions.Total; math.Abs(float64(got-test.conversions)) > 0.1*float64(test.conversions) {
			t.Errorf("%d households: %d conversions, want about %d", test.households, got, test.conversions)
		}
	}
	if _, err := simulate.Default().WithConversions(-1); err == nil {
		t.Error("-1 conversions: no error")
	}
}

func TestValidate(t *testing.T) {
	if err := simulate.Default().Validate(); err != nil {
		t.Errorf("the default settings: %v", err)
	}
	for _, test := range []struct {
		change func(*simulate.Config)
		want   string
	}{
		{func(c *simulate.Config) { c.Households = 99 }, "households is 99"},
		{func(c *simulate.Config) { c.Exposures = -1 }, "exposures is -1"},
		{func(c *simulate.Config) { c.HoldoutShare = 1 }, "holdout share is 1"},
		{func(c *simulate.Config) { c.BaseRate = 0.8 }, "probability 1.12"},
		{func(c *simulate.Config) { c.Lift = -1 }, "lift is -1"},
		{func(c *simulate.Config) { c.Lift = math.NaN() }, "lift is NaN"},
		{func(c *simulate.Config) { c.Seen.Late = 0.9 }, "the shares of seen"},
		{func(c *simulate.Config) { c.Noise.Staging = -0.1 }, "noise staging is -0.1"},
	} {
		c := simulate.Default()
		test.change(&c)
		if _, err := simulate.New(c); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want it to name %q", err, test.want)
		}
	}
}
