package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"ghostlight/jobs/warehouse"
)

// RunRequest asks for one report.
type RunRequest struct {
	Study string
	AsOf  time.Time // cut-off on received time
	// Interval is the start of the scheduled interval that the run stands for;
	// zero for a run that somebody asked for.
	Interval time.Time
}

// RunResult says what a run published.
type RunResult struct {
	SchemaVersion int       `json:"schema_version"`
	Study         string    `json:"study"`
	RunID         string    `json:"run_id"`
	AsOf          time.Time `json:"as_of"`
	Verdict       string    `json:"verdict"`
	Sentence      string    `json:"sentence"`
	Report        string    `json:"report"` // path of report.html, relative to the workspace
	Warnings      int       `json:"warnings"`
	Attention     []string  `json:"-"`                  // the warnings, in the words and order of the report
	LeftOut       []string  `json:"left_out,omitempty"` // files that it was made without, each with its fault
}

// run is one report while it is made.
type run struct {
	*Engine
	study   Study
	asOf    time.Time
	id      string // known after load: it depends on the inputs
	attempt string
	stage   string
	inputs  string // sha256 over the loaded files
	result  RunResult

	wantsTest bool // test traffic is what is measured, and all else left out
}

// StageError says which stage of which study failed.
type StageError struct {
	Study, Stage string
	Err          error
}

func (e *StageError) Error() string {
	return fmt.Sprintf("study %s: %s: %v", e.Study, e.Stage, e.Err)
}

// Unwrap returns the cause.
func (e *StageError) Unwrap() error { return e.Err }

// Run makes one report: every stage in order, each noted in the ledger. When a
// stage fails nothing is published, and an earlier report stays as it is.
func (e *Engine) Run(ctx context.Context, request RunRequest) (RunResult, error) {
	study, err := e.Workspace.Study(request.Study)
	if err != nil {
		return RunResult{}, err
	}
	r := &run{Engine: e, study: study, asOf: request.AsOf.UTC().Truncate(time.Microsecond)}
	if err := r.begin(ctx, request.Interval); err != nil {
		return RunResult{}, err
	}
	for number, s := range pipeline {
		r.stage = s.name
		started := e.opt.Now()
		r.progress(0, 0)
		rows, err := s.do(ctx, r)
		if err != nil {
			err = &StageError{Study: study.Name, Stage: s.name, Err: err}
			return RunResult{}, errors.Join(err, r.end(ctx, endState(err), err))
		}
		seconds := e.opt.Now().Sub(started).Seconds()
		e.opt.Log.Info("stage done", "study", study.Name, "stage", s.name, "rows", rows, "seconds", seconds)
		if err := r.note(ctx, number+1, s.name, rows, seconds); err != nil {
			return RunResult{}, errors.Join(err, r.end(ctx, endState(err), err))
		}
	}
	return r.result, r.end(ctx, "published", nil)
}

// endState is how the ledger calls a run that did not publish.
func endState(err error) string {
	if errors.Is(err, context.Canceled) {
		return "interrupted"
	}
	return "failed"
}

// transact runs one stage's writes as one transaction.
func (r *run) transact(ctx context.Context, do func(*warehouse.Tx) (int64, error)) (rows int64, err error) {
	err = r.db.Transact(ctx, func(tx *warehouse.Tx) error {
		rows, err = do(tx)
		return err
	})
	return rows, err
}

func (r *run) progress(done, total int64) {
	if r.opt.Progress != nil {
		r.opt.Progress(r.study.Name, r.stage, done, total)
	}
}

// identify fixes the run's id: equal for equal inputs, configuration, as-of and
// program, whatever the files are called and in whatever order they came.
func (r *run) identify() {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n%s\n%s\n%s\n",
		r.study.Name, r.asOf.Format(time.RFC3339Nano), r.Workspace.Hash(r.study.Name), r.inputs, r.opt.CodeVersion, r.version))
	r.id = r.asOf.Format("20060102") + "-" + hex.EncodeToString(sum[:6])
	r.result = RunResult{
		LeftOut: r.result.LeftOut, SchemaVersion: 1, Study: r.study.Name, RunID: r.id, AsOf: r.asOf,
		Report: filepath.ToSlash(filepath.Join(outFolder, r.study.Name, r.id, "report.html")),
	}
}
