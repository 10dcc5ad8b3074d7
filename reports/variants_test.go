package reports

// mixed is a report with two randomized creatives, an interval without an upper
// bound, one far wider than the others, and an arm that cannot be estimated.
func mixed() Report {
	r := sample()
	r.Study, r.Run.ID, r.Title = "two_creatives", "20261026-11aa22bb", "Two creatives against a holdout"
	r.Verdict = Verdict{State: "inconclusive", Sentence: "The data are compatible with anything from a 12% decrease to a 31% increase in purchases.",
		Reasons: []string{"The 95% interval of the headline metric holds zero."}}
	r.Arms = append([]Arm{{Name: "b", Label: "Founder story", Units: 21387, Share: 0.33, Design: 0.33, Exposed: 20110},
		{Name: "c", Label: "Unseen", Units: 0, Share: 0, Design: 0.01}}, r.Arms...)
	base := r.Metrics[0]
	wide := base.Contrasts[0]
	wide.Arm = "b"
	rel := wide.Relative
	rel.Estimate, rel.Lo, rel.Hi, rel.HiUnbounded, rel.Method = ptr(0.61), ptr(-0.12), nil, true, "Fieller"
	wide.Relative = rel
	huge := base.Contrasts[0]
	huge.Relative.Lo, huge.Relative.Hi = ptr(-0.7), ptr(41.5)
	none := Contrast{Arm: "c"}
	why := Number{Level: 0.95, Unit: "lift", NotEstimable: "the arm has no units"}
	none.Absolute, none.Relative, none.Incremental = why, why, why
	r.Metrics[0].Contrasts = append(r.Metrics[0].Contrasts, wide, none)
	r.Metrics[0].Arms = append([]ArmValue{{Arm: "b", Units: 21387, Converters: 189, Conversions: 201, Mean: 0.00883714, Variance: 0.00876}, {Arm: "c"}}, r.Metrics[0].Arms...)
	r.Metrics[1].Contrasts = append(r.Metrics[1].Contrasts, wide, Contrast{Arm: "c", Absolute: why, Relative: why, Incremental: why})
	r.Metrics = append(r.Metrics, Metric{Name: "visit", Label: "Visits", Kind: "proportion", Event: "visit", From: []string{"analytics"},
		Arms: base.Arms, Contrasts: []Contrast{huge}})
	r.Creatives[0].IsRandomized, r.Creatives[0].Arm, r.Creatives[0].Lift = true, "ad", base.Contrasts[0].Relative
	r.Reconciliation.Flows[1].Records += 7
	r.Windows.PrimaryMatch = ""
	return r
}

// broken is a report whose sample-ratio test failed.
func broken() Report {
	r := sample()
	r.Study, r.Run.ID = "broken_split", "20261026-deadbeef"
	r.Verdict = Verdict{State: "not_trustworthy", Sentence: "The result cannot be used: the groups are not the sizes that the design asks for.",
		Reasons: []string{"Sample-ratio test: p < 0.001 (92.1% and 7.9% in place of 96% and 4%)."}}
	r.SampleRatio.P, r.SampleRatio.ChiSquare = ptr(1e-9), ptr(412.5)
	r.Trust[0].Status, r.Trust[0].Value, r.Trust[0].Detail = "red", "p < 0.001", "92.1% and 7.9% of households; the design says 96% and 4%"
	r.Warnings = append(r.Warnings, Warning{Code: "sample_ratio", Severity: "stop", Text: "Do not use the numbers of this report before the cause of the uneven split is found."})
	return r
}

// noHoldout is a report of a study without an assignment: nothing is randomized
// and almost every list is empty.
func noHoldout() Report {
	r := sample()
	why := Number{Level: 0.95, Unit: "lift", NotEstimable: "the study has no holdout"}
	return Report{SchemaVersion: SchemaVersion, Study: "no_holdout", Title: "", Run: r.Run,
		Verdict:        Verdict{State: "not_estimable", Sentence: "Lift cannot be estimated, because the study has no holdout.", Reasons: []string{"No assignment is configured."}},
		KeyFigures:     []KeyFigure{{Name: "relative", Label: "Relative lift", Number: why}},
		SampleRatio:    SampleRatio{NotEstimable: "there is no assignment"},
		Reconciliation: r.Reconciliation, Windows: r.Windows, Provenance: r.Provenance}
}
