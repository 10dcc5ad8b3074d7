package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ghostlight/jobs"
	"ghostlight/jobs/source"
	"ghostlight/jobs/warehouse"
)

// TestExplain holds the exit code and the words of every kind of failure.
func TestExplain(t *testing.T) {
	config := &jobs.ConfigError{Problems: []jobs.Problem{{File: "events.yaml", Line: 3, Col: 5, Message: "unknown key"}}}
	file := &source.FileError{Source: "orders", Path: "data/o.csv", Line: 4, What: "a quote is never closed", Hint: "close it"}
	fileProblem := []jobs.Problem{{File: "data/o.csv", Line: 4, Path: "source orders", Message: "a quote is never closed", Hint: "close it"}}
	changed := &source.FileError{Source: "orders", Path: "data/o.csv", What: source.ErrChanged.Error(), Hint: "rename it", Err: source.ErrChanged}
	outside := &source.FileError{Source: "orders", Path: "data/o.csv", What: "it leads outside", Hint: "copy it", Err: source.ErrOutside}
	owner := warehouse.Owner{PID: 7, Host: "here", Command: "ghostlight run", Since: time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)}
	for _, c := range []struct {
		name string
		err  error
		want jobs.Fault
	}{
		{"usage", &jobs.UsageError{Problem: "no such flag", Hint: "see --help"},
			jobs.Fault{Code: 2, Kind: "usage", Message: "no such flag", Hint: "see --help"}},
		{"configuration", fmt.Errorf("load: %w", config),
			jobs.Fault{Code: 2, Kind: "configuration", Message: "1 problem in the configuration", Problems: config.Problems}},
		{"unknown study", &jobs.UnknownStudyError{Name: "tny", Hint: "did you mean tiny?"},
			jobs.Fault{Code: 2, Kind: "usage", Message: `unknown study "tny"`, Hint: "did you mean tiny?"}},
		{"unknown run", &jobs.UnknownRunError{Study: "tiny", Hint: "make one"},
			jobs.Fault{Code: 2, Kind: "usage", Message: "study tiny has no stored run", Hint: "make one"}},
		{"key", &jobs.KeyError{Problem: "others can read the key", Hint: "chmod 600"},
			jobs.Fault{Code: 2, Kind: "configuration", Message: "others can read the key", Hint: "chmod 600",
				Problems: []jobs.Problem{{File: "ghostlight.yaml", Path: "identity.key", Message: "others can read the key", Hint: "chmod 600"}}}},
		{"file outside the roots", outside,
			jobs.Fault{Code: 2, Kind: "configuration", Message: "source orders: data/o.csv: it leads outside", Hint: "copy it",
				Problems: []jobs.Problem{{File: "data/o.csv", Path: "source orders", Message: "it leads outside", Hint: "copy it"}}}},
		{"file", &jobs.StageError{Study: "tiny", Stage: "load", Err: file},
			jobs.Fault{Code: 3, Kind: "data", Message: "study tiny: load: source orders: data/o.csv:4: a quote is never closed", Hint: "close it", Problems: fileProblem}},
		{"file that cannot be opened is data, not permission", &source.FileError{Source: "orders", Path: "data/o.csv", What: "permission denied", Hint: "let me", Err: fs.ErrPermission},
			jobs.Fault{Code: 3, Kind: "data", Message: "source orders: data/o.csv: permission denied", Hint: "let me",
				Problems: []jobs.Problem{{File: "data/o.csv", Path: "source orders", Message: "permission denied", Hint: "let me"}}}},
		{"tolerance", &source.ToleranceError{Source: "orders", Quarantined: 2, Records: 10, Max: 5000, First: "data/o.csv: line 3: value: not an amount"},
			jobs.Fault{Code: 3, Kind: "data",
				Message: "source orders: 2 of 10 records were refused, 0.5% are tolerated (max_quarantine); first: data/o.csv: line 3: value: not an amount",
				Hint:    "correct the records or the mapping of source orders, or raise its max_quarantine; nothing was published",
				Problems: []jobs.Problem{{File: "data/o.csv", Line: 3, Path: "source orders",
					Message: "2 of 10 records were refused, 0.5% are tolerated (max_quarantine); first: data/o.csv: line 3: value: not an amount"}}}},
		{"rows deleted by age", &jobs.RetentionError{Study: "tiny", Table: "event", Until: owner.Since},
			jobs.Fault{Code: 3, Kind: "data", Message: "rows of clean.event up to 2026-11-23T06:00:00Z were deleted by age, and the study's period needs them",
				Hint: "its published reports stay; take the study's file away, or name the studies to run",
				Problems: []jobs.Problem{{File: "ghostlight.yaml", Path: "retention",
					Message: "rows of clean.event up to 2026-11-23T06:00:00Z were deleted by age, and the study's period needs them",
					Hint:    "its published reports stay; take the study's file away, or name the studies to run"}}}},
		{"changed while read", changed,
			jobs.Fault{Code: 75, Kind: "temporary", Message: "source orders: data/o.csv: the file changed while it was being read", Hint: "rename it",
				Problems: []jobs.Problem{{File: "data/o.csv", Path: "source orders", Message: "the file changed while it was being read", Hint: "rename it"}}}},
		{"locked", &warehouse.LockedError{Path: ".ghostlight/lock", Owner: owner},
			jobs.Fault{Code: 5, Kind: "locked", Message: "ghostlight run works in this workspace: process 7 on here since 2026-11-23 06:00:00Z",
				Hint: "wait for it to end; the lock is freed when its process ends, however it ends"}},
		{"engine without resources", &warehouse.Error{Op: "append", Table: "clean.event", Err: warehouse.ErrResources, Hint: "free disk space"},
			jobs.Fault{Code: 6, Kind: "resources", Message: "append clean.event: warehouse resources", Hint: "free disk space"}},
		{"disk full", fmt.Errorf("write report: %w", &fs.PathError{Op: "write", Path: "out/x", Err: syscall.ENOSPC}),
			jobs.Fault{Code: 6, Kind: "resources", Message: "write report: write out/x: no space left on device", Hint: "free disk space and run again; what is stored is intact"}},
		{"integrity", fmt.Errorf("x: %w", &source.IntegrityError{Source: "orders", Path: "data/o.csv", Records: 3, Loaded: 1, Err: warehouse.ErrIntegrity}),
			jobs.Fault{Code: 7, Kind: "integrity", Message: "x: source orders: data/o.csv: 3 records are not 1 loaded + 0 duplicate + 0 quarantined + 0 blank"}},
		{"interrupted", fmt.Errorf("%w: query failed", context.Canceled),
			jobs.Fault{Code: 130, Kind: "interrupted", Message: "interrupted", Hint: "nothing half-done was published; the same command goes on from here"}},
		{"unexpected, without the engine's stack", errors.New("INTERNAL: x\n\nStack Trace:\n0x0"),
			jobs.Fault{Code: 1, Kind: "unexpected", Message: "INTERNAL: x"}},
		{"several causes", &jobs.CheckFailure{Causes: []error{file, changed}},
			jobs.Fault{Code: 75, Kind: "temporary", Message: "2 problems in the files of the sources", Problems: append(fileProblem,
				jobs.Problem{File: "data/o.csv", Path: "source orders", Message: "the file changed while it was being read", Hint: "rename it"})}},
		{"partial", &jobs.PartialError{Published: 1, Failed: []jobs.StudyFailure{{"tiny", file}}},
			jobs.Fault{Code: 8, Kind: "partial", Problems: fileProblem,
				Message: "1 of 2 reports failed; their earlier reports stay as they are\n  study tiny: source orders: data/o.csv:4: a quote is never closed (hint: close it)"}},
		{"partial without a report", &jobs.PartialError{Failed: []jobs.StudyFailure{{"tiny", file}, {"other", changed}}},
			jobs.Fault{Code: 3, Kind: "partial", Problems: append(fileProblem,
				jobs.Problem{File: "data/o.csv", Path: "source orders", Message: "the file changed while it was being read", Hint: "rename it"}),
				Message: "2 of 2 reports failed; their earlier reports stay as they are\n" +
					"  study tiny: source orders: data/o.csv:4: a quote is never closed (hint: close it)\n" +
					"  study other: source orders: data/o.csv: the file changed while it was being read (hint: rename it)"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, jobs.Explain(c.err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if code := jobs.ExitCode(c.err); code != c.want.Code {
				t.Errorf("exit code %d, want %d", code, c.want.Code)
			}
		})
	}
	if code := jobs.ExitCode(nil); code != 0 {
		t.Errorf("exit code of success: %d", code)
	}
}
