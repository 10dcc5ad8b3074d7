package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"ghostlight/jobs"
)

func (a *app) eraseCommand() *cobra.Command {
	var request jobs.EraseRequest
	cmd := &cobra.Command{
		Use:   "erase --type TYPE < FILE",
		Short: "Remove persons, and keep them out",
		Long: `Remove persons by their identifiers, read from standard input, one a line, raw or
already hashed (SHA-256, 64 hex digits). Identifiers are compared in memory and are
neither stored nor shown; one that breaks a rule is named by its line, and then
nothing is erased.

A raw e-mail address or phone number reaches every form that a platform may hash it
in, and is better than a hash, which reaches only what was hashed alike. Addresses,
numbers and IPs are found in every column that holds identifiers, also as they are
written; the others only in their own: give them as the files have them. An IP address may be several people's, an IPv6 address
stands for its network. Give every identifier of the person: rows are found by what
they carry.

Every row that carries one of them goes, with what was derived from it. Then the
warehouse is written anew, so that its free space holds nothing either; that takes
as much free disk as the warehouse has. A list of keyed digests keeps the persons
out when an old file is loaded again. Reports already rendered hold aggregates only
and stay; the next run makes new ones. Source files and backups are yours to clean.

The receipt, without identifiers, is written to .ghostlight/receipts and shown.`,
		Example: `  ghostlight erase --type email --dry-run < requests.txt
  ghostlight erase --type email < requests.txt`,
		GroupID: groupLook,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			// Not repeated: it may be an identifier.
			return &jobs.UsageError{Problem: "erase takes no argument; identifiers come on standard input", Hint: "an argument stays in the shell's history: use a file"}
		},
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			types := strings.Join(jobs.ErasableTypes(), ", ")
			if request.Type == "" {
				return &jobs.UsageError{Problem: "erase needs --type TYPE", Hint: "one of: " + types}
			}
			if isTerminal(cmd.InOrStdin()) {
				return &jobs.UsageError{Problem: "erase reads identifiers from standard input, which is a terminal", Hint: "give them as a file: " + cmd.CommandPath() + " --type " + request.Type + " < ids.txt"}
			}
			if request.IDs, err = jobs.ReadErasedIDs(cmd.InOrStdin()); err != nil {
				return err
			}
			return a.with(cmd, func(engine *jobs.Engine) error {
				receipt, err := engine.Erase(cmd.Context(), request)
				if err != nil {
					return err
				}
				return a.emit(receipt, func(w io.Writer) error { return a.printReceipt(w, receipt) })
			})
		},
	}
	cmd.Flags().StringVar(&request.Type, "type", "", "`TYPE` of the identifiers: "+strings.Join(jobs.ErasableTypes(), ", "))
	cmd.Flags().BoolVar(&request.DryRun, "dry-run", false, "count what would go, and change nothing")
	return cmd
}

func (a *app) printReceipt(w io.Writer, r jobs.Receipt) error {
	verb := "Erased"
	if r.DryRun {
		verb = "Would erase"
	}
	if r.Rows() == 0 {
		if _, err := fmt.Fprintf(w, "Nothing was found of %d %s (%s).\n", r.Asked, map[bool]string{true: "identifier", false: "identifiers"}[r.Asked == 1], r.Type); err != nil {
			return err
		}
	} else if _, err := fmt.Fprintf(w, "%s rows of %d of %d identifiers (%s): %d\n", verb, r.Found, r.Asked, r.Type, r.Rows()); err != nil {
		return err
	}
	var rows [][]string
	for _, t := range r.Removed {
		if t.Rows > 0 {
			rows = append(rows, []string{"  " + t.Table, strconv.FormatInt(t.Rows, 10)})
		}
	}
	if err := table(w, rows); err != nil || r.DryRun {
		return err
	}
	_, err := fmt.Fprintf(w, "%s\nReceipt: %s\n", r.Scope, a.path(jobs.ReceiptPath(r.Erasure)))
	return err
}
