package jobs

import (
	"ghostlight/analysis/parity"
	"ghostlight/jobs/warehouse"
	"ghostlight/reports"
)

// claims are the counts of platforms beside what was sent to them.
func (b *builder) claims(out *reports.Report) error {
	rows, err := readReported(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	gaps, err := readReportedGaps(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	samples, err := warehouse.Read[reportedSample](b.ctx, b.tx, `SELECT list_no, event_no, cause, day_no, source, path, line_no
		FROM result.reported_sample WHERE run_id = ? ORDER BY list_no, event_no, cause, sample_no`, b.runID)
	if err != nil {
		return err
	}
	for _, row := range rows {
		claim := reports.Claim{Platform: row.Platform, Window: row.Window, Event: b.events[row.EventNo], First: row.FirstList,
			IsCompared: row.IsCompared == 1, IsLogged: row.IsLogged == 1, FirstUnits: row.FirstUnits, ClaimableUnits: row.ClaimableUnits,
			ReportedMicros: row.ReportedMicros, BothMicros: row.BothMicros, MovedMicros: row.MovedMicros,
			Ratio: row.Ratio, Expected: row.Expected, Acceptable: row.Acceptable, Blocked: row.Blocked, ChartLo: row.ChartLo, ChartHi: row.ChartHi,
			Status: row.Status, Reason: row.Reason, Causes: []reports.ClaimCause{}, Days: []reports.ClaimDay{}}
		if row.UnknownName != "" {
			claim.Event = row.UnknownName
		}
		sums := make([]reports.ClaimCause, len(causes))
		for _, g := range gaps {
			if g.ListNo != row.ListNo || g.EventNo != row.EventNo || row.IsCompared == 0 {
				continue
			}
			sums[g.Cause].FirstMicros += g.FirstMicros
			sums[g.Cause].SecondMicros += g.SecondMicros
			claim.Days = append(claim.Days, reports.ClaimDay{Day: dayName(g.DayNo), Category: causes[g.Cause].name, FirstMicros: g.FirstMicros, SecondMicros: g.SecondMicros})
		}
		for cause, sum := range sums {
			if cause > 0 && sum.FirstMicros+sum.SecondMicros > 0 {
				sum.Category, sum.Label, sum.Samples = causes[cause].name, claimLabel(int64(cause)), []reports.GapSample{}
				for _, s := range samples {
					if s.ListNo == row.ListNo && s.EventNo == row.EventNo && s.Cause == int64(cause) {
						sum.Samples = append(sum.Samples, reports.GapSample{List: row.FirstList, Source: s.Source, Path: s.Path, Line: s.LineNo, Day: dayName(s.DayNo)})
					}
				}
				claim.Causes = append(claim.Causes, sum)
			}
		}
		out.Reconciliation.Claims = append(out.Reconciliation.Claims, claim)
		out.Reconciliation.Final = out.Reconciliation.Final && row.Status != string(parity.Blocked)
	}
	return nil
}

// claimLabel is the label of a cause where the other list is a platform's count.
func claimLabel(cause int64) string {
	switch cause {
	case 2:
		return "In another currency than the report"
	case 3:
		return "The same conversion sent again"
	case 5:
		return "Required parameter or household missing"
	case 7:
		return "No touch in the window, or on the day of the touch"
	case 8:
		return "An adjustment, or another event"
	case 10:
		return "Refused, too old, or never sent"
	case 11:
		return "Reported beyond all that is known"
	}
	return causes[cause].label
}
