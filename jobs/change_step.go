package jobs

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ghostlight/analysis/lift"
	"ghostlight/jobs/warehouse"
)

// stepChanges are the days from which another share of a stream's records carries a
// parameter or a currency: somebody changed what is sent, whether or not it was recorded.
// They are of the data, not of a report before, so that none of them is new.
func (r *run) stepChanges(ctx context.Context, tx *warehouse.Tx) ([]changeRow, error) {
	steps, err := readSteps(ctx, tx, r.id)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(r.study.Report.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("load time zone of the report: %w", err)
	}
	rows := []changeRow{}
	for _, s := range steps {
		what := "records that carry " + s.Subject
		if code, isCurrency := strings.CutPrefix(s.Subject, ofCurrency); isCurrency {
			what = "records in " + code
		}
		at := time.Unix(s.DayNo*int64(Day.Std().Seconds()), 0).UTC()
		day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, zone)
		rows = append(rows, changeRow{
			RunID: r.id, AtUS: day.UnixMicro(), Kind: stepChange, Source: filled(s.Source), Origin: foundChange,
			What: fmt.Sprintf("%s, %s: %s", listOf(s.SurfaceNo, s.Platform), r.Workspace.EventNames()[s.EventNo-1], what),
			Old:  filled(partOf(s.BeforeWith, s.BeforeRecords)), New: filled(partOf(s.AfterWith, s.AfterRecords)),
		})
	}
	return rows, nil
}

// partOf writes a part of records with both counts.
func partOf(part, whole int64) string {
	return fmt.Sprintf("%s, %s of %s", lift.FormatShare(part, whole), lift.FormatCount(part), lift.FormatCount(whole))
}

func readSteps(ctx context.Context, tx *warehouse.Tx, runID string) ([]stepRow, error) {
	return warehouse.Read[stepRow](ctx, tx, `SELECT run_id, source, surface_no, platform, event_no, subject, day_no, before_records, before_with, after_records, after_with, p
		FROM result.step WHERE run_id = ? ORDER BY source, surface_no, platform, event_no, subject, day_no`, runID)
}
