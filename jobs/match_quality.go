package jobs

import (
	"context"
	"fmt"
	"slices"

	"ghostlight/analysis"
	"ghostlight/analysis/lift"
	"ghostlight/analysis/pchart"
	"ghostlight/jobs/warehouse"
)

// identifiers are the kinds of identifier that an event may carry, in the order in which
// they are shown, and what they are called.
var identifiers = [...]struct{ name, label string }{
	{"email", "an e-mail address"},
	{"phone", "a phone number"},
	{"customer", "a customer number"},
	{"household", "a household key"},
	{"device", "a device id"},
	{"ip", "an IP address"},
	{"click", "a click id"},
	{"cookie", "a cookie"},
}

// anyIdentifier stands for at least one of them.
const anyIdentifier = "any"

// identifierLabel is what an identifier is called.
func identifierLabel(name string) string {
	for _, id := range identifiers {
		if id.name == name {
			return id.label
		}
	}
	return "an identifier"
}

// listEvent is one event on the list of a surface and a platform.
type listEvent struct {
	surfaceNo int64
	platform  string
	eventNo   int64
}

// matchWeek is one row of result.match_quality.
type matchWeek struct {
	SurfaceNo  int64  `db:"surface_no"`
	Platform   string `db:"platform"`
	EventNo    int64  `db:"event_no"`
	WeekDayNo  int64  `db:"week_day_no"`
	Identifier string `db:"id_type"`
	Records    int64  `db:"records"`
	Carrying   int64  `db:"carrying"`
	InCRM      *int64 `db:"in_crm"`
	InGraph    *int64 `db:"in_graph"`
	Joined     int64  `db:"joined"`
}

// identifierUse is one row of result.identifier_use.
type identifierUse struct {
	SurfaceNo   int64  `db:"surface_no"`
	Platform    string `db:"platform"`
	EventNo     int64  `db:"event_no"`
	Identifier  string `db:"id_type"`
	Records     int64  `db:"records"`
	Carrying    int64  `db:"carrying"`
	Distinct    int64  `db:"distinct_values"`
	MostRecords int64  `db:"most_records"`
}

func (w matchWeek) of() listEvent      { return listEvent{w.SurfaceNo, w.Platform, w.EventNo} }
func (u identifierUse) of() listEvent  { return listEvent{u.SurfaceNo, u.Platform, u.EventNo} }
func (x matchIndex) of() listEvent     { return listEvent{x.SurfaceNo, x.Platform, x.EventNo} }
func (d identifierDrop) of() listEvent { return listEvent{d.SurfaceNo, d.Platform, d.EventNo} }

// What one value of an identifier must have to be called shared by too many: so many
// records, and one in so many of those that carry the identifier.
const (
	sharedRecords = 10
	sharedOneIn   = 20
)

// isShared tells that so many records have one value that it can hardly be one person's, or
// that one person makes so much of the list that nothing should rest on it.
func (u identifierUse) isShared() bool {
	return u.MostRecords >= sharedRecords && u.MostRecords*sharedOneIn >= u.Carrying
}

// matchIndex is one row of result.match_index.
type matchIndex struct {
	RunID     string  `db:"run_id"`
	SurfaceNo int64   `db:"surface_no"`
	Platform  string  `db:"platform"`
	EventNo   int64   `db:"event_no"`
	Records   int64   `db:"records"`
	Carrying  int64   `db:"carrying"`
	Joined    int64   `db:"joined"`
	Share     float64 `db:"share"`
	Lo        float64 `db:"lo"`
	Hi        float64 `db:"hi"`
	Level     float64 `db:"level"`
}

// identifierDrop is one row of result.identifier_drop.
type identifierDrop struct {
	RunID         string `db:"run_id"`
	SurfaceNo     int64  `db:"surface_no"`
	Platform      string `db:"platform"`
	EventNo       int64  `db:"event_no"`
	Identifier    string `db:"id_type"`
	What          string `db:"what"`
	WeekDayNo     int64  `db:"week_day_no"`
	BeforeFound   int64  `db:"before_found"`
	BeforeRecords int64  `db:"before_records"`
	Found         int64  `db:"found"`
	Records       int64  `db:"records"`
	Lasts         int64  `db:"lasts"`
}

