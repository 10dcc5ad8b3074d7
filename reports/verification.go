package reports

import (
	"fmt"

	"ghostlight/analysis/lift"
)

// Verification says which purchases are paid for, by the orders of the CRM alone.
type Verification struct {
	// NotKnown says why nobody can know it, as a sentence; empty when it is known.
	NotKnown string         `json:"not_known"`
	Lists    []VerifiedList `json:"lists"`
	// ExcessRefunds are the first orders of which more was refunded than they were worth.
	ExcessRefunds []Place `json:"excess_refunds"`
}

// VerifiedList is one list's purchases of one event: of a list that reports them the
// conversions that it tells of, each once; of the CRM every order in its last state. The
// states are disjoint and add up to Units.
type VerifiedList struct {
	List   string         `json:"list"` // "deduplicated", [ordersList] or for example "server (meta)"
	Event  string         `json:"event"`
	Units  int64          `json:"units"`
	States []PaymentState `json:"states"`
	Timed  int64          `json:"timed_units"` // of which the CRM says when they were paid
	// Early are the units whose event happened before they were paid for, and EarlyP50US and
	// EarlyP95US how long before, in microseconds, at most 50 and 95 of 100 of those were
	// whose payment has a time; null when none is.
	Early        int64  `json:"early_units"`
	EarlyP50US   *int64 `json:"early_p50_us"`
	EarlyP95US   *int64 `json:"early_p95_us"`
	ExcessUnits  int64  `json:"excess_refund_units"`  // whose order has a refund that is larger than the order
	ExcessMicros int64  `json:"excess_refund_micros"` // by how much, in the report's currency
}

// PaymentState counts the purchases in one state of payment, in micros of the report's
// currency: as they were reported, as their orders say, what was refunded of these, and
// what remains of those that were paid, which is not below nothing.
type PaymentState struct {
	State          string `json:"state"` // one of paymentStates
	Label          string `json:"label"`
	Units          int64  `json:"units"`
	StatedMicros   int64  `json:"stated_micros"`
	GrossMicros    int64  `json:"gross_micros"`
	RefundedMicros int64  `json:"refunded_micros"`
	NetMicros      int64  `json:"net_micros"`
}

// Place is a line of a file that was loaded.
type Place struct {
	Source string `json:"source"`
	Path   string `json:"path"`
	Line   int64  `json:"line"`
}

// ordersList is the list of the CRM's orders.
const ordersList = "crm"

// paymentStates are the states of payment, in the order in which they are shown.
var paymentStates = []string{"paid", "partly_refunded", "refunded", "cancelled", "not_paid", "unknown_state", "never_confirmed", "not_yet_known", "no_orders"}

// verification says which lists do not add up.
func (c *checker) verification(v Verification) {
	for i, l := range v.Lists {
		path := fmt.Sprintf("verification.lists[%d]", i)
		var units int64
		for j, s := range l.States {
			c.oneOf(fmt.Sprintf("%s.states[%d].state", path, j), s.State, paymentStates)
			units += s.Units
		}
		if units != l.Units {
			c.fault(path, "has states that make %d of its %d units", units, l.Units)
		}
	}
}

type verifiedView struct {
	List, Event, Units, Early, Times string
	IsOrders                         bool       // of the CRM, which reports nothing: its orders are what is reported of
	Cells                            []flowCell // one a state that any list has
	Stated, Gross, Refunded, Net     string
	Excess                           string // by how much refunds are larger than their orders, "" for not
}

// verifiedViews are the lists and the labels of the states that any of them has.
func (r Report) verifiedViews() (views []verifiedView, labels []string) {
	shown := map[string]string{}
	for _, l := range r.Verification.Lists {
		for _, s := range l.States {
			shown[s.State] = plain(s.Label)
		}
	}
	for _, state := range paymentStates {
		if shown[state] != "" {
			labels = append(labels, shown[state])
		}
	}
	for _, l := range r.Verification.Lists {
		v := verifiedView{List: plain(l.List), Event: plain(l.Event), Units: lift.FormatCount(l.Units), Early: lift.FormatCount(l.Early), IsOrders: l.List == ordersList}
		if l.EarlyP50US != nil && l.EarlyP95US != nil {
			v.Times = fmt.Sprintf("half by up to %s, 95%% by up to %s", lift.FormatDuration(*l.EarlyP50US), lift.FormatDuration(*l.EarlyP95US))
		}
		count := map[string]int64{}
		var stated, gross, refunded, net int64
		for _, s := range l.States {
			count[s.State] += s.Units
			stated += s.StatedMicros
			gross += s.GrossMicros
			refunded += s.RefundedMicros
			net += s.NetMicros
		}
		for _, state := range paymentStates {
			if shown[state] != "" {
				v.Cells = append(v.Cells, flowCell{Count: lift.FormatCount(count[state]), Zero: count[state] == 0})
			}
		}
		v.Stated, v.Gross, v.Refunded, v.Net = lift.FormatMoney(stated), lift.FormatMoney(gross), lift.FormatMoney(refunded), lift.FormatMoney(net)
		if l.ExcessUnits > 0 {
			v.Excess = fmt.Sprintf("%s in %s orders", lift.FormatMoney(l.ExcessMicros), lift.FormatCount(l.ExcessUnits))
		}
		views = append(views, v)
	}
	return views, labels
}

// excessPlaces are the lines of the first orders that were refunded beyond their worth.
func (r Report) excessPlaces() (places []string) {
	for _, p := range r.Verification.ExcessRefunds {
		places = append(places, fmt.Sprintf("%s line %d", plain(p.Path), p.Line))
	}
	return places
}

func (r Report) verificationTable() table {
	t := r.table("verification", "list", "event", "state", "label", "units", "stated_micros", "gross_micros", "refunded_micros", "net_micros")
	for _, l := range r.Verification.Lists {
		for _, s := range l.States {
			r.add(&t, text(l.List), text(l.Event), text(s.State), text(s.Label), integer(s.Units), integer(s.StatedMicros), integer(s.GrossMicros), integer(s.RefundedMicros), integer(s.NetMicros))
		}
	}
	return t
}

func (r Report) verifiedListTable() table {
	t := r.table("verified_lists", "list", "event", "units", "timed_units", "early_units", "early_p50_us", "early_p95_us", "excess_refund_units", "excess_refund_micros")
	for _, l := range r.Verification.Lists {
		r.add(&t, text(l.List), text(l.Event), integer(l.Units), integer(l.Timed), integer(l.Early), optInteger(l.EarlyP50US), optInteger(l.EarlyP95US), integer(l.ExcessUnits), integer(l.ExcessMicros))
	}
	return t
}

func (r Report) excessRefundTable() table {
	t := r.table("excess_refunds", "source", "path", "line")
	for _, p := range r.Verification.ExcessRefunds {
		r.add(&t, text(p.Source), text(p.Path), integer(p.Line))
	}
	return t
}
