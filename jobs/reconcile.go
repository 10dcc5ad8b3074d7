package jobs

import (
	"context"
	"fmt"
	"strings"

	"ghostlight/analysis"
	"ghostlight/analysis/lift"
	"ghostlight/jobs/source"
	"ghostlight/jobs/warehouse"
)

// integrityCount is one row of result.integrity.
type integrityCount struct {
	Name  string `db:"name"`
	Found int64  `db:"found"`
	OutOf int64  `db:"out_of"`
}

// recordCount is one row of result.record_count.
type recordCount struct {
	Source    string `db:"source"`
	SurfaceNo int64  `db:"surface_no"`
	EventNo   int64  `db:"event_no"`
	Category  string `db:"category"`
	Records   int64  `db:"records"`
}

type warningRow struct {
	RunID     string `db:"run_id"`
	WarningNo int64  `db:"warning_no"`
	Code      string `db:"code"`
	Severity  string `db:"severity"`
	Message   string `db:"message"`
}

// reportedRun is the row of result.run.
type reportedRun struct {
	RunID            string  `db:"run_id"`
	Study            string  `db:"study"`
	Title            string  `db:"title"`
	Unit             string  `db:"unit"`
	AsOfUS           int64   `db:"as_of_us"`
	FromUS           int64   `db:"from_us"`
	UntilUS          int64   `db:"until_us"`
	OutcomeWindow    string  `db:"outcome_window"`
	Level            float64 `db:"level"`
	Currency         string  `db:"currency"`
	TimeZone         string  `db:"time_zone"` // in which a day of a gap begins
	AttributionEvent string  `db:"attribution_event"`
	PrimaryWindow    string  `db:"primary_window"`
	ConfigSHA256     string  `db:"config_sha256"`
	DictionarySHA256 string  `db:"dictionary_sha256"`
	InputsSHA256     string  `db:"inputs_sha256"`
	CodeVersion      string  `db:"code_version"`
	EngineVersion    string  `db:"engine_version"`
	Verdict          string  `db:"verdict"`
	Sentence         string  `db:"sentence"`
	Reasons          string  `db:"reasons"` // one a line
}

type reportedMetric struct {
	RunID      string `db:"run_id"`
	MetricNo   int64  `db:"metric_no"`
	Metric     string `db:"metric"`
	Label      string `db:"label"`
	Kind       string `db:"kind"`
	Event      string `db:"event"`
	Surfaces   string `db:"surfaces"` // separated by blanks
	IsHeadline int64  `db:"is_headline"`
}

type reportedEvent struct {
	RunID   string `db:"run_id"`
	EventNo int64  `db:"event_no"`
	Event   string `db:"event"`
}

// reconcile gives every record its one category, turns the counts that trust
// rests on into lights and warnings, and judges the headline.
func reconcile(ctx context.Context, r *run) (int64, error) {
	return r.transact(ctx, func(tx *warehouse.Tx) (int64, error) {
		written, err := replaceAll(ctx, tx, r.params(), "model.record_match", "model.dedup_finding")
		if err != nil {
			return 0, err
		}
		for _, table := range []string{
			"result.record_count", "result.overlap", "result.integrity",
			"result.consent", "result.consent_unit", "result.freshness", "result.undefined_event", "result.acceptance",
			"result.dedup", "result.dedup_finding", "result.dedup_sample",
		} {
			rows, err := tx.ReplaceRun(ctx, table, r.id, r.params())
			if err != nil {
				return 0, err
			}
			written += rows
		}
		compared, err := r.compareLists(ctx, tx)
		if err != nil {
			return 0, err
		}
		written += compared
		for _, measure := range []func(context.Context, *warehouse.Tx) (int64, error){r.measureMatchQuality, r.measureCoverage} {
			rows, err := measure(ctx, tx)
			if err != nil {
				return 0, err
			}
			written += rows
		}
		checked, err := r.checkStreams(ctx, tx)
		if err != nil {
			return 0, err
		}
		written += checked
		claimed, err := r.compareClaims(ctx, tx)
		if err != nil {
			return 0, err
		}
		written += claimed
		logged, err := r.logChanges(ctx, tx)
		if err != nil {
			return 0, err
		}
		written += logged
		verified, err := r.verify(ctx, tx)
		if err != nil {
			return 0, err
		}
		written += verified
		evidence, err := r.gather(ctx, tx)
		if err != nil {
			return 0, err
		}
		lights, err := r.lights(evidence)
		if err != nil {
			return 0, err
		}
		verdict, err := r.judge(evidence, lights)
		if err != nil {
			return 0, err
		}
		for _, table := range []struct {
			name string
			rows any
		}{
			{"result.trust", lights},
			{"result.warning", r.warningRows(evidence, lights)},
			{"result.metric", r.reportedMetrics()},
			{"result.event", r.reportedEvents()},
			{"result.run", []reportedRun{r.reported(verdict)}},
		} {
			rows, err := tx.InsertRun(ctx, table.name, r.id, table.rows)
			if err != nil {
				return 0, err
			}
			written += rows
		}
		r.result.Verdict, r.result.Sentence = string(verdict.State), verdict.Sentence
		return written, nil
	})
}