// measureMatchQuality counts which identifiers the events carry and what these join, finds
// where that fell, and makes the index of each list.
func (r *run) measureMatchQuality(ctx context.Context, tx *warehouse.Tx) (written int64, err error) {
	for _, table := range []string{"result.match_quality", "result.identifier_use", "result.identifier_validity"} {
		rows, err := tx.ReplaceRun(ctx, table, r.id, r.params())
		if err != nil {
			return 0, err
		}
		written += rows
	}
	weeks, err := readMatchWeeks(ctx, tx, r.id)
	if err != nil {
		return 0, err
	}
	drops, err := r.identifierDrops(weeks)
	if err != nil {
		return 0, err
	}
	indexes, err := r.matchIndexes(weeks)
	if err != nil {
		return 0, err
	}
	for _, table := range []struct {
		name string
		rows any
	}{{"result.identifier_drop", drops}, {"result.match_index", indexes}} {
		rows, err := tx.InsertRun(ctx, table.name, r.id, table.rows)
		if err != nil {
			return 0, err
		}
		written += rows
	}
	return written, nil
}

// identifierDrops finds the drops in the weeks of each identifier, which come one after
// another.
func (r *run) identifierDrops(weeks []matchWeek) ([]identifierDrop, error) {
	drops := []identifierDrop{}
	for start, end := 0, 0; start < len(weeks); start = end {
		first := weeks[start]
		for end = start; end < len(weeks) && weeks[end].of() == first.of() && weeks[end].Identifier == first.Identifier; end++ {
		}
		for _, share := range []struct {
			what  string
			found func(matchWeek) *int64
		}{
			{"carrying", func(w matchWeek) *int64 { return &w.Carrying }},
			{"in_crm", func(w matchWeek) *int64 { return w.InCRM }},
			{"in_graph", func(w matchWeek) *int64 { return w.InGraph }},
		} {
			if share.found(first) == nil {
				continue
			}
			var series []pchart.Week
			for _, w := range weeks[start:end] {
				series = append(series, pchart.Week{K: *share.found(w), N: w.Records})
			}
			d, err := pchart.First(series)
			if err != nil {
				return nil, fmt.Errorf("judge the weeks of %s: %w", first.Identifier, err)
			}
			if d != nil {
				drops = append(drops, identifierDrop{r.id, first.SurfaceNo, first.Platform, first.EventNo, first.Identifier, share.what, weeks[start+d.Week].WeekDayNo,
					d.Before.K, d.Before.N, d.Of.K, d.Of.N, isOne(d.Lasts)})
			}
		}
	}
	return drops, nil
}

// matchIndexes are the shares of records, over all weeks, that join by some identifier.
func (r *run) matchIndexes(weeks []matchWeek) ([]matchIndex, error) {
	rows := []matchIndex{}
	for _, w := range weeks {
		if w.Identifier != anyIdentifier {
			continue
		}
		if len(rows) == 0 || rows[len(rows)-1].of() != w.of() {
			rows = append(rows, matchIndex{RunID: r.id, SurfaceNo: w.SurfaceNo, Platform: w.Platform, EventNo: w.EventNo, Level: r.study.Report.Level})
		}
		row := &rows[len(rows)-1]
		row.Records += w.Records
		row.Carrying += w.Carrying
		row.Joined += w.Joined
	}
	for i := range rows {
		row := &rows[i]
		e, err := lift.Wilson(lift.Proportion{X: row.Joined, N: row.Records}, lift.Options{Level: row.Level, Grade: analysis.Descriptive})
		if err != nil {
			return nil, err
		}
		row.Share, row.Lo, row.Hi = e.Value, e.Interval.Lo, e.Interval.Hi
	}
	return rows, nil
}

// matchEvidence is what is doubtful in the identifiers of events.
type matchEvidence struct {
	drops  []identifierDrop
	shared []identifierUse
}

