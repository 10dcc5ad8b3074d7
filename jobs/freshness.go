package jobs

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"ghostlight/analysis"
	"ghostlight/analysis/lift"
	"ghostlight/jobs/warehouse"
)

// freshnessRow is one row of result.freshness.
type freshnessRow struct {
	Source  string `db:"source"`
	Records int64  `db:"records"`
	P50     *int64 `db:"p50_us"` // none when the source states no time of receipt
	P95     *int64 `db:"p95_us"`
	P99     *int64 `db:"p99_us"`
}

// acceptanceRow is one row of result.acceptance.
type acceptanceRow struct {
	Source   string `db:"source"`
	Platform string `db:"platform"`
	EventNo  int64  `db:"event_no"`
	Unknown  string `db:"unknown_name"` // of an event that is not in the dictionary, when it is told
	AcceptUS int64  `db:"accept_us"`    // 0: no limit is known
	State    string `db:"platform_state"`
	Records  int64  `db:"records"`
	Aged     int64  `db:"aged"` // records whose age on arrival is known
	Beyond   int64  `db:"beyond_limit"`
}

// The platform's answer, as the archive holds it.
const (
	accepted = "accepted"
	refused  = "refused"
)

func readFreshness(ctx context.Context, tx *warehouse.Tx, runID string) ([]freshnessRow, error) {
	return warehouse.Read[freshnessRow](ctx, tx,
		"SELECT source, records, p50_us, p95_us, p99_us FROM result.freshness WHERE run_id = ? ORDER BY source", runID)
}

// undefinedRow is one row of result.undefined_event.
type undefinedRow struct {
	Source   string `db:"source"`
	Platform string `db:"platform"`
	Event    string `db:"event_name"`
	Names    int64  `db:"names"`
	Records  int64  `db:"records"`
}

func readUndefined(ctx context.Context, tx *warehouse.Tx, runID string) ([]undefinedRow, error) {
	return warehouse.Read[undefinedRow](ctx, tx, `SELECT source, platform, event_name, names, records
		FROM result.undefined_event WHERE run_id = ? ORDER BY source, platform, name_no`, runID)
}

func readAcceptance(ctx context.Context, tx *warehouse.Tx, runID string) ([]acceptanceRow, error) {
	return warehouse.Read[acceptanceRow](ctx, tx, `SELECT source, platform, event_no, unknown_name, accept_us, platform_state, records, aged, beyond_limit
		FROM result.acceptance WHERE run_id = ? ORDER BY source, platform, event_no, unknown_name, accept_us, platform_state`, runID)
}

// maxAcceptanceWarnings is how many of them a report carries; its table has all.
const maxAcceptanceWarnings = 5

// acceptanceWarnings name the platform and event whose records a platform
// refused, as the archive says, or would have refused by their age, the most
// records first. They doubt no number of this report: they say why a platform's
// own numbers are smaller.
func (r *run) acceptanceWarnings(rows []acceptanceRow) []analysis.Warning {
	type key struct {
		platform string
		eventNo  int64
		acceptUS int64
	}
	type count struct {
		key
		records, aged, late, refused int64
	}
	found := map[key]*count{}
	for _, row := range rows {
		k := key{row.Platform, row.EventNo, row.AcceptUS}
		if found[k] == nil {
			found[k] = &count{key: k}
		}
		c := found[k]
		c.records += row.Records
		c.aged += row.Aged
		switch row.State {
		case refused:
			c.refused += row.Records
		case accepted: // whatever its age
		default:
			c.late += row.Beyond
		}
	}
	var counts []*count
	for _, c := range found {
		if c.late+c.refused > 0 {
			counts = append(counts, c)
		}
	}
	slices.SortFunc(counts, func(a, b *count) int {
		return cmp.Or(cmp.Compare(b.late+b.refused, a.late+a.refused), strings.Compare(a.platform, b.platform),
			cmp.Compare(a.eventNo, b.eventNo), cmp.Compare(a.acceptUS, b.acceptUS))
	})
	var warnings []analysis.Warning
	say := func(code, format string, args ...any) {
		warnings = append(warnings, analysis.Warning{Code: code, Severity: analysis.Info, Text: fmt.Sprintf(format, args...)})
	}
	for i, c := range counts {
		if i == maxAcceptanceWarnings {
			var rest int64
			for _, c := range counts[i:] {
				rest += c.late + c.refused
			}
			say("platform_acceptance", "Another %s event records were refused by their platform or came too late for it; the table of what the platforms accept has them all.", lift.FormatCount(rest))
			break
		}
		name := r.eventsOf(c.platform, c.eventNo)
		if c.late > 0 {
			say("too_late_for_platform", "%s of %s %s reached the archive later than the %s that %s accepts, so it would have refused them; this report has them.",
				lift.FormatCount(c.late), lift.FormatCount(c.aged), name, lift.FormatDuration(c.acceptUS), c.platform)
		}
		if c.refused > 0 {
			say("refused_by_platform", "%s of %s %s were refused by %s, as the archive says; this report has them.",
				lift.FormatCount(c.refused), lift.FormatCount(c.records), name, c.platform)
		}
	}
	return warnings
}

// eventsOf names the events of a platform and a number, as people read them.
func (r *run) eventsOf(platform string, number int64) string {
	names := r.Workspace.EventNames()
	if number < 1 || number > int64(len(names)) {
		return platform + " events without a place in the dictionary"
	}
	return platform + " " + strings.ReplaceAll(names[number-1], "_", " ") + " events"
}
