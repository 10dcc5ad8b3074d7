package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ghostlight/analysis"
	"ghostlight/analysis/lift"
	"ghostlight/jobs/warehouse"
)

// payments are what the CRM can say of the payment of a purchase, by their number in
// model.verified. isUnpaid: no paid order stands behind the purchase, and none is on its way.
var payments = [...]struct {
	name, label string
	isUnpaid    bool
}{
	1: {"paid", "Paid", false},
	2: {"partly_refunded", "Partly refunded", false},
	3: {"refunded", "Refunded in full", true},
	4: {"cancelled", "Cancelled", true},
	5: {"not_paid", "Not paid yet", true},
	6: {"unknown_state", "Order in an unknown state", true},
	7: {"never_confirmed", "Never confirmed by an order", true},
	8: {"not_yet_known", "Not yet known", false},
	9: {"no_orders", "Cannot be known: no orders", false},
}

// noOrdersKnown is the state of every purchase when no order of anybody is known.
const noOrdersKnown = 9

// verificationRow is one row of result.verification.
type verificationRow struct {
	SurfaceNo int64  `db:"surface_no"`
	Platform  string `db:"platform"`
	EventNo   int64  `db:"event_no"`
	State     int64  `db:"state"`
	Units     int64  `db:"units"`
	Timed     int64  `db:"timed_units"`
	Early     int64  `db:"early_units"`
	Excess    int64  `db:"excess_units"`
	Stated    int64  `db:"stated_micros"`
	Gross     int64  `db:"gross_micros"`
	Refunded  int64  `db:"refunded_micros"`
	Net       int64  `db:"net_micros"`
	ExcessSum int64  `db:"excess_micros"`
}

// earlyRow is one row of result.early_event.
type earlyRow struct {
	SurfaceNo int64  `db:"surface_no"`
	Platform  string `db:"platform"`
	EventNo   int64  `db:"event_no"`
	Units     int64  `db:"units"`
	P50       int64  `db:"p50_us"`
	P95       int64  `db:"p95_us"`
}

// excessRow is one row of result.excess_refund.
type excessRow struct {
	EventNo int64  `db:"event_no"`
	Source  string `db:"source"`
	Path    string `db:"path"`
	LineNo  int64  `db:"line_no"`
}

// verification is what the run found of the payment of purchases.
type verification struct {
	rows   []verificationRow
	early  []earlyRow
	excess []excessRow
}

// verify says of every purchase what the CRM says of its payment, and counts that.
func (r *run) verify(ctx context.Context, tx *warehouse.Tx) (int64, error) {
	written, err := tx.Replace(ctx, "model.verified", r.params())
	if err != nil {
		return 0, err
	}
	for _, table := range []string{"result.verification", "result.early_event", "result.excess_refund"} {
		rows, err := tx.ReplaceRun(ctx, table, r.id, r.params())
		if err != nil {
			return 0, err
		}
		written += rows
	}
	return written, nil
}

func readVerification(ctx context.Context, tx *warehouse.Tx, runID string) (v verification, err error) {
	v.rows, err = warehouse.Read[verificationRow](ctx, tx, `SELECT surface_no, platform, event_no, state, units, timed_units, early_units, excess_units,
			stated_micros, gross_micros, refunded_micros, net_micros, excess_micros
		FROM result.verification WHERE run_id = ? ORDER BY surface_no, platform, event_no, state`, runID)
	if err != nil {
		return v, err
	}
	v.early, err = warehouse.Read[earlyRow](ctx, tx, `SELECT surface_no, platform, event_no, units, p50_us, p95_us
		FROM result.early_event WHERE run_id = ? ORDER BY surface_no, platform, event_no`, runID)
	if err != nil {
		return v, err
	}
	v.excess, err = warehouse.Read[excessRow](ctx, tx, `SELECT event_no, source, path, line_no
		FROM result.excess_refund WHERE run_id = ? ORDER BY sample_no`, runID)
	return v, err
}

// verifiedList is one list's purchases of one event, with the rows of its states.
type verifiedList struct {
	surfaceNo, eventNo int64
	platform           string
	units              int64
	states             []verificationRow
}

// lists groups the rows, which come ordered by list and event, with the lists in the order
// of the pairs that are compared: the deduplicated conversions first, then the orders.
func (v verification) lists() (lists []verifiedList) {
	for i, row := range v.rows {
		if i == 0 || v.rows[i-1].SurfaceNo != row.SurfaceNo || v.rows[i-1].Platform != row.Platform || v.rows[i-1].EventNo != row.EventNo {
			lists = append(lists, verifiedList{surfaceNo: row.SurfaceNo, platform: row.Platform, eventNo: row.EventNo})
		}
		l := &lists[len(lists)-1]
		l.units += row.Units
		l.states = append(l.states, row)
	}
	slices.SortStableFunc(lists, func(a, b verifiedList) int { return rankOfList(a.surfaceNo) - rankOfList(b.surfaceNo) })
	return lists
}

func rankOfList(surfaceNo int64) int {
	return slices.IndexFunc(listNames[:], func(name string) bool { return surfaceNo == deduplicatedList || name == surfaceNames[surfaceNo] })
}

func (l verifiedList) name() string {
	if l.platform == "" {
		return listName(l.surfaceNo, nil)
	}
	return listName(l.surfaceNo, &l.platform)
}

// isReported: the list is of what was reported, and neither the orders nor made of others.
func (l verifiedList) isReported() bool { return l.surfaceNo < crmSurface }

