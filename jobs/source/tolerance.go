package source

import (
	"context"
	"fmt"
	"strings"

	"ghostlight/jobs/warehouse"
)

// defaultMaxQuarantine is the tolerated share of a source that names none, in
// millionths.
const defaultMaxQuarantine = 5_000

// ToleranceError says that too many records of a source were refused to publish
// anything made from the rest. The records stay in quarantine to be looked at.
type ToleranceError struct {
	Source      string
	Quarantined int64
	Records     int64 // blank lines and records of erased persons not counted
	Max         int64 // tolerated, in millionths of Records
	First       string
}

func (e *ToleranceError) Error() string {
	if e.Quarantined == e.Records {
		return fmt.Sprintf("source %s: every one of its %d records was refused; first: %s", e.Source, e.Records, printable(e.First))
	}
	return fmt.Sprintf("source %s: %d of %d records were refused, %s%% are tolerated (max_quarantine); first: %s",
		e.Source, e.Quarantined, e.Records, percent(e.Max), printable(e.First))
}

func percent(millionths int64) string {
	s := fmt.Sprintf("%d.%04d", millionths/10_000, millionths%10_000)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// Tolerate checks, for every source, the refused share of all its loaded files
// against its max_quarantine. The share is of the source and not of a file, so
// that splitting a file changes nothing. Call it when all files are loaded,
// after Forget, and before anything is made from them.
func Tolerate(ctx context.Context, tx *warehouse.Tx, cfg Config) error {
	type row struct {
		Source      string `db:"source"`
		Records     int64  `db:"records"`
		Quarantined int64  `db:"quarantined"`
		First       string `db:"first_error"`
	}
	rows, err := warehouse.Read[row](ctx, tx, `SELECT source, CAST(sum(records - blank - suppressed) AS BIGINT) AS records,
			CAST(sum(quarantined - suppressed) AS BIGINT) AS quarantined,
			COALESCE(arg_min(path || ': ' || first_error, (path, file_id)), '') AS first_error
		FROM (
			SELECT l.*, COALESCE(r.records, 0) AS suppressed
			FROM ops.load AS l
			LEFT JOIN ops.removed AS r ON r.file_id = l.file_id AND r.reason = ?
		) GROUP BY source HAVING sum(quarantined - suppressed) > 0 ORDER BY source`, bySuppression)
	if err != nil {
		return fmt.Errorf("check tolerance: %w", err)
	}
	for _, r := range rows {
		src, configured := cfg[r.Source]
		if !configured {
			continue
		}
		limit, ok := parseShare(src.MaxQuarantine)
		if !ok {
			return fmt.Errorf("check tolerance: source %s: max_quarantine is no share", r.Source)
		}
		if r.Quarantined == r.Records || r.Quarantined*1_000_000 > limit*r.Records {
			return &ToleranceError{Source: r.Source, Quarantined: r.Quarantined, Records: r.Records, Max: limit, First: r.First}
		}
	}
	return nil
}

// parseShare reads 0.5% or 0.005 as millionths; "" is the default.
func parseShare(s string) (int64, bool) {
	if s == "" {
		return defaultMaxQuarantine, true
	}
	number, isPercent := strings.CutSuffix(strings.TrimSpace(s), "%")
	micros, rule := money(number, string(Units))
	if isPercent {
		micros /= 100
	}
	return micros, rule == "" && micros <= 1_000_000
}
