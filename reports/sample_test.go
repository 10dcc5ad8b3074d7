package reports

import (
	"math"
	"time"
)

func ptr(x float64) *float64 { return &x }

// sample is a report with the published counts of the ad against PSA trial
// (14,423 of 564,577 and 420 of 23,524; Miettinen-Nurminen and Koopman limits
// as in the project's reference vectors) and, around them, made-up sources.
func sample() Report {
	const nt, nc = 564577, 23524
	rt, rc := 14423.0/nt, 420.0/nc
	num := func(est, lo, hi float64, method, unit string) Number {
		return Number{Estimate: ptr(est), Lo: ptr(lo), Hi: ptr(hi), Level: 0.95, P: ptr(1.7e-13),
			NTreatment: nt, NControl: nc, Method: method, Grade: "randomized", Unit: unit}
	}
	abs := num(rt-rc, 0.00587493, 0.00936169, "Miettinen-Nurminen score", "points")
	rel := num(rt/rc-1, 0.2998523, 0.5753006, "Koopman score", "lift")
	inc := num((rt-rc)*nt, 0.00587493*nt, 0.00936169*nt, "Miettinen-Nurminen score × units", "count")
	revAbs := num(0.412, -0.031, 0.855, "Welch", "USD")
	revAbs.P = ptr(0.068)
	revRel := num(0.152, -0.012, 0.349, "Fieller", "lift")
	revRel.P = ptr(0.068)
	revInc := num(0.412*nt, -0.031*nt, 0.855*nt, "Welch × units", "USD")
	revInc.P = ptr(0.068)
	return Report{
		SchemaVersion: SchemaVersion,
		Study:         "ad_psa",
		Title:         "Autumn brand campaign: ads against public-service ads",
		Run: Run{
			ID:            "20261026-8f3a2c71",
			AsOf:          time.Date(2026, 10, 26, 6, 0, 0, 0, time.UTC),
			PeriodStart:   time.Date(2026, 9, 7, 0, 0, 0, 0, time.UTC),
			PeriodEnd:     time.Date(2026, 10, 19, 0, 0, 0, 0, time.UTC),
			OutcomeWindow: "28d", Unit: "household", Level: 0.95, Currency: "USD",
		},
		Verdict: Verdict{
			State:    "clear_increase",
			Sentence: "The ads increased purchases: +0.77 points (95% interval 0.59 to 0.94; p < 0.001). Against public-service ads that is +43% (30% to 58%), or +4,343 conversions (3,317 to 5,285) in total.",
			Reasons:  []string{"The whole 95% interval lies above zero.", "Every trust check that could be made passed or needs only attention."},
		},
		KeyFigures: []KeyFigure{
			{Name: "incremental", Label: "Incremental purchases", Number: inc, Note: "beyond what the holdout shows, of 14,423 converting households"},
			{Name: "relative", Label: "Relative lift", Number: rel, Note: "2.555% of households converted, 1.79% in the holdout"},
			{Name: "cost_per_incremental", Label: "Cost per incremental purchase", Number: num(19.34, 15.88, 25.31, "Fieller", "USD"), Note: "USD 84,000 of media cost"},
			{Name: "iroas", Label: "Incremental return on ad spend", Number: Number{Level: 0.95, NTreatment: nt, NControl: nc, Unit: "ratio",
				NotEstimable: "the interval of incremental revenue includes zero"}, Note: "USD of incremental revenue per USD of media cost"},
		},
		Trust: sampleTrust(),
		Arms: []Arm{
			{Name: "ad", Label: "Ads", Units: nt, Share: float64(nt) / (nt + nc), Design: 0.96, Exposed: nt},
			{Name: "psa", Label: "Public-service ads", IsHoldout: true, Units: nc, Share: float64(nc) / (nt + nc), Design: 0.04, Ghost: nc},
		},
		SampleRatio: SampleRatio{ChiSquare: ptr(0.0001786), DF: 1, P: ptr(0.98934)},
		Metrics: []Metric{
			{Name: "purchase", Label: "Purchases", Kind: "proportion", Event: "purchase", From: []string{"crm"}, IsHeadline: true,
				Arms: []ArmValue{
					{Arm: "ad", Units: nt, Converters: 14423, Conversions: 15102, SumMicros: 1764240e6, Mean: rt, Variance: rt * (1 - rt)},
					{Arm: "psa", Units: nc, Converters: 420, Conversions: 436, SumMicros: 63812e6, Mean: rc, Variance: rc * (1 - rc)},
				},
				Contrasts: []Contrast{{Arm: "ad", Absolute: abs, Relative: rel, Incremental: inc}}},
			{Name: "revenue", Label: "Revenue per household", Kind: "mean", Event: "purchase", From: []string{"crm"},
				Arms: []ArmValue{
					{Arm: "ad", Units: nt, Converters: 14423, Conversions: 15102, SumMicros: 1764240e6, Mean: 3.12489, Variance: 1480.2},
					{Arm: "psa", Units: nc, Converters: 420, Conversions: 436, SumMicros: 63812e6, Mean: 2.71263, Variance: 1122.8},
				},
				Contrasts: []Contrast{{Arm: "ad", Absolute: revAbs, Relative: revRel, Incremental: revInc}}},
		},
		Creatives:      sampleCreatives(),
		Windows:        sampleWindows(),
		Reconciliation: sampleReconciliation(),
		Dedup:          sampleDedup(),
		Integrity:      sampleIntegrity(),
		MatchQuality:   sampleMatchQuality(),
		Coverage:       sampleCoverage(),
		Quality:        sampleQuality(),
		Changes:        sampleChanges(),
		Warnings: []Warning{
			{Code: "late_events", Severity: "caution", Text: "412 events arrived more than 7 days after they happened. They are counted; last week's report did not have them."},
			{Code: "exposure_times", Severity: "info", Text: "Exposure times are given by the log's hour, so the 1-day window is exact to the hour."},
		},
		Verification: sampleVerification(),
		Provenance:   sampleProvenance(),
	}
}

