package jobs

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ghostlight/analysis/lift"
	"ghostlight/jobs/warehouse"
	"ghostlight/reports"
)

// publish writes the report of the run, whole or not at all, and then the index
// of all reports.
func publish(ctx context.Context, r *run) (int64, error) {
	report, err := r.Report(ctx, r.id)
	if err != nil {
		return 0, err
	}
	published, err := r.publishedRuns(ctx)
	if err != nil {
		return 0, err
	}
	others := slices.DeleteFunc(published, func(id string) bool { return id == r.id })
	if err := r.writeReport(report, append(others, r.id)); err != nil { // the ledger notes it when it is out
		return 0, err
	}
	r.result.Attention = report.Attention()
	r.result.Warnings = len(r.result.Attention)
	return 1, nil
}

func (e *Engine) writeReport(report reports.Report, published []string) error {
	out := filepath.Join(e.Workspace.Dir, outFolder)
	if err := reports.Write(filepath.Join(out, report.Study, report.Run.ID), report); err != nil {
		return err
	}
	return reports.Index(out, published)
}

// publishedRuns are the ids of the runs that were published, in the order in which each
// was last.
func (e *Engine) publishedRuns(ctx context.Context) (ids []string, err error) {
	err = e.db.Transact(ctx, func(tx *warehouse.Tx) error {
		rows, err := warehouse.Read[struct {
			RunID string `db:"run_id"`
		}](ctx, tx, "SELECT run_id FROM ops.run WHERE state = 'published' GROUP BY run_id ORDER BY max(attempt_id)")
		for _, row := range rows {
			ids = append(ids, row.RunID)
		}
		return err
	})
	return ids, err
}

// Rerender writes the report of a stored run again, from result.* alone: the
// last run of the study, or the one with that id.
func (e *Engine) Rerender(ctx context.Context, study, runID string) (RunResult, error) {
	if _, err := e.Workspace.Study(study); err != nil {
		return RunResult{}, err
	}
	if runID == "" {
		var last []reportedRun
		err := e.db.Transact(ctx, func(tx *warehouse.Tx) (err error) {
			last, err = warehouse.Read[reportedRun](ctx, tx, "SELECT "+reportedRunColumns+" FROM result.run WHERE run_id = ("+newestRun+") ORDER BY run_id", study)
			return err
		})
		if err != nil {
			return RunResult{}, err
		}
		if len(last) == 0 {
			return RunResult{}, &UnknownRunError{Study: study, Hint: "make one with: ghostlight run " + study}
		}
		runID = last[0].RunID
	}
	report, err := e.Report(ctx, runID)
	if err != nil {
		return RunResult{}, err
	}
	if report.Study != study {
		return RunResult{}, &UnknownRunError{Study: study, RunID: runID, Hint: "it is a run of study " + report.Study}
	}
	attention := report.Attention()
	published, err := e.publishedRuns(ctx)
	if err != nil {
		return RunResult{}, err
	}
	return RunResult{
		SchemaVersion: 1, Study: study, RunID: runID, AsOf: report.Run.AsOf,
		Verdict: report.Verdict.State, Sentence: report.Verdict.Sentence, Warnings: len(attention), Attention: attention,
		Report: filepath.ToSlash(filepath.Join(outFolder, study, runID, "report.html")),
	}, e.writeReport(report, published)
}

// newestRun is the run that a study published last.
const newestRun = "SELECT run_id FROM ops.run WHERE study = ? AND state = 'published' ORDER BY attempt_id DESC LIMIT 1"

// UnknownRunError says that a study has no such stored run.
type UnknownRunError struct{ Study, RunID, Hint string }

func (e *UnknownRunError) Error() string {
	switch {
	case e.Study == "":
		return fmt.Sprintf("no run %s is stored (hint: %s)", e.RunID, e.Hint)
	case e.RunID == "":
		return fmt.Sprintf("study %s has no stored run (hint: %s)", e.Study, e.Hint)
	}
	return fmt.Sprintf("study %s has no run %s (hint: %s)", e.Study, e.RunID, e.Hint)
}

