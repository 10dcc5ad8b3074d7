package source

import (
	"fmt"
	"slices"
	"strings"
)

// maxSkew is how much later than its receipt a record may say that it took place,
// in microseconds: a day, because many deliveries state their receipt as a date.
const maxSkew = 86_400 * 1_000_000

// lateRule is the rule of a record that took place after it was received.
const lateRule = "time is more than a day after the record was received"

// hasSkew tells whether the records of a table can only be received after they took
// place. An assignment can be announced.
func hasSkew(table string) bool {
	return table == "exposure" || table == "event" || table == "crm_order"
}

// late tells that the record lies in the future of its own receipt. No clock is
// asked: what has no time of receipt counts from its own time on, by the as-of.
func (m *mapper) late() (problem string) {
	if !hasSkew(m.table) || m.received < 0 {
		return ""
	}
	own, _ := m.out[m.own].Int()
	received, ok := m.out[m.received].Int()
	if !ok || own <= received+maxSkew {
		return ""
	}
	return strings.TrimSuffix(ownTime(m.table), "_us") + "_at: " + lateRule
}

// amount reads money; below zero only where the source has refunds as rows.
func (m *mapper) amount(s string, col Column) (int64, string) {
	s, rule := col.Number.plain(s)
	if rule != "" {
		return 0, rule
	}
	unit := string(col.Unit)
	if rest, negative := strings.CutPrefix(strings.TrimSpace(s), "-"); negative && m.refunds && !strings.HasPrefix(rest, "+") {
		n, rule := money(rest, unit)
		return -n, rule
	}
	return money(s, unit)
}

// minAbsent is how many records prove that a member which none of them has is
// misspelt in the mapping, and not merely left out of the few that have no use for
// it.
const minAbsent = 10

// absent notes the paths that the mapping names and no record has. The file is
// refused when a column that needs a value has none, or when the mapping is the
// workspace's own: a misspelt name loses a column without a sound.
func (s *staging) absent(j *jsonlReader) error {
	if j.objects == 0 {
		return nil
	}
	gone := map[string]bool{}
	for i, p := range j.paths {
		if !j.seen[i] {
			s.out.Absent = append(s.out.Absent, p.name)
			gone[p.name] = true
		}
	}
	own := !s.layout.lenient && j.objects >= minAbsent
	for i := range s.mapper.fields {
		f := &s.mapper.fields[i]
		if !f.Required && !own || len(f.from) == 0 || slices.ContainsFunc(f.from, func(o origin) bool { return !gone[o.col.Column] }) {
			continue
		}
		path := f.from[0].col.Column
		hint := "correct columns." + f.Name + " of the source"
		if near := nearest(path, j.keys); near != "" {
			hint += "; did you mean " + label(near) + "?"
		}
		return s.fault(0, fmt.Sprintf("column %s: 100%% missing: none of the %d records has %s", f.Name, j.objects, path), hint)
	}
	return nil
}
