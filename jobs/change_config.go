package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"ghostlight/jobs/warehouse"
)

// configurationRow is one row of ops.configuration.
type configurationRow struct {
	Study        string `db:"study"`
	ConfigSHA256 string `db:"config_sha256"`
	Settings     string `db:"settings"`
	Events       string `db:"events"`
}

// configuration is what the run's configuration says, as far as it can change a number.
func (r *run) configuration() (configurationRow, error) {
	study := r.study
	study.Title, study.Schedule, study.Changes = "", Schedule{}, nil
	row := configurationRow{Study: r.study.Name, ConfigSHA256: r.Workspace.Hash(r.study.Name)}
	settings, err := yaml.MarshalWithOptions(map[string]any{
		"study": study, "sources": r.Workspace.Sources, "retention": r.Workspace.Retention, "packs": r.Workspace.ownPacks(),
	}, yaml.JSON())
	if err != nil {
		return row, fmt.Errorf("write configuration: %w", err)
	}
	events, err := json.Marshal(r.Workspace.Events)
	if err != nil {
		return row, fmt.Errorf("write event dictionary: %w", err)
	}
	row.Settings, row.Events = string(settings), string(events)
	return row, nil
}

// keepConfiguration writes down what the configuration says, once.
func (r *run) keepConfiguration(ctx context.Context, tx *warehouse.Tx) error {
	row, err := r.configuration()
	if err != nil {
		return err
	}
	kept, err := readConfiguration(ctx, tx, row.Study, row.ConfigSHA256)
	if err != nil || len(kept) > 0 {
		return err
	}
	_, err = tx.Insert(ctx, "ops.configuration", []configurationRow{row})
	return err
}

func readConfiguration(ctx context.Context, tx *warehouse.Tx, study, hash string) ([]configurationRow, error) {
	return warehouse.Read[configurationRow](ctx, tx, `SELECT study, config_sha256, settings, events
		FROM ops.configuration WHERE study = ? AND config_sha256 = ? ORDER BY config_sha256`, study, hash)
}

// configChanges lists what the configuration says otherwise than that of the earlier report,
// field by field.
func (r *run) configChanges(ctx context.Context, tx *warehouse.Tx, before earlierRun) ([]loggedChange, error) {
	now, err := r.configuration()
	if err != nil || before.ConfigSHA256 == now.ConfigSHA256 {
		return nil, err
	}
	kept, err := readConfiguration(ctx, tx, r.study.Name, before.ConfigSHA256)
	if err != nil {
		return nil, err
	}
	if len(kept) == 0 {
		return []loggedChange{{Kind: otherChange, What: "configuration; what it said before was not kept",
			Old: filled(before.ConfigSHA256), New: filled(now.ConfigSHA256)}}, nil
	}
	return diffConfigurations(kept[0], now)
}

// diffConfigurations lists the fields of the study, the events and the sources that differ.
func diffConfigurations(old, now configurationRow) ([]loggedChange, error) {
	changes := []loggedChange{}
	var dictionaries [2]Dictionary
	for i, row := range []configurationRow{old, now} {
		if err := json.Unmarshal([]byte(row.Events), &dictionaries[i].Events); err != nil {
			return nil, fmt.Errorf("read kept event dictionary: %w", err)
		}
	}
	for _, c := range DiffDictionaries(dictionaries[0], dictionaries[1]) {
		what := "event " + c.Event
		switch c.Change {
		case "changed":
			what += ", " + c.Field
		default:
			what += " " + c.Change
		}
		changes = append(changes, loggedChange{Kind: dictionaryVersion, What: what, Old: shownValue(c.Old), New: shownValue(c.New)})
	}
	was, err := flatten(old.Settings)
	if err != nil {
		return nil, err
	}
	is, err := flatten(now.Settings)
	if err != nil {
		return nil, err
	}
	paths := maps.Clone(was)
	maps.Copy(paths, is)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		if was[path] == is[path] || strings.HasSuffix(path, ".label") {
			continue
		}
		c := loggedChange{Kind: changeKind(path), What: path, Old: shownValue(was[path]), New: shownValue(is[path])}
		if name, isSource := strings.CutPrefix(path, "sources."); isSource {
			name, _, _ = strings.Cut(name, ".")
			c.Source = &name
		}
		if strings.HasSuffix(path, ".query") { // may hold any text, and fills the page
			c.Old, c.New = nil, nil
		}
		changes = append(changes, c)
	}
	return changes, nil
}

// changeKind is the kind of a change of the study or the sources, by the path of its field.
func changeKind(path string) string {
	for prefix, kind := range map[string]string{
		"study.attribution.windows": windowEdit, "study.attribution.primary": windowEdit, "study.match.": windowEdit,
		"study.outcome.window": windowEdit, "study.dedup": dedupRule,
	} {
		if strings.HasPrefix(path, prefix) {
			return kind
		}
	}
	return otherChange
}

// maxShownValue bounds a value of the configuration in the report, in runes.
const maxShownValue = 120

// shownValue is a value as the report shows it, nil when there is none.
func shownValue(value string) *string {
	if runes := []rune(value); len(runes) > maxShownValue {
		value = string(runes[:maxShownValue]) + "…"
	}
	return filled(value)
}

// flatten lists the values of a JSON text by their paths. A list of plain values is one value;
// what has a name is found under it.
func flatten(text string) (map[string]string, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, fmt.Errorf("read kept configuration: %w", err)
	}
	values := map[string]string{}
	flattenInto(values, "", tree)
	return values, nil
}

func flattenInto(values map[string]string, path string, node any) {
	switch node := node.(type) {
	case map[string]any:
		for key, value := range node {
			flattenInto(values, strings.TrimPrefix(path+"."+key, "."), value)
		}
	case []any:
		var plain []string
		for i, value := range node {
			switch value := value.(type) {
			case map[string]any:
				name, _ := value["name"].(string)
				flattenInto(values, path+"["+cmp.Or(name, strconv.Itoa(i+1))+"]", value)
			case []any:
				flattenInto(values, path+"["+strconv.Itoa(i+1)+"]", value)
			default:
				plain = append(plain, fmt.Sprint(value))
			}
		}
		if len(plain) > 0 {
			values[path] = list(plain)
		}
	case nil:
	default:
		if text := fmt.Sprint(node); text != "" {
			values[path] = text
		}
	}
}
