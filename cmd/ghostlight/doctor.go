package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"ghostlight/jobs"
)

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Examine the machine and the workspace",
		Long: `Examine versions, configuration, folders and their permissions, free disk space,
memory against the engine's limit, the identity key, the lock and its owner, the
warehouse, and the time zone. Each line says ok, warn or fail.

The exit code is that of the worst line: 0 for ok and warn; 2, 5, 6 or 7 for fail.`,
		GroupID: groupLook,
		Args:    takes(0, 0, "nothing"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			diagnosis, failed := jobs.Doctor(cmd.Context(), a.dir, a.options(cmd))
			return errors.Join(a.emit(diagnosis, func(w io.Writer) error { return a.printDiagnosis(w, diagnosis) }), failed)
		},
	}
}

func (a *app) printDiagnosis(w io.Writer, d jobs.Diagnosis) error {
	colours := map[string]string{jobs.OK: green, jobs.Warn: yellow, jobs.Fail: red}
	for _, c := range d.Checks {
		if _, err := fmt.Fprintf(w, "%s  %-14s %s\n", a.colour(colours[c.Status], fmt.Sprintf("%-4s", c.Status)), c.Name, printable(c.Detail)); err != nil {
			return err
		}
		if c.Hint != "" {
			if _, err := fmt.Fprintf(w, "%20s %s\n", "", printable(c.Hint)); err != nil {
				return err
			}
		}
	}
	return nil
}
