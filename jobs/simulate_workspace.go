package jobs

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"text/template"

	"ghostlight/analysis/simulate"
)

//go:embed simulated
var simulatedFiles embed.FS

// simulatedStudy is the name of the study of a simulated workspace.
const simulatedStudy = "ctv_known_effect"

// simulateWorkspace writes the configuration and the README of a simulated
// workspace.
func simulateWorkspace(opt SimulateOptions, truth simulate.Truth) error {
	templates, err := template.ParseFS(simulatedFiles, "simulated/*")
	if err != nil {
		return err
	}
	holdout := opt.World.HoldoutShare
	values := map[string]any{
		"Format": opt.Format, "Study": simulatedStudy, "Truth": truth, "World": opt.World,
		"Start": simulate.PeriodStart.Format("2006-01-02"), "End": simulate.PeriodEnd.Format("2006-01-02"),
		"AsOf": simulate.AsOf.Format("2006-01-02"), "Window": simulate.OutcomeDays, "Late": simulate.LateDays,
		"HoldoutShare":   strconv.FormatFloat(holdout, 'f', -1, 64),
		"TreatmentShare": strconv.FormatFloat(1-holdout, 'g', 10, 64),
		"Conversions":    opt.Conversions,
	}
	if err := os.MkdirAll(filepath.Join(opt.Dir, studiesFolder), 0o755); err != nil {
		return err
	}
	for _, f := range []struct{ template, path string }{
		{"ghostlight.yaml", workspaceFile},
		{"events.yaml", eventsFile},
		{"study.yaml", filepath.Join(studiesFolder, simulatedStudy+".yaml")},
		{"README.md", "README.md"},
	} {
		file, err := os.Create(filepath.Join(opt.Dir, f.path))
		if err != nil {
			return err
		}
		if err := templates.ExecuteTemplate(file, f.template, values); err != nil {
			file.Close() // the first error is the one that matters
			return fmt.Errorf("write %s: %w", f.path, err)
		}
		if err := file.Close(); err != nil {
			return fmt.Errorf("write %s: %w", f.path, err)
		}
	}
	return nil
}
