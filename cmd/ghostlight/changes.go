package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"ghostlight/jobs"
)

type changesDocument struct {
	SchemaVersion int                 `json:"schema_version"`
	Study         string              `json:"study"`
	Changes       []jobs.LoggedChange `json:"changes"`
}

func (a *app) changesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "changes STUDY",
		Short: "List what was changed in the measurement",
		Long: `List the change log of a study's last report: what its changes: record, and what runs
found to be otherwise than in the report before (windows, dedup rules, the event
dictionary, identity links, sources, the program). Numbers from before and after a
change are not of one kind.`,
		Example: `  ghostlight changes example`,
		GroupID: groupLook,
		Args:    takes(1, 1, "one study"),
		RunE: func(cmd *cobra.Command, args []string) error {
			changes, err := jobs.ReadChanges(cmd.Context(), a.dir, args[0], a.options(cmd))
			if err != nil {
				return err
			}
			return a.emit(changesDocument{1, args[0], changes}, func(w io.Writer) error { return printChanges(w, changes) })
		},
	}
}

func printChanges(w io.Writer, changes []jobs.LoggedChange) error {
	if len(changes) == 0 {
		_, err := fmt.Fprintln(w, "No change is known.")
		return err
	}
	rows := [][]string{{"WHEN", "KIND", "KNOWN BY", "SOURCE", "WHAT", "FROM", "TO"}}
	for _, c := range changes {
		rows = append(rows, []string{jobs.Time{Time: c.At}.String(), strings.ReplaceAll(c.Kind, "_", " "), c.Origin,
			orDash(c.Source), printable(c.What), orDash(printable(c.Old)), orDash(printable(c.New))})
	}
	return table(w, rows)
}
