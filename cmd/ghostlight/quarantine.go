package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"ghostlight/jobs"
)

type refusedGroupsDocument struct {
	SchemaVersion int                 `json:"schema_version"`
	Total         int64               `json:"total"`
	Erased        int64               `json:"erased_rows"` // left out because their person was erased
	Groups        []jobs.RefusedGroup `json:"groups"`
}

type refusedRecordsDocument struct {
	SchemaVersion int                  `json:"schema_version"`
	Total         int64                `json:"total"`
	Erased        int64                `json:"erased_rows"`
	Records       []jobs.RefusedRecord `json:"records"`
	LoadedWithout []jobs.RefusedGroup  `json:"loaded_without"` // identifiers of the file's other records
}

type retriedDocument struct {
	SchemaVersion int            `json:"schema_version"`
	Files         []jobs.Retried `json:"files"`
}

func (a *app) quarantineCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "quarantine",
		Short: "Look at the records that were refused, and try them again",
		Long: `A record that cannot be read as its source is mapped is not lost: it stays in the
quarantine with its file, line, column and the rule that it breaks. No value is
kept; an excerpt shows how one is built, letters as x and digits as 9.`,
		GroupID: groupLook,
		Args:    a.noSuchCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.quarantineListCommand(), a.quarantineShowCommand(), a.quarantineRetryCommand())
	return cmd
}

// filterFlags adds the flags that choose refused records.
func filterFlags(cmd *cobra.Command, f *jobs.QuarantineFilter, withFile bool) {
	cmd.Flags().StringVar(&f.Source, "source", "", "only of this `SOURCE`")
	cmd.Flags().StringVar(&f.Rule, "rule", "", "only where the rule holds this `TEXT`")
	if withFile {
		cmd.Flags().StringVar(&f.File, "file", "", "only of this `FILE`, which may be a pattern")
	}
}

// pageFlags adds the flags that page through a list.
func pageFlags(cmd *cobra.Command, f *jobs.QuarantineFilter) {
	cmd.Flags().IntVar(&f.Limit, "limit", 50, "at most `N` lines, 0 for all")
	cmd.Flags().IntVar(&f.Skip, "skip", 0, "leave out the first `N`")
}

func checkPage(f jobs.QuarantineFilter) error {
	if f.Limit < 0 || f.Skip < 0 {
		return &jobs.UsageError{Problem: "--limit and --skip must not be below zero", Hint: "leave them out for the first 50"}
	}
	return nil
}

func (a *app) quarantineListCommand() *cobra.Command {
	var f jobs.QuarantineFilter
	cmd := &cobra.Command{
		Use:   "ls",
		Short: "Count what was refused, by file, column and rule",
		Long: `Count what was refused, by file, column and rule. Records that were loaded without
an identifier, or a time of receipt, that cannot be used are listed as such: the
record itself counts.`,
		Example: `  ghostlight quarantine ls
  ghostlight quarantine ls --source crm --rule amount`,
		Args: takes(0, 0, "nothing"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkPage(f); err != nil {
				return err
			}
			groups, all, err := jobs.RefusedGroups(cmd.Context(), a.dir, f, a.options(cmd))
			if err != nil {
				return err
			}
			return a.emit(refusedGroupsDocument{1, all.Total, all.Erased, groups}, func(w io.Writer) error { return printGroups(w, groups, f, all) })
		},
	}
	filterFlags(cmd, &f, true)
	pageFlags(cmd, &f)
	return cmd
}

func printGroups(w io.Writer, groups []jobs.RefusedGroup, f jobs.QuarantineFilter, all jobs.Listed) error {
	if len(groups) == 0 {
		if _, err := fmt.Fprintln(w, "Nothing was refused."); err != nil {
			return err
		}
		return printErased(w, all.Erased)
	}
	rows := [][]string{{"SOURCE", "FILE", "COLUMN", "RULE", "RECORDS", "FIRST LINE"}}
	for _, g := range groups {
		first := "(loaded without it)"
		if g.IsDoubtful() {
			first = "(loaded)"
		}
		if g.FirstLine != nil {
			first = strconv.FormatInt(*g.FirstLine, 10)
		}
		rows = append(rows, []string{g.Source, g.File, g.Column, g.Rule, strconv.FormatInt(g.Records, 10), first})
	}
	if err := table(w, rows); err != nil {
		return err
	}
	if err := printRest(w, int64(f.Skip+len(groups)), all.Total); err != nil {
		return err
	}
	return printErased(w, all.Erased)
}

// printErased says in one line what is in quarantine without having been refused.
func printErased(w io.Writer, rows int64) error {
	if rows == 0 {
		return nil
	}
	_, err := fmt.Fprintf(w, "Rows of erased persons left out: %d\n", rows)
	return err
}

// printRest says how to see what the page does not show.
func printRest(w io.Writer, shown, total int64) error {
	if shown >= total {
		return nil
	}
	_, err := fmt.Fprintf(w, "\n%d more: --skip %d\n", total-shown, shown)
	return err
}

