package main

import (
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ghostlight/jobs"
)

type dedupDocument struct {
	SchemaVersion int                         `json:"schema_version"`
	Presets       map[string]jobs.DedupPreset `json:"presets"`
}

func (a *app) dedupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "dedup",
		Short: "List how the platforms tell that two records are one event",
		Long: `List the presets that a rule of dedup in a study can name: the keys by which each
platform finds that two records are one event, within which time, which of them
wins, and how sure that is. What the engine does without a rule follows none of
them: one event id within the span, the first received wins, and the other fills
its gaps.`,
		Example: `  ghostlight dedup
  ghostlight dedup --json`,
		GroupID: groupSetUp,
		Args:    takes(0, 0, "nothing"),
		RunE: func(*cobra.Command, []string) error {
			presets, err := jobs.DedupPresets()
			if err != nil {
				return err
			}
			return a.emit(dedupDocument{1, presets}, func(w io.Writer) error { return printPresets(w, presets) })
		},
	}
}

func printPresets(w io.Writer, presets map[string]jobs.DedupPreset) error {
	rows := [][]string{{"PRESET", "KEYS", "SPAN", "WINNER", "OTHER", "EVIDENCE", "NOTE"}}
	for _, name := range slices.Sorted(maps.Keys(presets)) {
		p := presets[name]
		rows = append(rows, []string{name, strings.Join(p.Keys, ", "), p.Span.String(), p.Winner, p.OnMatch, p.Evidence, p.Note})
	}
	return table(w, rows)
}
