package jobs

import (
	"context"
	"slices"

	"ghostlight/jobs/warehouse"
)

// stream names the records of one source, surface and platform that are one event.
type stream struct {
	Source    string `db:"source"`
	SurfaceNo int64  `db:"surface_no"`
	Platform  string `db:"platform"` // "" where the records state none
	EventNo   int64  `db:"event_no"`
}

// completenessDay is one row of result.completeness.
type completenessDay struct {
	Source       string `db:"source"`
	SurfaceNo    int64  `db:"surface_no"`
	Platform     string `db:"platform"`
	EventNo      int64  `db:"event_no"`
	DayNo        int64  `db:"day_no"`
	Records      int64  `db:"records"`
	WithValue    int64  `db:"with_value"`
	WithCurrency int64  `db:"with_currency"`
	WithOrderID  int64  `db:"with_order_id"`
	WithEventID  int64  `db:"with_event_id"`
}

func (d completenessDay) stream() stream {
	return stream{d.Source, d.SurfaceNo, d.Platform, d.EventNo}
}

// with is how many of the day's records carry a parameter.
func (d completenessDay) with(parameter string) int64 {
	return map[string]int64{"value": d.WithValue, "currency": d.WithCurrency, "order_id": d.WithOrderID, "event_id": d.WithEventID}[parameter]
}

func readCompleteness(ctx context.Context, tx *warehouse.Tx, runID string) ([]completenessDay, error) {
	return warehouse.Read[completenessDay](ctx, tx, `SELECT source, surface_no, platform, event_no, day_no, records, with_value, with_currency, with_order_id, with_event_id
		FROM result.completeness WHERE run_id = ? ORDER BY source, surface_no, platform, event_no, day_no`, runID)
}

// completenessVersion is one row of result.completeness_version.
type completenessVersion struct {
	Source       string `db:"source"`
	SurfaceNo    int64  `db:"surface_no"`
	Platform     string `db:"platform"`
	EventNo      int64  `db:"event_no"`
	AppVersion   string `db:"app_version"` // "" of the rest
	Versions     int64  `db:"versions"`
	FirstUS      int64  `db:"first_us"`
	Records      int64  `db:"records"`
	WithValue    int64  `db:"with_value"`
	WithCurrency int64  `db:"with_currency"`
	WithOrderID  int64  `db:"with_order_id"`
	WithEventID  int64  `db:"with_event_id"`
}

func (v completenessVersion) stream() stream {
	return stream{v.Source, v.SurfaceNo, v.Platform, v.EventNo}
}

// with is how many of the version's records carry a parameter.
func (v completenessVersion) with(parameter string) int64 {
	return completenessDay{WithValue: v.WithValue, WithCurrency: v.WithCurrency, WithOrderID: v.WithOrderID, WithEventID: v.WithEventID}.with(parameter)
}

func readCompletenessVersions(ctx context.Context, tx *warehouse.Tx, runID string) ([]completenessVersion, error) {
	return warehouse.Read[completenessVersion](ctx, tx, `SELECT source, surface_no, platform, event_no, app_version, versions, first_us, records, with_value, with_currency, with_order_id, with_event_id
		FROM result.completeness_version WHERE run_id = ? ORDER BY source, surface_no, platform, event_no, version_no`, runID)
}

// currencyDay is one row of result.currency_day.
type currencyDay struct {
	Source    string `db:"source"`
	SurfaceNo int64  `db:"surface_no"`
	Platform  string `db:"platform"`
	EventNo   int64  `db:"event_no"`
	DayNo     int64  `db:"day_no"`
	Currency  string `db:"currency"`
	Records   int64  `db:"records"`
}

func (d currencyDay) stream() stream { return stream{d.Source, d.SurfaceNo, d.Platform, d.EventNo} }

func readCurrencyDays(ctx context.Context, tx *warehouse.Tx, runID string) ([]currencyDay, error) {
	return warehouse.Read[currencyDay](ctx, tx, `SELECT source, surface_no, platform, event_no, day_no, currency, records
		FROM result.currency_day WHERE run_id = ? ORDER BY source, surface_no, platform, event_no, day_no, currency`, runID)
}

// valueRange is one row of result.value_range, and valueRangeSample one of
// result.value_range_sample.
type valueRange struct {
	Source      string `db:"source"`
	SurfaceNo   int64  `db:"surface_no"`
	Platform    string `db:"platform"`
	EventNo     int64  `db:"event_no"`
	Records     int64  `db:"records"`
	Below       int64  `db:"below"`
	Above       int64  `db:"above"`
	LeastMicros int64  `db:"least_micros"`
	MostMicros  int64  `db:"most_micros"`
}

type valueRangeSample struct {
	Source    string `db:"source"`
	SurfaceNo int64  `db:"surface_no"`
	Platform  string `db:"platform"`
	EventNo   int64  `db:"event_no"`
	Path      string `db:"path"`
	LineNo    int64  `db:"line_no"`
}