const reportedRunColumns = `run_id, study, title, unit, as_of_us, from_us, until_us, outcome_window, level, currency, time_zone,
	attribution_event, primary_window, config_sha256, dictionary_sha256, inputs_sha256, code_version, engine_version, verdict, sentence, reasons`

// Report builds the report of a stored run from result.* and nothing else, so
// that it can be rendered a year later and says what the stored numbers say.
func (e *Engine) Report(ctx context.Context, runID string) (report reports.Report, err error) {
	err = e.db.Transact(ctx, func(tx *warehouse.Tx) error {
		b := builder{ctx: ctx, tx: tx, runID: runID}
		report, err = b.build()
		return err
	})
	return report, err
}

// builder reads one run's rows of result.* into a report.
type builder struct {
	ctx       context.Context
	tx        *warehouse.Tx
	runID     string
	run       reportedRun
	estimates []estimateRow
	sums      []armSum
	events    map[int64]string
}

func (b *builder) build() (reports.Report, error) {
	runs, err := warehouse.Read[reportedRun](b.ctx, b.tx,
		"SELECT "+reportedRunColumns+" FROM result.run WHERE run_id = ? ORDER BY run_id", b.runID)
	if err != nil {
		return reports.Report{}, err
	}
	if len(runs) == 0 {
		return reports.Report{}, &UnknownRunError{RunID: b.runID, Hint: "ghostlight status lists the runs"}
	}
	b.run = runs[0]
	out := reports.Report{
		SchemaVersion: reports.SchemaVersion, Study: b.run.Study, Title: b.run.Title,
		Run: reports.Run{
			ID: b.runID, AsOf: micros(b.run.AsOfUS), PeriodStart: micros(b.run.FromUS), PeriodEnd: micros(b.run.UntilUS),
			OutcomeWindow: b.run.OutcomeWindow, Unit: b.run.Unit, Level: b.run.Level, Currency: b.run.Currency,
		},
		Verdict: reports.Verdict{State: b.run.Verdict, Sentence: b.run.Sentence, Reasons: lines(b.run.Reasons)},
	}
	for i, reason := range out.Verdict.Reasons {
		out.Verdict.Reasons[i] = sentence(reason)
	}
	if b.estimates, err = readEstimates(b.ctx, b.tx, b.runID); err != nil {
		return out, err
	}
	if b.sums, err = readArmSums(b.ctx, b.tx, b.runID); err != nil {
		return out, err
	}
	for _, part := range []func(*reports.Report) error{
		b.arms, b.metrics, b.creatives, b.keyFigures, b.trust, b.windows, b.reconciliation, b.matchQuality, b.coverage, b.verification, b.dedup, b.integrity, b.quality, b.changes, b.warnings, b.provenance,
	} {
		if err := part(&out); err != nil {
			return out, err
		}
	}
	return out, nil
}

func micros(us int64) time.Time { return time.UnixMicro(us).UTC() }

func lines(text string) []string {
	if text == "" {
		return []string{}
	}
	return strings.Split(text, "\n")
}

func (b *builder) arms(out *reports.Report) error {
	rows, err := warehouse.Read[struct {
		Arm       string  `db:"arm"`
		Label     string  `db:"label"`
		IsHoldout int64   `db:"is_holdout"`
		Design    float64 `db:"design_share"`
		Units     int64   `db:"units"`
		Exposed   int64   `db:"exposed_units"`
		Ghost     int64   `db:"ghost_units"`
	}](b.ctx, b.tx, `SELECT arm, label, is_holdout, design_share, units, exposed_units, ghost_units
		FROM result.arm WHERE run_id = ? ORDER BY arm_no`, b.runID)
	if err != nil {
		return err
	}
	var total int64
	for _, row := range rows {
		total += row.Units
	}
	out.Arms = []reports.Arm{}
	for _, row := range rows {
		out.Arms = append(out.Arms, reports.Arm{
			Name: row.Arm, Label: row.Label, IsHoldout: row.IsHoldout == 1, Units: row.Units,
			Share: float64(row.Units) / float64(max(total, 1)), Design: row.Design, Exposed: row.Exposed, Ghost: row.Ghost,
		})
	}
	for _, row := range b.estimates {
		if row.SubjectKind == ofSampleRatio {
			out.SampleRatio = reports.SampleRatio{ChiSquare: row.Estimate, DF: max(len(rows)-1, 0), P: row.P, NotEstimable: row.Reason}
		}
	}
	return nil
}

