package multiple

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// family is the example of Benjamini and Hochberg (1995), table 1.
var family = []float64{.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1}

// The adjusted values are R's p.adjust of the same family, and the four rejections of BH
// at 0.05 and three of Bonferroni are the paper's.
func TestBenjaminiHochberg1995(t *testing.T) {
	for _, c := range []struct {
		name     string
		adjust   func([]float64) ([]float64, error)
		want     []float64 // the first ones
		rejected int
	}{
		{"Bonferroni", Bonferroni, []float64{.0015, .006, .0285, .1425, .3015, .417, .447, .516, .6885, 1}, 3},
		{"Holm", Holm, []float64{.0015, .0056, .0247, .114}, 3},
		{"Hochberg", Hochberg, []float64{.0015, .0056, .0247, .114, .2211, .2682, .2682, .2752}, 3},
		{"BH", BenjaminiHochberg, []float64{.0015, .003, .0095, .035625, .0603, .063857143, .063857143, .0645, .0765, .486, .58118182, .714875, .75323077, .81321429, 1}, 4},
		{"BY", BenjaminiYekutieli, []float64{.0049773435, .009954687, .031523175, .11821191}, 3},
	} {
		got, err := c.adjust(family)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		rejected := 0
		for i, x := range got {
			if i < len(c.want) && math.Abs(x-c.want[i]) > 5e-9 {
				t.Errorf("%s: p[%d] is %.10g, want %.10g", c.name, i, x, c.want[i])
			}
			if x <= .05 {
				rejected++
			}
		}
		if rejected != c.rejected {
			t.Errorf("%s rejects %d, want %d", c.name, rejected, c.rejected)
		}
	}
}

// TestOrderDoesNotMatter: a p-value is adjusted alike wherever it stands, and adjusting
// keeps the order, never goes down and stays within 1.
func TestOrderDoesNotMatter(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 12))
	for range 200 {
		p := make([]float64, random.IntN(12))
		for i := range p {
			p[i] = math.Round(random.Float64()*20) / 20 // ties
		}
		at := random.Perm(len(p))
		shuffled := make([]float64, len(p))
		for i, j := range at {
			shuffled[j] = p[i]
		}
		for _, adjust := range []func([]float64) ([]float64, error){Bonferroni, Holm, Hochberg, BenjaminiHochberg, BenjaminiYekutieli} {
			one, err := adjust(p)
			other, err2 := adjust(shuffled)
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			for i, j := range at {
				if one[i] != other[j] || one[i] < p[i] || one[i] > 1 {
					t.Fatalf("%v becomes %v, and shuffled %v", p, one, other)
				}
				for k := range p {
					if p[i] <= p[k] && one[i] > one[k] {
						t.Fatalf("%v becomes %v", p, one)
					}
				}
			}
		}
	}
}

// TestFalseAlarms: with nothing to find, the family-wise rates of all but BH and BY, and
// the false discovery rate of these, are at most what they are held at.
func TestFalseAlarms(t *testing.T) {
	const families, size, alpha = 20_000, 8, .05
	limit := alpha + 3*math.Sqrt(alpha*(1-alpha)/families)
	random := rand.New(rand.NewPCG(3, 12))
	alarms := map[string]int{}
	for range families {
		p := make([]float64, size)
		for i := range p {
			p[i] = random.Float64()
		}
		for name, adjust := range map[string]func([]float64) ([]float64, error){"Bonferroni": Bonferroni, "Holm": Holm, "Hochberg": Hochberg, "BH": BenjaminiHochberg, "BY": BenjaminiYekutieli} {
			adjusted, err := adjust(p)
			if err != nil {
				t.Fatal(err)
			}
			if slices.Min(adjusted) <= alpha {
				alarms[name]++
			}
		}
	}
	for name, n := range alarms {
		if rate := float64(n) / families; rate > limit {
			t.Errorf("%s: false alarm in %.4f of the families, limit %.4f", name, rate, limit)
		}
	}
	if alarms["BY"] >= alarms["BH"] || alarms["Bonferroni"] == 0 {
		t.Errorf("alarms %v", alarms)
	}
}

func TestLevels(t *testing.T) {
	for _, c := range []struct {
		picked, family int
		want           float64
	}{{4, 15, 1 - .05*4/15}, {15, 15, .95}, {0, 15, .95}} {
		if got, err := FCRLevel(c.picked, c.family, .05); err != nil || math.Abs(got-c.want) > 1e-15 {
			t.Errorf("FCR level of %d of %d is %v, %v, want %v", c.picked, c.family, got, err, c.want)
		}
	}
	if got, err := SimultaneousLevel(5, .95); err != nil || math.Abs(got-.99) > 1e-15 {
		t.Errorf("simultaneous level of 5 is %v, %v", got, err)
	}
}

func TestBrokenInput(t *testing.T) {
	for _, p := range [][]float64{{-.1}, {1.1}, {math.NaN()}} {
		if _, err := Holm(p); !errors.Is(err, ErrInput) {
			t.Errorf("%v: %v", p, err)
		}
	}
	if got, err := BenjaminiHochberg(nil); err != nil || len(got) != 0 {
		t.Errorf("an empty family: %v, %v", got, err)
	}
	for _, err := range []error{
		second(FCRLevel(2, 1, .05)), second(FCRLevel(-1, 1, .05)), second(FCRLevel(1, 1, 0)), second(FCRLevel(1, 1, math.NaN())),
		second(SimultaneousLevel(0, .95)), second(SimultaneousLevel(1, 1)),
	} {
		if !errors.Is(err, ErrInput) {
			t.Errorf("accepted: %v", err)
		}
	}
}

func second(_ float64, err error) error { return err }