// sum adds up a count over the states of the list.
func (l verifiedList) sum(of func(verificationRow) int64) (n int64) {
	for _, row := range l.states {
		n += of(row)
	}
	return n
}

func (l verifiedList) unpaid() int64 {
	return l.sum(func(row verificationRow) int64 { return isOne(payments[row.State].isUnpaid) * row.Units })
}

func (l verifiedList) early() int64 {
	return l.sum(func(row verificationRow) int64 { return row.Early })
}

// worst is the reported list of which the largest share is such; nil when nothing is.
func (v verification) worst(of func(verifiedList) int64) (worst *verifiedList) {
	for _, l := range v.lists() {
		if l.isReported() && of(l) > 0 && (worst == nil || of(l)*worst.units > of(*worst)*l.units) {
			worst = &l
		}
	}
	return worst
}

// isKnowable tells that some order is there, so that a purchase can be paid or not.
func (v verification) isKnowable() bool {
	return slices.ContainsFunc(v.rows, func(row verificationRow) bool { return row.State != noOrdersKnown })
}

// whyNot says why nobody can know which purchases are paid, as a clause; "" when it is known.
func (v verification) whyNot() string {
	switch {
	case len(v.rows) == 0:
		return "there is no purchase and no order of an event that orders confirm (crm: in events.yaml), so there is nothing to verify"
	case !v.isKnowable():
		return "no order of a shop or CRM was received by the as-of, so it cannot be known which purchases are paid"
	}
	return ""
}

// paymentName names the light of [run.paymentLight].
const paymentName = "payment"

// paymentLight is amber when a list reports purchases without a paid order. Metrics that
// count orders do not rest on it; those that count what was reported do.
func (r *run) paymentLight(v verification) trustRow {
	light := trustRow{Name: paymentName, Label: "Purchases without a paid order", Status: grey, Shown: "cannot be known", Detail: v.whyNot()}
	if light.Detail != "" {
		return light
	}
	l := v.worst(verifiedList.unpaid)
	if l == nil {
		light.Status, light.Shown, light.Detail = green, "none", "no list reports a purchase that has no paid order"
		if !slices.ContainsFunc(v.lists(), verifiedList.isReported) {
			light.Status, light.Shown, light.Detail = grey, "nothing to check", "no purchase was reported, so none lacks an order"
		}
		return light
	}
	var parts []string
	for _, row := range l.states {
		if payments[row.State].isUnpaid {
			parts = append(parts, lift.FormatCount(row.Units)+" "+lift.InSentence(payments[row.State].label))
		}
	}
	light.Status, light.Shown = amber, lift.FormatShare(l.unpaid(), l.units)
	light.Detail = fmt.Sprintf("%s of %s %s conversions that %s reported have no paid order: %s",
		lift.FormatCount(l.unpaid()), lift.FormatCount(l.units), r.eventName(l.eventNo), l.name(), strings.Join(parts, ", "))
	return light
}

// maxNamedRefunds is how many orders the warning of refunds names; the report has more.
const maxNamedRefunds = 3

// refundLight is amber when more was refunded of an order than it was worth.
func refundLight(v verification) trustRow {
	c := integrityCount{}
	for _, l := range v.lists() {
		if l.surfaceNo == crmSurface {
			c.OutOf += l.units
			c.Found += l.sum(func(row verificationRow) int64 { return row.Excess })
		}
	}
	light := share(c, "refunds", "Refunds above the order", "orders have a refund that is larger than the order", "; they count as worth nothing, not less", 0)
	var places []string
	for i, x := range v.excess {
		if i < maxNamedRefunds {
			places = append(places, fmt.Sprintf("%s line %d (%s)", x.Path, x.LineNo, x.Source))
		}
	}
	if len(places) > 0 {
		light.Detail += "; the first: " + strings.Join(places, ", ")
	}
	return light
}

// paidAtOnce is how soon after an event its payment is of the same visit, which clocks that
// differ can turn around.
const paidAtOnce = 15 * time.Minute

// timesBefore is how long before their payment the events of a list happened; nil when it is
// not known of any.
func (v verification) timesBefore(l verifiedList) *earlyRow {
	for i, e := range v.early {
		if e.SurfaceNo == l.surfaceNo && e.Platform == l.platform && e.EventNo == l.eventNo {
			return &v.early[i]
		}
	}
	return nil
}

// earlyWarnings note the list of which most happened before it was paid for, and not at once.
func (r *run) earlyWarnings(v verification) []analysis.Warning {
	l := v.worst(func(l verifiedList) int64 {
		if e := v.timesBefore(l); e != nil && e.P95 <= paidAtOnce.Microseconds() && e.Units == l.early() {
			return 0
		}
		return l.early()
	})
	if l == nil {
		return nil
	}
	text := fmt.Sprintf("%s of %s %s conversions that %s reported happened before their order was paid",
		lift.FormatCount(l.early()), lift.FormatCount(l.units), r.eventName(l.eventNo), l.name())
	if e := v.timesBefore(*l); e != nil {
		text += fmt.Sprintf("; where the time of payment is known, half of them by up to %s and 95%% by up to %s", lift.FormatDuration(e.P50), lift.FormatDuration(e.P95))
	}
	return []analysis.Warning{{Code: "before_payment", Severity: analysis.Info, Text: text + ". What is reported when an order is placed is no sale until it is paid."}}
}

// eventName is the name of an event of the dictionary, as people read it.
func (r *run) eventName(number int64) string {
	return strings.ReplaceAll(r.Workspace.EventNames()[number-1], "_", " ")
}
