package jobs

import (
	"fmt"
	"strings"
	"testing"

	"ghostlight/reports"
)

// TestPlatformReports runs each scenario of fixtures/platform_report: what its files plant is
// found as the cause it is, and the causes make the whole difference (the report is refused
// otherwise).
func TestPlatformReports(t *testing.T) {
	runScenarios(t, "../fixtures/platform_report", shownClaims)
}

// shownClaims lists the counts of platforms of a report, and what it warns of them, as the
// scenarios write them.
func shownClaims(r reports.Report) string {
	var b strings.Builder
	millionths := func(n int64) string { return strings.TrimSuffix(fmt.Sprintf("%d.%06d", n/1e6, n%1e6), ".000000") }
	for _, c := range r.Reconciliation.Claims {
		fmt.Fprintf(&b, "%s | %s | %s: %s reported, ", c.Platform, c.Event, c.Window, millionths(c.ReportedMicros))
		if !c.IsCompared {
			fmt.Fprintf(&b, "%s\n  %s\n", c.Status, c.Reason)
			continue
		}
		fmt.Fprintf(&b, "%d of %d %s, %s in both, %s moved, %s\n", c.ClaimableUnits, c.FirstUnits, c.First, millionths(c.BothMicros), millionths(c.MovedMicros), c.Status)
		for _, cause := range c.Causes {
			fmt.Fprintf(&b, "  %s %s %s", cause.Category, millionths(cause.FirstMicros), millionths(cause.SecondMicros))
			for _, s := range cause.Samples {
				fmt.Fprintf(&b, " %s %d", s.Path, s.Line)
			}
			b.WriteString("\n")
		}
		if c.MovedMicros > 0 {
			for _, d := range c.Days {
				fmt.Fprintf(&b, "  %s %s %s %s\n", d.Day, d.Category, millionths(d.FirstMicros), millionths(d.SecondMicros))
			}
		}
	}
	for _, w := range r.Warnings {
		if strings.HasPrefix(w.Code, "platform_") {
			fmt.Fprintf(&b, "%s: %s\n", w.Severity, w.Text)
		}
	}
	return b.String()
}
