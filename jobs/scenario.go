package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"ghostlight/jobs/warehouse"
)

// ScenarioRequest asks what a study's attribution would count under other
// windows. What is left empty stays as the study has it.
type ScenarioRequest struct {
	Study       string
	AsOf        time.Time           // of the newest report when zero
	Attribution []Duration          // attribution windows, the columns
	Grid        []Duration          // oldest evidence that counts, the rows
	Match       map[string]Duration // match window by link type
}

// Scenario is the answer. It is exploratory: it changes no stored number and no
// report, and nothing here can change lift, which attribution settings do not
// enter.
type Scenario struct {
	SchemaVersion int                 `json:"schema_version"`
	Study         string              `json:"study"`
	AsOf          time.Time           `json:"as_of"`
	Event         string              `json:"event"`
	Rule          string              `json:"rule"`
	Match         map[string]Duration `json:"match_windows"`
	Conversions   int64               `json:"conversions"` // of the event, attributed or not
	Cells         []ScenarioCell      `json:"cells"`
}

// ScenarioCell is one pair of windows. Cells come by match window, then by
// attribution window.
type ScenarioCell struct {
	AttributionWindow string  `json:"attribution_window"`
	MatchWindow       string  `json:"match_window"`
	Attributed        int64   `json:"attributed_conversions"`
	ValueMicros       int64   `json:"attributed_value_micros"`
	Share             float64 `json:"share"` // of all conversions of the event
	IsPrimary         bool    `json:"is_primary"`
}

// scenarioRun is the run_id of rows that are never committed.
const scenarioRun = "scenario"

// errDiscard ends a transaction whose writes nobody wants.
var errDiscard = errors.New("discard")

// Scenario counts attributed conversions under the windows of the request. All
// that it writes on the way is rolled back. The files are those that the last
// run loaded.
func (e *Engine) Scenario(ctx context.Context, request ScenarioRequest) (out Scenario, err error) {
	study, err := e.Workspace.Study(request.Study)
	if err != nil {
		return out, err
	}
	if max(len(request.Attribution), len(request.Grid)) > maxWindows {
		return out, &UsageError{Problem: fmt.Sprintf("more than %d windows", maxWindows), Hint: "ask in two scenarios"}
	}
	for _, window := range request.Attribution {
		if window <= 0 || window > maxWindow {
			return out, &UsageError{Problem: "attribution window " + window.String() + " is not between 0 and " + maxWindow.String(), Hint: "for example 7d"}
		}
	}
	r := &run{Engine: e, study: study.under(request), asOf: request.AsOf.UTC().Truncate(time.Microsecond), id: scenarioRun, stage: "scenario"}
	err = e.db.Transact(ctx, func(tx *warehouse.Tx) error {
		if out, err = r.scenario(ctx, tx); err != nil {
			return err
		}
		return errDiscard
	})
	var unknown *UnknownRunError
	var usage *UsageError
	switch {
	case errors.Is(err, errDiscard):
		return out, nil
	case errors.As(err, &unknown), errors.As(err, &usage):
		return out, err
	}
	return out, fmt.Errorf("scenario of study %s: %w", study.Name, err)
}

// under is the study with the windows of a scenario.
func (s Study) under(request ScenarioRequest) Study {
	if len(request.Attribution) > 0 {
		s.Attribution.Windows = slices.Sorted(slices.Values(request.Attribution))
	}
	if len(request.Grid) > 0 {
		s.Match.Grid = slices.Sorted(slices.Values(request.Grid))
	}
	windows := maps.Clone(s.Match.Windows)
	maps.Copy(windows, request.Match)
	s.Match.Windows = windows
	return s
}

