package jobs

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"ghostlight/analysis/parity"
	"ghostlight/jobs/warehouse"
)

// reportedList is one row of ops.reported_list.
type reportedList struct {
	ListNo   int64  `db:"list_no"`
	Platform string `db:"platform"`
	Window   string `db:"attribution_window"`
	WindowUS *int64 `db:"window_us"`
}

// reportedRow is one row of result.reported.
type reportedRow struct {
	RunID          string   `db:"run_id"`
	ListNo         int64    `db:"list_no"`
	EventNo        int64    `db:"event_no"`
	UnknownName    string   `db:"unknown_name"`
	Platform       string   `db:"platform"`
	Window         string   `db:"attribution_window"`
	FirstList      string   `db:"first_list"`
	IsCompared     int64    `db:"is_compared"`
	IsLogged       int64    `db:"is_logged"`
	FirstUnits     int64    `db:"first_units"`
	ClaimableUnits int64    `db:"claimable_units"`
	ReportedMicros int64    `db:"reported_micros"`
	BothMicros     int64    `db:"both_micros"`
	MovedMicros    int64    `db:"moved_micros"`
	Expected       float64  `db:"expected"`
	Acceptable     float64  `db:"acceptable"`
	Blocked        float64  `db:"blocked"`
	Status         string   `db:"status"`
	Reason         string   `db:"reason"`
	Ratio          *float64 `db:"ratio"`
	ChartLo        *float64 `db:"chart_lo"`
	ChartHi        *float64 `db:"chart_hi"`
}

func readReported(ctx context.Context, tx *warehouse.Tx, runID string) ([]reportedRow, error) {
	return warehouse.Read[reportedRow](ctx, tx, `SELECT run_id, list_no, event_no, unknown_name, platform, attribution_window, first_list, is_compared, is_logged,
			first_units, claimable_units, reported_micros, both_micros, moved_micros, expected, acceptable, blocked, status, reason, ratio, chart_lo, chart_hi
		FROM result.reported WHERE run_id = ? ORDER BY list_no, event_no, unknown_name`, runID)
}

// reportedGapRow is one row of result.reported_gap.
type reportedGapRow struct {
	RunID        string `db:"run_id"`
	ListNo       int64  `db:"list_no"`
	EventNo      int64  `db:"event_no"`
	DayNo        int64  `db:"day_no"`
	Cause        int64  `db:"cause"`
	FirstMicros  int64  `db:"first_micros"`
	SecondMicros int64  `db:"second_micros"`
}

func readReportedGaps(ctx context.Context, tx *warehouse.Tx, runID string) ([]reportedGapRow, error) {
	return warehouse.Read[reportedGapRow](ctx, tx, `SELECT run_id, list_no, event_no, day_no, cause, first_micros, second_micros
		FROM result.reported_gap WHERE run_id = ? ORDER BY list_no, event_no, day_no, cause`, runID)
}

// reportedSample is one row of result.reported_sample.
type reportedSample struct {
	ListNo  int64  `db:"list_no"`
	EventNo int64  `db:"event_no"`
	Cause   int64  `db:"cause"`
	DayNo   int64  `db:"day_no"`
	Source  string `db:"source"`
	Path    string `db:"path"`
	LineNo  int64  `db:"line_no"`
}

// reportedCount is what a list counts of an event on a day.
type reportedCount struct {
	ListNo      int64  `db:"list_no"`
	EventNo     int64  `db:"event_no"`
	UnknownName string `db:"unknown_name"`
	DayNo       int64  `db:"day_no"`
	Micros      int64  `db:"micros"`
}

// claimable counts records of one kind that a list may count.
type claimable struct {
	ListNo     int64  `db:"list_no"`
	EventNo    int64  `db:"event_no"`
	IsCovered  int64  `db:"is_covered"`
	IsSent     int64  `db:"is_sent"`
	IsLogged   int64  `db:"is_logged"`
	DayNo      int64  `db:"day_no"`
	TouchDayNo *int64 `db:"touch_day_no"`
	Cause      int64  `db:"cause"`
	Units      int64  `db:"units"`
}

