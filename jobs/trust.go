package jobs

import (
	"fmt"
	"strings"

	"ghostlight/analysis"
	"ghostlight/analysis/lift"
)

// The colours of a light. Grey: there was nothing to check, which is not green.
const (
	green = "green"
	amber = "amber"
	red   = "red"
	grey  = "grey"
)

// Limits from which a light changes. Red stops the verdict.
const (
	allRed         = 0.9999999 // only when it is all of them
	crossoverRed   = 0.01      // of assigned units in two arms, or in an unknown one
	leakageRed     = 0.05      // of holdout units with a delivered exposure
	reachAmber     = 0.10      // of matched conversions that are of an assigned unit
	matchRateAmber = 0.50      // of conversions that reach a household
	sharedIPsAmber = 0.20      // of addresses that lead to several households
)

// trustRow is one light: a row of result.trust.
type trustRow struct {
	RunID   string `db:"run_id"`
	TrustNo int64  `db:"trust_no"`
	Name    string `db:"name"`
	Label   string `db:"label"`
	Status  string `db:"status"`
	Shown   string `db:"shown"`
	Detail  string `db:"detail"` // a clause without a full stop
}

// lights judges the checks, in the order in which a reader should see them.
func (r *run) lights(e evidence) ([]trustRow, error) {
	units := r.study.Unit + "s"
	consent, err := r.consentLight(e)
	if err != nil {
		return nil, err
	}
	lights := []trustRow{
		share(e.counts["assignments_outside_period"], "other_period", "Assigned outside the period", "assignments lie outside the study's period", " and are not used", allRed),
		share(e.counts["units_in_unknown_arm"], "unknown_arm", "In an unknown arm", "assigned "+units+" stand in an arm that the study does not name", "", crossoverRed),
		r.sampleRatioLight(e),
		share(e.counts["units_in_two_arms"], "crossover", "In two arms", "assigned "+units+" stand in two arms", " and are left out", crossoverRed),
		r.campaignLight(e),
		share(e.counts["holdout_units_exposed"], "leakage", "Holdout shown ads", units+" of the holdout were shown the campaign", "", leakageRed),
		share(e.counts["units_with_open_window"], "maturity", "Open outcome windows", units+" still have an open outcome window", ", so their conversions are not complete", 0),
		matchLight(e.counts["matched_conversions"], r.study.Unit),
		evidenceLight(e.counts["shared_ips"], e.counts["stale_links"], units),
		duplicateLight(e.counts["duplicate_records"]),
		consent,
		share(e.counts["late_records"], "freshness", "Late records", "event records arrived later than "+r.study.Report.LateAfter.String()+" after the event", ", so reports made before that lack them", 0),
		recordLight(e.records, "missing_parameters", "completeness", "Incomplete records", "event and order records lack a required parameter", " and are not used"),
		recordLight(e.records, "undefined_event", "dictionary", "Unknown events", "event records carry a name that the event dictionary does not have", " and are not used"),
		r.parityLight(e.parity),
		r.paymentLight(e.verification),
		refundLight(e.verification),
		r.streamLight(e.streams),
		reachLight(e.counts["conversions_of_units"], units, r.study.Assignment != nil),
		share(e.counts["spend_in_other_currency"], "spend_currency", "Spend in another currency", "rows of spend are in another currency than the report's", " and are left out of every cost", 0),
		quarantineLight(e.inputs, e.erased),
	}
	lights = append(lights, r.claimLights(e.reported)...)
	lights = append(lights, exposureLights(e.counts, r.study.Unit)...)
	for i := range lights {
		lights[i].RunID, lights[i].TrustNo = r.id, int64(i+1)
	}
	return lights, nil
}

// campaignLight is red when the study names its campaigns and no exposure of the
// period carries one of them: the holdout's exposure then cannot be checked.
func (r *run) campaignLight(e evidence) trustRow {
	light := trustRow{Name: "campaigns", Label: "Campaigns", Status: green, Shown: "all", Detail: "the study names no campaigns, so every campaign of the workspace is measured"}
	switch {
	case len(r.study.Campaigns) == 0:
	case e.exposures == 0:
		light.Status, light.Shown = red, "none found"
		light.Detail = "no exposure of the period carries any of the campaigns that the study names"
	default:
		light.Status, light.Shown = green, "found"
		light.Detail = lift.FormatCount(e.exposures) + " exposures and ghost exposures carry the campaigns that the study names"
	}
	return light
}

