package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"ghostlight/jobs"
)

func (a *app) checkCommand() *cobra.Command {
	var prelaunch bool
	var asOf jobs.Time
	cmd := &cobra.Command{
		Use:   "check [STUDY...]",
		Short: "Find everything that is wrong before a run does",
		Long: `Validate the configuration, then look at every source: the files are there, they
are whole, their columns are those that the mapping names, and their first records
can be read (of files up to 4 MB, all records). Everything wrong is listed at once.

Nothing is written and no lock is taken, so it may be used beside a run.

With --prelaunch the records that are marked as a test are measured instead, as a run
measures all others, and out/<study>/prelaunch/readiness.html says whether the study is
ready for its launch. It ends with 0 when it is, with 3 when a line of the checklist
failed, and with 8 when none did and one could not be tested yet.`,
		Example: `  ghostlight check
  ghostlight check autumn --json
  ghostlight check autumn --prelaunch`,
		GroupID:           groupSetUp,
		Args:              takes(0, -1, "names of studies"),
		ValidArgsFunction: a.studyNames,
		RunE: func(cmd *cobra.Command, studies []string) error {
			if prelaunch {
				return a.prelaunch(cmd, studies, asOf.Time)
			}
			if !asOf.IsZero() {
				return &jobs.UsageError{Problem: "--as-of needs --prelaunch", Hint: "a check of files has no cut-off"}
			}
			checked, err := jobs.Check(cmd.Context(), a.dir, studies, a.options(cmd))
			if err != nil {
				return err
			}
			return a.emit(checked, func(w io.Writer) error { return printChecked(w, checked) })
		},
	}
	cmd.Flags().BoolVar(&prelaunch, "prelaunch", false, "measure test traffic and write a readiness report")
	cmd.Flags().TextVar(&asOf, "as-of", jobs.Time{}, "with --prelaunch, leave out what was received after `TIME`, a date or RFC 3339 (default now)")
	cmd.Flags().Lookup("as-of").DefValue = ""
	return cmd
}

func printChecked(w io.Writer, c jobs.Checked) error {
	rows := [][]string{{"SOURCE", "TABLE", "FILES", "BYTES", "READ", "REFUSED", ""}}
	for _, s := range c.Sources {
		rows = append(rows, []string{
			s.Source, s.Table, strconv.Itoa(s.Files), strconv.FormatInt(s.Bytes, 10),
			strconv.FormatInt(s.Records, 10), strconv.FormatInt(s.Refused, 10), s.FirstRefused,
		})
	}
	if err := table(w, rows); err != nil {
		return err
	}
	if notes := c.Notes(); len(notes) > 0 {
		if _, err := fmt.Fprintf(w, "\nnote: %s\n", printable(strings.Join(notes, "\nnote: "))); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "\nNothing wrong found. Studies: %s\n", strings.Join(c.Studies, ", "))
	return err
}
