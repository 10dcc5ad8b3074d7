package jobs

import (
	"embed"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"
)

//go:embed schema/*.schema.json
var schemaFiles embed.FS

// SchemaNames are the files that have a JSON Schema.
func SchemaNames() []string { return []string{"ghostlight", "events", "study", "pack"} }

// Schema is the JSON Schema of one of the configuration files, for editors:
// ghostlight, events, study or pack. The program's own check is stricter.
func Schema(name string) ([]byte, error) {
	if !slices.Contains(SchemaNames(), name) {
		return nil, fmt.Errorf("unknown schema %s, %s", quoted(name), didYouMean(name, SchemaNames()))
	}
	data, err := schemaFiles.ReadFile("schema/" + name + ".schema.json")
	if err != nil {
		return nil, fmt.Errorf("read schema %s: %w", name, err)
	}
	return data, nil
}

// DefaultYAML is every default as it would be written in ghostlight.yaml,
// events.yaml and a study. What has no default is named in a comment.
func DefaultYAML() (ghostlight, events, study string, err error) {
	for _, file := range []struct {
		text    *string
		comment string
		config  any
	}{
		{&ghostlight, "# No default: sources. Left out: retention, so that everything is kept.\n", defaultWorkspaceConfig()},
		{&events, "# No default: events.\n", defaultEventsConfig()},
		{&study, "# No default: study, period, metrics.\n" +
			"# Left out: title and labels are the names, headline is the first metric,\n" +
			"# attribution.event is the headline's, there is no assignment and no schedule.\n", defaultStudy()},
	} {
		data, err := yaml.MarshalWithOptions(file.config, yaml.OmitZero())
		if err != nil {
			return "", "", "", fmt.Errorf("write defaults: %w", err)
		}
		*file.text = file.comment + string(data)
	}
	return ghostlight, events, study, nil
}
