package lift_test

import (
	"fmt"
	"log"
	"math/big"

	"ghostlight/analysis/lift"
)

// A published trial of an ad against public-service ads: 14,423 of 564,577 users
// converted with the ad, 420 of 23,524 without.
func ExampleDifferenceMN() {
	e, err := lift.DifferenceMN(
		lift.Proportion{X: 14423, N: 564577},
		lift.Proportion{X: 420, N: 23524},
		lift.DefaultOptions(),
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("difference %.6f, %.0f%% interval %.8f to %.8f\n", e.Value, 100*e.Interval.Level, e.Interval.Lo, e.Interval.Hi)
	fmt.Printf("incremental conversions %.2f\n", lift.Incremental(e).Value)
	// Output:
	// difference 0.007692, 95% interval 0.00587493 to 0.00936169
	// incremental conversions 4342.98
}

// Without converters in the control arm the ratio has a lower bound only.
func ExampleRatioKoopman() {
	r, err := lift.RatioKoopman(lift.Proportion{X: 5, N: 56}, lift.Proportion{X: 0, N: 29}, lift.DefaultOptions())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.NotEstimable)
	fmt.Printf("the ratio is at least %.3f\n", r.Interval.Lo)
	// Output:
	// the control arm has no conversions, so the ratio has no value and no upper bound, only a lower one
	// the ratio is at least 0.726
}

// Spend in cents of a randomized e-mail trial: sums by arm in, lift out.
func ExampleFieller() {
	mens, err := lift.MomentsFromSums(21307, big.NewInt(3031169), big.NewInt(67590244973), 100)
	if err != nil {
		log.Fatal(err)
	}
	none, err := lift.MomentsFromSums(21306, big.NewInt(1390833), big.NewInt(28700503621), 100)
	if err != nil {
		log.Fatal(err)
	}
	s, err := lift.Fieller(mens, none, lift.DefaultOptions())
	if err != nil {
		log.Fatal(err)
	}
	w := lift.Percent.Write(s.Estimate)
	fmt.Printf("%s, 95%% interval %s (g = %.3f)\n", w.Text(), w.Range, s.G)
	// Output:
	// +118%, 95% interval 64% to 198% (g = 0.057)
}

// A control mean that could be zero bounds no lift.
func ExampleFieller_unbounded() {
	s, err := lift.Fieller(
		lift.Moments{N: 10, Mean: 1.5, Variance: 4},
		lift.Moments{N: 10, Mean: 0.5, Variance: 4},
		lift.DefaultOptions(),
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("g = %.2f: %s\n", s.G, lift.Percent.Write(s.Estimate).Range)
	// Output:
	// g = 6.15: unbounded on both sides
}