func sampleTrust() []Check {
	return []Check{
		{Name: "sample_ratio", Label: "Sample ratio", Status: "green", Value: "p = 0.99", Detail: "96.0% and 4.0% of households, as designed"},
		{Name: "maturity", Label: "Outcome windows closed", Status: "amber", Value: "83%", Detail: "The last week is still open until 16 November"},
		{Name: "freshness", Label: "Freshness", Status: "green", Value: "6 hours", Detail: "Newest record of the slowest source"},
		{Name: "match_rate", Label: "Conversions matched to a household", Status: "green", Value: "91.2%", Detail: "The same in both arms (p = 0.41)"},
		{Name: "duplicates", Label: "Duplicates removed", Status: "green", Value: "38.1%", Detail: "Pixel and server report the same purchases"},
		{Name: "quarantine", Label: "Rows set aside", Status: "green", Value: "0.02%", Detail: "118 of 601,209 rows"},
		{Name: "prior", Label: "Outcome before the campaign", Status: "grey", Value: "No data", Detail: "No purchases before 7 September were loaded"},
	}
}

func sampleCreatives() []Creative {
	rate := func(k, n int64) Number {
		p := float64(k) / float64(n)
		h := 1.96 * math.Sqrt(p*(1-p)/float64(n))
		return Number{Estimate: ptr(p), Lo: ptr(p - h), Hi: ptr(p + h), Level: 0.95, NTreatment: n,
			Method: "Wilson score", Grade: "descriptive", Unit: "rate"}
	}
	no := Number{Level: 0.95, Unit: "lift", NotEstimable: "not randomized: the households that saw this creative were chosen by delivery, not by lot"}
	line := func(name, campaign string, imp, reach, att, value, spend int64) Creative {
		return Creative{Creative: name, Campaign: campaign, Impressions: imp, Reach: reach, Attributed: att,
			ValueMicros: value * 1e6, SpendMicros: spend * 1e6, Rate: rate(att, reach), Lift: no}
	}
	return []Creative{
		line("Harvest table :30", "Autumn CTV", 5210443, 301221, 6120, 744120, 38210),
		line("Harvest table :15", "Autumn CTV", 4102230, 280113, 4401, 530440, 24118),
		line("Founder story :60", "Autumn CTV", 1820112, 141800, 2610, 322105, 15902),
		line("Gift card offer :15", "Autumn promo", 912034, 88412, 1204, 99810, 5770),
	}
}

