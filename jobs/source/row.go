package source

import (
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"ghostlight/jobs/warehouse"
)

// anyValue is the key in `values` of every value that is not listed.
const anyValue = "*"

// noName stands for a campaign or creative that the file does not name.
const noName = "(none)"

// field is one column of a stage table and how it is made from a record.
type field struct {
	TableColumn
	col   Column
	slot  int // in record.fields; -1: constant or not mapped
	out   int // in mapper.out
	clock clock
	enum  map[string]bool

	fallback string // value where the record has none
}

// mapper turns records into rows of stage_<table>. It is the one place where a
// value of a file gets its type.
type mapper struct {
	fields []field
	wanted []string // columns or paths that records must carry
	out    []driver.Value
	keyer  *Keyer
	prefix string // of the content of a row key

	rowKey, received, own, first, linkType int // positions in out, -1 when the table has none
	buf                                    []byte
}

// newMapper prepares the mapping of one source. The source is normalised: every
// default of its columns is written out.
func newMapper(name string, src Source, keyer *Keyer) (*mapper, error) {
	columns := warehouse.StageColumns(src.Table)
	columns = columns[:len(columns)-2] // line_no and problem
	m := &mapper{out: make([]driver.Value, len(columns)), keyer: keyer, prefix: src.Table + "\x00" + name}
	at := map[string]int{}
	for i, c := range columns {
		at[c.Name] = i
	}
	place := func(column string) int {
		if i, ok := at[column]; ok {
			return i
		}
		return -1
	}
	m.rowKey, m.received, m.linkType = place("row_key"), place("received_us"), place("id_type")
	m.own, m.first = place(ownTime(src.Table)), place("first_seen_us")
	for _, spec := range TableColumns(src.Table) {
		col := src.Columns[spec.Name]
		f := field{TableColumn: spec, col: col, slot: -1, out: place(stageName(spec)), fallback: defaultValue(src, spec.Name)}
		if f.out < 0 {
			return nil, fmt.Errorf("map source %s: stage_%s has no column for %s", name, src.Table, spec.Name)
		}
		if col.Column != "" {
			f.slot = m.want(col.Column)
		}
		if spec.Name == "surface" || spec.Name == "platform" {
			f.Required = true // the source gives what its rows do not
		}
		if spec.Type == EnumColumn {
			f.enum = map[string]bool{}
			for _, v := range spec.Enum {
				f.enum[v] = true
			}
		}
		f.clock.unit = string(col.Time)
		if col.Zone != "" {
			zone, err := time.LoadLocation(col.Zone)
			if err != nil {
				return nil, fmt.Errorf("map source %s: load zone of %s: %w", name, spec.Name, err)
			}
			f.clock.zone = zone
		}
		m.fields = append(m.fields, f)
	}
	return m, nil
}

func (m *mapper) want(column string) int {
	for i, w := range m.wanted {
		if w == column {
			return i
		}
	}
	m.wanted = append(m.wanted, column)
	return len(m.wanted) - 1
}

// stageName is the name of a column in its stage table.
func stageName(c TableColumn) string {
	switch c.Type {
	case TimeColumn:
		return strings.TrimSuffix(c.Name, "_at") + "_us"
	case MoneyColumn:
		return c.Name + "_micros"
	}
	return c.Name
}

// ownTime is the column that says when what a row tells of took place.
func ownTime(table string) string {
	switch table {
	case "exposure":
		return "exposed_us"
	case "event":
		return "occurred_us"
	case "crm_order":
		return "ordered_us"
	case "assignment":
		return "assigned_us"
	case "identity_link":
		return "last_seen_us"
	}
	return "day"
}

// defaultValue is the value of a column that the source does not map.
func defaultValue(src Source, column string) string {
	switch column {
	case "surface":
		return src.Surface
	case "platform":
		return src.Platform
	case "kind":
		return "delivered"
	case "is_test":
		return "false"
	case "refunded":
		return "0"
	case "campaign", "creative":
		return noName
	}
	return ""
}

// row fills m.out from a record. problem is "" or "column: rule", and excerpt the
// shape of the value that broke the rule.
func (m *mapper) row(rec *record) (problem, excerpt string) {
	clear(m.out)
	for i := range m.fields {
		f := &m.fields[i]
		v := value{kind: text, text: f.col.Constant}
		if f.slot >= 0 {
			v = rec.fields[f.slot]
		}
		rule := m.set(f, v)
		if rule == "" && f.Required && m.out[f.out] == nil {
			rule = "missing"
		}
		if rule != "" {
			return f.Name + ": " + rule, f.excerpt(v)
		}
	}
	if m.received >= 0 && m.out[m.received] == nil {
		m.out[m.received] = m.out[m.own]
		if day, ok := m.out[m.own].(time.Time); ok {
			m.out[m.received] = day.UnixMicro()
		}
	}
	if m.first >= 0 && m.out[m.first] == nil {
		m.out[m.first] = m.out[m.own]
	}
	if m.rowKey >= 0 {
		m.out[m.rowKey] = m.contentKey()
	}
	return "", ""
}

