package jobs

import (
	"context"
	"fmt"
	"strings"

	"ghostlight/analysis/lift"
	"ghostlight/jobs/warehouse"
)

// consentCount is one row of result.consent.
type consentCount struct {
	ArmNo     int64  `db:"arm_no"`
	SurfaceNo int64  `db:"surface_no"`
	Purpose   string `db:"purpose"`
	State     string `db:"state"`
	Records   int64  `db:"records"`
}

// consentUnit is one row of result.consent_unit.
type consentUnit struct {
	ArmNo int64  `db:"arm_no"`
	State string `db:"state"`
	Units int64  `db:"units"`
}

const (
	forMeasurement = "measurement"
	denied         = "denied"
	notStated      = "unknown"
)

func readConsent(ctx context.Context, tx *warehouse.Tx, runID string) ([]consentCount, error) {
	return warehouse.Read[consentCount](ctx, tx, `SELECT arm_no, surface_no, purpose, state, records
		FROM result.consent WHERE run_id = ? ORDER BY arm_no, surface_no, purpose, state`, runID)
}

func readConsentUnits(ctx context.Context, tx *warehouse.Tx, runID string) ([]consentUnit, error) {
	return warehouse.Read[consentUnit](ctx, tx, `SELECT arm_no, state, units
		FROM result.consent_unit WHERE run_id = ? ORDER BY arm_no, state`, runID)
}

// consentLight says how much was denied, and is amber when the arms differ in
// it: what is missing is then not missing alike, and the lift is biased.
func (r *run) consentLight(e evidence) (trustRow, error) {
	light := trustRow{Name: "consent", Label: "Measurement denied", Status: grey, Shown: "not stated"}
	var said, refused, all int64
	for _, c := range e.consent {
		if c.Purpose != forMeasurement {
			continue
		}
		all += c.Records
		if c.State != notStated {
			said += c.Records
		}
		if c.State == denied {
			refused += c.Records
		}
	}
	if said == 0 {
		light.Detail = "no event or order record says whether measurement was allowed"
		return light, nil
	}
	light.Status, light.Shown = green, "none"
	if refused == 0 {
		light.Detail = "none of " + lift.FormatCount(all) + " event and order records denied measurement"
		return light, nil
	}
	light.Shown = lift.FormatShare(refused, all)
	light.Detail = fmt.Sprintf("%s of %s event and order records denied measurement and are not used", lift.FormatCount(refused), lift.FormatCount(all))
	compared, differ, err := r.compareConsent(e.consentUnits)
	if err != nil {
		return light, err
	}
	if compared != "" {
		light.Detail += "; of the " + r.study.Unit + "s with a record, " + compared
	}
	if differ {
		light.Status = amber
		light.Detail += ", so more is missing in one arm than in the other, which biases the lift"
	}
	return light, nil
}

// compareConsent tests, unit by unit, whether each treatment arm denied as often
// as the holdout: the score test of two proportions, which is Pearson's
// chi-square but for a factor of (N-1)/N. The limit is that of the sample ratio,
// shared between the arms.
func (r *run) compareConsent(units []consentUnit) (text string, differ bool, err error) {
	if r.study.Assignment == nil {
		return "", false, nil
	}
	arms := r.study.Assignment.Arms
	share := make([]lift.Proportion, len(arms))
	for _, u := range units {
		arm := &share[u.ArmNo-1]
		arm.N += u.Units
		if u.State == denied {
			arm.X += u.Units
		}
	}
	shown := func(i int) string {
		return fmt.Sprintf("%s (%s of %s) in %s", lift.FormatShare(share[i].X, share[i].N), lift.FormatCount(share[i].X), lift.FormatCount(share[i].N), arms[i].Label)
	}
	holdout := 0
	for i, arm := range arms {
		if arm.Name == r.study.Assignment.Holdout {
			holdout = i
		}
	}
	var parts []string
	for i := range arms {
		if i == holdout || share[i].N == 0 || share[holdout].N == 0 {
			continue
		}
		test, err := lift.DifferenceMN(share[i], share[holdout], r.options())
		if err != nil {
			return "", false, fmt.Errorf("compare consent of arm %s: %w", arms[i].Name, err)
		}
		differ = differ || test.HasP && test.P*float64(len(arms)-1) < lift.SampleRatioAlert
		parts = append(parts, shown(i)+" denied against "+shown(holdout)+", "+lift.FormatP(test.P))
	}
	return strings.Join(parts, "; "), differ, nil
}

// exposureLights are shown only when there is something to say.
func exposureLights(counts map[string]integrityCount, unit string) (lights []trustRow) {
	for _, light := range []trustRow{
		share(counts["exposures_without_household"], "exposures_unmatched", "Exposures without a "+unit,
			"exposures lead to no "+unit, ", so no conversion can be credited to them and no arm is known to have seen them", 0),
		share(counts["invalid_exposures"], "invalid_traffic", "Invalid traffic", "exposures are marked as invalid traffic", " and are left out", 0),
	} {
		if light.Status == amber {
			lights = append(lights, light)
		}
	}
	return lights
}
