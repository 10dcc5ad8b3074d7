package jobs

import (
	"context"
	"slices"
	"time"

	"ghostlight/jobs/warehouse"
)

// cleanTables are what clean makes, in their order.
var cleanTables = slices.Concat([]string{
	"model.household", "model.creative", "model.link", "model.exposed_household", "model.touch", "model.unit", "model.record",
}, dedupTables)

// dedupTables make conversions of records.
var dedupTables = []string{
	"model.withheld", "model.identity_match", "model.conversion_record", "model.shared_record", "model.conversion",
}

// clean turns what was loaded into the canonical tables of one study.
func clean(ctx context.Context, r *run) (int64, error) {
	return r.transact(ctx, func(tx *warehouse.Tx) (int64, error) {
		if err := r.fillStudy(ctx, tx); err != nil {
			return 0, err
		}
		if _, err := tx.Fill(ctx, "ops.modelled", []modelledRow{}); err != nil {
			return 0, err
		}
		return replaceAll(ctx, tx, r.params(), cleanTables...)
	})
}

// replaceAll makes tables anew in the given order and returns their rows.
func replaceAll(ctx context.Context, tx *warehouse.Tx, p warehouse.Params, tables ...string) (int64, error) {
	var total int64
	for _, table := range tables {
		rows, err := tx.Replace(ctx, table, p)
		if err != nil {
			return 0, err
		}
		total += rows
	}
	return total, nil
}

// params are the values of the study that SQL files may name.
func (r *run) params() warehouse.Params {
	attribution := surfaceFlags(r.study.Attribution.From)
	assignment := ""
	if r.study.Assignment != nil {
		assignment = r.study.Assignment.Source
	}
	authority := r.study.Dedup.Authority
	return warehouse.Params{
		"run_id":             r.id,
		"all_campaigns":      isEmpty(r.study.Campaigns),
		"as_of_us":           r.asOf.UnixMicro(),
		"from_us":            r.study.Period.Start.UnixMicro(),
		"until_us":           r.study.Period.End.UnixMicro(),
		"from_day":           r.study.Period.Start.Format(time.DateOnly),
		"until_day":          r.study.Period.End.Format(time.DateOnly),
		"span_us":            r.study.Dedup.Span.Micros(),
		"wants_test":         isOne(r.wantsTest),
		"strictest":          isOne(authority.Consent == strictest),
		"value_winner_rank":  place(authority.Value, byWinner),
		"time_winner_rank":   place(authority.Time, byWinner),
		"time_earliest_rank": place(authority.Time, byEarliest),
		"outcome_us":         r.study.Outcome.Window.Micros(),
		"late_us":            r.study.Report.LateAfter.Micros(),
		"currency":           r.study.Report.Currency,
		"assignment_source":  assignment,
		"event_no":           r.Workspace.eventNumber(r.study.Attribution.Event),
		"use_pixel":          attribution.pixel,
		"use_server":         attribution.server,
		"use_app":            attribution.app,
		"use_analytics":      attribution.analytics,
		"use_crm":            attribution.crm,
		"widest_us":          r.study.Attribution.Windows[len(r.study.Attribution.Windows)-1].Micros(),
		"primary_us":         r.study.Attribution.Primary.Micros(),
	}
}
