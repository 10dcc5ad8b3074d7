package jobs

import "ghostlight/reports"

// verification says which purchases are paid for, list by list. It follows
// trust, which says why it is not known, and reconciliation, which names the events.
func (b *builder) verification(out *reports.Report) error {
	v, err := readVerification(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	out.Verification = reports.Verification{Lists: []reports.VerifiedList{}, ExcessRefunds: []reports.Place{}}
	for _, light := range out.Trust { // a run that was stored before purchases were verified has none
		if light.Name == paymentName && !v.isKnowable() {
			out.Verification.NotKnown = light.Detail
		}
	}
	for _, l := range v.lists() {
		list := reports.VerifiedList{List: l.name(), Event: b.events[l.eventNo], Units: l.units, States: []reports.PaymentState{}}
		for _, row := range l.states {
			list.Timed += row.Timed
			list.Early += row.Early
			list.ExcessUnits += row.Excess
			list.ExcessMicros += row.ExcessSum
			list.States = append(list.States, reports.PaymentState{
				State: payments[row.State].name, Label: payments[row.State].label, Units: row.Units,
				StatedMicros: row.Stated, GrossMicros: row.Gross, RefundedMicros: row.Refunded, NetMicros: row.Net,
			})
		}
		if e := v.timesBefore(l); e != nil {
			list.EarlyP50US, list.EarlyP95US = &e.P50, &e.P95
		}
		out.Verification.Lists = append(out.Verification.Lists, list)
	}
	for _, x := range v.excess {
		out.Verification.ExcessRefunds = append(out.Verification.ExcessRefunds, reports.Place{Source: x.Source, Path: x.Path, Line: x.LineNo})
	}
	return nil
}
