package jobs

import (
	"context"
	"fmt"
	"strings"

	"ghostlight/analysis/lift"
	"ghostlight/jobs/warehouse"
	"ghostlight/reports"
)

// findings about ids by their number in model.dedup_finding.
var findings = [...]struct{ name, label string }{
	1: {"other_value", "The same conversion with another value"},
	2: {"id_of_two_orders", "Two orders share the event id"},
	3: {"id_apart", "The same event id beyond the span, dataset or rule"},
	4: {"id_of_two_events", "Another event has the event id"},
	5: {"id_in_other_capitals", "The id differs from another in capitals only"},
	6: {"own_ids", "The same sale in another list, under ids of its own"},
	7: {"sent_again", "The same sale again in its own list, under a new id"},
}

// dedupRow is one row of result.dedup.
type dedupRow struct {
	EventNo      int64  `db:"event_no"`
	SurfaceNo    int64  `db:"surface_no"`
	Platform     string `db:"platform"`
	Records      int64  `db:"records"`
	Alone        int64  `db:"alone"`
	Paired       int64  `db:"paired"`
	Repeated     int64  `db:"repeated"`
	Dropped      int64  `db:"dropped"`
	ByIdentifier int64  `db:"by_identifier"`
}

// findingRow is one row of result.dedup_finding.
type findingRow struct {
	EventNo   int64  `db:"event_no"`
	SurfaceNo int64  `db:"surface_no"`
	Platform  string `db:"platform"`
	FindingNo int64  `db:"finding_no"`
	Records   int64  `db:"records"`
}

// dedup says how records were joined, and which ids are odd.
func (b *builder) dedup(out *reports.Report) error {
	out.Dedup = reports.Dedup{Lists: []reports.DedupList{}, Findings: []reports.DedupFinding{}}
	lists, err := warehouse.Read[dedupRow](b.ctx, b.tx, `SELECT event_no, surface_no, platform, records, alone, paired, repeated, dropped, by_identifier
		FROM result.dedup WHERE run_id = ? ORDER BY event_no, surface_no, platform`, b.runID)
	if err != nil {
		return err
	}
	for _, l := range lists {
		out.Dedup.Lists = append(out.Dedup.Lists, reports.DedupList{
			List: listOf(l.SurfaceNo, l.Platform), Event: b.events[l.EventNo], Records: l.Records,
			Alone: l.Alone, Paired: l.Paired, Repeated: l.Repeated, Dropped: l.Dropped, ByIdentifier: l.ByIdentifier,
		})
	}
	found, err := readFindings(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	samples, err := warehouse.Read[struct {
		EventNo   int64  `db:"event_no"`
		FindingNo int64  `db:"finding_no"`
		Source    string `db:"source"`
		Path      string `db:"path"`
		LineNo    int64  `db:"line_no"`
	}](b.ctx, b.tx, `SELECT event_no, finding_no, source, path, line_no
		FROM result.dedup_sample WHERE run_id = ? ORDER BY event_no, finding_no, sample_no`, b.runID)
	if err != nil {
		return err
	}
	for start, row := range found {
		if start > 0 && found[start-1].EventNo == row.EventNo && found[start-1].FindingNo == row.FindingNo {
			continue
		}
		f := reports.DedupFinding{Event: b.events[row.EventNo], Finding: findings[row.FindingNo].name, Label: findings[row.FindingNo].label,
			Lists: []reports.FindingList{}, Samples: []reports.RecordSample{}}
		for _, other := range found[start:] {
			if other.EventNo == row.EventNo && other.FindingNo == row.FindingNo {
				f.Records += other.Records
				f.Lists = append(f.Lists, reports.FindingList{List: listOf(other.SurfaceNo, other.Platform), Records: other.Records})
			}
		}
		for _, s := range samples {
			if s.EventNo == row.EventNo && s.FindingNo == row.FindingNo {
				f.Samples = append(f.Samples, reports.RecordSample{Source: s.Source, Path: s.Path, Line: s.LineNo})
			}
		}
		out.Dedup.Findings = append(out.Dedup.Findings, f)
	}
	return nil
}

// listOf is the name of a list whose platform is "" when it has none.
func listOf(surface int64, platform string) string {
	if platform == "" {
		return listName(surface, nil)
	}
	return listName(surface, &platform)
}

// dedupWarning names the findings for which conversions may be counted twice or merged
// wrongly, "" without any.
func dedupWarning(found []findingRow) string {
	records := map[int64]int64{}
	for _, f := range found {
		records[f.FindingNo] += f.Records
	}
	var parts []string
	for _, doubt := range []struct {
		finding int64
		text    string
	}{
		{2, "%s event records share their event id with another order"},
		{5, "%s have an id that differs from another in capitals only"},
		{6, "%s tell of a sale that another list has under ids of its own"},
		{7, "%s tell of a sale that their own list has again under a new id"},
	} {
		if n := records[doubt.finding]; n > 0 {
			parts = append(parts, fmt.Sprintf(doubt.text, lift.FormatCount(n)))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, "; ") + ": these conversions may be counted twice, or two be taken for one."
}

func readFindings(ctx context.Context, tx *warehouse.Tx, runID string) ([]findingRow, error) {
	return warehouse.Read[findingRow](ctx, tx, `SELECT event_no, surface_no, platform, finding_no, records
		FROM result.dedup_finding WHERE run_id = ? ORDER BY event_no, finding_no, surface_no, platform`, runID)
}
