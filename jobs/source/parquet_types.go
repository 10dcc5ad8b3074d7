package source

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"ghostlight/jobs/warehouse"
)

// sameTypes notes the types of the mapped columns and refuses a file in which one
// of them is of another kind than in the source's other files: an id that was text
// and is a number has lost its leading zeros, and joins nothing any more.
func (s *staging) sameTypes(ctx context.Context, types map[string]string) error {
	mapped := map[string]string{}
	for _, name := range s.mapper.wanted {
		if types[name] != "" {
			mapped[name] = types[name]
		}
	}
	text, err := json.Marshal(mapped)
	if err != nil {
		return fmt.Errorf("describe columns: %w", err)
	}
	stored := string(text)
	s.out.types = &stored
	rows, err := warehouse.Read[struct {
		Path  string `db:"path"`
		Types string `db:"types"`
	}](ctx, s.tx, `SELECT min(path) AS path, column_types AS types FROM ops.load
		WHERE source = ? AND path <> ? AND column_types IS NOT NULL GROUP BY column_types ORDER BY path`, s.req.Name, s.req.File.Path)
	if err != nil {
		return fmt.Errorf("read types of earlier files: %w", err)
	}
	for _, r := range rows {
		earlier := map[string]string{}
		if err := json.Unmarshal([]byte(r.Types), &earlier); err != nil {
			return fmt.Errorf("read types of earlier files: %w", err)
		}
		for _, name := range sortedKeys(mapped) {
			if before := earlier[name]; before != "" && sort(before) != sort(mapped[name]) {
				return s.fault(0, fmt.Sprintf("column %s is %s, and %s in %s", label(name), mapped[name], before, printable(r.Path)),
					"the file has: "+described(mapped)+"; "+printable(r.Path)+" has: "+described(earlier)+"; write it again with the old type, or give the new files a source of their own")
			}
		}
	}
	return nil
}

// sort is the kind of a type: a number of another width is the same value.
func sort(kind string) string {
	switch {
	case integer(kind), kind == "DOUBLE", kind == "FLOAT", strings.HasPrefix(kind, "DECIMAL"):
		return "number"
	case kind == "VARCHAR", kind == "UUID", strings.HasPrefix(kind, "ENUM"):
		return "text"
	case strings.HasPrefix(kind, "TIMESTAMP"):
		return "instant"
	}
	return kind
}

func described(types map[string]string) string {
	var list []string
	for _, name := range sortedKeys(types) {
		list = append(list, label(name)+" "+types[name])
	}
	return strings.Join(list, ", ")
}
