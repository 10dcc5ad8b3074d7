package jobs

import (
	"fmt"
	"strings"
	"testing"

	"ghostlight/analysis/lift"
	"ghostlight/analysis/simulate"
	"ghostlight/reports"
)

// TestVerification: each scenario of fixtures/verification plants purchases whose payment
// has a trap, and every list shows them in their state.
func TestVerification(t *testing.T) { runScenarios(t, "../fixtures/verification", shownPayments) }

// shownPayments lists what a report says of the payment of purchases as the scenarios write it.
func shownPayments(r reports.Report) string {
	var b strings.Builder
	v := r.Verification
	if v.NotKnown != "" {
		fmt.Fprintln(&b, v.NotKnown)
	}
	for _, l := range v.Lists {
		fmt.Fprintf(&b, "%s | %s: %d", l.List, l.Event, l.Units)
		if l.Early > 0 {
			fmt.Fprintf(&b, ", %d before payment", l.Early)
		}
		if l.EarlyP50US != nil {
			fmt.Fprintf(&b, " by %s, at most %s", lift.FormatDuration(*l.EarlyP50US), lift.FormatDuration(*l.EarlyP95US))
		}
		if l.ExcessUnits > 0 {
			fmt.Fprintf(&b, ", %d with %s refunded beyond the order", l.ExcessUnits, lift.FormatMoney(l.ExcessMicros))
		}
		b.WriteString("\n")
		for _, s := range l.States {
			fmt.Fprintf(&b, "  %s %d: stated %s, ordered %s, refunded %s, kept %s\n", s.State, s.Units,
				lift.FormatMoney(s.StatedMicros), lift.FormatMoney(s.GrossMicros), lift.FormatMoney(s.RefundedMicros), lift.FormatMoney(s.NetMicros))
		}
	}
	for _, p := range v.ExcessRefunds {
		fmt.Fprintf(&b, "refunded beyond the order: %s line %d (%s)\n", p.Path, p.Line, p.Source)
	}
	for _, c := range r.Trust {
		if c.Name == paymentName || c.Name == "refunds" {
			fmt.Fprintf(&b, "%s: %s\n", c.Status, c.Detail)
		}
	}
	for _, w := range r.Warnings {
		if w.Code == "before_payment" {
			fmt.Fprintf(&b, "%s: %s\n", w.Severity, w.Text)
		}
	}
	for _, m := range r.Metrics {
		if m.Name == "revenue" {
			for _, a := range m.Arms {
				fmt.Fprintf(&b, "revenue of %s: %s\n", a.Arm, lift.FormatMoney(a.SumMicros))
			}
		}
	}
	return b.String()
}

// wantPayments compares what was planted of the payment of purchases with what the report
// says of it.
func wantPayments(t *testing.T, report reports.Report, truth simulate.Truth) {
	t.Helper()
	count := func(list string, states ...string) (n int64) {
		for _, l := range report.Verification.Lists {
			for _, s := range l.States {
				for _, state := range states {
					if l.List == list && l.Event == "purchase" && s.State == state {
						n += s.Units
					}
				}
			}
		}
		return n
	}
	const crm, server, pixel, all = "crm", "server (meta)", "pixel (generic)", "deduplicated"
	c, orders := truth.Conversions, truth.Records.Orders
	paid := []string{"paid", "partly_refunded"}
	for _, w := range []struct {
		what      string
		got, want int64
	}{
		{"paid orders", count(crm, "paid"), orders.Paid},
		{"partly refunded orders", count(crm, "partly_refunded"), orders.PartiallyRefunded},
		{"refunded orders", count(crm, "refunded"), orders.Refunded},
		{"cancelled orders", count(crm, "cancelled"), orders.Voided},
		{"orders not paid yet", count(crm, "not_paid"), orders.Pending + orders.Authorized},
		{"unpaid purchases of the server", count(server, "refunded", "cancelled", "not_paid"), c.Unpaid},
		{"purchases of the server without an order", count(server, "never_confirmed"), c.NoOrder.Server},
		{"purchases of the pixel without an order, those that only a shared address identifies among them", count(pixel, "never_confirmed"),
			c.NoOrder.Pixel + truth.Planted.SharedIPs.Conversions},
		{"paid purchases of the server", count(server, paid...), c.ServerCRM + c.All},
		{"paid purchases of the pixel", count(pixel, paid...), c.PixelCRM + c.All},
		{"paid purchases after dedup", count(all, paid...), c.CRM + c.PixelCRM + c.ServerCRM + c.All},
		{"purchases that are not known yet", count(all, "not_yet_known", "no_orders", "unknown_state"), 0},
	} {
		if w.got != w.want {
			t.Errorf("%s: found %d, planted %d", w.what, w.got, w.want)
		}
	}
}

// TestWorstListIsNamed: the light names the reported list of which the largest share has no
// paid order, and the note that of which the largest share happened well before its payment.
func TestWorstListIsNamed(t *testing.T) {
	r := &run{Engine: &Engine{Workspace: &Workspace{Events: map[string]Event{"purchase": {}}}}}
	rows := []verificationRow{
		{SurfaceNo: 1, Platform: "generic", EventNo: 1, State: 1, Units: 100, Early: 90},
		{SurfaceNo: 1, Platform: "generic", EventNo: 1, State: 7, Units: 20},
		{SurfaceNo: 2, Platform: "meta", EventNo: 1, State: 1, Units: 7, Early: 2},
		{SurfaceNo: 2, Platform: "meta", EventNo: 1, State: 4, Units: 2},
		{SurfaceNo: 2, Platform: "meta", EventNo: 1, State: 8, Units: 1},
		{SurfaceNo: 5, EventNo: 1, State: 5, Units: 9},
		{SurfaceNo: 6, EventNo: 1, State: 7, Units: 9},
	}
	v := verification{rows: rows, early: []earlyRow{{SurfaceNo: 1, Platform: "generic", EventNo: 1, Units: 90, P50: 1, P95: paidAtOnce.Microseconds()}}}
	if light := r.paymentLight(v); light.Status != amber || !strings.HasPrefix(light.Detail, "2 of 10 purchase conversions that server (meta)") {
		t.Errorf("%s: %s", light.Status, light.Detail)
	}
	note := func() string {
		warnings := r.earlyWarnings(v)
		if len(warnings) != 1 {
			t.Fatalf("%d warnings", len(warnings))
		}
		return warnings[0].Text
	}
	if text := note(); !strings.HasPrefix(text, "2 of 10 purchase conversions that server (meta)") || strings.Contains(text, "up to") {
		t.Error(text)
	}
	v.early[0].P95++
	if text := note(); !strings.HasPrefix(text, "90 of 120 purchase conversions that pixel (generic)") || !strings.Contains(text, "95% by up to 15 min") {
		t.Error(text)
	}
	v.rows = rows[5:]
	if light := r.paymentLight(v); light.Status != grey {
		t.Errorf("without a reported purchase the light is %s: %s", light.Status, light.Detail)
	}
}