func sampleWindows() WindowGrid {
	g := WindowGrid{Event: "purchase", Rule: "last touch", AttributionWindows: []string{"1d", "7d", "14d", "28d"},
		MatchWindows: []string{"1d", "7d", "30d", "180d"}, Primary: "7d", PrimaryMatch: "180d", Conversions: 15538}
	counts := []int64{1204, 3380, 4410, 5002, 2350, 6120, 8002, 9120, 3310, 8804, 11020, 12410, 3702, 9835, 12260, 14335}
	for i, n := range counts {
		g.Cells = append(g.Cells, WindowCell{AttributionWindow: g.AttributionWindows[i%4], MatchWindow: g.MatchWindows[i/4],
			Attributed: n, ValueMicros: n * 118e6})
	}
	return g
}

func sampleReconciliation() Reconciliation {
	flow := func(source, surface string, counted, duplicate, test, missing, late, outside int64) Flow {
		return Flow{Source: source, Surface: surface, Event: "purchase",
			Records: counted + duplicate + test + missing + late + outside,
			Steps: []Step{
				{Category: "counted", Label: "Counted as a conversion", Records: counted},
				{Category: "duplicate", Label: "Duplicate of another record", Records: duplicate},
				{Category: "test", Label: "Test event", Records: test},
				{Category: "missing", Label: "Required parameter missing", Records: missing},
				{Category: "late", Label: "Received after the cut-off", Records: late},
				{Category: "outside", Label: "Outside the study period", Records: outside},
			}}
	}
	return Reconciliation{
		Flows: []Flow{
			flow("orders", "crm", 15538, 12, 0, 4, 31, 1820),
			flow("capi", "server", 9120, 4210, 212, 390, 88, 1204),
			flow("pixel", "pixel", 1304, 8111, 640, 1022, 0, 980),
		},
		Overlap: []Overlap{
			{Event: "purchase", Surfaces: "crm", Conversions: 4020},
			{Event: "purchase", Surfaces: "crm+server", Conversions: 3407},
			{Event: "purchase", Surfaces: "crm+pixel+server", Conversions: 7811},
			{Event: "purchase", Surfaces: "pixel", Conversions: 300},
		},
		Gaps: sampleGaps(), Claims: sampleClaims(),
	}
}

func sampleClaims() []Claim {
	return []Claim{
		{Platform: "meta", Window: "7d_click_1d_view", Event: "purchase", First: "sent to meta", IsCompared: true, IsLogged: true, FirstUnits: 1212, ClaimableUnits: 604,
			ReportedMicros: 1208_500_000, BothMicros: 590_000_000, MovedMicros: 14_000_000, Ratio: ptr(1208.5 / 604), Expected: 1, Acceptable: 0.1, Blocked: 0.2,
			Status: "blocked", Reason: "further off than a final report may be",
			Causes: []ClaimCause{
				{Category: "environment", Label: "Test traffic", FirstMicros: 12_000_000, SecondMicros: 12_000_000, Samples: []GapSample{{List: "sent to meta", Source: "capi", Path: "data/<b>.jsonl", Line: 4, Day: "2026-09-07"}}},
				{Category: "windowing", Label: "No touch in the window, or on the day of the touch", FirstMicros: 610_000_000, SecondMicros: 602_000_000, Samples: []GapSample{}},
				{Category: "phantom", Label: "Reported beyond all that is known", SecondMicros: 4_500_000, Samples: []GapSample{}},
			},
			Days: []ClaimDay{{Day: "2026-09-07", Category: "both", FirstMicros: 590_000_000, SecondMicros: 590_000_000}}},
		{Platform: "<b>snap</b>", Window: "=SKAN", Event: "purchase", First: "deduplicated", ReportedMicros: 12_750_000, Expected: 1, Acceptable: 0.1, Blocked: 0.2,
			Status: "unknown", Reason: "in the window \"=SKAN\", which is not known (data/snap.csv line 2), so which conversions it may count is not known"},
	}
}

