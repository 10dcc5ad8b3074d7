package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ghostlight/jobs"
)

type statusDocument struct {
	SchemaVersion int            `json:"schema_version"`
	Attempts      []jobs.Attempt `json:"attempts"`
}

func (a *app) statusCommand() *cobra.Command {
	limit := 20
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "List the runs, newest first",
		GroupID: groupLook,
		Args:    takes(0, 0, "nothing"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 1 {
				return &jobs.UsageError{Problem: "--limit must be 1 or more", Hint: "leave it out for 20"}
			}
			attempts, err := jobs.ReadStatus(cmd.Context(), a.dir, limit, a.options(cmd))
			if err != nil {
				return err
			}
			return a.emit(statusDocument{1, attempts}, func(w io.Writer) error { return a.printStatus(w, attempts) })
		},
	}
	cmd.Flags().IntVar(&limit, "limit", limit, "at most `N` runs")
	return cmd
}

func (a *app) printStatus(w io.Writer, attempts []jobs.Attempt) error {
	if len(attempts) == 0 {
		_, err := fmt.Fprintln(w, "No runs yet. Make the first with: ghostlight run")
		return err
	}
	rows := [][]string{{"STARTED", "STUDY", "AS OF", "STATE", "SECONDS", "ROWS", "OUTCOME"}}
	for _, t := range attempts {
		row := []string{t.StartedAt.UTC().Format(time.RFC3339), t.Study, jobs.Time{Time: t.AsOf.UTC()}.String(), t.State, "", "", outcome(a, t)}
		if t.Seconds != nil {
			row[4] = strconv.FormatFloat(*t.Seconds, 'f', 1, 64)
		}
		if t.Rows != nil {
			row[5] = strconv.FormatInt(*t.Rows, 10)
		}
		if t.Expired != nil {
			row[5] += fmt.Sprintf(" (%d deleted by age)", *t.Expired)
		}
		rows = append(rows, row)
	}
	return table(w, rows)
}

// outcome is where the report of an attempt lies, or why there is none.
func outcome(a *app, t jobs.Attempt) string {
	switch {
	case t.Error != nil:
		line, _, _ := strings.Cut(*t.Error, "\n")
		return line
	case t.Report != nil && t.Verdict != nil:
		return strings.ReplaceAll(*t.Verdict, "_", " ") + "  " + a.path(*t.Report)
	}
	return ""
}
