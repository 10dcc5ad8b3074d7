package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"ghostlight/jobs"
)

type initDocument struct {
	SchemaVersion int      `json:"schema_version"`
	Dir           string   `json:"dir"`
	Files         []string `json:"files"`
}

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write a commented workspace to start from",
		Long: `Write ghostlight.yaml, events.yaml, studies/example.yaml and data/README.md, with
JSON Schemas beside them so that an editor completes and checks what you write.
Nothing is ever overwritten.`,
		Example: "  ghostlight init autumn-campaign",
		GroupID: groupSetUp,
		Args:    takes(0, 1, "the folder of the workspace"),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := a.dir
			if len(args) > 0 && filepath.IsAbs(args[0]) {
				dir = args[0]
			} else if len(args) > 0 {
				dir = filepath.Join(a.dir, args[0])
			}
			files, err := jobs.Init(dir)
			if err != nil {
				return err
			}
			return a.emit(initDocument{1, dir, files}, func(w io.Writer) error { return printInit(w, dir, files) })
		},
	}
}

func printInit(w io.Writer, dir string, files []string) error {
	for _, file := range files {
		if _, err := fmt.Fprintln(w, "wrote", filepath.Join(dir, filepath.FromSlash(file))); err != nil {
			return err
		}
	}
	at := ""
	if dir != "." {
		at = " -C " + dir
	}
	_, err := fmt.Fprintf(w, `
Next:
  1. Put your files below %s and name their columns in ghostlight.yaml.
  2. Describe the campaign in studies/example.yaml.
  3. ghostlight%s check    until it finds nothing
  4. ghostlight%s run      writes the first report

To see a report before that: ghostlight simulate --out demo && ghostlight -C demo run
`, filepath.Join(dir, "data"), at, at)
	return err
}