func (b *builder) metrics(out *reports.Report) error {
	rows, err := warehouse.Read[reportedMetric](b.ctx, b.tx, `SELECT run_id, metric_no, metric, label, kind, event, surfaces, is_headline
		FROM result.metric WHERE run_id = ? ORDER BY metric_no`, b.runID)
	if err != nil {
		return err
	}
	out.Metrics = []reports.Metric{}
	for _, row := range rows {
		metric := reports.Metric{
			Name: row.Metric, Label: row.Label, Kind: row.Kind, Event: row.Event, From: strings.Fields(row.Surfaces),
			IsHeadline: row.IsHeadline == 1, Arms: []reports.ArmValue{}, Contrasts: []reports.Contrast{},
		}
		for _, sum := range b.sums {
			if sum.Metric != row.Metric {
				continue
			}
			value, err := sum.armValue(row.Kind)
			if err != nil {
				return err
			}
			metric.Arms = append(metric.Arms, value)
			if sum.IsHoldout == 1 || !b.has(ofMetric, row.Metric, sum.Arm, absoluteDifference) {
				continue
			}
			metric.Contrasts = append(metric.Contrasts, reports.Contrast{
				Arm:         sum.Arm,
				Absolute:    b.number(ofMetric, row.Metric, sum.Arm, absoluteDifference),
				Relative:    b.number(ofMetric, row.Metric, sum.Arm, relativeLift),
				Incremental: b.number(ofMetric, row.Metric, sum.Arm, incrementalTotal),
			})
		}
		out.Metrics = append(out.Metrics, metric)
	}
	return nil
}

func (s armSum) armValue(kind string) (reports.ArmValue, error) {
	value := reports.ArmValue{
		Arm: s.Arm, Units: s.Units, Converters: s.Converters, Conversions: s.Conversions, SumMicros: s.Sum,
	}
	if kind == kindMean {
		m, err := s.moments()
		value.Mean, value.Variance = m.Mean, m.Variance
		return value, err
	}
	if s.Units > 0 {
		value.Mean = float64(s.Converters) / float64(s.Units)
	}
	if s.Units > 1 {
		value.Variance = value.Mean * (1 - value.Mean) * float64(s.Units) / float64(s.Units-1)
	}
	return value, nil
}

func (b *builder) has(kind, name, arm, quantity string) bool {
	for _, row := range b.estimates {
		if row.SubjectKind == kind && row.Subject == name && row.Arm == arm && row.Quantity == quantity {
			return true
		}
	}
	return false
}

func (b *builder) number(kind, name, arm, quantity string) reports.Number {
	for _, row := range b.estimates {
		if row.SubjectKind == kind && row.Subject == name && row.Arm == arm && row.Quantity == quantity {
			return row.number()
		}
	}
	return reports.Number{Level: b.run.Level, NotEstimable: "it was not computed"}
}