func (r *run) scenario(ctx context.Context, tx *warehouse.Tx) (Scenario, error) {
	out := Scenario{
		SchemaVersion: 1, Study: r.study.Name, AsOf: r.asOf, Event: r.study.Attribution.Event,
		Rule: "last touch", Match: r.study.Match.Windows,
	}
	if err := r.remodel(ctx, tx); err != nil {
		return out, err
	}
	out.AsOf = r.asOf
	for _, table := range []string{"result.window_count", "result.integrity"} {
		if _, err := tx.ReplaceRun(ctx, table, r.id, r.params()); err != nil {
			return out, err
		}
	}
	cells, err := warehouse.Read[struct {
		AttributionWindow string `db:"attribution_window"`
		MatchWindow       string `db:"match_window"`
		Attributed        int64  `db:"attributed"`
		ValueMicros       int64  `db:"value_micros"`
	}](ctx, tx, `SELECT attribution_window, match_window, attributed, value_micros
		FROM result.window_count WHERE run_id = ? ORDER BY match_us, attribution_us`, r.id)
	if err != nil {
		return out, err
	}
	totals, err := warehouse.Read[integrityCount](ctx, tx, `SELECT name, found, out_of
		FROM result.integrity WHERE run_id = ? AND name = 'attributable_conversions' ORDER BY name`, r.id)
	if err != nil {
		return out, err
	}
	if len(totals) > 0 {
		out.Conversions = totals[0].OutOf
	}
	for _, c := range cells {
		out.Cells = append(out.Cells, ScenarioCell{
			AttributionWindow: c.AttributionWindow, MatchWindow: c.MatchWindow, Attributed: c.Attributed, ValueMicros: c.ValueMicros,
			Share: float64(c.Attributed) / float64(max(out.Conversions, 1)), IsPrimary: c.AttributionWindow == r.study.Attribution.Primary.String(),
		})
	}
	return out, nil
}

// remodel brings model.* to the scenario. What the last run built for the same
// study, as-of and inputs is used as it is, which is what makes a scenario take
// seconds.
func (r *run) remodel(ctx context.Context, tx *warehouse.Tx) error {
	var err error
	if _, r.inputs, err = readRegistry(ctx, tx); err != nil {
		return err
	}
	if err := r.sameAsOf(ctx, tx); err != nil {
		return err
	}
	models, err := warehouse.Read[modelledRow](ctx, tx,
		"SELECT study, as_of_us, config_sha256, inputs_sha256 FROM ops.modelled ORDER BY study")
	if err != nil {
		return err
	}
	if err := r.fillStudy(ctx, tx); err != nil {
		return err
	}
	if len(models) != 1 || models[0] != r.modelled() {
		if _, err := replaceAll(ctx, tx, r.params(), cleanTables...); err != nil {
			return err
		}
	}
	if _, err := replaceAll(ctx, tx, r.params(), matchTables...); err != nil {
		return err
	}
	_, err = replaceAll(ctx, tx, r.params(), "model.last_touch")
	return err
}

// sameAsOf takes the as-of of the study's newest report when none is given, and
// then refuses when other files were loaded since: the answer would not be
// comparable with the report.
func (r *run) sameAsOf(ctx context.Context, tx *warehouse.Tx) error {
	if r.asOf.UnixMicro() != (time.Time{}).UnixMicro() {
		return nil
	}
	last, err := warehouse.Read[struct {
		AsOfUS int64  `db:"as_of_us"`
		Inputs string `db:"inputs_sha256"`
	}](ctx, tx, "SELECT as_of_us, inputs_sha256 FROM result.run WHERE run_id = ("+newestRun+") ORDER BY run_id", r.study.Name)
	switch {
	case err != nil:
		return err
	case len(last) == 0:
		return &UnknownRunError{Study: r.study.Name, Hint: "make one with: ghostlight run " + r.study.Name}
	case last[0].Inputs != r.inputs:
		return &UsageError{
			Problem: "other files were loaded, or rows removed, since the study's newest report",
			Hint:    "make a new report with: ghostlight run " + r.study.Name + ", or name the cut-off with --as-of",
		}
	}
	r.asOf = micros(last[0].AsOfUS)
	return nil
}