func (f *field) excerpt(v value) string {
	switch {
	case v.kind == list && len(v.list) > 0:
		return shape(v.list[0])
	case f.Type == EnumColumn:
		return word(v.text)
	}
	return shape(v.text)
}

// set converts one value into its place of m.out, which stays nil when the value
// is missing, and returns the rule that it breaks.
func (m *mapper) set(f *field, v value) string {
	if f.Type == KeyColumn {
		return m.setKey(f, v)
	}
	switch v.kind {
	case list:
		return "a list where one value is needed"
	case object:
		return "an object where one value is needed"
	}
	s := trim(v.text)
	if s == "" {
		s = f.fallback
	} else if to, ok := f.col.Values[s]; ok {
		s = to
	} else if to, ok := f.col.Values[anyValue]; ok {
		s = to
	}
	if s == "" || strings.HasSuffix(f.Name, "_id") && placeholder(s) {
		return ""
	}
	switch f.Type {
	case TimeColumn, DayColumn:
		us, rule := f.clock.micros(s)
		if rule != "" {
			return rule
		}
		m.out[f.out] = us
		if f.Type == DayColumn {
			m.out[f.out] = f.day(us)
		}
	case MoneyColumn:
		n, rule := money(s, string(f.col.Unit))
		if rule != "" {
			return rule
		}
		m.out[f.out] = n
	case FlagColumn:
		switch strings.ToLower(s) {
		case "true", "t", "yes", "y", "1":
			m.out[f.out] = true
		case "false", "f", "no", "n", "0":
			m.out[f.out] = false
		default:
			return "neither true nor false"
		}
	case EnumColumn:
		if !f.enum[s] {
			return "none of " + strings.Join(f.Enum, ", ")
		}
		m.out[f.out] = s
	default:
		return m.setText(f, s)
	}
	return ""
}

func (m *mapper) setText(f *field, s string) string {
	switch {
	case f.Name == "currency":
		code, rule := currency(s)
		if rule != "" {
			return rule
		}
		s = code
	case strings.IndexByte(s, 0) >= 0:
		return "text holds a NUL"
	case holdsEmail(s):
		return "text holds an e-mail address"
	}
	m.out[f.out] = s
	return ""
}

// day is midnight UTC of the calendar day on which the instant falls in the
// column's zone.
func (f *field) day(us int64) time.Time {
	t := time.UnixMicro(us).UTC()
	if f.clock.zone != nil {
		t = t.In(f.clock.zone)
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// setKey keys an identifier; of a list, the first that is valid.
func (m *mapper) setKey(f *field, v value) string {
	rule := f.col.ID
	if rule == ByType {
		rule = Opaque
		if kind, ok := m.out[m.linkType].(string); ok && kind != "customer" {
			rule = IDRule(kind)
		}
	}
	if v.kind == object {
		return "an object where an identifier is needed"
	}
	if v.kind != list {
		key, broken := m.keyer.Key(rule, v.text)
		if key != "" {
			m.out[f.out] = key
		}
		return broken
	}
	broken := ""
	for _, raw := range v.list {
		key, why := m.keyer.Key(rule, raw)
		if key != "" {
			m.out[f.out] = key
			return ""
		}
		if broken == "" {
			broken = why
		}
	}
	return broken
}

// contentKey is the key of a row's content: the same for every delivery of an
// identical row of one source.
func (m *mapper) contentKey() string {
	b := append(m.buf[:0], m.prefix...)
	for _, v := range m.out {
		switch v := v.(type) {
		case nil:
			b = append(b, 0)
		case string:
			b = binary.AppendUvarint(append(b, 1), uint64(len(v)))
			b = append(b, v...)
		case int64:
			b = binary.AppendVarint(append(b, 2), v)
		case bool:
			b = append(b, 3)
			if v {
				b[len(b)-1] = 4
			}
		case time.Time:
			b = binary.AppendVarint(append(b, 5), v.UnixMicro())
		}
	}
	m.buf = b
	return m.keyer.mac32(b)
}
