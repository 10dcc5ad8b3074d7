package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ghostlight/analysis/parity"
	"ghostlight/jobs/warehouse"
)

// listNames are the lists that can be reconciled. The first, of deduplicated conversions,
// is never the second of a pair: it holds the records of all others.
var listNames = [...]string{"deduplicated", "crm", "server", "app", "analytics", "pixel"}

// deduplicated stands for the list of deduplicated conversions among surface numbers.
const deduplicatedList = 6

// platformList is the list of what platforms report, which has counts and no records. It is
// always the second of a pair, and deduplicated the first: what was sent to the platform, or
// the deduplicated conversions where nothing was.
const platformList = "platform"

// listNumber is the number of a list: its surface's, or deduplicatedList.
func listNumber(name string) int64 {
	if name == listNames[0] {
		return deduplicatedList
	}
	return int64(slices.Index(surfaceNames, name))
}

// causes of a difference by their number in model.reconciled; of 0 both lists have the unit.
var causes = [...]struct{ name, label string }{
	{"both", "In both lists"},
	{"environment", "Test traffic"},
	{"out_of_scope", "Another day, period or currency"},
	{"duplicate", "Repeated in its own list"},
	{"dedup_conflict", "Ids or names disagree"},
	{"missing_parameters", "Required parameter or join key missing"},
	{"consent", "Withheld by consent"},
	{"windowing", "Same id outside the dedup span"},
	{"definition_mismatch", "Another event, or an order that does not count"},
	{"late", "Still on its way"},
	{"delivery_loss", "A sale that was not delivered"},
	{"phantom", "No order confirms it"},
	{"unexplained", "Unexplained"},
}

// parityPair is one row of ops.parity.
type parityPair struct {
	PairNo         int64   `db:"pair_no"`
	First          int64   `db:"first_surface_no"`
	FirstPlatform  *string `db:"first_platform"`
	Second         int64   `db:"second_surface_no"`
	SecondPlatform *string `db:"second_platform"`
	HasCRM         int64   `db:"has_crm"`
}

// listed is a surface and a platform that have records.
type listed struct {
	Surface  int64  `db:"surface_no"`
	Platform string `db:"platform"`
}

type reportDay struct {
	QuarterUS int64 `db:"quarter_us"`
	DayNo     int64 `db:"day_no"`
}

type miscasedEvent struct {
	Platform  string `db:"platform"`
	EventName string `db:"event_name"`
	EventNo   int64  `db:"event_no"`
}

// fillParity writes which lists there are to compare, and the names of events that differ
// from the dictionary's in capitals only.
func (r *run) fillParity(ctx context.Context, tx *warehouse.Tx) ([]parityPair, error) {
	lists, err := warehouse.Read[listed](ctx, tx, `SELECT surface_no, COALESCE(platform, '') AS platform FROM model.record
		GROUP BY surface_no, platform ORDER BY surface_no, platform`)
	if err != nil {
		return nil, err
	}
	names, err := warehouse.Read[miscasedEvent](ctx, tx, `SELECT DISTINCT platform, unknown_name AS event_name, CAST(0 AS BIGINT) AS event_no FROM model.record
		WHERE unknown_name IS NOT NULL AND platform IS NOT NULL ORDER BY platform, event_name`)
	if err != nil {
		return nil, err
	}
	pairs := r.study.Reconcile.pairsOf(r.Workspace.withSilent(lists))
	for _, table := range []struct {
		name string
		rows any
	}{
		{"ops.parity", pairs},
		{"ops.miscased_event", r.Workspace.miscased(names)},
	} {
		if _, err := tx.Fill(ctx, table.name, table.rows); err != nil {
			return nil, err
		}
	}
	return pairs, nil
}

// reconcileTables give every unit of two lists its cause.
var reconcileTables = []string{"model.meeting", "model.reconciled"}

// compareLists gives every unit of each pair of lists its one cause, and counts the causes.
func (r *run) compareLists(ctx context.Context, tx *warehouse.Tx) (int64, error) {
	pairs, err := r.fillParity(ctx, tx)
	if err != nil {
		return 0, err
	}
	written, err := replaceAll(ctx, tx, r.params(), reconcileTables...)
	if err != nil {
		return 0, err
	}
	for _, table := range []string{"result.gap", "result.gap_touch", "result.gap_sample"} {
		rows, err := tx.ReplaceRun(ctx, table, r.id, r.params())
		if err != nil {
			return 0, err
		}
		written += rows
	}
	judged, err := r.judgeParity(ctx, tx, pairs)
	if err != nil {
		return 0, err
	}
	rows, err := tx.InsertRun(ctx, "result.parity", r.id, judged)
	return written + rows, err
}