func sampleGaps() []Gap {
	f := func(x float64) *float64 { return &x }
	return []Gap{
		{First: "crm", Second: "server (meta)", Event: "purchase", FirstUnits: 15554, SecondUnits: 15224, BothUnits: 11218, Ratio: f(15224.0 / 15554),
			Expected: 1, Acceptable: 0.1, Blocked: 0.2, ChartLo: f(0.93), ChartHi: f(1.05), Status: "expected", Reason: "within the acceptable difference",
			Causes: []Cause{
				{Category: "environment", Label: "Test traffic", Second: 212, Samples: []GapSample{
					{List: "server (meta)", Source: "capi", Path: "data/capi.jsonl", Line: 17, Day: "2026-09-08"},
					{List: "server (meta)", Source: "capi", Path: "data/capi.jsonl", Line: 18, Day: "2026-09-08"}}},
				{Category: "duplicate", Label: "Repeated in its own list", First: 12, Second: 3000},
				{Category: "delivery_loss", Label: "A sale that was not delivered", First: 4324},
				{Category: "phantom", Label: "No order confirms it", Second: 794},
			},
			Days: []GapDay{{Day: "2026-09-08", Category: "both", First: 11218, Second: 11218}, {Day: "2026-09-08", Category: "duplicate", First: 12, Second: 3000},
				{Day: "2026-09-09", Category: "delivery_loss", First: 4324}, {Day: "2026-09-09", Category: "phantom", Second: 794}, {Day: "2026-09-10", Category: "environment", Second: 212}},
			TouchDays: []GapDay{{Category: "both", First: 11000, Second: 11000}, {Category: "duplicate", First: 12, Second: 3000}, {Category: "delivery_loss", First: 4324}, {Category: "phantom", Second: 794},
				{Category: "environment", Second: 212}, {Day: "2026-09-06", Category: "both", First: 218, Second: 218}}},
		{First: "crm", Second: "pixel (generic)", Event: "purchase", FirstUnits: 100, SecondUnits: 60, BothUnits: 60, Ratio: f(0.6),
			Expected: 1, Acceptable: 0.1, Blocked: 0.2, Status: "blocked", Reason: "further off than a final report may be",
			Causes: []Cause{{Category: "unexplained", Label: "Unexplained", First: 40}}},
		{First: "server (meta)", Second: "pixel (generic)", Event: "lead", FirstUnits: 0, SecondUnits: 0, Status: "unknown", Expected: 1, Reason: "one of the lists is empty, so it cannot be known how far they are apart"},
	}
}

func sampleChanges() []Change {
	at := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 6, 0, 0, 0, time.UTC) }
	return []Change{
		{At: at(9, 12), Kind: "tag_release", What: "pixel 4.2 in the <app>", Source: "pixel", Origin: "recorded"},
		{At: at(10, 19), Kind: "dictionary_version", What: "event purchase, required", Origin: "found", Old: "[value]", New: "[currency, value]"},
		{At: at(10, 26), Kind: "graph_refresh", What: "files of identity links", Source: "links", Origin: "found", Old: "1 file, links: 40,112", New: "2 files, links: 51,003", IsNew: true},
		{At: at(10, 26), Kind: "window_edit", What: "study.match.windows.ip", Origin: "found", Old: "30d", IsNew: true},
	}
}