func readMatchEvidence(ctx context.Context, tx *warehouse.Tx, runID string) (e matchEvidence, err error) {
	if e.drops, err = readIdentifierDrops(ctx, tx, runID); err != nil {
		return e, err
	}
	uses, err := readIdentifierUses(ctx, tx, runID)
	for _, u := range uses {
		if u.isShared() {
			e.shared = append(e.shared, u)
		}
	}
	return e, err
}

// matchWarnings say which identifiers were lost and which are shared by too many.
func (r *run) matchWarnings(e matchEvidence) (warnings []analysis.Warning) {
	say := func(code string, of listEvent, format string, args ...any) {
		list := listName(of.surfaceNo, &of.platform) + ", " + r.Workspace.EventNames()[of.eventNo-1]
		warnings = append(warnings, analysis.Warning{Code: code, Severity: analysis.Caution, Text: "Of " + list + ": " + fmt.Sprintf(format, args...)})
	}
	that := map[string]string{"carrying": "", "in_crm": " that an order has", "in_graph": " that the identity graph has"}
	for _, d := range e.drops {
		if d.Identifier == anyIdentifier && slices.ContainsFunc(e.drops, d.isBehind) {
			continue
		}
		when := "in"
		if d.Lasts == 1 {
			when = "since"
		}
		say("identifier_drop", d.of(), "%s the week of %s %s of records carry %s%s; it was %s in the weeks before.", when, dayName(d.WeekDayNo),
			lift.FormatShare(d.Found, d.Records), identifierLabel(d.Identifier), that[d.What], lift.FormatShare(d.BeforeFound, d.BeforeRecords))
	}
	for _, u := range e.shared {
		say("identifier_shared", u.of(), "%s of the %s records that carry %s have the same one, so it can hardly be one person's.",
			lift.FormatCount(u.MostRecords), lift.FormatCount(u.Carrying), identifierLabel(u.Identifier))
	}
	return warnings
}

// isBehind tells that a drop of one identifier explains that of any, d.
func (d identifierDrop) isBehind(one identifierDrop) bool {
	return one.Identifier != anyIdentifier && one.of() == d.of() && one.What == d.What && one.WeekDayNo == d.WeekDayNo
}

func readMatchWeeks(ctx context.Context, tx *warehouse.Tx, runID string) ([]matchWeek, error) {
	return warehouse.Read[matchWeek](ctx, tx, `SELECT surface_no, platform, event_no, week_day_no, id_type, records, carrying, in_crm, in_graph, joined
		FROM result.match_quality WHERE run_id = ? ORDER BY surface_no, platform, event_no, id_type, week_day_no`, runID)
}

func readIdentifierUses(ctx context.Context, tx *warehouse.Tx, runID string) ([]identifierUse, error) {
	return warehouse.Read[identifierUse](ctx, tx, `SELECT surface_no, platform, event_no, id_type, records, carrying, distinct_values, most_records
		FROM result.identifier_use WHERE run_id = ? ORDER BY surface_no, platform, event_no, id_type`, runID)
}

func readIdentifierDrops(ctx context.Context, tx *warehouse.Tx, runID string) ([]identifierDrop, error) {
	return warehouse.Read[identifierDrop](ctx, tx, `SELECT run_id, surface_no, platform, event_no, id_type, what, week_day_no, before_found, before_records, found, records, lasts
		FROM result.identifier_drop WHERE run_id = ? ORDER BY surface_no, platform, event_no, id_type, what`, runID)
}

// identifierValidity is one row of result.identifier_validity.
type identifierValidity struct {
	SurfaceNo  int64  `db:"surface_no"`
	Platform   string `db:"platform"`
	EventNo    int64  `db:"event_no"`
	Identifier string `db:"id_type"`
	Usable     int64  `db:"usable"`
	Unusable   int64  `db:"unusable"`
}

func (v identifierValidity) of() listEvent { return listEvent{v.SurfaceNo, v.Platform, v.EventNo} }

func readValidity(ctx context.Context, tx *warehouse.Tx, runID string) ([]identifierValidity, error) {
	return warehouse.Read[identifierValidity](ctx, tx, `SELECT surface_no, platform, event_no, id_type, usable, unusable
		FROM result.identifier_validity WHERE run_id = ? ORDER BY surface_no, platform, event_no, id_type`, runID)
}
