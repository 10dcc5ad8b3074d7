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

type formatsDocument struct {
	SchemaVersion int           `json:"schema_version"`
	Formats       []jobs.Format `json:"formats"`
}

type formatDocument struct {
	SchemaVersion int    `json:"schema_version"`
	Name          string `json:"name"`
	Pack          string `json:"pack"` // YAML
}

type detectedDocument struct {
	SchemaVersion int             `json:"schema_version"`
	Files         []jobs.Detected `json:"files"`
}

func (a *app) formatsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "formats",
		Short: "List the formats of platforms, or find the one of a file",
		Long: `List the mapping packs: the formats that sources can name as their format, each
with the table it fills and the strongest and weakest evidence of what it says.
Those of the workspace, packs/*.yaml, are listed with the built-in ones.

A source with format: auto takes for each file the pack that fits.`,
		Example: `  ghostlight formats
  ghostlight formats show meta_capi > packs/our_capi.yaml    to be changed and named
  ghostlight formats detect data/*.csv.gz`,
		GroupID: groupSetUp,
		Args:    a.noSuchFormatsCommand,
		RunE: func(*cobra.Command, []string) error {
			formats, err := jobs.Formats(a.dir)
			if err != nil {
				return err
			}
			return a.emit(formatsDocument{1, formats}, func(w io.Writer) error { return printFormats(w, formats) })
		},
	}
	cmd.AddCommand(a.formatsShowCommand(), a.formatsDetectCommand())
	return cmd
}

// noSuchFormatsCommand is reached by words that name no command of formats.
func (a *app) noSuchFormatsCommand(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return unknownWord("command of formats", args[0], []string{"detect", "show"})
}

func printFormats(w io.Writer, formats []jobs.Format) error {
	rows := [][]string{{"NAME", "TABLE", "FILES", "EVIDENCE", "TITLE"}}
	for _, f := range formats {
		evidence := f.Strongest
		if f.Weakest != f.Strongest {
			evidence += " to " + f.Weakest
		}
		title := f.Title
		if f.File != "" {
			title += " (" + f.File + ")"
		}
		rows = append(rows, []string{f.Name, f.Table, strings.Join(f.Layouts, ", "), evidence, title})
	}
	return table(w, rows)
}

func (a *app) formatsShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "Print a mapping pack",
		Long: `Print the YAML of a mapping pack. A copy in packs/ of the workspace, under a name of
its own, can be changed and is a format like the others. ghostlight schema pack
prints the JSON Schema for editors.`,
		Example: `  ghostlight formats show shopify_orders`,
		Args:    takes(1, 1, "the name of a format"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			formats, err := jobs.Formats(a.dir)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []string
			for _, f := range formats {
				names = append(names, f.Name)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := jobs.FormatText(a.dir, args[0])
			if err != nil {
				return err
			}
			return a.emit(formatDocument{1, args[0], string(text)}, func(w io.Writer) error {
				_, err := w.Write(text)
				return err
			})
		},
	}
}

func (a *app) formatsDetectCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "detect FILE...",
		Short: "Find the format that fits a file, and why",
		Long: `Look at the first records of each file (CSV, JSON lines or Parquet, also .gz and
.zst) and tell which mapping pack fits and why. When none fits, or two do, nothing is
guessed: the exit code is 3.

No workspace is needed; one that is there adds its own packs. Nothing is written and
nothing but the file is read.`,
		Example: `  ghostlight formats detect win_log.csv.gz
  ghostlight formats detect archive/*.jsonl --json`,
		Args: takes(1, -1, "files"),
		RunE: func(cmd *cobra.Command, files []string) error {
			var all []jobs.Detected
			var faults []error
			for _, file := range files {
				detected, err := jobs.Detect(cmd.Context(), a.dir, file)
				if err != nil && jobs.ExitCode(err) != jobs.ExitData {
					return err
				}
				if err != nil {
					faults = append(faults, err)
				}
				all = append(all, detected)
			}
			err := a.emit(detectedDocument{1, all}, func(w io.Writer) error { return printDetected(w, all) })
			return errors.Join(append(faults, err)...)
		},
	}
}

func printDetected(w io.Writer, all []jobs.Detected) error {
	for _, d := range all {
		verdict := verdictOf(d)
		if _, err := fmt.Fprintf(w, "%s: %s\n", printable(d.File), verdict); err != nil {
			return err
		}
		for _, f := range d.Fits {
			why := "fits: has " + strings.Join(f.Found, ", ")
			switch {
			case !f.Fits:
				why = "does not fit: " + strings.Join(f.Against, ", ")
			case f.Own:
				why = "fits, and comes first as this workspace's own: has " + strings.Join(f.Found, ", ")
			}
			if _, err := fmt.Fprintf(w, "  %s %s\n", printable(f.Pack), printable(why)); err != nil {
				return err
			}
		}
	}
	return nil
}

// verdictOf is the one format that fits a file, or how many do.
func verdictOf(d jobs.Detected) string {
	fitting := 0
	for _, f := range d.Fits {
		if f.Fits {
			fitting++
		}
	}
	switch {
	case d.Format != "":
		return d.Format
	case fitting == 2:
		return "two fit"
	case fitting > 2:
		return strconv.Itoa(fitting) + " fit"
	}
	return "no format"
}
