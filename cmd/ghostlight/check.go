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
	return &cobra.Command{
		Use:   "check [STUDY...]",
		Short: "Find everything that is wrong before a run does",
		Long: `Validate the configuration, then look at every source: the files are there, they
are whole, their columns are those that the mapping names, and their first records
can be read (of files up to 4 MB, all records). Everything wrong is listed at once.

Nothing is written and no lock is taken, so it may be used beside a run.`,
		Example: `  ghostlight check
  ghostlight check autumn --json`,
		GroupID:           groupSetUp,
		Args:              takes(0, -1, "names of studies"),
		ValidArgsFunction: a.studyNames,
		RunE: func(cmd *cobra.Command, studies []string) error {
			checked, err := jobs.Check(cmd.Context(), a.dir, studies, a.options(cmd))
			if err != nil {
				return err
			}
			return a.emit(checked, func(w io.Writer) error { return printChecked(w, checked) })
		},
	}
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
