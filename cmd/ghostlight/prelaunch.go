package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"ghostlight/jobs"
)

// readinessDocument is the answer of check --prelaunch with --json.
type readinessDocument struct {
	SchemaVersion int              `json:"schema_version"`
	Studies       []jobs.Readiness `json:"studies"`
}

// prelaunch measures test traffic; what it says of a study is shown also when that is not
// ready.
func (a *app) prelaunch(cmd *cobra.Command, studies []string, asOf time.Time) error {
	if asOf.IsZero() {
		asOf = time.Now()
	}
	options := a.options(cmd)
	options.Stdin = a.input()
	all, err := jobs.Prelaunch(cmd.Context(), a.dir, studies, asOf, options)
	a.bars.close()
	if err != nil && len(all) == 0 {
		return err
	}
	return errors.Join(err, a.emit(readinessDocument{jobs.ReadinessVersion, all}, func(w io.Writer) error {
		for i, r := range all {
			if i > 0 {
				if _, err := fmt.Fprintln(w); err != nil {
					return err
				}
			}
			if err := a.printReadiness(w, r); err != nil {
				return err
			}
		}
		return nil
	}))
}

// printReadiness is the checklist of a study, with what is behind the lines that did not
// pass.
func (a *app) printReadiness(w io.Writer, r jobs.Readiness) error {
	if _, err := fmt.Fprintf(w, "%s: %s\n", a.colour(bold, r.Study), printable(r.Sentence())); err != nil {
		return err
	}
	rows := [][]string{{"", "LINE", "STATUS", ""}}
	for i, l := range r.Lines {
		status := readinessWords[l.Status]
		why := slices.Clone(l.Failures)
		for _, text := range l.Missing {
			why = append(why, "not seen: "+text)
		}
		if len(why) == 0 {
			why = []string{""}
		}
		for k, text := range why {
			row := []string{"", "", "", text}
			if k == 0 {
				row = []string{strconv.Itoa(i + 1), l.Label, status, text}
			}
			rows = append(rows, row)
		}
	}
	if err := table(w, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, a.path(jobs.ReadinessPage(r.Study)))
	return err
}

var readinessWords = map[string]string{
	jobs.LinePassed: "passed", jobs.LineFailed: "FAILED", jobs.LineNotTestable: "not yet testable",
}
