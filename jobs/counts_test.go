package jobs

import (
	"errors"
	"math"
	"os"
	"testing"

	"ghostlight/jobs/source"
)

// TestPublishedCounts analyses the published aggregates of a trial of an ad against
// public-service ads directly: relative lift 43.0851%, Koopman interval of the ratio
// 1.2998523 to 1.5753006 (statsmodels 0.13.5).
func TestPublishedCounts(t *testing.T) {
	const path = "../../shared/data/rocketfuel_taskabella_aggregates.csv"
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("left out: %s is not there", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	got, err := MeasureCounts(file, path, CountsRequest{Level: .95, Where: map[string]string{"level": "total"}, Randomized: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Contrasts) != 1 || got.Contrasts[0].Arm != "ad" {
		t.Fatalf("contrasts %+v", got.Contrasts)
	}
	c := got.Contrasts[0]
	for _, want := range []struct {
		what     string
		got      *float64
		want, by float64
	}{
		{"lift", c.Lift.Estimate, .430851, 5e-7},
		{"lower end of the ratio", c.Ratio.Lo, 1.2998523, 5e-8},
		{"upper end of the ratio", c.Ratio.Hi, 1.5753006, 5e-8},
		{"difference", c.Difference.Estimate, .00769245, 5e-9},
		{"lower end of the difference", c.Difference.Lo, .00587493, 5e-9},
		{"upper end of the difference", c.Difference.Hi, .00936169, 5e-9},
	} {
		if want.got == nil || math.Abs(*want.got-want.want) > want.by {
			t.Errorf("%s is %v, want %v", want.what, want.got, want.want)
		}
	}
	if c.Lift.Grade != "randomized" || len(got.Warnings) != 0 {
		t.Errorf("grade %s, warnings %v", c.Lift.Grade, got.Warnings)
	}
	// The deciles of the ad are printed as rates only; a count that is not there is refused.
	if _, err := file.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	_, err = MeasureCounts(file, path, CountsRequest{Level: .95, Where: map[string]string{"level": "8"}})
	if fault, ok := errors.AsType[*source.FileError](err); !ok || fault.Line != 21 {
		t.Errorf("a count that is not there: %v", err)
	}
}