func readValueRanges(ctx context.Context, tx *warehouse.Tx, runID string) ([]valueRange, error) {
	return warehouse.Read[valueRange](ctx, tx, `SELECT source, surface_no, platform, event_no, records, below, above, least_micros, most_micros
		FROM result.value_range WHERE run_id = ? ORDER BY source, surface_no, platform, event_no`, runID)
}

func readValueRangeSamples(ctx context.Context, tx *warehouse.Tx, runID string) ([]valueRangeSample, error) {
	return warehouse.Read[valueRangeSample](ctx, tx, `SELECT source, surface_no, platform, event_no, path, line_no
		FROM result.value_range_sample WHERE run_id = ? ORDER BY source, surface_no, platform, event_no, sample_no`, runID)
}

// refusedField is one row of result.refused_field.
type refusedField struct {
	Source string `db:"source"`
	Column string `db:"column_name"`
	Rule   string `db:"rule"`
	Rows   int64  `db:"rows_refused"`
	Path   string `db:"path"`
	LineNo int64  `db:"line_no"`
}

func readRefusedFields(ctx context.Context, tx *warehouse.Tx, runID string) ([]refusedField, error) {
	return warehouse.Read[refusedField](ctx, tx, `SELECT source, column_name, rule, rows_refused, path, line_no
		FROM result.refused_field WHERE run_id = ? ORDER BY source, column_name, rule`, runID)
}

// testRecords is one row of result.test_record.
type testRecords struct {
	Source    string `db:"source"`
	SurfaceNo int64  `db:"surface_no"`
	Platform  string `db:"platform"`
	EventNo   int64  `db:"event_no"`
	Records   int64  `db:"records"`
	FirstUS   int64  `db:"first_us"`
	LastUS    int64  `db:"last_us"`
}

func readTestRecords(ctx context.Context, tx *warehouse.Tx, runID string) ([]testRecords, error) {
	return warehouse.Read[testRecords](ctx, tx, `SELECT source, surface_no, platform, event_no, records, first_us, last_us
		FROM result.test_record WHERE run_id = ? ORDER BY source, surface_no, platform, event_no`, runID)
}

// streamAlpha is how often a stream in which nothing happened raises each of its alarms.
const streamAlpha = 0.001

// checkStreams counts what the streams of events and orders carry by hour and day, finds
// silences and steps, and gives every check its outcome.
func (r *run) checkStreams(ctx context.Context, tx *warehouse.Tx) (int64, error) {
	written, err := tx.Replace(ctx, "model.record_hour", r.params())
	if err != nil {
		return 0, err
	}
	for _, table := range []string{
		"result.completeness", "result.completeness_version", "result.currency_day", "result.value_range", "result.value_range_sample", "result.refused_field", "result.test_record",
	} {
		rows, err := tx.ReplaceRun(ctx, table, r.id, r.params())
		if err != nil {
			return 0, err
		}
		written += rows
	}
	fired, err := r.judgeFiring(ctx, tx)
	if err != nil {
		return 0, err
	}
	found := streamEvidence{firing: fired}
	if found.days, err = readCompleteness(ctx, tx, r.id); err != nil {
		return 0, err
	}
	if found.versions, err = readCompletenessVersions(ctx, tx, r.id); err != nil {
		return 0, err
	}
	if found.currencies, err = readCurrencyDays(ctx, tx, r.id); err != nil {
		return 0, err
	}
	if found.ranges, err = readValueRanges(ctx, tx, r.id); err != nil {
		return 0, err
	}
	if found.refused, err = readRefusedFields(ctx, tx, r.id); err != nil {
		return 0, err
	}
	if found.tests, err = readTestRecords(ctx, tx, r.id); err != nil {
		return 0, err
	}
	if found.inputs, err = readInputs(ctx, tx, r.id); err != nil {
		return 0, err
	}
	if found.steps, err = r.steps(found.days, found.currencies); err != nil {
		return 0, err
	}
	for _, table := range []struct {
		name string
		rows any
	}{
		{"result.firing", fired.streams},
		{"result.firing_day", fired.days},
		{"result.silence", fired.silences},
		{"result.step", found.steps},
		{"result.stream_check", r.streamChecks(found)},
	} {
		rows, err := tx.InsertRun(ctx, table.name, r.id, table.rows)
		if err != nil {
			return 0, err
		}
		written += rows
	}
	return written, nil
}

// runs cuts rows that are ordered by stream into those of each.
func runs[T interface{ stream() stream }](rows []T) [][]T {
	parts := [][]T{}
	for len(rows) > 0 {
		of := rows[0].stream()
		n := slices.IndexFunc(rows, func(row T) bool { return row.stream() != of })
		if n < 0 {
			n = len(rows)
		}
		parts, rows = append(parts, rows[:n]), rows[n:]
	}
	return parts
}