// evidence is what the checks and the verdict look at.
type evidence struct {
	counts    map[string]integrityCount
	records   []recordCount
	sums      []armSum
	estimates []estimateRow
	inputs    []inputRow
	erased    int64 // rows of the inputs that were left out because their person was erased
	exposures int64 // impressions of the study, ghosts included

	consent      []consentCount
	consentUnits []consentUnit
	acceptance   []acceptanceRow
	match        matchEvidence
	parity       []parityRow
	reported     []reportedRow
	silent       []string // sources of platform reports without a row
	unseen       []unseenPlatform
	changes      []changeRow
	verification verification
	findings     []findingRow
	streams      []streamCheck
}

func (r *run) gather(ctx context.Context, tx *warehouse.Tx) (e evidence, err error) {
	counts, err := warehouse.Read[integrityCount](ctx, tx,
		"SELECT name, found, out_of FROM result.integrity WHERE run_id = ? ORDER BY name", r.id)
	if err != nil {
		return e, err
	}
	e.counts = map[string]integrityCount{}
	for _, c := range counts {
		e.counts[c.Name] = c
	}
	creatives, err := readCreativeSums(ctx, tx, r.id)
	if err != nil {
		return e, err
	}
	for _, c := range creatives {
		e.exposures += c.Impressions + c.GhostImpressions
	}
	if e.erased, err = source.SuppressedRows(ctx, tx); err != nil {
		return e, err
	}
	if e.records, err = readRecordCounts(ctx, tx, r.id); err != nil {
		return e, err
	}
	if e.sums, err = readArmSums(ctx, tx, r.id); err != nil {
		return e, err
	}
	if e.estimates, err = readEstimates(ctx, tx, r.id); err != nil {
		return e, err
	}
	if e.consent, err = readConsent(ctx, tx, r.id); err != nil {
		return e, err
	}
	if e.consentUnits, err = readConsentUnits(ctx, tx, r.id); err != nil {
		return e, err
	}
	if e.acceptance, err = readAcceptance(ctx, tx, r.id); err != nil {
		return e, err
	}
	if e.match, err = readMatchEvidence(ctx, tx, r.id); err != nil {
		return e, err
	}
	if e.parity, err = readParity(ctx, tx, r.id); err != nil {
		return e, err
	}
	if e.reported, err = readReported(ctx, tx, r.id); err != nil {
		return e, err
	}
	if e.silent, err = r.silentReports(ctx, tx); err != nil {
		return e, err
	}
	if e.unseen, err = r.unseenPlatforms(ctx, tx); err != nil {
		return e, err
	}
	if e.changes, err = readChanges(ctx, tx, r.id); err != nil {
		return e, err
	}
	if e.verification, err = readVerification(ctx, tx, r.id); err != nil {
		return e, err
	}
	if e.findings, err = readFindings(ctx, tx, r.id); err != nil {
		return e, err
	}
	if e.streams, err = readStreamChecks(ctx, tx, r.id); err != nil {
		return e, err
	}
	e.inputs, err = readInputs(ctx, tx, r.id)
	return e, err
}

// estimate finds one estimate of a metric.
func (e evidence) estimate(metric, arm, quantity string) (estimateRow, bool) {
	for _, row := range e.estimates {
		if row.SubjectKind == ofMetric && row.Subject == metric && row.Arm == arm && row.Quantity == quantity {
			return row, true
		}
	}
	return estimateRow{}, false
}