func (a *app) quarantineShowCommand() *cobra.Command {
	var f jobs.QuarantineFilter
	cmd := &cobra.Command{
		Use:   "show FILE[:LINE]",
		Short: "List the refused records of a file",
		Example: `  ghostlight quarantine show data/orders.csv
  ghostlight quarantine show orders.csv:17 --json`,
		Args: takes(1, 1, "a file, or FILE:LINE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkPage(f); err != nil {
				return err
			}
			f.File, f.Line = jobs.ParsePlace(args[0])
			records, all, without, err := jobs.RefusedOfFile(cmd.Context(), a.dir, f, a.options(cmd))
			if err != nil {
				return err
			}
			return a.emit(refusedRecordsDocument{1, all.Total, all.Erased, records, without}, func(w io.Writer) error {
				return errors.Join(printRecords(w, records, f, all), printWithout(w, without))
			})
		},
	}
	filterFlags(cmd, &f, false)
	pageFlags(cmd, &f)
	return cmd
}

func printRecords(w io.Writer, records []jobs.RefusedRecord, f jobs.QuarantineFilter, all jobs.Listed) error {
	if len(records) == 0 {
		of := "it"
		if f.Line > 0 {
			of = "this line"
		}
		if _, err := fmt.Fprintf(w, "No record of %s was refused. What was: ghostlight quarantine ls\n", of); err != nil {
			return err
		}
		return printErased(w, all.Erased)
	}
	rows := [][]string{{"PLACE", "BYTE", "COLUMN", "RULE", "EXCERPT"}}
	for _, r := range records {
		place := r.File + ":" + strconv.FormatInt(r.Line, 10)
		if r.Ordinal > 1 {
			place += " #" + strconv.FormatInt(r.Ordinal, 10)
		}
		offset := ""
		if r.Byte != nil {
			offset = strconv.FormatInt(*r.Byte, 10)
		}
		rows = append(rows, []string{place, offset, r.Column, r.Rule, r.Excerpt})
	}
	if err := table(w, rows); err != nil {
		return err
	}
	if err := printRest(w, int64(f.Skip+len(records)), all.Total); err != nil {
		return err
	}
	return printErased(w, all.Erased)
}

// printWithout tells of records that were loaded without an identifier: they are not
// kept in quarantine, so that nothing knows their lines.
func printWithout(w io.Writer, groups []jobs.RefusedGroup) error {
	for _, g := range groups {
		text := fmt.Sprintf("%d records of %s were loaded without their %s: %s. Their lines are not noted.", g.Records, g.File, g.Column, g.Rule)
		if g.Records == 1 {
			text = fmt.Sprintf("1 record of %s was loaded without its %s: %s. Its line is not noted.", g.File, g.Column, g.Rule)
		}
		if g.IsDoubtful() {
			text = fmt.Sprintf("Of %d of the loaded records of %s, %s is in doubt: %s.", g.Records, g.File, g.Column, g.Rule)
		}
		if strings.Contains(g.Rule, "country code") {
			text += " identity: {country: US} in ghostlight.yaml says which country numbers without a code are of."
		}
		if _, err := fmt.Fprintln(w, printable(text)); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) quarantineRetryCommand() *cobra.Command {
	var f jobs.QuarantineFilter
	cmd := &cobra.Command{
		Use:   "retry",
		Short: "Load the files with refused records again",
		Long: `Load the files with refused records again, after they, the mapping or the names
of events were corrected. Each file as a whole takes the place of what was loaded
of it, so nothing is lost and nothing counts twice. What was piped, or asked of a
database, is loaded again by run. No report is written: run does that.`,
		Example: `  ghostlight quarantine retry
  ghostlight quarantine retry --source crm`,
		Args: takes(0, 0, "nothing"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(engine *jobs.Engine) error {
				files, err := engine.RetryQuarantine(cmd.Context(), f)
				if err != nil {
					return err
				}
				return a.emit(retriedDocument{1, files}, func(w io.Writer) error { return printRetried(w, files) })
			})
		},
	}
	filterFlags(cmd, &f, true)
	return cmd
}

func printRetried(w io.Writer, files []jobs.Retried) error {
	if len(files) == 0 {
		_, err := fmt.Fprintln(w, "Nothing was refused.")
		return err
	}
	rows := [][]string{{"SOURCE", "FILE", "RECORDS", "LOADED", "REFUSED", "LEFT OUT"}}
	for _, r := range files {
		if !r.Present {
			rows = append(rows, []string{r.Source, r.File, "", "", "", r.Reason})
			continue
		}
		rows = append(rows, []string{r.Source, r.File, change(r.Before.Records, r.After.Records), change(r.Before.Loaded, r.After.Loaded),
			change(r.Before.Quarantined, r.After.Quarantined), change(r.Before.Unusable, r.After.Unusable)})
	}
	return table(w, rows)
}

// change shows a count before and after.
func change(before, after int64) string {
	if before == after {
		return strconv.FormatInt(after, 10)
	}
	return strconv.FormatInt(before, 10) + " -> " + strconv.FormatInt(after, 10)
}