func (r *run) sampleRatioLight(e evidence) trustRow {
	light := trustRow{Name: "sample_ratio", Label: "Sample ratio", Status: grey, Shown: "not tested"}
	for _, row := range e.estimates {
		if row.SubjectKind != ofSampleRatio {
			continue
		}
		if row.P == nil {
			light.Detail = row.Reason
			return light
		}
		light.Status, light.Shown = green, lift.FormatP(*row.P)
		light.Detail = "the arms have the sizes that the design gave them"
		if *row.P < lift.SampleRatioAlert {
			light.Status = red
			light.Detail = "the arms do not have the sizes that the design gave them (" + lift.FormatP(*row.P) + ")"
		}
	}
	return light
}

// share lights a count that should be zero: green at zero, amber above, red
// above the limit when there is one. The label names what is counted, what says
// it, and then what follows when there is some.
func share(c integrityCount, name, label, what, then string, redAbove float64) trustRow {
	light := trustRow{Name: name, Label: label, Status: green, Shown: "none"}
	switch part := float64(c.Found) / float64(max(c.OutOf, 1)); {
	case c.OutOf == 0:
		light.Status, light.Shown, light.Detail = grey, "nothing to check", "there was nothing to check"
		return light
	case redAbove > 0 && part > redAbove:
		light.Status = red
	case c.Found > 0:
		light.Status = amber
	}
	if c.Found == 0 {
		light.Detail = fmt.Sprintf("none of %s %s", lift.FormatCount(c.OutOf), what)
		return light
	}
	light.Shown = lift.FormatShare(c.Found, c.OutOf)
	light.Detail = fmt.Sprintf("%s of %s %s%s", lift.FormatCount(c.Found), lift.FormatCount(c.OutOf), what, then)
	return light
}

func matchLight(c integrityCount, unit string) trustRow {
	light := trustRow{Name: "match_rate", Label: "Matched conversions", Status: grey, Shown: "no conversions", Detail: "there were no conversions to match"}
	if c.OutOf == 0 {
		return light
	}
	light.Status, light.Shown = green, lift.FormatShare(c.Found, c.OutOf)
	switch {
	case c.Found == 0:
		light.Status = red
	case float64(c.Found) < matchRateAmber*float64(c.OutOf):
		light.Status = amber
	}
	light.Detail = fmt.Sprintf("%s of %s conversions lead to a %s", lift.FormatCount(c.Found), lift.FormatCount(c.OutOf), unit)
	if c.Found < c.OutOf {
		light.Detail += "; the others cannot be compared between arms"
	}
	return light
}

// reachLight is red when conversions lead to households and none of them to a
// household of the study: the two sides then name households differently.
func reachLight(c integrityCount, units string, isAssigned bool) trustRow {
	light := trustRow{Name: "reach", Label: "Of the study's " + units, Status: grey, Shown: "no conversions", Detail: "no conversion was matched"}
	if !isAssigned {
		light.Shown, light.Detail = "no assignment", "the study assigned nobody"
		return light
	}
	if c.OutOf == 0 {
		return light
	}
	light.Status, light.Shown = green, lift.FormatShare(c.Found, c.OutOf)
	light.Detail = fmt.Sprintf("%s of %s matched conversions are of %s that the study assigned", lift.FormatCount(c.Found), lift.FormatCount(c.OutOf), units)
	switch {
	case c.Found == 0:
		light.Status = red
		light.Detail = fmt.Sprintf("none of the %s matched conversions is of one of the %s that the study assigned, so both sides seem to name %s differently",
			lift.FormatCount(c.OutOf), units, units)
	case float64(c.Found) < reachAmber*float64(c.OutOf):
		light.Status = amber
	}
	return light
}

func evidenceLight(shared, stale integrityCount, units string) trustRow {
	light := trustRow{Name: "identity", Label: "Identity evidence", Status: green}
	if shared.OutOf+stale.OutOf == 0 {
		light.Status, light.Shown, light.Detail = grey, "no links", "no identity links were loaded"
		return light
	}
	if float64(shared.Found) > sharedIPsAmber*float64(shared.OutOf) {
		light.Status = amber
	}
	light.Shown = lift.FormatCount(shared.Found+stale.Found) + " set aside"
	light.Detail = fmt.Sprintf("%s of %s addresses lead to several %s, and %s of %s links are older than their match window; neither is used",
		lift.FormatCount(shared.Found), lift.FormatCount(shared.OutOf), units, lift.FormatCount(stale.Found), lift.FormatCount(stale.OutOf))
	return light
}

