package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"ghostlight/jobs"
)

type eventsCompareDocument struct {
	SchemaVersion int `json:"schema_version"`
	jobs.ArchiveComparison
}

func (a *app) eventsCompareCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "compare STAGING PRODUCTION",
		Short: "List in what two archives of one scripted journey differ",
		Long: `Send the same scripted journey through staging and through production, and compare what
was archived of it: which events came, in which order, how many records of each, which
parameters and identifiers they carry, the forms of their ids and whether these are shared
and used again, the states of consent, the currencies, and the rows that were refused.
STAGING and PRODUCTION are files of formats that are known (ghostlight formats), or folders
of such. Values, times and identifiers themselves are not compared, and nothing is written.

The exit code is 0 whether or not they differ, 2 when a file is missing, and 3 when one
cannot be read.`,
		Example: `  ghostlight events compare staging.jsonl production.jsonl
  ghostlight events compare archive/staging archive/production --json`,
		Args: takes(2, 2, "two files or folders, STAGING and PRODUCTION"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := jobs.CompareArchives(cmd.Context(), a.dir, args[0], args[1])
			if err != nil {
				return err
			}
			if len(c.Changes) == 0 && !a.quiet {
				fmt.Fprintln(a.stderr, "the journeys show the same")
			}
			return a.emit(eventsCompareDocument{1, c}, func(w io.Writer) error {
				lines := make([]string, len(c.Changes))
				for i, change := range c.Changes {
					lines[i] = printable(change.String()) + "\n"
				}
				_, err := io.WriteString(w, strings.Join(lines, ""))
				return err
			})
		},
	}
}
