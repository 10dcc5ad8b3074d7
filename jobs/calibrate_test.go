package jobs

import (
	"flag"
	"fmt"
	"math"
	"path/filepath"
	"testing"
)

var calibrate = flag.Bool("calibrate", false, "run the long simulations: 200 worlds through the whole pipeline")

// TestCalibratePipeline sends simulated worlds with one known effect through the
// whole pipeline, from files to results.json, and counts how often the 95%
// intervals cover the truth. The quick form runs a few seeds and asks only that
// every planted count comes out and that the intervals miss no more often than
// chance would let them; `make calibrate` runs 200 and asks for 92 to 98%.
func TestCalibratePipeline(t *testing.T) {
	seeds := 4
	if *calibrate {
		seeds = 200
	}
	covered := map[string]int{}
	for seed := range seeds {
		dir := filepath.Join(t.TempDir(), fmt.Sprint(seed))
		smallWorld(t, dir, uint64(1000+seed))
		report := runStudy(t, dir, "ctv_known_effect", smallAsOf)
		wantTruth(t, report, dir)
		truth := readTruth(t, dir).Lift
		for quantity, want := range map[string]float64{"absolute": truth.Absolute, "relative": truth.Relative} {
			lo, hasLo := figure(report, "purchase", "treatment", quantity+"_lo")
			hi, hasHi := figure(report, "purchase", "treatment", quantity+"_hi")
			if (!hasLo || lo <= want) && (!hasHi || want <= hi) {
				covered[quantity]++
			}
		}
	}
	for _, quantity := range []string{"absolute", "relative"} {
		share := float64(covered[quantity]) / float64(seeds)
		t.Logf("%s: the 95%% interval covers the truth in %d of %d worlds (%.1f%%)", quantity, covered[quantity], seeds, 100*share)
		least, most := 0.92, 0.98
		if !*calibrate {
			// Under 95% coverage, two or more misses in four have probability 0.014.
			least, most = math.Floor(float64(seeds)/2)/float64(seeds), 1
		}
		if share < least || share > most {
			t.Errorf("%s: coverage %.3f is outside %.2f to %.2f", quantity, share, least, most)
		}
	}
}