// judge gives the verdict on the headline metric. With several treatment arms
// each gets its sentence, and the state is that of the first arm the study
// names: the study says beforehand which arm it is about.
func (r *run) judge(e evidence, lights []trustRow) (lift.Verdict, error) {
	metric, _ := r.study.Metric(r.study.Headline)
	if r.study.Assignment == nil {
		return lift.Judge(lift.Headline{
			Arm: "the campaign", Metric: metric.Label, Absolute: analysis.Estimate{NotEstimable: noAssignment},
		}), nil
	}
	var blocking []string
	for _, light := range lights {
		if light.Status == red {
			blocking = append(blocking, light.Detail)
		}
	}
	var holdout armSum
	for _, sum := range e.sums {
		if sum.Metric == metric.Name && sum.IsHoldout == 1 {
			holdout = sum
		}
	}
	var verdict lift.Verdict
	for _, arm := range r.study.Assignment.Arms {
		if arm.Name == r.study.Assignment.Holdout {
			continue
		}
		h := lift.Headline{
			Arm: arm.Label, Control: r.study.armLabel(r.study.Assignment.Holdout), Metric: metric.Label,
			AbsoluteIn: lift.Points, IncrementalIn: lift.Count("conversions"),
			Unfinished: unfinished(e, r.study.Unit), ControlConversions: holdout.Converters, MinConversions: int64(r.study.Report.MinConversions), Blocking: blocking,
		}
		if metric.Kind == kindMean {
			h.AbsoluteIn, h.IncrementalIn = lift.Money(r.study.Report.Currency), lift.Money(r.study.Report.Currency)
		}
		for _, part := range []struct {
			quantity string
			to       *analysis.Estimate
		}{{absoluteDifference, &h.Absolute}, {relativeLift, &h.Relative}, {incrementalTotal, &h.Incremental}} {
			row, found := e.estimate(metric.Name, arm.Name, part.quantity)
			if !found {
				return lift.Verdict{}, fmt.Errorf("judge %s of arm %s: no estimate of %s", metric.Name, arm.Name, part.quantity)
			}
			*part.to = row.estimate()
		}
		for _, sum := range e.sums {
			if sum.Metric == metric.Name && sum.Arm == arm.Name {
				h.TreatmentConversions = sum.Converters
			}
		}
		of := lift.Judge(h)
		if verdict.State == "" {
			verdict = of
			continue
		}
		if of.Sentence != verdict.Sentence {
			verdict.Sentence += " " + of.Sentence
		}
	}
	return verdict, nil
}

// unfinished says how many units can still convert, "" when none can.
func unfinished(e evidence, unit string) string {
	open := e.counts["units_with_open_window"]
	if open.Found == 0 {
		return ""
	}
	return fmt.Sprintf("%s of %s %ss still have an open outcome window", lift.FormatCount(open.Found), lift.FormatCount(open.OutOf), unit)
}

func (s Study) armLabel(name string) string {
	for _, arm := range s.Assignment.Arms {
		if arm.Name == name {
			return arm.Label
		}
	}
	return name
}

func (r *run) reported(v lift.Verdict) reportedRun {
	return reportedRun{
		RunID: r.id, Study: r.study.Name, Title: r.study.Title, Unit: r.study.Unit,
		AsOfUS: r.asOf.UnixMicro(), FromUS: r.study.Period.Start.UnixMicro(), UntilUS: r.study.Period.End.UnixMicro(),
		OutcomeWindow: r.study.Outcome.Window.String(), Level: r.study.Report.Level, Currency: r.study.Report.Currency, TimeZone: r.study.Report.TimeZone,
		AttributionEvent: r.study.Attribution.Event, PrimaryWindow: r.study.Attribution.Primary.String(),
		ConfigSHA256: r.Workspace.Hash(r.study.Name), DictionarySHA256: r.Workspace.DictionaryHash(), InputsSHA256: r.inputs,
		CodeVersion: r.opt.CodeVersion, EngineVersion: r.version,
		Verdict: string(v.State), Sentence: v.Sentence, Reasons: strings.Join(v.Reasons, "\n"),
	}
}

func (r *run) reportedMetrics() []reportedMetric {
	rows := []reportedMetric{}
	for i, m := range r.study.Metrics {
		rows = append(rows, reportedMetric{
			r.id, int64(i + 1), m.Name, m.Label, m.Kind, m.Event, strings.Join(m.From, " "), isIn(m.Name, []string{r.study.Headline}),
		})
	}
	return rows
}

func (r *run) reportedEvents() []reportedEvent {
	rows := []reportedEvent{{r.id, 0, "(undefined)"}}
	for _, name := range r.Workspace.EventNames() {
		rows = append(rows, reportedEvent{r.id, r.Workspace.eventNumber(name), name})
	}
	return rows
}

func readRecordCounts(ctx context.Context, tx *warehouse.Tx, runID string) ([]recordCount, error) {
	return warehouse.Read[recordCount](ctx, tx, `SELECT source, surface_no, event_no, category, records
		FROM result.record_count WHERE run_id = ?
		ORDER BY source, surface_no, event_no, category`, runID)
}
