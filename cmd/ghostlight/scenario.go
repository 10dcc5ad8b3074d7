package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"ghostlight/jobs"
)

func (a *app) scenarioCommand() *cobra.Command {
	var request jobs.ScenarioRequest
	var asOf jobs.Time
	var attribution, grid, match []string
	format := "table"
	cmd := &cobra.Command{
		Use:   "scenario STUDY",
		Short: "Count attributed conversions under other windows",
		Long: `Count what attribution would credit to the campaign under other windows, over the
data of the last run. Nothing stored changes, and lift cannot: attribution windows
do not enter it.`,
		Example: `  ghostlight scenario autumn --attribution 1d,3d,7d
  ghostlight scenario autumn --attribution 7d --match-grid 1d,30d --match email=30d,ip=7d
  ghostlight scenario autumn --format csv > windows.csv`,
		GroupID:           groupMeasure,
		Args:              takes(1, 1, "the name of a study"),
		ValidArgsFunction: a.studyNames,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			request.Study, request.AsOf = args[0], asOf.Time
			if request.Attribution, err = durations("--attribution", attribution); err != nil {
				return err
			}
			if request.Grid, err = durations("--match-grid", grid); err != nil {
				return err
			}
			if request.Match, err = windows(match); err != nil {
				return err
			}
			if format != "table" && format != "csv" {
				return unknownWord("format", format, []string{"table", "csv"})
			}
			return a.with(cmd, func(engine *jobs.Engine) error {
				scenario, err := engine.Scenario(cmd.Context(), request)
				if err != nil {
					return err
				}
				return a.emit(scenario, func(w io.Writer) error {
					if format == "csv" {
						return writeScenarioCSV(w, scenario)
					}
					return printScenario(w, scenario)
				})
			})
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&attribution, "attribution", nil, "attribution `WINDOWS`, such as 1d,3d,7d (default the study's)")
	flags.StringSliceVar(&grid, "match-grid", nil, "`WINDOWS` of the oldest evidence that counts, such as 1d,30d (default the study's)")
	flags.StringSliceVar(&match, "match", nil, "match `WINDOWS` by link type, such as email=30d,ip=7d (default the study's)")
	flags.TextVar(&asOf, "as-of", jobs.Time{}, "leave out what was received after `TIME`, a date or RFC 3339 (default that of\nthe newest report)")
	flags.Lookup("as-of").DefValue = ""
	flags.StringVar(&format, "format", format, "`FORMAT`: table or csv")
	return cmd
}

// durations reads the windows of a flag: longer than zero, each once.
func durations(flag string, texts []string) ([]jobs.Duration, error) {
	var spans []jobs.Duration
	for _, text := range texts {
		span, err := duration(flag, text)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(spans, span) {
			spans = append(spans, span)
		}
	}
	return spans, nil
}

func duration(flag, text string) (span jobs.Duration, err error) {
	if err := span.UnmarshalText([]byte(strings.TrimSpace(text))); err != nil {
		return 0, &jobs.UsageError{Problem: flag + " " + strconv.Quote(text) + ": " + err.Error(), Hint: "such as " + flag + " 7d"}
	}
	if span <= 0 {
		return 0, &jobs.UsageError{Problem: flag + " " + text + ": a window is longer than zero", Hint: "such as 7d"}
	}
	return span, nil
}

// windows reads link types with their match windows.
func windows(texts []string) (map[string]jobs.Duration, error) {
	spans := map[string]jobs.Duration{}
	for _, text := range texts {
		link, span, ok := strings.Cut(text, "=")
		if !ok {
			return nil, &jobs.UsageError{Problem: "--match " + strconv.Quote(text) + " is no link type with a window", Hint: "such as --match email=30d,ip=7d"}
		}
		if !slices.Contains(jobs.LinkTypes(), link) {
			return nil, unknownWord("link type", link, jobs.LinkTypes())
		}
		length, err := duration("--match "+link, span)
		if err != nil {
			return nil, err
		}
		spans[link] = length
	}
	return spans, nil
}

// printScenario lays the cells out as a grid: evidence down, windows across.
func printScenario(w io.Writer, s jobs.Scenario) error {
	_, err := fmt.Fprintf(w, "%s as of %s: %d conversions of event %s, %s\nAttributed, by age of the evidence (down) and attribution window (across):\n\n",
		s.Study, jobs.Time{Time: s.AsOf.UTC()}, s.Conversions, s.Event, s.Rule)
	if err != nil {
		return err
	}
	heading := []string{""}
	var rows [][]string
	note := "Exploratory: reports and lift are as they were."
	for _, c := range s.Cells {
		window := c.AttributionWindow
		if c.IsPrimary {
			window += "*"
			note = "* the study's primary window. Exploratory: reports and lift are as they were."
		}
		if len(rows) == 0 || rows[len(rows)-1][0] != c.MatchWindow {
			rows = append(rows, []string{c.MatchWindow})
		}
		if len(rows) == 1 {
			heading = append(heading, window)
		}
		last := len(rows) - 1
		rows[last] = append(rows[last], fmt.Sprintf("%d (%.1f%%)", c.Attributed, 100*c.Share))
	}
	if err := table(w, append([][]string{heading}, rows...)); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, "\n"+note)
	return err
}

func writeScenarioCSV(w io.Writer, s jobs.Scenario) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"study", "as_of", "event", "match_window", "attribution_window", "attributed_conversions", "attributed_value_micros", "conversions", "is_primary"}}
	for _, c := range s.Cells {
		rows = append(rows, []string{
			s.Study, jobs.Time{Time: s.AsOf.UTC()}.String(), s.Event, c.MatchWindow, c.AttributionWindow,
			strconv.FormatInt(c.Attributed, 10), strconv.FormatInt(c.ValueMicros, 10), strconv.FormatInt(s.Conversions, 10), strconv.FormatBool(c.IsPrimary),
		})
	}
	return out.WriteAll(rows)
}
