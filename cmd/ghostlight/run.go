package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ghostlight/jobs"
)

// runDocument is the answer of run with --json.
type runDocument struct {
	SchemaVersion int              `json:"schema_version"`
	Runs          []jobs.RunResult `json:"runs"`
	Failed        []failedStudy    `json:"failed"`
}

type failedStudy struct {
	Study string     `json:"study"`
	Error jobs.Fault `json:"error"`
}

func (a *app) runCommand() *cobra.Command {
	var asOf jobs.Time
	var catchUp bool
	cmd := &cobra.Command{
		Use:   "run [STUDY...]",
		Short: "Load the data and write the lift reports",
		Long: `Load what is new below the roots, measure each study (all of them when none is
named), and write its report to out/<study>/<run>/.

A source whose file is - reads standard input: gzip -dc orders.csv.gz | ghostlight run

The same inputs, configuration and --as-of give the same bytes. A report appears
whole or not at all; when a study fails its earlier reports stay as they are, and
the other studies go on.`,
		Example: `  ghostlight run
  ghostlight run autumn --as-of 2026-11-23
  ghostlight run --catch-up`,
		GroupID:           groupMeasure,
		Args:              takes(0, -1, "names of studies"),
		ValidArgsFunction: a.studyNames,
		RunE: func(cmd *cobra.Command, studies []string) error {
			now := time.Now()
			if catchUp && !asOf.IsZero() {
				return &jobs.UsageError{Problem: "--catch-up and --as-of exclude each other", Hint: "--catch-up takes its cut-offs from the schedule"}
			}
			if asOf.IsZero() {
				asOf.Time = now
			}
			options := a.options(cmd)
			if !catchUp {
				options.Stdin = a.input()
			}
			return a.withOptions(cmd, options, func(engine *jobs.Engine) error {
				show := func(r jobs.RunResult) error {
					a.bars.close()
					if a.json {
						return nil
					}
					return a.printRun(a.stdout, r)
				}
				var results []jobs.RunResult
				var err error
				if catchUp {
					results, err = engine.CatchUp(cmd.Context(), now, studies)
					for _, r := range results {
						err = errors.Join(err, show(r))
					}
				} else {
					results, err = engine.RunStudies(cmd.Context(), asOf.Time, studies, show)
				}
				document := documentOfRuns(results, err)
				if a.json && (err == nil || len(document.Runs)+len(document.Failed) > 0) {
					return errors.Join(err, writeJSON(a.stdout, document))
				}
				if err == nil && len(results) == 0 {
					_, err = fmt.Fprintln(a.stdout, "Nothing is due.")
				}
				return err
			})
		},
	}
	cmd.Flags().TextVar(&asOf, "as-of", jobs.Time{}, "leave out what was received after `TIME`, a date or RFC 3339 (default now)")
	cmd.Flags().Lookup("as-of").DefValue = ""
	cmd.Flags().BoolVar(&catchUp, "catch-up", false, "make the scheduled reports that are due and missing, then end")
	return cmd
}

// printRun is what a person reads of a run.
func (a *app) printRun(w io.Writer, r jobs.RunResult) error {
	_, err := fmt.Fprintf(w, "%s: %s\n  %s\n", a.colour(bold, r.Study), a.verdict(r.Verdict), printable(r.Sentence))
	for _, text := range r.Attention {
		if err == nil {
			_, err = fmt.Fprintf(w, "  %s\n", printable(text))
		}
	}
	if err == nil {
		_, err = fmt.Fprintf(w, "  %s\n", a.path(r.Report))
	}
	return err
}

// verdict is a verdict's state in words.
func (a *app) verdict(state string) string {
	words := strings.ReplaceAll(state, "_", " ")
	switch state {
	case "clear_increase":
		return a.colour(green, words)
	case "not_trustworthy", "clear_decrease":
		return a.colour(red, words)
	}
	return a.colour(yellow, words)
}

func documentOfRuns(results []jobs.RunResult, err error) runDocument {
	document := runDocument{SchemaVersion: 1, Runs: results, Failed: []failedStudy{}}
	if results == nil {
		document.Runs = []jobs.RunResult{}
	}
	if partial, ok := errors.AsType[*jobs.PartialError](err); ok {
		for _, f := range partial.Failed {
			document.Failed = append(document.Failed, failedStudy{f.Study, jobs.Explain(f.Err)})
		}
	} else if failed, ok := errors.AsType[*jobs.StageError](err); ok {
		document.Failed = append(document.Failed, failedStudy{failed.Study, jobs.Explain(err)})
	}
	return document
}

func (a *app) reportCommand() *cobra.Command {
	var runID string
	cmd := &cobra.Command{
		Use:   "report STUDY",
		Short: "Write the report of a stored run again",
		Long: `Write out/<study>/<run>/ again from the stored results alone. Nothing is loaded
and nothing is computed, so it says what the run said.`,
		Example: `  ghostlight report autumn
  ghostlight report autumn --run 20261123-0f3a5c1e9b77`,
		GroupID:           groupMeasure,
		Args:              takes(1, 1, "the name of a study"),
		ValidArgsFunction: a.studyNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, func(engine *jobs.Engine) error {
				result, err := engine.Rerender(cmd.Context(), args[0], runID)
				if err != nil {
					return err
				}
				return a.emit(result, func(w io.Writer) error { return a.printRun(w, result) })
			})
		},
	}
	cmd.Flags().StringVar(&runID, "run", "", "`ID` of the run (default the newest as-of; ghostlight status lists them)")
	return cmd
}
