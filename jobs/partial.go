package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// PartialError says that some of several studies failed while the others went on,
// or that reports were made without some of the files.
type PartialError struct {
	Published int // reports that were written
	Failed    []StudyFailure
	LeftOut   []string // files, each with its fault
}

// StudyFailure is why one study has no new report.
type StudyFailure struct {
	Study string
	Err   error
}

// Error is a summary and one line for each failure.
func (e *PartialError) Error() string {
	var b strings.Builder
	if len(e.LeftOut) > 0 {
		b.WriteString("published without " + plural(len(e.LeftOut), "file"))
		for _, file := range e.LeftOut {
			b.WriteString("\n  " + file)
		}
		if len(e.Failed) == 0 {
			return b.String()
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%d of %s failed; their earlier reports stay as they are", len(e.Failed), plural(e.Published+len(e.Failed), "report"))
	for _, f := range e.Failed {
		message, hint := explain(f.Err)
		if hint != "" {
			message += " (hint: " + hint + ")"
		}
		if !isType[*StageError](f.Err) {
			message = "study " + f.Study + ": " + message
		}
		b.WriteString("\n  " + strings.ReplaceAll(message, "\n", "\n  "))
	}
	return b.String()
}

// isLeftOut tells that everything was published, without some of the files.
func isLeftOut(err error) bool {
	partial, ok := errors.AsType[*PartialError](err)
	return ok && len(partial.Failed) == 0
}

// published notes a report and the files that it was made without, each once.
func (e *PartialError) published(result RunResult) {
	e.Published++
	for _, file := range result.LeftOut {
		if !slices.Contains(e.LeftOut, file) {
			e.LeftOut = append(e.LeftOut, file)
		}
	}
}

// Unwrap returns the causes.
func (e *PartialError) Unwrap() []error {
	errs := make([]error, len(e.Failed))
	for i, f := range e.Failed {
		errs[i] = f.Err
	}
	return errs
}

// RunStudies makes one report for each of the named studies, of all when none is
// named, in the order of their names. A study that fails does not stop the next;
// then the error is a *PartialError, or the failure itself when there was only
// one study to run; a report that was made without some of the files makes it a
// *PartialError as well. done is called after each report, and its error ends the
// rest, as the end of ctx does.
func (e *Engine) RunStudies(ctx context.Context, asOf time.Time, studies []string, done func(RunResult) error) ([]RunResult, error) {
	names, err := e.Workspace.choose(studies)
	if err != nil {
		return nil, err
	}
	var results []RunResult
	partial := &PartialError{}
	for _, name := range names {
		result, err := e.Run(ctx, RunRequest{Study: name, AsOf: asOf})
		if err != nil {
			if len(names) == 1 || ctx.Err() != nil || errors.Is(err, context.Canceled) {
				return results, err
			}
			partial.Failed = append(partial.Failed, StudyFailure{name, err})
			continue
		}
		results = append(results, result)
		partial.published(result)
		if err := done(result); err != nil {
			return results, fmt.Errorf("show result of study %s: %w", name, err)
		}
	}
	if len(partial.Failed)+len(partial.LeftOut) > 0 {
		return results, partial
	}
	return results, nil
}

// choose returns the named studies, each once and in order, or all of them. An
// unknown name is an error before anything is done.
func (w *Workspace) choose(studies []string) ([]string, error) {
	if len(studies) == 0 {
		return w.StudyNames(), nil
	}
	for _, name := range studies {
		if _, err := w.Study(name); err != nil {
			return nil, err
		}
	}
	names := slices.Sorted(slices.Values(studies))
	return slices.Compact(names), nil
}
