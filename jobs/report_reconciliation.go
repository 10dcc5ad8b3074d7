package jobs

import (
	"strings"

	"ghostlight/jobs/warehouse"
	"ghostlight/reports"
)

// surfaceNames are the surfaces by their number in model.record.
var surfaceNames = []string{1: "pixel", 2: "server", 3: "app", 4: "analytics", 5: "crm"}

const crmSurface = 5

// undefinedEvent is the number of every event that the dictionary does not have.
const undefinedEvent = 0

// categories are the ends that a record can come to, in the order in which they
// are asked; result.record_count gives each record the first that holds.
var categories = []struct{ name, label string }{
	{"staging", "Test traffic"},
	{"consent_denied", "Measurement denied"},
	{"adjustment", "Adjustment of another record"},
	{"undefined_event", "Not in the event dictionary"},
	{"missing_parameters", "Required parameter missing"},
	{"other_currency", "In another currency than the report"},
	{"superseded", "Earlier state of an order"},
	{"not_verified", "Order not verified as paid"},
	{"duplicate", "Same conversion as another record"},
	{"unproven", "No list that proves a conversion has it"},
	{"unmatched", "No identity match"},
	{"not_in_study", "Matched, but not assigned"},
	{"outside_window", "Outside the outcome window"},
	{"no_metric", "Seen, but no metric counts it"},
	{"not_the_first", "Another conversion of the unit counts, by the rule of the event"},
	{"counted", "Counted in the study"},
}

// reconciliation follows the records of every source and event.
func (b *builder) reconciliation(out *reports.Report) error {
	events, err := warehouse.Read[reportedEvent](b.ctx, b.tx,
		"SELECT run_id, event_no, event FROM result.event WHERE run_id = ? ORDER BY event_no", b.runID)
	if err != nil {
		return err
	}
	b.events = map[int64]string{}
	for _, e := range events {
		b.events[e.EventNo] = e.Event
	}
	b.events[undefinedEvent] = "not in the dictionary"
	counts, err := readRecordCounts(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	out.Reconciliation = reports.Reconciliation{Flows: b.flows(counts), Overlap: []reports.Overlap{}, Gaps: []reports.Gap{}, Claims: []reports.Claim{}, Final: true}
	if err := b.overlap(out); err != nil {
		return err
	}
	if err := b.gaps(out); err != nil {
		return err
	}
	return b.claims(out)
}

// flows groups the counts, which come ordered by source, surface and event.
func (b *builder) flows(counts []recordCount) []reports.Flow {
	flows := []reports.Flow{}
	for start := 0; start < len(counts); {
		first := counts[start]
		end := start
		found := map[string]int64{}
		flow := reports.Flow{Source: first.Source, Surface: surfaceNames[first.SurfaceNo], Event: b.events[first.EventNo], Steps: []reports.Step{}}
		for ; end < len(counts) && counts[end].Source == first.Source && counts[end].SurfaceNo == first.SurfaceNo && counts[end].EventNo == first.EventNo; end++ {
			found[counts[end].Category] += counts[end].Records
			flow.Records += counts[end].Records
		}
		for _, c := range categories {
			if found[c.name] > 0 || c.name == "counted" {
				flow.Steps = append(flow.Steps, reports.Step{Category: c.name, Label: c.label, Records: found[c.name]})
			}
		}
		flows = append(flows, flow)
		start = end
	}
	return flows
}

func (b *builder) overlap(out *reports.Report) error {
	rows, err := warehouse.Read[struct {
		EventNo     int64 `db:"event_no"`
		Pixel       int64 `db:"is_pixel"`
		Server      int64 `db:"is_server"`
		App         int64 `db:"is_app"`
		Analytics   int64 `db:"is_analytics"`
		CRM         int64 `db:"is_crm"`
		Conversions int64 `db:"conversions"`
	}](b.ctx, b.tx, `SELECT event_no, is_pixel, is_server, is_app, is_analytics, is_crm, conversions
		FROM result.overlap WHERE run_id = ?
		ORDER BY event_no, is_pixel, is_server, is_app, is_analytics, is_crm`, b.runID)
	if err != nil {
		return err
	}
	for _, row := range rows {
		var seen []string
		for number, is := range []int64{1: row.Pixel, 2: row.Server, 3: row.App, 4: row.Analytics, 5: row.CRM} {
			if is == 1 {
				seen = append(seen, surfaceNames[number])
			}
		}
		out.Reconciliation.Overlap = append(out.Reconciliation.Overlap, reports.Overlap{
			Event: b.events[row.EventNo], Surfaces: strings.Join(seen, "+"), Conversions: row.Conversions,
		})
	}
	return nil
}
