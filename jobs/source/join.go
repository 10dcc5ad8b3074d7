package source

import (
	"slices"
	"strings"
)

// alternatives are the columns that one part of a joined value may come from; "" as
// the last says that it may be absent.
func alternatives(part string) []string { return strings.Split(part, "|") }

// spares tells whether a joined value can do without a column, which is not there.
func (c Column) spares(name string, has func(string) bool) bool {
	return slices.ContainsFunc(c.Join, func(part string) bool {
		columns := alternatives(part)
		return slices.Contains(columns, name) && slices.ContainsFunc(columns, func(other string) bool { return other == "" || has(other) })
	})
}

// joined puts the parts together: absent when one is missing.
func (o *origin) joined(rec *record, keyer *Keyer) value {
	parts := make([]string, len(o.join))
	for i, slots := range o.join {
		found := false
		for _, slot := range slots {
			if found = slot < 0; found {
				break
			}
			v := rec.fields[slot]
			if v.kind == list {
				v.text = strings.Join(v.list, ",")
			}
			if found = v.text != ""; found {
				parts[i] = v.text
				break
			}
		}
		if !found {
			return value{}
		}
	}
	whole := strings.Join(parts, "/")
	if o.col.ID == Opaque {
		whole = keyer.digest(whole)
	}
	return value{kind: text, text: whole}
}