// pairsOf are the pairs of lists that can be compared: every list of events with the
// orders, or without orders with the deduplicated conversions; every list of the server
// with that of the pixel of the same platform, or of the site's own; and what the study
// asks for besides.
func (c Reconcile) pairsOf(lists []listed) []parityPair {
	pairs := []parityPair{}
	has := func(surface int64) bool {
		return slices.ContainsFunc(lists, func(l listed) bool { return l.Surface == surface })
	}
	truth := int64(deduplicatedList)
	if has(crmSurface) {
		truth = crmSurface
	}
	platform := func(l listed) *string {
		if l.Platform == "" {
			return nil
		}
		return &l.Platform
	}
	add := func(first int64, firstPlatform *string, second int64, secondPlatform *string) {
		same := func(p parityPair) bool {
			return p.First == first && p.Second == second && equal(p.FirstPlatform, firstPlatform) && equal(p.SecondPlatform, secondPlatform)
		}
		if !slices.ContainsFunc(pairs, same) {
			pairs = append(pairs, parityPair{int64(len(pairs) + 1), first, firstPlatform, second, secondPlatform, isOne(has(crmSurface))})
		}
	}
	for _, surface := range []int64{listNumber("server"), listNumber("app"), listNumber("analytics"), listNumber("pixel")} {
		for _, l := range lists {
			if l.Surface == surface {
				add(truth, nil, surface, platform(l))
			}
		}
	}
	for _, server := range lists {
		if server.Surface != listNumber("server") {
			continue
		}
		for _, pixel := range lists {
			if pixel.Surface == listNumber("pixel") && (pixel.Platform == server.Platform || !c.isOn(lists, listNumber("pixel"), server.Platform) && !c.isOn(lists, listNumber("server"), pixel.Platform)) {
				add(server.Surface, platform(server), pixel.Surface, platform(pixel))
			}
		}
	}
	always := len(pairs)
	for _, p := range c.Pairs {
		first, second := listNumber(p.First), listNumber(p.Second)
		if slices.ContainsFunc(pairs[:always], p.names) || first != deduplicatedList && !has(first) || !has(second) {
			continue
		}
		on := func(surface int64) *string {
			if p.Platform == "" || !c.isOn(lists, surface, p.Platform) {
				return nil
			}
			return &p.Platform
		}
		if p.Platform == "" || on(first) != nil || on(second) != nil {
			add(first, on(first), second, on(second))
		}
	}
	return pairs
}

// names tells that the study means the pair: its lists, and one of them on the platform.
func (p Parity) names(pair parityPair) bool {
	of := func(platform *string) bool { return platform != nil && *platform == p.Platform }
	return listNumber(p.First) == pair.First && listNumber(p.Second) == pair.Second &&
		(p.Platform == "" || of(pair.FirstPlatform) || of(pair.SecondPlatform))
}

// withSilent adds the lists of events that some source is configured for and that no record
// came to: where all is lost, there is a list too.
func (w *Workspace) withSilent(lists []listed) []listed {
	for _, name := range listNames[2:] {
		surface := listNumber(name)
		isThere := slices.ContainsFunc(lists, func(l listed) bool { return l.Surface == surface })
		if !isThere && slices.ContainsFunc(w.Sources.Names(), func(source string) bool {
			return w.Sources[source].Surface == name
		}) {
			lists = append(lists, listed{Surface: surface})
		}
	}
	return lists
}

func (Reconcile) isOn(lists []listed, surface int64, platform string) bool {
	return slices.Contains(lists, listed{surface, platform})
}

func equal(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// band is what a pair of the study may give, with what the study says of all pairs.
func (p Parity) band(of Reconcile) parity.Band {
	b := parity.Band{Expected: 1, Acceptable: of.Acceptable, Blocked: of.Blocked}
	if p.Expected != nil {
		b.Expected = *p.Expected
	}
	if p.Acceptable != nil {
		b.Acceptable = *p.Acceptable
	}
	if p.Blocked != nil {
		b.Blocked = *p.Blocked
	}
	return b
}

// bandOf finds the band of a pair: the one the study gives it with its platform, else
// without, else that of all.
func (c Reconcile) bandOf(pair parityPair) parity.Band {
	best, band := -1, parity.Band{Expected: 1, Acceptable: c.Acceptable, Blocked: c.Blocked}
	for _, p := range c.Pairs {
		named := isOne(p.Platform != "")
		if p.names(pair) && int(named) > best {
			best, band = int(named), p.band(c)
		}
	}
	return band
}

// listName is what the report calls a list: its surface, and the platform if it is of one.
func listName(surface int64, platform *string) string {
	name := listNames[0]
	if surface != deduplicatedList {
		name = surfaceNames[surface]
	}
	if platform != nil {
		name += " (" + *platform + ")"
	}
	return name
}

const quarter = 15 * time.Minute

// reportDays are the quarters of an hour of the days that are reconciled, in the study's
// zone: from its beginning to the end of the last outcome window.
func (s Study) reportDays() ([]reportDay, error) {
	zone, err := time.LoadLocation(s.Report.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("load time zone of the report: %w", err)
	}
	rows := []reportDay{}
	end := s.Period.End.Add(s.Outcome.Window.Std())
	for at := s.Period.Start.Truncate(quarter); at.Before(end); at = at.Add(quarter) {
		rows = append(rows, reportDay{at.UnixMicro(), dayNumber(at.In(zone))})
	}
	return rows, nil
}

// dayNumber counts the day of a time, in the time's own zone, from 1970-01-01.
func dayNumber(local time.Time) int64 {
	day := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
	return day.Unix() / int64(Day.Std().Seconds())
}

// miscased are those of the unknown names that differ from an alias in capitals only.
func (w *Workspace) miscased(names []miscasedEvent) []miscasedEvent {
	_, aliases, _ := w.dictionaryRows()
	rows := []miscasedEvent{}
	for _, n := range names {
		i := slices.IndexFunc(aliases, func(a eventAliasRow) bool {
			return a.Platform == n.Platform && strings.EqualFold(a.EventName, n.EventName)
		})
		if i >= 0 {
			n.EventNo = aliases[i].EventNo
			rows = append(rows, n)
		}
	}
	return rows
}