// keyFigures are what the headline metric gained in every treatment arm, and
// what that cost.
func (b *builder) keyFigures(out *reports.Report) error {
	out.KeyFigures = []reports.KeyFigure{}
	labels, holdout := map[string]string{}, ""
	for _, arm := range out.Arms {
		labels[arm.Name] = arm.Label
		if arm.IsHoldout {
			holdout = arm.Name
		}
	}
	event := "conversion"
	for _, metric := range out.Metrics {
		if !metric.IsHeadline {
			continue
		}
		event = strings.ReplaceAll(metric.Event, "_", " ")
		values := map[string]reports.ArmValue{}
		for _, value := range metric.Arms {
			values[value.Arm] = value
		}
		for _, c := range metric.Contrasts {
			of, suffix := "", ""
			if len(metric.Contrasts) > 1 {
				of, suffix = ": "+labels[c.Arm], "_"+c.Arm
			}
			arm, control := values[c.Arm], values[holdout]
			units := b.run.Unit + "s"
			total := "Incremental " + lift.InSentence(metric.Label)
			totalNote := "beyond what the holdout shows, of " + lift.FormatCount(arm.Converters) + " converting " + units
			baseNote := arm.Text(metric.Kind, "") + " of " + units + " converted, " + control.Text(metric.Kind, "") + " in the holdout"
			perUnit := "percentage points of " + units
			if metric.Kind == kindMean {
				currency := b.run.Currency
				total = "Incremental value in total"
				totalNote = lift.InSentence(metric.Label) + ", over " + lift.FormatCount(arm.Units) + " " + units
				baseNote = currency + " " + arm.Text(metric.Kind, currency) + " a " + b.run.Unit + ", " + control.Text(metric.Kind, currency) + " in the holdout"
				perUnit = lift.InSentence(metric.Label)
			}
			out.KeyFigures = append(out.KeyFigures,
				reports.KeyFigure{Name: "incremental" + suffix, Label: total + of, Number: c.Incremental, Note: totalNote},
				reports.KeyFigure{Name: "relative_lift" + suffix, Label: "Relative lift" + of, Number: c.Relative, Note: baseNote},
				reports.KeyFigure{Name: "absolute_lift" + suffix, Label: "Absolute lift" + of, Number: c.Absolute, Note: perUnit},
			)
		}
	}
	var spend int64
	for _, c := range out.Creatives {
		spend += c.SpendMicros
	}
	for _, row := range b.estimates {
		switch {
		case row.SubjectKind != ofStudy:
		case row.Quantity == costPerIncremental:
			out.KeyFigures = append(out.KeyFigures, reports.KeyFigure{
				Name: row.Quantity, Label: "Cost per incremental " + event, Number: row.number(),
				Note: b.run.Currency + " " + lift.FormatMoney(spend) + " of media cost"})
		case row.Quantity == returnOnSpend:
			out.KeyFigures = append(out.KeyFigures, reports.KeyFigure{
				Name: row.Quantity, Label: "Incremental return on ad spend", Number: row.number(),
				Note: b.run.Currency + " of incremental revenue per " + b.run.Currency + " of media cost"})
		}
	}
	return nil
}

func (b *builder) trust(out *reports.Report) error {
	rows, err := warehouse.Read[trustRow](b.ctx, b.tx, `SELECT run_id, trust_no, name, label, status, shown, detail
		FROM result.trust WHERE run_id = ? ORDER BY trust_no`, b.runID)
	out.Trust = []reports.Check{}
	for _, row := range rows {
		out.Trust = append(out.Trust, reports.Check{Name: row.Name, Label: row.Label, Status: row.Status, Value: row.Shown, Detail: sentence(row.Detail)})
	}
	return err
}

func (b *builder) warnings(out *reports.Report) error {
	rows, err := warehouse.Read[warningRow](b.ctx, b.tx, `SELECT run_id, warning_no, code, severity, message
		FROM result.warning WHERE run_id = ? ORDER BY warning_no`, b.runID)
	out.Warnings = []reports.Warning{}
	for _, row := range rows {
		out.Warnings = append(out.Warnings, reports.Warning{Code: row.Code, Severity: row.Severity, Text: row.Message})
	}
	return err
}

func (b *builder) provenance(out *reports.Report) error {
	inputs, err := readInputs(b.ctx, b.tx, b.runID)
	out.Provenance = reports.Provenance{
		ConfigSHA256: b.run.ConfigSHA256, DictionarySHA256: b.run.DictionarySHA256,
		InputsSHA256: b.run.InputsSHA256, Inputs: []reports.InputFile{},
		CodeVersion: b.run.CodeVersion, EngineVersion: "DuckDB " + b.run.EngineVersion, TimeZone: b.run.TimeZone,
		Command: "ghostlight run " + b.run.Study + " --as-of " + micros(b.run.AsOfUS).Format(time.RFC3339Nano),
	}
	for _, in := range inputs {
		out.Provenance.Inputs = append(out.Provenance.Inputs, reports.InputFile{
			Source: in.Source, File: in.Path, SHA256: in.SHA256, Records: in.Records,
			Loaded: in.Loaded, Duplicate: in.Duplicate, Quarantined: in.Quarantined, Blank: in.Blank,
		})
	}
	return err
}
