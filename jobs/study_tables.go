package jobs

import (
	"context"
	"maps"
	"math"
	"slices"

	"ghostlight/jobs/source"
	"ghostlight/jobs/warehouse"
)

// flags say which surfaces a metric or the attribution takes conversions from,
// 0 or 1 as SQL multiplies them.
type flags struct{ pixel, server, app, analytics, crm int64 }

func surfaceFlags(from []string) flags {
	var f flags
	for _, surface := range from {
		switch surface {
		case "pixel":
			f.pixel = 1
		case "server":
			f.server = 1
		case "app":
			f.app = 1
		case "analytics":
			f.analytics = 1
		case "crm":
			f.crm = 1
		}
	}
	return f
}

// eventNumber is the number of a canonical event in this workspace, from 1 in
// the order of the names; 0 is the number of records that no event names.
func (w *Workspace) eventNumber(event string) int64 {
	for i, name := range w.EventNames() {
		if name == event {
			return int64(i + 1)
		}
	}
	return 0
}

// linkRanks is the order in which evidence is trusted: a person's identifiers
// before a device's, and an address, which others may share, last.
var linkRanks = map[string]int64{"email": 1, "phone": 2, "customer": 3, "device": 4, "ip": 5}

type sourceRow struct {
	SourceNo int64  `db:"source_no"`
	Source   string `db:"source"`
}

type eventRuleRow struct {
	EventNo       int64  `db:"event_no"`
	Event         string `db:"event"`
	Stage         string `db:"stage"`
	NeedsValue    int64  `db:"needs_value"`
	NeedsCurrency int64  `db:"needs_currency"`
	NeedsOrderID  int64  `db:"needs_order_id"`
	NeedsEventID  int64  `db:"needs_event_id"`
	IsGross       int64  `db:"is_gross"`
	FixedMicros   *int64 `db:"fixed_micros"`
	CountingNo    int64  `db:"counting_no"`
}

type eventAliasRow struct {
	Platform  string `db:"platform"`
	Surface   string `db:"surface"`
	EventName string `db:"event_name"`
	EventNo   int64  `db:"event_no"`
}

type eventRangeRow struct {
	EventNo     int64 `db:"event_no"`
	LeastMicros int64 `db:"least_micros"`
	MostMicros  int64 `db:"most_micros"`
}

type crmEventRow struct {
	Status    string `db:"status"`
	EventNo   int64  `db:"event_no"`
	IsCounted int64  `db:"is_counted"`
}

type armRow struct {
	ArmNo       int64   `db:"arm_no"`
	Arm         string  `db:"arm"`
	Label       string  `db:"label"`
	IsHoldout   int64   `db:"is_holdout"`
	DesignShare float64 `db:"design_share"`
}

type campaignRow struct {
	Campaign string `db:"campaign"`
}

type metricRow struct {
	MetricNo     int64  `db:"metric_no"`
	Metric       string `db:"metric"`
	EventNo      int64  `db:"event_no"`
	UsePixel     int64  `db:"use_pixel"`
	UseServer    int64  `db:"use_server"`
	UseApp       int64  `db:"use_app"`
	UseAnalytics int64  `db:"use_analytics"`
	UseCRM       int64  `db:"use_crm"`
}

type windowRow struct {
	WindowNo int64  `db:"window_no"`
	WindowUS int64  `db:"window_us"`
	Label    string `db:"label"`
}

type matchWindowRow struct {
	LinkRank int64  `db:"link_rank"`
	LinkType string `db:"link_type"`
	WindowUS int64  `db:"window_us"`
}

// fillStudy writes the study's own tables, which the SQL files join.
func (r *run) fillStudy(ctx context.Context, tx *warehouse.Tx) error {
	events, aliases, orders := r.Workspace.dictionaryRows()
	days, err := r.study.reportDays()
	if err != nil {
		return err
	}
	for _, table := range []struct {
		name string
		rows any
	}{
		{"ops.source", r.Workspace.sourceRows()},
		{"ops.event_rule", events},
		{"ops.event_alias", aliases},
		{"ops.event_range", r.Workspace.rangeRows()},
		{"ops.crm_event", orders},
		{"ops.arm", r.study.armRows()},
		{"ops.campaign", r.study.campaignRows()},
		{"ops.metric", r.metricRows()},
		{"ops.attribution_window", windowRows(r.study.Attribution.Windows)},
		{"ops.match_grid", windowRows(r.study.Match.Grid)},
		{"ops.match_window", r.study.matchRows()},
		{"ops.report_day", days},
	} {
		if _, err := tx.Fill(ctx, table.name, table.rows); err != nil {
			return err
		}
	}
	return r.fillDedup(ctx, tx)
}