// compareClaims holds what platforms report against what was sent to them.
func (r *run) compareClaims(ctx context.Context, tx *warehouse.Tx) (int64, error) {
	written, err := tx.Replace(ctx, "model.reported", r.params())
	if err != nil {
		return 0, err
	}
	lists, err := warehouse.Read[reportedList](ctx, tx, `SELECT row_number() OVER (ORDER BY platform, attribution_window) AS list_no, platform, attribution_window, CAST(NULL AS BIGINT) AS window_us
		FROM (SELECT DISTINCT platform, attribution_window FROM model.reported) ORDER BY list_no`)
	if err != nil {
		return 0, err
	}
	for i, l := range lists {
		if window, ok := statedWindow(l.Window); ok {
			us := window.Micros()
			lists[i].WindowUS = &us
		}
	}
	if _, err := tx.Fill(ctx, "ops.reported_list", append([]reportedList{}, lists...)); err != nil {
		return 0, err
	}
	rows, err := tx.Replace(ctx, "model.claimable", r.params())
	if err != nil {
		return 0, err
	}
	written += rows
	if rows, err = tx.ReplaceRun(ctx, "result.reported_sample", r.id, r.params()); err != nil {
		return 0, err
	}
	written += rows
	counts, err := warehouse.Read[reportedCount](ctx, tx, `SELECT l.list_no, r.event_no, r.unknown_name, r.day_no, CAST(sum(r.conversions_micros) AS BIGINT) AS micros
		FROM model.reported AS r JOIN ops.reported_list AS l ON l.platform = r.platform AND l.attribution_window = r.attribution_window
		GROUP BY l.list_no, r.event_no, r.unknown_name, r.day_no ORDER BY l.list_no, r.event_no, r.unknown_name, r.day_no`)
	if err != nil {
		return 0, err
	}
	sent, err := warehouse.Read[claimable](ctx, tx, `SELECT list_no, event_no, is_covered, is_sent, is_logged, day_no, touch_day_no, cause, count(*) AS units
		FROM model.claimable GROUP BY ALL ORDER BY list_no, event_no, day_no, touch_day_no NULLS FIRST, cause, is_covered, is_sent`)
	if err != nil {
		return 0, err
	}
	reported, gaps := []reportedRow{}, []reportedGapRow{}
	for start := 0; start < len(counts); {
		end := start
		for end < len(counts) && counts[end].ListNo == counts[start].ListNo && counts[end].EventNo == counts[start].EventNo && counts[end].UnknownName == counts[start].UnknownName {
			end++
		}
		list := lists[counts[start].ListNo-1]
		row, shares, err := r.compareClaim(list, counts[start:end], sent)
		if err != nil {
			return 0, err
		}
		if list.WindowUS == nil {
			if row.Reason, err = r.unknownWindow(ctx, tx, list); err != nil {
				return 0, err
			}
		}
		reported, gaps, start = append(reported, row), append(gaps, shares...), end
	}
	for _, table := range []struct {
		name string
		rows any
	}{{"result.reported", reported}, {"result.reported_gap", gaps}} {
		rows, err := tx.InsertRun(ctx, table.name, r.id, table.rows)
		if err != nil {
			return 0, err
		}
		written += rows
	}
	return written, nil
}

// compareClaim compares what a list reports of one event with the records that it may count.
func (r *run) compareClaim(list reportedList, counts []reportedCount, sent []claimable) (row reportedRow, gaps []reportedGapRow, err error) {
	of := counts[0]
	band, isNamed := r.study.Reconcile.claimBand(list.Platform)
	row = reportedRow{RunID: r.id, ListNo: list.ListNo, EventNo: of.EventNo, UnknownName: of.UnknownName, Platform: list.Platform, Window: list.Window,
		FirstList: listNames[0], Expected: band.Expected, Acceptable: band.Acceptable, Blocked: band.Blocked, Status: string(parity.Unknown)}
	reported := map[int64]int64{}
	for _, c := range counts {
		reported[c.DayNo] += c.Micros
		row.ReportedMicros += c.Micros
	}
	switch {
	case list.WindowUS == nil: // said with the place of the window
		return row, nil, nil
	case of.EventNo == undefinedEvent:
		row.Reason = "of an event that the dictionary does not have under any name, so there is nothing to compare it with"
		return row, nil, nil
	}
	row.IsCompared = 1
	var cells []parity.Sent
	unsent, should := true, map[int64]int64{}
	for _, s := range sent {
		if s.ListNo != of.ListNo || s.EventNo != of.EventNo {
			continue
		}
		cell := parity.Sent{Day: s.DayNo, TouchDay: s.DayNo, Cause: s.Cause, Micros: s.Units * parity.Unit, IsOutside: s.IsCovered == 0}
		if s.TouchDayNo != nil {
			cell.TouchDay = *s.TouchDayNo
		}
		cells = append(cells, cell)
		unsent, row.IsLogged = unsent && s.IsSent == 0, s.IsLogged
		if cell.IsOutside {
			continue
		}
		row.FirstUnits += s.Units
		if s.Cause == parity.Shared || s.Cause == parity.Late {
			row.ClaimableUnits += s.Units
			should[s.DayNo] += cell.Micros
		}
	}
	if !unsent {
		row.FirstList = "sent to " + list.Platform
	}
	shares, moved := parity.Claim(cells, reported, unsent)
	row.MovedMicros = moved
	var first int64
	for _, s := range shares {
		if s.Cause == parity.Shared {
			row.BothMicros += s.First
		}
		first += s.First
		gaps = append(gaps, reportedGapRow{r.id, of.ListNo, of.EventNo, s.Day, s.Cause, s.First, s.Second})
	}
	later := first/parity.Unit - row.FirstUnits // that the platform counts on the day of their touch
	row.FirstUnits, row.ClaimableUnits = row.FirstUnits+later, row.ClaimableUnits+later
	j, err := parity.Judge(parity.Counts{First: row.ClaimableUnits * parity.Unit, Second: row.ReportedMicros, Both: row.BothMicros + moved}, band, r.claimWeeks(should, reported))
	if err != nil {
		return row, nil, err
	}
	row.Status, row.Reason, row.Ratio = string(j.Status), j.Reason, j.Ratio
	if j.Chart != nil {
		row.ChartLo, row.ChartHi = &j.Chart.Lo, &j.Chart.Hi
	}
	switch {
	case row.FirstUnits == 0 && row.ReportedMicros > 0:
		row.Reason = "of which no record is in any list, so it cannot be known how many there were"
	case row.ClaimableUnits == 0 && row.ReportedMicros > 0:
		row.Status, row.Reason = string(parity.Blocked), "more than any record allows"
	}
	if row.IsLogged == 0 && !isNamed && row.FirstUnits > 0 {
		row.Status = string(parity.Unknown)
		row.Reason = "and no touch of its campaigns is in the exposure logs, so which conversions it may count is not known; a pair in reconcile.pairs with what is expected lets it be judged"
	}
	return row, gaps, nil
}

