package jobs

import (
	"cmp"
	"slices"
	"time"

	"ghostlight/analysis/parity"
	"ghostlight/jobs/warehouse"
	"ghostlight/reports"
)

// gapDay is one row of result.gap, and gapSample one of result.gap_sample.
type gapDay struct {
	PairNo      int64 `db:"pair_no"`
	EventNo     int64 `db:"event_no"`
	DayNo       int64 `db:"day_no"`
	Cause       int64 `db:"cause"`
	FirstUnits  int64 `db:"first_units"`
	SecondUnits int64 `db:"second_units"`
}

type gapSample struct {
	PairNo  int64  `db:"pair_no"`
	EventNo int64  `db:"event_no"`
	Cause   int64  `db:"cause"`
	ListNo  int64  `db:"list_no"`
	DayNo   int64  `db:"day_no"`
	Source  string `db:"source"`
	Path    string `db:"path"`
	LineNo  int64  `db:"line_no"`
}

// gaps are the differences between the lists of every pair, with their causes.
func (b *builder) gaps(out *reports.Report) error {
	pairs, err := readParity(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	found, err := readGaps(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	days, err := b.gapDays("result.gap")
	if err != nil {
		return err
	}
	touchDays, err := b.gapDays("result.gap_touch")
	if err != nil {
		return err
	}
	samples, err := warehouse.Read[gapSample](b.ctx, b.tx, `SELECT pair_no, event_no, cause, list_no, day_no, source, path, line_no
		FROM result.gap_sample WHERE run_id = ? ORDER BY pair_no, event_no, cause, sample_no`, b.runID)
	if err != nil {
		return err
	}
	slices.SortStableFunc(pairs, func(a, b parityRow) int { // what the dictionary does not have comes last
		return cmp.Or(cmp.Compare(a.PairNo, b.PairNo), cmp.Compare(isOne(a.EventNo == undefinedEvent), isOne(b.EventNo == undefinedEvent)))
	})
	for _, p := range pairs {
		lists := []string{1: p.FirstList, 2: p.SecondList}
		gap := reports.Gap{First: p.FirstList, Second: p.SecondList, Event: b.events[p.EventNo],
			FirstUnits: p.FirstUnits, SecondUnits: p.SecondUnits, BothUnits: p.BothUnits,
			Ratio: p.Ratio, Expected: p.Expected, Acceptable: p.Acceptable, Blocked: p.Blocked, ChartLo: p.ChartLo, ChartHi: p.ChartHi,
			Status: p.Status, Reason: p.Reason, Causes: []reports.Cause{}, Days: []reports.GapDay{}, TouchDays: []reports.GapDay{}}
		for _, g := range found {
			if g.PairNo != p.PairNo || g.EventNo != p.EventNo || g.Cause == 0 {
				continue
			}
			cause := reports.Cause{Category: causes[g.Cause].name, Label: causes[g.Cause].label,
				First: g.FirstUnits, Second: g.SecondUnits, Samples: []reports.GapSample{}}
			for _, s := range samples {
				if s.PairNo == g.PairNo && s.EventNo == g.EventNo && s.Cause == g.Cause {
					cause.Samples = append(cause.Samples, reports.GapSample{List: lists[s.ListNo], Source: s.Source, Path: s.Path, Line: s.LineNo, Day: dayName(s.DayNo)})
				}
			}
			gap.Causes = append(gap.Causes, cause)
		}
		for _, d := range days {
			if d.PairNo == p.PairNo && d.EventNo == p.EventNo {
				gap.Days = append(gap.Days, reports.GapDay{Day: dayName(d.DayNo), Category: causes[d.Cause].name, First: d.FirstUnits, Second: d.SecondUnits})
			}
		}
		for _, d := range touchDays {
			if d.PairNo == p.PairNo && d.EventNo == p.EventNo {
				on := reports.GapDay{Category: causes[d.Cause].name, First: d.FirstUnits, Second: d.SecondUnits}
				if d.DayNo != noTouchDay {
					on.Day = dayName(d.DayNo)
				}
				gap.TouchDays = append(gap.TouchDays, on)
			}
		}
		out.Reconciliation.Gaps = append(out.Reconciliation.Gaps, gap)
		out.Reconciliation.Final = out.Reconciliation.Final && p.Status != string(parity.Blocked)
	}
	return nil
}

// noTouchDay stands in result.gap_touch for the day of units that no touch came before.
const noTouchDay = -1

// gapDays are the rows of result.gap, or of result.gap_touch.
func (b *builder) gapDays(table string) ([]gapDay, error) {
	return warehouse.Read[gapDay](b.ctx, b.tx, `SELECT pair_no, event_no, day_no, cause, first_units, second_units
		FROM `+table+` WHERE run_id = ? ORDER BY pair_no, event_no, day_no, cause`, b.runID)
}

// dayName writes a day that is counted from 1970-01-01.
func dayName(no int64) string {
	return time.Unix(no*int64(Day.Std().Seconds()), 0).UTC().Format(time.DateOnly)
}