func (w *Workspace) sourceRows() []sourceRow {
	rows := []sourceRow{}
	for i, name := range w.Sources.Names() {
		rows = append(rows, sourceRow{int64(i + 1), name})
	}
	return rows
}

func (w *Workspace) dictionaryRows() ([]eventRuleRow, []eventAliasRow, []crmEventRow) {
	events, aliases, orders := []eventRuleRow{}, []eventAliasRow{}, []crmEventRow{}
	for _, name := range w.EventNames() {
		event, number := w.Events[name], w.eventNumber(name)
		needs := func(parameter string) int64 { return isIn(parameter, event.Required) }
		events = append(events, eventRuleRow{
			number, name, event.Stage, needs("value"), needs("currency"), needs("order_id"), needs("event_id"),
			isOne(event.ValueRule == valueGross), event.fixedMicros(),
			int64(max(0, slices.Index(countings(), event.Counting))),
		})
		for _, key := range slices.Sorted(maps.Keys(event.Aliases)) {
			platform, surfaces := aliasSurfaces(key)
			for _, alias := range event.Aliases[key] {
				for _, surface := range surfaces {
					aliases = append(aliases, eventAliasRow{platform, surface, alias, number})
				}
			}
		}
		if len(event.CRM) == 0 {
			continue
		}
		for _, status := range source.OrderStates() {
			orders = append(orders, crmEventRow{status, number, isIn(status, event.CRM)})
		}
	}
	return events, aliases, orders
}

// rangeRows are the ranges of values. An end beyond what a value can be is as far as one
// can be.
func (w *Workspace) rangeRows() []eventRangeRow {
	rows := []eventRangeRow{}
	for _, name := range w.EventNames() {
		if r, has := w.Events[name].Ranges["value"]; has {
			rows = append(rows, eventRangeRow{w.eventNumber(name), wholeMicros(r.Min), wholeMicros(r.Max)})
		}
	}
	return rows
}

// wholeMicros is an amount in micros, within what 64 bits hold.
func wholeMicros(amount float64) int64 {
	const most = 1 << 62
	return int64(math.Round(max(-most, min(most, amount*1e6))))
}

func (s Study) armRows() []armRow {
	rows := []armRow{}
	if s.Assignment == nil {
		return rows
	}
	for i, arm := range s.Assignment.Arms {
		rows = append(rows, armRow{int64(i + 1), arm.Name, arm.Label, isIn(arm.Name, []string{s.Assignment.Holdout}), arm.Share})
	}
	return rows
}

func (s Study) campaignRows() []campaignRow {
	rows := []campaignRow{}
	for _, name := range s.Campaigns {
		rows = append(rows, campaignRow{name})
	}
	return rows
}

func (r *run) metricRows() []metricRow {
	rows := []metricRow{}
	for i, m := range r.study.Metrics {
		f := surfaceFlags(m.From)
		rows = append(rows, metricRow{
			int64(i + 1), m.Name, r.Workspace.eventNumber(m.Event), f.pixel, f.server, f.app, f.analytics, f.crm,
		})
	}
	return rows
}

func windowRows(windows []Duration) []windowRow {
	rows := []windowRow{}
	for i, w := range windows {
		rows = append(rows, windowRow{int64(i + 1), w.Micros(), w.String()})
	}
	return rows
}

func (s Study) matchRows() []matchWindowRow {
	rows := []matchWindowRow{}
	for _, linkType := range s.Match.Types() {
		rows = append(rows, matchWindowRow{linkRanks[linkType], linkType, s.Match.Windows[linkType].Micros()})
	}
	return rows
}

// isOne is 1 for true and 0 otherwise, as SQL multiplies and adds them.
func isOne(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// isEmpty is 1 for an empty list and 0 otherwise.
func isEmpty(list []string) int64 { return isOne(len(list) == 0) }

// isIn is 1 when the list holds the value and 0 otherwise.
func isIn(value string, list []string) int64 { return isOne(slices.Contains(list, value)) }