// claimBand is the band of what a platform reports, and whether the study names it.
func (c Reconcile) claimBand(platform string) (band parity.Band, isNamed bool) {
	band = parity.Band{Expected: 1, Acceptable: c.Acceptable, Blocked: c.Blocked}
	for _, name := range []string{"", platform} { // the more precise one last
		for _, p := range c.Pairs {
			if p.Second == platformList && p.Platform == name {
				band, isNamed = p.band(c), true
			}
		}
	}
	return band, isNamed
}

// claimWeeks are the ratios of reported to claimable counts of single weeks, as parityWeeks
// has them of lists.
func (r *run) claimWeeks(should, reported map[int64]int64) (ratios []float64) {
	closed := r.asOf.Add(-r.study.Report.LateAfter.Std()).Unix() / int64(Day.Std().Seconds())
	type week struct{ no, should, reported int64 }
	weeks := map[int64]week{}
	add := func(days map[int64]int64, to func(*week, int64)) {
		for day, micros := range days {
			if day < closed {
				w := weeks[(closed-1-day)/7]
				w.no = (closed - 1 - day) / 7
				to(&w, micros)
				weeks[w.no] = w
			}
		}
	}
	add(should, func(w *week, micros int64) { w.should += micros })
	add(reported, func(w *week, micros int64) { w.reported += micros })
	ordered := []week{}
	for _, w := range weeks {
		if w.should > 0 {
			ordered = append(ordered, w)
		}
	}
	slices.SortFunc(ordered, func(a, b week) int { return cmp.Compare(b.no, a.no) })
	for _, w := range ordered {
		ratios = append(ratios, float64(w.reported)/float64(w.should))
	}
	return ratios
}

// unknownWindow says which window is not known and where it stands.
func (r *run) unknownWindow(ctx context.Context, tx *warehouse.Tx, list reportedList) (string, error) {
	places, err := warehouse.Read[struct {
		Path string `db:"path"`
		Line int64  `db:"line_no"`
	}](ctx, tx, `SELECT l.path, p.line_no FROM clean.platform_report AS p JOIN ops.load AS l ON l.file_id = p.file_id
		WHERE p.platform = ? AND coalesce(p.attribution_window, '') = ? AND p.received_us <= ? ORDER BY l.path, p.line_no LIMIT 1`, list.Platform, list.Window, r.asOf.UnixMicro())
	if err != nil {
		return "", err
	}
	what := "in a window that the report does not state"
	if words := shownValue(list.Window); words != nil {
		what = "in the window " + strconv.Quote(*words) + ", which is not known"
	}
	for _, place := range places {
		what += fmt.Sprintf(" (%s line %d)", place.Path, place.Line)
	}
	return what + ", so which conversions it may count is not known", nil
}