func sampleDedup() Dedup {
	return Dedup{
		Lists: []DedupList{
			{List: "crm", Event: "purchase", Records: 15554, Alone: 4324, Paired: 11218, Repeated: 12},
			{List: "server (meta)", Event: "purchase", Records: 15012, Alone: 794, Paired: 11218, Repeated: 3000, Dropped: 17, ByIdentifier: 9},
		},
		Findings: []DedupFinding{
			{Event: "purchase", Finding: "id_of_two_orders", Label: "Two orders share the event id", Records: 8,
				Lists:   []FindingList{{"pixel (<b>)", 5}, {"server (meta)", 3}},
				Samples: []RecordSample{{"capi", "data/capi.jsonl", 17}, {"capi", "data/capi.jsonl", 18}}},
		},
	}
}

func sampleQuality() Quality {
	us := func(n int64) *int64 { return &n }
	const hour, day = 3_600_000_000, 86_400_000_000
	q := Quality{
		Freshness: []Freshness{
			{Source: "capi", Records: 15224, P50US: us(41_000_000), P95US: us(2*hour + 11*hour/60), P99US: us(8*day + 4*hour)},
			{Source: "orders", Records: 17405},
			{Source: "pixel", Records: 12057, P50US: us(0), P95US: us(340_000), P99US: us(93_000_000)},
		},
		Undefined: []Undefined{
			{Source: "capi", Platform: "meta", Event: "Order <b>placed</b>", Names: 1, Records: 812}, {Source: "capi", Platform: "meta", Names: 3, Records: 9},
		},
		Acceptance: []Acceptance{
			{Source: "capi", Platform: "meta", Event: "purchase", InDictionary: true, LimitUS: us(7 * day), Records: 13720, Accepted: 12110, Refused: 1204, Unknown: 406, AgeKnown: 13610, BeyondLimit: 512, WouldBeRefused: 31},
			{Source: "capi", Platform: "meta", Event: "Order <b>placed</b>", LimitUS: us(7 * day), Records: 812, Unknown: 812},
			{Source: "capi", Platform: "roku", Event: "purchase", InDictionary: true, Records: 1504, Accepted: 1504, AgeKnown: 1504},
			{Source: "pixel", Platform: "generic", Event: "purchase", InDictionary: true, Records: 12057, Unknown: 12057, AgeKnown: 12057},
		},
		ConsentUnits: []ConsentUnits{
			{Arm: "ad", State: "denied", Units: 1204}, {Arm: "ad", State: "granted", Units: 12410}, {Arm: "ad", State: "unknown", Units: 809},
			{Arm: "psa", State: "denied", Units: 36}, {Arm: "psa", State: "granted", Units: 384},
		},
	}
	q.Consent = []Consent{
		{"ad", "crm", "measurement", "unknown", 15102}, {"ad", "server", "measurement", "denied", 1310}, {"ad", "server", "measurement", "granted", 11020},
		{"ad", "crm", "personalisation", "unknown", 15102}, {"ad", "server", "personalisation", "denied", 4011}, {"ad", "server", "personalisation", "granted", 8319},
		{"psa", "crm", "measurement", "unknown", 436}, {"psa", "server", "measurement", "denied", 39}, {"psa", "server", "measurement", "granted", 401},
		{"psa", "crm", "personalisation", "unknown", 436}, {"psa", "server", "personalisation", "granted", 440},
		{"", "pixel", "measurement", "unknown", 2012}, {"", "pixel", "personalisation", "unknown", 2012},
	}
	return q
}

