package jobs

import (
	"bytes"
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/invopop/jsonschema"
	"github.com/rogpeppe/go-internal/txtar"
	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"ghostlight/jobs/source"
)

// schemaOf makes the JSON Schema of a configuration file from its Go type:
// names from the yaml tags, descriptions from the doc comments.
func schemaOf(t *testing.T, config any, title string) []byte {
	t.Helper()
	r := &jsonschema.Reflector{
		FieldNameTag:               "yaml",
		Anonymous:                  true,
		RequiredFromJSONSchemaTags: true,
		Mapper:                     shortForms,
		Namer: func(typ reflect.Type) string {
			if typ.Name() == "" {
				return ""
			}
			return path.Base(typ.PkgPath()) + "." + typ.Name()
		},
	}
	if err := r.AddGoComments("ghostlight/jobs", "./"); err != nil {
		t.Fatal(err)
	}
	schema := r.Reflect(config)
	schema.Title = title
	for name, def := range schema.Definitions {
		switch name {
		case "source.Column":
			shortColumn(def)
		case "source.Config", "source.Connections":
			nameKeys(def)
		case "source.Source":
			def.OneOf = []*jsonschema.Schema{{Required: []string{"files"}}, {Required: []string{"query"}}}
		case "jobs.eventsConfig":
			nameKeys(def.Properties.Value("events"))
		case "jobs.Event":
			surfaces := strings.Join(source.Surfaces(), "|")
			platform := strings.TrimSuffix(identifier.String(), "$")
			def.Properties.Value("aliases").PropertyNames = &jsonschema.Schema{Pattern: platform + "(/(" + surfaces + "))?$"}
			def.Properties.Value("ranges").PropertyNames = &jsonschema.Schema{Enum: []any{"value"}}
		}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(schema); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// shortForms are the types that are written as one value.
func shortForms(typ reflect.Type) *jsonschema.Schema {
	switch typ {
	case reflect.TypeFor[Duration]():
		return &jsonschema.Schema{Type: "string", Pattern: `^[0-9]+[smhdw]$`, Description: "elapsed time, such as 90s, 5m, 48h, 7d or 4w; a day is 86,400 s"}
	case reflect.TypeFor[Time]():
		return &jsonschema.Schema{Type: "string", Pattern: `^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.+)?$`, Description: "date or RFC 3339, UTC"}
	case reflect.TypeFor[source.KeyRef]():
		return &jsonschema.Schema{Type: "string", Pattern: `^(env|file):.+$`, Description: "env:NAME or file:PATH"}
	case reflect.TypeFor[source.Globs](), reflect.TypeFor[source.Paths]():
		text := &jsonschema.Schema{Type: "string"}
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{text, {Type: "array", Items: text, MinItems: ptr(1)}}}
	}
	return nil
}

func ptr(n uint64) *uint64 { return &n }

// shortColumn lets a column be the name of the file's column alone.
func shortColumn(def *jsonschema.Schema) {
	long := *def
	*def = jsonschema.Schema{
		Description: long.Description,
		OneOf:       []*jsonschema.Schema{{Type: "string", Description: "column of the file"}, &long},
	}
}

// nameKeys lets only identifiers be keys of a map.
func nameKeys(m *jsonschema.Schema) {
	m.PropertyNames = &jsonschema.Schema{Pattern: identifier.String()}
}

var schemaConfigs = map[string]any{
	"ghostlight": &workspaceConfig{},
	"events":     &eventsConfig{},
	"study":      &Study{},
	"pack":       &source.Pack{},
}

// TestSchema: the published schemas are what the Go types say.
func TestSchema(t *testing.T) {
	for _, name := range SchemaNames() {
		made := string(schemaOf(t, schemaConfigs[name], "Ghostlight "+name+" file"))
		checkGolden(t, "schema/"+name+".schema.json", made)
		published, err := Schema(name)
		if err != nil || !*update && string(published) != made {
			t.Errorf("published %s schema differs, error %v", name, err)
		}
	}
	if _, err := Schema("studdy"); err == nil || err.Error() != `unknown schema "studdy", did you mean study?` {
		t.Errorf("got %v", err)
	}
}

func compileSchema(t *testing.T, name string) *validator.Schema {
	t.Helper()
	data, err := os.ReadFile("schema/" + name + ".schema.json") // not the embedded one, which -update leaves as it was
	if err != nil {
		t.Fatal(err)
	}
	doc, err := validator.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := validator.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func validate(t *testing.T, schema *validator.Schema, text []byte) error {
	t.Helper()
	data, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := validator.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(doc)
}

var schemaFor = map[string]string{
	workspaceFile: "ghostlight", eventsFile: "events", "studies/autumn.yaml": "study", "studies/small.yaml": "study",
	"packs/till.yaml": "pack",
}

func TestSchemaAcceptsGood(t *testing.T) {
	for file, name := range schemaFor {
		data, err := os.ReadFile(filepath.Join(goodConfig, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, compileSchema(t, name), data); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestSchemaAcceptsPacks: a copy of any built-in pack is right in an editor too.
func TestSchemaAcceptsPacks(t *testing.T) {
	packs, err := source.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	schema := compileSchema(t, "pack")
	for _, name := range packs.Names() {
		if err := validate(t, schema, source.PackText(name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSchemaRefusesBad: an editor shows the mistakes that a schema can express.
func TestSchemaRefusesBad(t *testing.T) {
	for _, name := range []string{
		"unknown_key", "wrong_type", "unknown_table", "version_missing", "version_unknown", "unknown_kind",
		"unknown_surface", "period_missing", "one_arm", "secret_in_clear", "missing_files", "stage", "bad_duration", "catch_up", "retention_type", "pack_faults",
	} {
		archive, err := txtar.ParseFile("testdata/config/bad/" + name + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		refused := slices.ContainsFunc(archive.Files, func(f txtar.File) bool {
			schema, ok := schemaFor[f.Name]
			return ok && validate(t, compileSchema(t, schema), f.Data) != nil
		})
		if !refused {
			t.Errorf("the schema accepts %s", name)
		}
	}
}

// TestDefaultYAML: what is printed is what holds when it is left out.
func TestDefaultYAML(t *testing.T) {
	ghostlight, events, study, err := DefaultYAML()
	if err != nil {
		t.Fatal(err)
	}
	checkGolden(t, "testdata/config/defaults.yaml", ghostlight+"---\n"+events+"---\n"+study)
	var main workspaceConfig
	var dictionary eventsConfig
	var s Study
	for _, file := range []struct {
		text   string
		target any
	}{{ghostlight, &main}, {events, &dictionary}, {study, &s}} {
		d := newDocument("defaults")
		d.decode([]byte(file.text), file.target)
		if len(d.problems) > 0 {
			t.Errorf("%v in\n%s", d.problems, file.text)
		}
	}
	for _, diff := range []string{
		cmp.Diff(defaultWorkspaceConfig(), main), cmp.Diff(defaultEventsConfig(), dictionary), cmp.Diff(defaultStudy(), s),
	} {
		if diff != "" {
			t.Errorf("(-default +printed):\n%s", diff)
		}
	}
}
