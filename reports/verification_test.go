package reports

func sampleVerification() Verification {
	us := func(n int64) *int64 { return &n }
	const hour = 3_600_000_000
	state := func(name, label string, units, stated, gross, refunded, net int64) PaymentState {
		return PaymentState{State: name, Label: label, Units: units, StatedMicros: stated * 1e6, GrossMicros: gross * 1e6, RefundedMicros: refunded * 1e6, NetMicros: net * 1e6}
	}
	return Verification{
		Lists: []VerifiedList{
			{List: "crm", Event: "purchase", Units: 15870, ExcessUnits: 3, ExcessMicros: 41_500_000, States: []PaymentState{
				state("paid", "Paid", 15212, 0, 1840652, 0, 1840652), state("partly_refunded", "Partly refunded", 342, 0, 40012, 9120, 30892),
				state("refunded", "Refunded in full", 316, 0, 37122, 37164, 0)}},
			{List: "server (meta)", Event: "purchase", Units: 12012, Timed: 11218, Early: 5102, EarlyP50US: us(2 * hour), EarlyP95US: us(70 * hour), States: []PaymentState{
				state("paid", "Paid", 10902, 1312014, 1319142, 0, 1319142), state("refunded", "Refunded in full", 316, 37980, 37122, 37164, 0),
				state("never_confirmed", "Never confirmed by an order", 794, 92110, 0, 0, 0)}},
			{List: "pixel (generic)", Event: "purchase", Units: 3, States: []PaymentState{state("not_yet_known", "Not yet known", 3, 120, 0, 0, 0)}},
		},
		ExcessRefunds: []Place{{Source: "orders", Path: "data/orders.csv", Line: 204}, {Source: "orders", Path: "data/orders.csv", Line: 1711}},
	}
}
