package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"ghostlight/jobs/source"
	"ghostlight/jobs/warehouse"
	"ghostlight/reports"
)

// prelaunchFolder is where the readiness of a study lies, beside its reports.
const prelaunchFolder = "prelaunch"

// UnreadyError says that studies are not ready for their launch: of Failed a line of the
// checklist failed, of Untested one could not be tested yet.
type UnreadyError struct{ Failed, Untested []string }

// Error names the studies.
func (e *UnreadyError) Error() string {
	var parts []string
	if len(e.Failed) > 0 {
		parts = append(parts, "not ready for the launch: "+strings.Join(e.Failed, ", "))
	}
	if len(e.Untested) > 0 {
		parts = append(parts, "not known to be ready for the launch: "+strings.Join(e.Untested, ", "))
	}
	return strings.Join(parts, "; ")
}

func (e *UnreadyError) hint() string {
	if len(e.Failed) > 0 {
		return "the lines that failed say what to correct"
	}
	return "the lines that could not be tested say what to send as test traffic"
}

// Prelaunch measures the test traffic of studies, of all when none is named, as a run
// measures what is no test, and writes to out/STUDY/prelaunch what that says of the
// checklist. It is received by asOf. The error is an *UnreadyError when a study is not
// ready; the answers are complete then.
//
// The stages are those of a run, over tables in a folder of their own that is removed
// after. A readiness is no result: neither the tables nor the ledger of the workspace may
// know of it, and so it needs neither the workspace's lock nor its key, and may be
// made beside a run. Whoever was erased is not known there, and is read as a check reads.
func Prelaunch(ctx context.Context, dir string, studies []string, asOf time.Time, opt OpenOptions) (_ []reports.Readiness, err error) {
	workspace, err := LoadWorkspace(dir)
	if err != nil {
		return nil, err
	}
	names, err := workspace.choose(studies)
	if err != nil {
		return nil, err
	}
	engine, err := openApart(ctx, workspace, opt)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	all, unready := []reports.Readiness{}, &UnreadyError{}
	for _, name := range names {
		readiness, err := engine.prelaunch(ctx, name, asOf)
		if err != nil {
			return all, err
		}
		if err := reports.WriteReadiness(filepath.Join(dir, outFolder, name, prelaunchFolder), readiness); err != nil {
			return all, err
		}
		all = append(all, readiness)
		switch readiness.State {
		case reports.LineFailed:
			unready.Failed = append(unready.Failed, name)
		case reports.LineNotTestable:
			unready.Untested = append(unready.Untested, name)
		}
	}
	if len(unready.Failed)+len(unready.Untested) > 0 {
		return all, unready
	}
	return all, nil
}

// ReadinessPage is the path of a study's readiness, relative to the workspace.
func ReadinessPage(study string) string {
	return filepath.ToSlash(filepath.Join(outFolder, study, prelaunchFolder, reports.ReadinessPage))
}

// openApart opens a workspace over tables in a folder of their own.
func openApart(ctx context.Context, w *Workspace, opt OpenOptions) (_ *Engine, err error) {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	opt.ReadOnly = false
	e := &Engine{Workspace: w, opt: opt, unlock: func() error { return nil }}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.Close())
		}
	}()
	state := filepath.Join(w.Dir, stateFolder)
	if err := sweepChecks(state); err != nil {
		return nil, err
	}
	folder, free, err := trialFolder(state)
	if err != nil {
		return nil, err
	}
	e.apart, e.unlock = folder, free
	if e.keyer, err = source.NewKeyer([]byte("a trial keeps no identifier")); err != nil {
		return nil, err
	}
	e.keyer.With(w.Identity)
	if e.roots, err = source.OpenRoots(w.Dir, w.Roots); err != nil {
		return nil, err
	}
	spool, err := source.OpenSpool(filepath.Join(folder, spoolFolder))
	if err != nil {
		return nil, err
	}
	e.intake = &source.Intake{Roots: e.roots, Spool: spool, Connections: w.Connections, Secrets: secretsOf(w, opt), Stdin: opt.Stdin}
	if err := e.openWarehouse(ctx); err != nil {
		return nil, err
	}
	return e, e.prepare(ctx)
}

// prelaunch makes the readiness of one study: all stages of a run but the report.
func (e *Engine) prelaunch(ctx context.Context, name string, asOf time.Time) (out reports.Readiness, err error) {
	study, err := e.Workspace.Study(name)
	if err != nil {
		return out, err
	}
	r := &run{Engine: e, study: study, asOf: asOf.UTC().Truncate(time.Microsecond), wantsTest: true}
	if err := r.begin(ctx, time.Time{}); err != nil {
		return out, err
	}
	for _, s := range pipeline[:len(pipeline)-1] {
		r.stage = s.name
		r.progress(0, 0)
		if _, err := s.do(ctx, r); err != nil {
			return out, &StageError{Study: name, Stage: s.name, Err: err}
		}
		if s.name == pipeline[0].name {
			if err := r.coverTests(ctx); err != nil {
				return out, err
			}
		}
	}
	err = e.db.Transact(ctx, func(tx *warehouse.Tx) error {
		out, err = r.readiness(ctx, tx)
		return err
	})
	if err != nil {
		return out, fmt.Errorf("study %s: judge test traffic: %w", name, err)
	}
	return out, nil
}

// coverTests lets the study's period be that of its test traffic, with a day on either
// side: it is sent before the study begins.
func (r *run) coverTests(ctx context.Context) error {
	return r.db.Transact(ctx, func(tx *warehouse.Tx) error {
		rows, err := warehouse.Read[struct {
			First *int64 `db:"first_us"`
			Last  *int64 `db:"last_us"`
		}](ctx, tx, `SELECT min(e.occurred_us) AS first_us, max(e.occurred_us) AS last_us
			FROM clean.event AS e JOIN clean.signal AS g ON g.file_id = e.file_id AND g.signal_no = e.signal_no
			WHERE g.is_test AND e.received_us <= ?`, r.asOf.UnixMicro())
		if err == nil && rows[0].First != nil {
			r.study.Period.Start.Time = micros(*rows[0].First).Add(-Day.Std())
			r.study.Period.End.Time = micros(*rows[0].Last).Add(Day.Std())
		}
		return err
	})
}