func sampleProvenance() Provenance {
	sum := func(c byte) string {
		b := make([]byte, 64)
		for i := range b {
			b[i] = "0123456789abcdef"[(int(c)*7+i*5)%16]
		}
		return string(b)
	}
	return Provenance{
		ConfigSHA256: sum(1), DictionarySHA256: sum(6), InputsSHA256: sum(2), CodeVersion: "v0.1.0", EngineVersion: "DuckDB v1.5.5", TimeZone: "UTC",
		Command: "ghostlight run ad_psa --as-of 2026-10-26T06:00:00Z",
		Inputs: []InputFile{
			{Source: "assignment", File: "data/assignment.csv", SHA256: sum(3), Records: 588101, Loaded: 588101},
			{Source: "exposures", File: "data/exposures/2026-09.parquet", SHA256: sum(4), Records: 7120334, Loaded: 7120330, Quarantined: 4},
			{Source: "orders", File: "data/orders/2026-w42.csv", SHA256: sum(5), Records: 17420, Loaded: 17300, Duplicate: 2, Quarantined: 114, Blank: 4},
		},
	}
}

func sampleMatchQuality() []MatchQuality {
	n := func(n int64) *int64 { return &n }
	return []MatchQuality{{Surface: "server", Platform: "meta", Event: "purchase",
		Index: MatchIndex{Records: 2400, Carrying: 2310, Joined: 1980, Share: 0.825, Lo: 0.8093, Hi: 0.8397, Level: 0.95},
		Identifiers: []Identifier{
			{Name: "email", Label: "E-mail address", Carrying: 1610, Distinct: 1402, MostRecords: 112, Shared: true, InCRM: n(1490), InGraph: n(1120), Usable: n(1702), Unusable: n(14),
				Weeks: []MatchWeek{{Day: "2026-09-07", Records: 800, Carrying: 780, InCRM: n(720), InGraph: n(540)}, {Day: "2026-10-05", Records: 800, Carrying: 250, InCRM: n(230), InGraph: n(170)}},
				Drops: []IdentityDrop{{What: "carrying", Day: "2026-10-05", Found: 250, Records: 800, BeforeFound: 1560, BeforeRecords: 1600, Lasts: true}}},
			{Name: "phone", Label: "Phone number", InCRM: n(0), InGraph: n(0), Usable: n(0), Unusable: n(3), Weeks: []MatchWeek{}, Drops: []IdentityDrop{}},
			{Name: "device", Label: "Device id", InGraph: n(0), Weeks: []MatchWeek{}, Drops: []IdentityDrop{}},
			{Name: "cookie", Label: "Cookie", Carrying: 2300, Distinct: 2211, MostRecords: 4, Weeks: []MatchWeek{}, Drops: []IdentityDrop{}},
			{Name: "any", Label: "Any of them", Carrying: 2310, InCRM: n(1490), InGraph: n(1610), Weeks: []MatchWeek{}, Drops: []IdentityDrop{}},
		}}}
}

func sampleCoverage() Coverage {
	cost := int64(48_000_000_000)
	return Coverage{
		Lists: []ListCoverage{
			{Surface: "pixel", Platform: "generic", Event: "purchase", Records: 2100, WithEventID: 1980, WithOrderID: 2050, WithEither: 2090, Conversions: 2071, InPixel: 2071, InServer: 1702, InCRM: 1840},
			{Surface: "server", Platform: "meta <b>", Event: "purchase", Records: 2400, WithEventID: 2400, WithOrderID: 2110, WithEither: 2400, Conversions: 2280, InPixel: 1702, InServer: 2280, InCRM: 2090},
		},
		Recovery: []Recovery{
			{Event: "purchase", Device: "phone", Browser: "Safari", Pixel: 610, PixelAndServer: 560, ServerOnly: 402, ServerOnlyInCRM: 391},
			{Event: "purchase", Device: "computer", Browser: "Chrome <x>", Pixel: 1461, PixelAndServer: 1142, ServerOnly: 171, ServerOnlyInCRM: 160},
			{Event: "purchase", ServerOnly: 5},
		},
		Costs: []ConversionCost{{Event: "purchase", Records: 4500, Conversions: 2649, SpendMicros: &cost}, {Event: "visit", Records: 0, Conversions: 0}},
	}
}
