package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"ghostlight/jobs"
)

type defaultsDocument struct {
	SchemaVersion int    `json:"schema_version"`
	Ghostlight    string `json:"ghostlight"`
	Events        string `json:"events"`
	Study         string `json:"study"`
}

func (a *app) schemaCommand() *cobra.Command {
	var defaults bool
	names := append(jobs.SchemaNames(), "results")
	cmd := &cobra.Command{
		Use:   "schema ghostlight|events|study|pack|results",
		Short: "Print a JSON Schema, or every default of the configuration",
		Long: `Print the JSON Schema of a configuration file, for editors, or of results.json,
for programs that read it. With --defaults print instead every default as it would
be written in ghostlight.yaml, events.yaml and a study.`,
		Example: `  ghostlight schema study > study.schema.json
  ghostlight schema --defaults`,
		GroupID:   groupSetUp,
		ValidArgs: names,
		Args: func(cmd *cobra.Command, args []string) error {
			if defaults {
				return takes(0, 0, "nothing with --defaults")(cmd, args)
			}
			return takes(1, 1, "the name of a schema")(cmd, args)
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if defaults {
				return a.printDefaults()
			}
			schema := jobs.ResultsSchema()
			if args[0] != "results" {
				var err error
				if schema, err = jobs.Schema(args[0]); err != nil {
					return unknownWord("schema", args[0], names)
				}
			}
			_, err := a.stdout.Write(schema)
			return err
		},
	}
	cmd.Flags().BoolVar(&defaults, "defaults", false, "print every default of the configuration instead")
	return cmd
}

func (a *app) printDefaults() error {
	ghostlight, events, study, err := jobs.DefaultYAML()
	if err != nil {
		return err
	}
	return a.emit(defaultsDocument{1, ghostlight, events, study}, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "# ghostlight.yaml\n%s\n# events.yaml\n%s\n# studies/<name>.yaml\n%s", ghostlight, events, study)
		return err
	})
}
