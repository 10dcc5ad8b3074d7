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
	PairNo       int64 `db:"pair_no"`
	EventNo      int64 `db:"event_no"`
	Cause        int64 `db:"cause"`
	FirstUnits   int64 `db:"first_units"`
	SecondUnits  int64 `db:"second_units"`
	FirstMicros  int64 `db:"first_micros"`
	SecondMicros int64 `db:"second_micros"`
}

func readGaps(ctx context.Context, tx *warehouse.Tx, runID string) ([]gapRow, error) {
	return warehouse.Read[gapRow](ctx, tx, `SELECT pair_no, event_no, cause,
			CAST(sum(first_units) AS BIGINT) AS first_units, CAST(sum(second_units) AS BIGINT) AS second_units,
			CAST(sum(first_micros) AS BIGINT) AS first_micros, CAST(sum(second_micros) AS BIGINT) AS second_micros
		FROM result.gap WHERE run_id = ? GROUP BY pair_no, event_no, cause ORDER BY pair_no, event_no, cause`, runID)
}

// judgeParity compares the two lists of every pair, event by event, with their band and
// with the same study's earlier reports.
func (r *run) judgeParity(ctx context.Context, tx *warehouse.Tx, pairs []parityPair) ([]parityRow, error) {
	gaps, err := readGaps(ctx, tx, r.id)
	if err != nil {
		return nil, err
	}
	history, err := r.parityHistory(ctx, tx)
	if err != nil {
		return nil, err
	}
	events := append([]string{""}, r.Workspace.EventNames()...)
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
		j, err := parity.Judge(row.FirstUnits, row.SecondUnits, band, history[paired{row.FirstList, row.SecondList, events[row.EventNo]}])
		if err != nil {
			return nil, err
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

// paired names a comparison across the reports of a study.
type paired struct{ first, second, event string }

// parityHistory are the ratios that the earlier reports of the study gave, by their
// as-of, the oldest first. Of several runs as of one moment the one with the last id
// counts, whichever was made last.
func (r *run) parityHistory(ctx context.Context, tx *warehouse.Tx) (map[paired][]float64, error) {
	for _, table := range []string{"result.run", "result.event", "result.parity"} { // of no report yet
		if err := tx.Ensure(ctx, table); err != nil {
			return nil, err
		}
	}
	rows, err := warehouse.Read[struct {
		First  string  `db:"first_list"`
		Second string  `db:"second_list"`
		Event  string  `db:"event"`
		Ratio  float64 `db:"ratio"`
	}](ctx, tx, `SELECT p.first_list, p.second_list, e.event, p.ratio
		FROM result.parity AS p
		JOIN result.event AS e ON e.run_id = p.run_id AND e.event_no = p.event_no
		JOIN (SELECT as_of_us, max(run_id) AS run_id FROM result.run WHERE study = ? AND as_of_us < ? GROUP BY as_of_us) AS r ON r.run_id = p.run_id
		WHERE p.ratio IS NOT NULL
		ORDER BY r.as_of_us, p.pair_no, p.event_no`, r.study.Name, r.asOf.UnixMicro())
	if err != nil {
		return nil, err
	}
	history := map[paired][]float64{}
	for _, row := range rows {
		of := paired{row.First, row.Second, row.Event}
		history[of] = append(history[of], row.Ratio)
	}
	return history, nil
}

// parityLight is red when two lists are so far apart that the report is not final.
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