func duplicateLight(c integrityCount) trustRow {
	light := trustRow{Name: "duplicates", Label: "Duplicates", Status: grey, Shown: "no events", Detail: "there were no event records"}
	if c.OutOf == 0 {
		return light
	}
	light.Status, light.Shown = green, "none"
	if c.Found == 0 {
		light.Detail = fmt.Sprintf("none of %s event records tell of a conversion that another record told already", lift.FormatCount(c.OutOf))
		return light
	}
	light.Shown = lift.FormatCount(c.Found) + " merged"
	light.Detail = fmt.Sprintf("%s of %s event records tell of a conversion that another record told already; they count once",
		lift.FormatCount(c.Found), lift.FormatCount(c.OutOf))
	return light
}

func recordLight(records []recordCount, category, name, label, what, then string) trustRow {
	c := integrityCount{}
	for _, count := range records {
		if count.Category == "consent_denied" || count.SurfaceNo == crmSurface && category == "undefined_event" { // nothing more was asked of the one; the other has no name to know
			continue
		}
		c.OutOf += count.Records
		if count.Category == category {
			c.Found += count.Records
		}
	}
	return share(c, name, label, what, then, 0)
}

// quarantineLight counts what was refused for its own faults: rows of erased persons,
// which lie in quarantine as well, have none.
func quarantineLight(inputs []inputRow, erased int64) trustRow {
	c := integrityCount{Found: -erased, OutOf: -erased}
	for _, in := range inputs {
		c.OutOf += in.Records
		c.Found += in.Quarantined
	}
	return share(c, "quarantine", "Refused rows", "rows of the input files were refused", " and lie in quarantine", 0)
}

// warningRows are the doubts of this run: those of the estimates, every light
// that is neither green nor grey, and what the platforms refused.
func (r *run) warningRows(e evidence, lights []trustRow) []warningRow {
	var warnings []analysis.Warning
	for _, row := range e.estimates {
		if row.SubjectKind == ofSampleRatio && row.P != nil && *row.P > lift.SampleRatioPerfect {
			warnings = append(warnings, analysis.Warning{Code: "sample_ratio_perfect", Severity: analysis.Info,
				Text: "The arm sizes agree with the design better than chance would make them: units were allocated or sampled to the design, so the sample-ratio test proves nothing."})
		}
		if row.SubjectKind == ofMetric && row.Quantity == relativeLift && (row.LoUnbounded == 1 || row.HiUnbounded == 1) {
			warnings = append(warnings, analysis.Warning{Code: "relative_lift_unbounded", Severity: analysis.Caution,
				Text: fmt.Sprintf("The relative lift of metric %s in arm %s has no bound on at least one side: the holdout's level is not known well enough. Read the absolute difference.", row.Subject, row.Arm)})
		}
	}
	if open := e.counts["units_with_open_window"]; open.Found > 0 {
		warnings = append(warnings, analysis.Warning{Code: "interim_look", Severity: analysis.Caution,
			Text: "Outcome windows are still open, so this is a look before the end. The intervals hold for one look at the end; acting on the first of many early looks that seems clear raises the rate of false alarms above the stated level."})
	}
	for _, light := range lights {
		severity, ok := map[string]analysis.Severity{red: analysis.Stop, amber: analysis.Caution}[light.Status]
		if ok {
			warnings = append(warnings, analysis.Warning{Code: light.Name, Severity: severity, Text: sentence(light.Detail)})
		}
	}
	warnings = append(warnings, r.earlyWarnings(e.verification)...)
	if text := dedupWarning(e.findings); text != "" {
		warnings = append(warnings, analysis.Warning{Code: "dedup", Severity: analysis.Caution, Text: text})
	}
	warnings = append(warnings, r.streamWarnings(e.streams)...)
	warnings = append(warnings, r.acceptanceWarnings(e.acceptance)...)
	warnings = append(warnings, r.matchWarnings(e.match)...)
	warnings = append(warnings, claimWarnings(e.reported, e.silent, r.Workspace.EventNames())...)
	warnings = append(warnings, unseenWarnings(e.unseen)...)
	warnings = append(warnings, changeWarnings(e.changes)...)
	rows := []warningRow{}
	for i, w := range warnings {
		rows = append(rows, warningRow{r.id, int64(i + 1), w.Code, string(w.Severity), w.Text})
	}
	return rows
}

// sentence makes a clause a sentence.
func sentence(clause string) string { return capital(clause) + "." }

// capital gives a clause its first capital.
func capital(clause string) string { return strings.ToUpper(clause[:1]) + clause[1:] }
