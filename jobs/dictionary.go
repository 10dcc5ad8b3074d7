package jobs

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Dictionary is an event dictionary by itself, valid and with every default written out.
type Dictionary struct {
	SHA256 string           `json:"sha256"` // as in the provenance of a report
	Events map[string]Event `json:"events"` // by name
}

// Names are the canonical names of the events in order.
func (d Dictionary) Names() []string { return slices.Sorted(maps.Keys(d.Events)) }

// ReadDictionaries reads files like events.yaml, or that of a folder. The error is a
// *ConfigError with every problem of all of them, also of a file that cannot be read.
func ReadDictionaries(files ...string) ([]Dictionary, error) {
	var all []Dictionary
	var problems []Problem
	for _, file := range files {
		dictionary, faults := readDictionary(file)
		all = append(all, dictionary)
		problems = append(problems, faults...)
	}
	return all, configError(problems)
}

func readDictionary(file string) (Dictionary, []Problem) {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		file = filepath.Join(file, eventsFile)
	}
	d, config := newDocument(file), defaultEventsConfig()
	data, err := readBounded(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.fail(position{1, 1}, "the file is missing", "name an events.yaml or the folder that has one")
	case err != nil:
		d.fail(position{1, 1}, "the file cannot be read: "+cause(err), "")
	default:
		d.decode(data, &config)
		d.checkVersion(config.Version)
	}
	if !d.broken {
		d.validateEvents(config.Events)
	}
	if len(d.problems) > 0 {
		return Dictionary{}, d.problems
	}
	for name, e := range config.Events {
		config.Events[name] = e.normalise()
	}
	return Dictionary{dictionaryHash(config.Events), config.Events}, nil
}

// readBounded reads a file that its user named, also a pipe, up to what a configuration
// file may have and one byte more.
func readBounded(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() // opened for reading: nothing can be lost
	return io.ReadAll(io.LimitReader(f, maxFileBytes+1))
}

// DictionaryChange is one difference between two dictionaries. Field, Old and New are
// of a changed event; a side that does not have the field is empty.
type DictionaryChange struct {
	Event  string `json:"event"`
	Change string `json:"change"` // added, removed or changed
	Field  string `json:"field,omitempty"`
	Old    string `json:"old,omitempty"`
	New    string `json:"new,omitempty"`
}

// DiffDictionaries lists what a dictionary changes, by event and field.
func DiffDictionaries(old, now Dictionary) []DictionaryChange {
	changes := []DictionaryChange{}
	for name, e := range old.Events {
		next, kept := now.Events[name]
		if !kept {
			changes = append(changes, DictionaryChange{Event: name, Change: "removed"})
			continue
		}
		was, is := e.fields(), next.fields()
		for field, value := range was {
			if is[field] != value {
				changes = append(changes, DictionaryChange{name, "changed", field, value, is[field]})
			}
		}
		for field, value := range is {
			if _, had := was[field]; !had {
				changes = append(changes, DictionaryChange{name, "changed", field, "", value})
			}
		}
	}
	for name := range now.Events {
		if _, had := old.Events[name]; !had {
			changes = append(changes, DictionaryChange{Event: name, Change: "added"})
		}
	}
	slices.SortFunc(changes, func(a, b DictionaryChange) int {
		return cmp.Or(cmp.Compare(a.Event, b.Event), cmp.Compare(a.Field, b.Field))
	})
	return changes
}

// fields are what a normalised event says, as text by the path of the field. A field
// that says nothing is left out.
func (e Event) fields() map[string]string {
	fields := map[string]string{
		"owner": e.Owner, "version": strconv.Itoa(e.Version), "stage": e.Stage,
		"crm": list(e.CRM), "required": list(e.Required), "optional": list(e.Optional), "value_rule": e.ValueRule,
		"counting": e.Counting,
	}
	if e.ValueRule == valueFixed {
		fields["fixed_value"] = decimal(e.FixedValue)
	}
	for parameter, r := range e.Ranges {
		fields["ranges."+parameter] = decimal(r.Min) + " to " + decimal(r.Max)
	}
	for key, names := range e.Aliases {
		quoted := make([]string, len(names)) // a name may have any sign in it
		for i, name := range names {
			quoted[i] = strconv.Quote(name)
		}
		fields["aliases."+key] = list(quoted)
	}
	maps.DeleteFunc(fields, func(_, value string) bool { return value == "" })
	return fields
}

func list(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return "[" + strings.Join(values, ", ") + "]"
}

func decimal(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// String is the change in one line.
func (c DictionaryChange) String() string {
	if c.Field == "" {
		return c.Change + " " + c.Event
	}
	return fmt.Sprintf("%s %s %s: %s -> %s", c.Change, c.Event, c.Field, cmp.Or(c.Old, "none"), cmp.Or(c.New, "none"))
}
