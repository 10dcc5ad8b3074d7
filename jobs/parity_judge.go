package jobs

import (
	"context"
	"fmt"

	"ghostlight/analysis/lift"
	"ghostlight/analysis/parity"
	"ghostlight/jobs/warehouse"
)

// parityRow is one row of result.parity.
type parityRow struct {
	RunID       string   `db:"run_id"`
	PairNo      int64    `db:"pair_no"`
	EventNo     int64    `db:"event_no"`
	FirstList   string   `db:"first_list"`
	SecondList  string   `db:"second_list"`
	FirstUnits  int64    `db:"first_units"`
	SecondUnits int64    `db:"second_units"`
	BothUnits   int64    `db:"both_units"`
	Expected    float64  `db:"expected"`
	Acceptable  float64  `db:"acceptable"`
	Blocked     float64  `db:"blocked"`
	Status      string   `db:"status"`
	Reason      string   `db:"reason"`
	Ratio       *float64 `db:"ratio"`
	ChartLo     *float64 `db:"chart_lo"`
	ChartHi     *float64 `db:"chart_hi"`
}

const parityColumns = `run_id, pair_no, event_no, first_list, second_list, first_units, second_units, both_units,
	expected, acceptable, blocked, status, reason, ratio, chart_lo, chart_hi`

func readParity(ctx context.Context, tx *warehouse.Tx, runID string) ([]parityRow, error) {
	return warehouse.Read[parityRow](ctx, tx, "SELECT "+parityColumns+" FROM result.parity WHERE run_id = ? ORDER BY pair_no, event_no", runID)
}

// gapRow is a cause of the difference between two lists, over all days.
type gapRow struct {
	PairNo      int64 `db:"pair_no"`
	EventNo     int64 `db:"event_no"`
	Cause       int64 `db:"cause"`
	FirstUnits  int64 `db:"first_units"`
	SecondUnits int64 `db:"second_units"`
}

func readGaps(ctx context.Context, tx *warehouse.Tx, runID string) ([]gapRow, error) {
	return warehouse.Read[gapRow](ctx, tx, `SELECT pair_no, event_no, cause,
			CAST(sum(first_units) AS BIGINT) AS first_units, CAST(sum(second_units) AS BIGINT) AS second_units
		FROM result.gap WHERE run_id = ? GROUP BY pair_no, event_no, cause ORDER BY pair_no, event_no, cause`, runID)
}

// judgeParity compares the two lists of every pair, event by event.
func (r *run) judgeParity(ctx context.Context, tx *warehouse.Tx, pairs []parityPair) ([]parityRow, error) {
	gaps, err := readGaps(ctx, tx, r.id)
	if err != nil {
		return nil, err
	}
	weeks, err := r.parityWeeks(ctx, tx)
	if err != nil {
		return nil, err
	}
	rows := []parityRow{}
	for start := 0; start < len(gaps); {
		first := gaps[start]
		pair := pairs[first.PairNo-1]
		row := parityRow{RunID: r.id, PairNo: first.PairNo, EventNo: first.EventNo,
			FirstList: listName(pair.First, pair.FirstPlatform), SecondList: listName(pair.Second, pair.SecondPlatform)}
		for ; start < len(gaps) && gaps[start].PairNo == first.PairNo && gaps[start].EventNo == first.EventNo; start++ {
			row.FirstUnits += gaps[start].FirstUnits
			row.SecondUnits += gaps[start].SecondUnits
			if gaps[start].Cause == 0 {
				row.BothUnits = gaps[start].FirstUnits
			}
		}
		band := r.study.Reconcile.bandOf(pair)
		j := parity.Judgement{Status: parity.Unknown, Reason: "events that the dictionary does not have, which are not compared"}
		if row.EventNo != undefinedEvent {
			counts := parity.Counts{First: row.FirstUnits, Second: row.SecondUnits, Both: row.BothUnits}
			if j, err = parity.Judge(counts, band, weeks[compared{row.PairNo, row.EventNo}]); err != nil {
				return nil, err
			}
		}
		row.Expected, row.Acceptable, row.Blocked = band.Expected, band.Acceptable, band.Blocked
		row.Status, row.Reason, row.Ratio = string(j.Status), j.Reason, j.Ratio
		if j.Chart != nil {
			row.ChartLo, row.ChartHi = &j.Chart.Lo, &j.Chart.Hi
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// compared names a comparison of this run.
type compared struct{ pairNo, eventNo int64 }

// parityWeeks are the ratios of single weeks of this run, the oldest first. The last week
// ends when records of it can no longer be late, so that all are of one kind; they follow
// from the inputs and the as-of alone. A week without units of the first list has none.
func (r *run) parityWeeks(ctx context.Context, tx *warehouse.Tx) (map[compared][]float64, error) {
	closed := r.asOf.Add(-r.study.Report.LateAfter.Std()).Unix() / int64(Day.Std().Seconds()) // the day after the last
	rows, err := warehouse.Read[struct {
		PairNo  int64 `db:"pair_no"`
		EventNo int64 `db:"event_no"`
		Units   int64 `db:"first_units"`
		Others  int64 `db:"second_units"`
	}](ctx, tx, `SELECT pair_no, event_no, CAST(sum(first_units) AS BIGINT) AS first_units, CAST(sum(second_units) AS BIGINT) AS second_units
		FROM (SELECT *, (? - 1 - day_no) // 7 AS weeks_ago FROM result.gap WHERE run_id = ? AND day_no < ?)
		GROUP BY pair_no, event_no, weeks_ago ORDER BY pair_no, event_no, weeks_ago DESC`, closed, r.id, closed)
	if err != nil {
		return nil, err
	}
	weeks := map[compared][]float64{}
	for _, row := range rows {
		if row.Units > 0 {
			of := compared{row.PairNo, row.EventNo}
			weeks[of] = append(weeks[of], float64(row.Others)/float64(row.Units))
		}
	}
	return weeks, nil
}

// parityLight is amber when two lists are further apart than is acceptable, which no verdict
// on lift rests on; that a report is not final the section says.
func (r *run) parityLight(rows []parityRow) trustRow {
	light := trustRow{Name: "parity", Label: "Lists agree", Status: grey, Shown: "nothing to compare", Detail: "there were no two lists of one event to compare"}
	count := map[parity.Status]int{}
	var off *parityRow
	for i, row := range rows {
		if row.EventNo == undefinedEvent {
			continue // has a light of its own
		}
		status := parity.Status(row.Status)
		count[status]++
		if status == parity.Investigate || status == parity.Blocked {
			if off == nil || status == parity.Blocked && off.Status != string(parity.Blocked) {
				off = &rows[i]
			}
		}
	}
	compared := count[parity.Expected] + count[parity.Investigate] + count[parity.Blocked]
	switch {
	case compared == 0:
		return light
	case off == nil:
		light.Status, light.Shown = green, "as expected"
		light.Detail = fmt.Sprintf("%d comparisons of two lists of one event are within their bands", compared)
		return light
	}
	light.Status, light.Shown = amber, fmt.Sprintf("%d of %d differ", count[parity.Investigate]+count[parity.Blocked], compared)
	light.Detail = fmt.Sprintf("the lists of %s and %s have %s and %s %s records, which is %s", off.FirstList, off.SecondList,
		lift.FormatCount(off.FirstUnits), lift.FormatCount(off.SecondUnits), r.Workspace.EventNames()[off.EventNo-1], off.Reason)
	return light
}
