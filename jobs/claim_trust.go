package jobs

import (
	"context"
	"fmt"
	"strings"

	"ghostlight/analysis"
	"ghostlight/analysis/lift"
	"ghostlight/analysis/parity"
	"ghostlight/jobs/warehouse"
)

// claimLights is one light for what platforms report, none when none reports anything. It
// is amber at most: no verdict on lift rests on a platform's own count.
func (r *run) claimLights(rows []reportedRow) []trustRow {
	if len(rows) == 0 {
		return nil
	}
	light := trustRow{Name: "platform_claims", Label: "What platforms report", Status: grey, Shown: "cannot be known",
		Detail: "what platforms report cannot be held against anything; the section on their counts says why"}
	var judged, off int
	var worst *reportedRow
	for i, row := range rows {
		switch parity.Status(row.Status) {
		case parity.Expected:
			judged++
		case parity.Investigate, parity.Blocked:
			judged, off = judged+1, off+1
			if worst == nil || row.Status == string(parity.Blocked) && worst.Status != row.Status {
				worst = &rows[i]
			}
		}
	}
	switch {
	case judged == 0:
		return []trustRow{light}
	case worst == nil:
		light.Status, light.Shown = green, "as expected"
		light.Detail = fmt.Sprintf("what platforms report is within its band in %s", plural(judged, "comparison"))
	default:
		light.Status, light.Shown = amber, fmt.Sprintf("%d of %d differ", off, judged)
		light.Detail = fmt.Sprintf("the report of %s counts %s conversions of %s where %s are to be expected, which is %s", worst.Platform, lift.FormatParts(worst.ReportedMicros),
			r.Workspace.EventNames()[worst.EventNo-1], lift.FormatCount(worst.ClaimableUnits), worst.Reason)
	}
	return []trustRow{light}
}

// silentReports are the sources of platform reports of which nothing is loaded.
func (r *run) silentReports(ctx context.Context, tx *warehouse.Tx) (silent []string, err error) {
	rows, err := warehouse.Read[struct {
		Source string `db:"source"`
	}](ctx, tx, "SELECT DISTINCT source FROM clean.platform_report WHERE received_us <= ? ORDER BY source", r.asOf.UnixMicro())
	if err != nil {
		return nil, err
	}
	has := map[string]bool{}
	for _, row := range rows {
		has[row.Source] = true
	}
	for _, name := range r.Workspace.Sources.Names() {
		if r.Workspace.Sources[name].Table == "platform_report" && !has[name] {
			silent = append(silent, name)
		}
	}
	return silent, nil
}

// claimWarnings says of which platforms it cannot be known what they count, or what they should.
func claimWarnings(rows []reportedRow, silent, events []string) (warnings []analysis.Warning) {
	if len(silent) > 0 {
		warnings = append(warnings, analysis.Warning{Code: "platform_report_missing", Severity: analysis.Caution,
			Text: "No row of " + strings.Join(silent, ", ") + " was received by the as-of, so what its platform counts is not known."})
	}
	for _, row := range rows {
		switch {
		case row.IsCompared == 1 && row.Status == string(parity.Unknown) && row.ReportedMicros > 0:
			warnings = append(warnings, analysis.Warning{Code: "platform_report_unknown", Severity: analysis.Caution,
				Text: fmt.Sprintf("The report of %s counts conversions of %s %s.", row.Platform, events[row.EventNo-1], row.Reason)})
		case row.IsCompared == 0:
			warnings = append(warnings, analysis.Warning{Code: "platform_report_unknown", Severity: analysis.Caution,
				Text: fmt.Sprintf("The report of %s counts conversions %s.", row.Platform, row.Reason)})
		}
	}
	return warnings
}
