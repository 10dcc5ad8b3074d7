package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"ghostlight/jobs"
)

type eventsDocument struct {
	SchemaVersion int `json:"schema_version"`
	jobs.Dictionary
}

type eventsDiffDocument struct {
	SchemaVersion int                     `json:"schema_version"`
	OldSHA256     string                  `json:"old_sha256"`
	NewSHA256     string                  `json:"new_sha256"`
	Changes       []jobs.DictionaryChange `json:"changes"`
}

func (a *app) eventsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "events",
		Short: "List the event dictionary, what changed between two, or what two archives show",
		Long: `List the events of events.yaml and the SHA-256 of the dictionary, which every report
names in its provenance. Neither the order of what is written nor a default that is
written out changes it. Only events.yaml is read.`,
		Example: `  ghostlight events
  ghostlight events diff last-year/events.yaml events.yaml
  ghostlight events compare staging.jsonl production.jsonl`,
		GroupID: groupSetUp,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return unknownWord("command of events", args[0], []string{"compare", "diff"})
		},
		RunE: func(*cobra.Command, []string) error {
			read, err := jobs.ReadDictionaries(a.path("events.yaml"))
			if err != nil {
				return a.asGiven(err)
			}
			return a.emit(eventsDocument{1, read[0]}, func(w io.Writer) error { return printEvents(w, read[0]) })
		},
	}
	cmd.AddCommand(a.eventsCompareCommand(), a.eventsDiffCommand())
	return cmd
}

// asGiven has the problems of files shown under the names that the command line gave
// them, which are not below the workspace.
func (a *app) asGiven(err error) error {
	a.dir = "."
	return err
}

func printEvents(w io.Writer, d jobs.Dictionary) error {
	rows := [][]string{{"NAME", "VERSION", "STAGE", "VALUE", "COUNTING", "REQUIRED", "CRM", "OWNER"}}
	for _, name := range d.Names() {
		e := d.Events[name]
		rows = append(rows, []string{
			name, strconv.Itoa(e.Version), e.Stage, e.ValueRule, e.Counting,
			orDash(strings.Join(e.Required, ", ")), orDash(strings.Join(e.CRM, ", ")), orDash(e.Owner),
		})
	}
	if err := table(w, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, "dictionary SHA-256 "+d.SHA256)
	return err
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func (a *app) eventsDiffCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "List what changed between two event dictionaries",
		Long: `List the events that NEW adds and removes, and each field of the others that it
changes, one a line. OLD and NEW are files like events.yaml, or folders that have one.
Two that say the same in another order do not differ.

The exit code is 0 whether or not they differ, and 2 when one cannot be read or used.`,
		Example: `  ghostlight events diff staging production
  ghostlight events diff old.yaml events.yaml`,
		Args: takes(2, 2, "two files or folders, OLD and NEW"),
		RunE: func(_ *cobra.Command, args []string) error {
			read, err := jobs.ReadDictionaries(args...)
			if err != nil {
				return a.asGiven(err)
			}
			changes := jobs.DiffDictionaries(read[0], read[1])
			if len(changes) == 0 && !a.quiet {
				fmt.Fprintln(a.stderr, "the dictionaries say the same")
			}
			return a.emit(eventsDiffDocument{1, read[0].SHA256, read[1].SHA256, changes}, func(w io.Writer) error {
				lines := make([]string, len(changes))
				for i, c := range changes {
					lines[i] = printable(c.String()) + "\n"
				}
				_, err := io.WriteString(w, strings.Join(lines, ""))
				return err
			})
		},
	}
}
