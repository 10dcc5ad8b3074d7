package source

import (
	"fmt"
	"slices"
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
	from []origin // alternatives, in order
	out  int      // in mapper.out
	enum map[string]bool

	fallback warehouse.Value // where the record has none
}

// origin is one place that the values of a field come from.
type origin struct {
	col   Column
	slot  int     // in record.fields; -1: constant, joined or not mapped
	join  [][]int // slots of the parts of a joined value, of each the alternatives; -1: may be absent
	clock clock
	fold  map[string]string // col.Values of words, by what they are in lower case
	made  *madeValues       // nil: too many values differ
	last  madeTime          // of a time

	constant value // where nothing is mapped

	rules           uint64 // what stands for the rules of its identifiers, once there was one
	keyed, repeated int    // identifiers of the trial, and those of them that were remembered; below zero: until the next trial
}

// mapper turns records into rows of stage_<table>. It is the one place where a
// value of a file gets its type.
type mapper struct {
	table   string
	beside  []string // tables that hold what rows need more than their columns for
	fields  []field
	wanted  []string          // columns or paths that records must carry
	out     []warehouse.Value // the words of the row, then the columns of the stage
	keyer   *Keyer
	prefix  string // of the content of a row key
	more    []furtherID
	further bool  // whether those are wanted
	nothing value // of a field that is not mapped

	known []string // places that the files of the pack are known by

	unusable []note // identifiers, or a time of receipt, that the record was mapped without, and times in doubt
	refunds  bool   // amounts may be below zero

	names    map[string]string // of events that the account knows by an id
	named    map[string]bool   // those ids that a record had
	called   map[string]string // canonical event by name, as far as it was asked for
	consents []consentPlace
	events   map[string]string // lower-case name: canonical event
	accepts  []limit

	rowKey, received, own, first, linkType            int // positions in out, -1 when the table has none
	eventName, canonical, accept, source, consentText int
	state, platform, surface, kind, isTest, denies    int
	household                                         []int // any of which an exposure needs
	words, wordsNo                                    int   // how many words there are, and where their number is
	browser                                           int   // the other word of a user agent
	badIDs                                            int   // which identifiers were left out

	shared  *sharedWords // of the file; nil: rows get no number
	lately  lateWords
	agents  *lateAgents // nil until there is one
	places  []uint64    // of fetchKeys
	fetched uint64
	buf     []byte // of the words of the row, then of its content
}

// furtherID is a further identifier of the record that was mapped last.
type furtherID struct {
	kind string
	key  Key
}

// limit is how old an event may be when it reaches the platform.
type limit struct {
	actionSource string
	micros       int64
}

// newMapper prepares the mapping of one source.
func newMapper(name string, l layout, keyer *Keyer) (*mapper, error) {
	src := l.source
	columns := warehouse.StageColumns(src.Table)
	columns = columns[:len(columns)-2] // line_no and problem
	words := wordColumns(src.Table)
	columns = slices.Concat(words, columns)
	m := &mapper{table: src.Table, beside: besideOf(src.Table), words: len(words), out: make([]warehouse.Value, len(columns)),
		keyer: keyer, prefix: src.Table + "\x00" + name, known: l.known, refunds: src.AllowRefunds,
		names: src.Names, named: map[string]bool{}, called: map[string]string{}, events: l.events}
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
	m.canonical, m.accept, m.source, m.consentText = place("canonical_name"), place("accept_us"), place("action_source"), place("consent_text")
	m.eventName, m.platform, m.surface, m.kind = place("event_name"), place("platform"), place("surface"), place("kind")
	m.state, m.isTest, m.denies = place("platform_state"), place("is_test"), place("consent_measurement")
	m.browser, m.badIDs = place("browser_family"), place("unusable")
	m.further = slices.Contains(m.beside, furtherTable)
	m.wordsNo = place(wordsOf(src.Table) + "_no")
	if src.Table == "exposure" {
		m.household = []int{place("household_key"), place("device_key"), place("ip_key"), place("customer_key")}
	}
	for _, a := range l.accepts {
		micros, err := a.micros()
		if err != nil {
			return nil, fmt.Errorf("map source %s: %w", name, err)
		}
		m.accepts = append(m.accepts, limit{a.ActionSource, micros})
	}
	for _, spec := range TableColumns(src.Table) {
		f := field{TableColumn: spec, out: place(stageName(spec))}
		if f.out < 0 {
			return nil, fmt.Errorf("map source %s: stage_%s has no column for %s", name, src.Table, spec.Name)
		}
		for _, col := range src.Columns[spec.Name].alternatives() {
			o, err := m.origin(col)
			if err != nil {
				return nil, fmt.Errorf("map source %s: %s: %w", name, spec.Name, err)
			}
			if spec.isWord() {
				o.fold = folded(col.Values)
			}
			if spec.hasNames() {
				o.made = &madeValues{}
			}
			f.from = append(f.from, o)
		}
		if spec.Name == "surface" || spec.Name == "platform" {
			f.Required = true // the source gives what its rows do not
		}
		if spec.Type == EnumColumn || spec.Type == ConsentColumn {
			f.enum = map[string]bool{}
			for _, v := range spec.Enum {
				f.enum[v] = true
			}
		}
		if s := defaultValue(src, spec.Name); s != "" {
			var rule string
			if f.fallback, rule = m.convert(&f, &origin{}, s); rule != "" {
				return nil, fmt.Errorf("map source %s: %s: %s", name, spec.Name, rule)
			}
		}
		if f.Required || !f.fallback.IsNull() || slices.ContainsFunc(f.from, func(o origin) bool { return !o.isConstant() || o.col.Constant != "" }) {
			m.fields = append(m.fields, f) // the others are empty in every row
		}
	}
	m.consents = m.consentPlaces()
	return m, nil
}

// fills tells that some record may fill a place of m.out: what is mapped, and what follows
// from it.
func (m *mapper) fills(place int) bool {
	switch place {
	case m.rowKey, m.received, m.first, m.canonical, m.accept, m.consentText, m.wordsNo, m.badIDs:
		return true
	}
	return slices.ContainsFunc(m.fields, func(f field) bool { return f.out == place })
}

func (m *mapper) origin(col Column) (origin, error) {
	o := origin{col: col, slot: -1, constant: value{kind: text, text: col.Constant}}
	if col.Column != "" {
		o.slot = m.want(col.Column)
	}
	for _, part := range col.Join {
		var slots []int
		for _, column := range alternatives(part) {
			slot := -1
			if column != "" {
				slot = m.want(column)
			}
			slots = append(slots, slot)
		}
		o.join = append(o.join, slots)
	}
	o.clock.unit = string(col.Time)
	if col.Zone != "" {
		zone, err := time.LoadLocation(col.Zone)
		if err != nil {
			return o, fmt.Errorf("load zone: %w", err)
		}
		o.clock.zone = zone
	}
	return o, nil
}

func (o *origin) isConstant() bool { return o.slot < 0 && len(o.join) == 0 }

func (m *mapper) want(column string) int {
	for i, w := range m.wanted {
		if w == column {
			return i
		}
	}
	m.wanted = append(m.wanted, column)
	return len(m.wanted) - 1
}

// mayLack tells, by name, which columns a file's header may be without: those of a
// pack that the table does not require and the pack's files are not known by, and
// alternatives of which another is there.
func (m *mapper) mayLack(lenient bool) func(name string, has func(string) bool) bool {
	return func(name string, has func(string) bool) bool {
		for _, known := range m.known {
			if either := strings.Split(known, "|"); slices.Contains(either, name) && !slices.ContainsFunc(either, has) {
				return false
			}
		}
		for i := range m.fields {
			f := &m.fields[i]
			if lenient && !f.Required || name[0] == '@' {
				continue
			}
			last := len(f.from) - 1
			if f.from[last].col.reads(name) && !slices.ContainsFunc(f.from[:last], func(o origin) bool { return has(o.col.Column) }) {
				if f.from[last].col.spares(name, has) {
					continue
				}
				return false // the alternative that is asked for when there is none
			}
		}
		return true
	}
}

// row fills m.out and m.more from a record. problem is "" or "column: rule", and
// excerpt the shape of the value that broke the rule.
func (m *mapper) row(rec *record) (problem, excerpt string) {
	clear(m.out)
	m.more, m.unusable = m.more[:0], m.unusable[:0]
	for i := range m.fields {
		f := &m.fields[i]
		v, rule := m.setFirst(f, rec)
		if rule == "" && f.Required && m.out[f.out].IsNull() {
			rule = "missing"
		}
		if rule != "" {
			return f.Name + ": " + rule, f.excerpt(v)
		}
	}
	if m.household != nil && !slices.ContainsFunc(m.household, func(i int) bool { return !m.out[i].IsNull() }) {
		return m.noHousehold()
	}
	if rule := m.late(); rule != "" {
		return rule, ""
	}
	m.derive(rec)
	if m.badIDs >= 0 && len(m.unusable) > 0 {
		m.noteBadIDs()
	}
	if m.rowKey >= 0 {
		m.out[m.rowKey] = warehouse.Text(m.contentKey(rec))
	}
	return "", ""
}

// setFirst takes a field's value from the first of its places that has one, of
// consent from all of them.
//
// A time of receipt that cannot be read is none: it says when a record was delivered,
// and the record itself is as good as without.
func (m *mapper) setFirst(f *field, rec *record) (v *value, rule string) {
	var unread *note
	v = &m.nothing
	for i := range f.from {
		o := &f.from[i]
		v = &o.constant
		if o.slot >= 0 {
			v = &rec.fields[o.slot]
		} else if len(o.join) > 0 {
			joined := o.joined(rec, m.keyer)
			v = &joined
		}
		if f.Type == ConsentColumn {
			m.consent(f, o, v)
			continue
		}
		if v.kind == absent && i+1 < len(f.from) {
			continue
		}
		rule = m.set(f, o, v)
		if rule != "" && f.out == m.received {
			unread, rule = &note{f.Name, rule, f.excerpt(v)}, ""
		}
		if rule != "" || !m.out[f.out].IsNull() {
			return v, rule
		}
	}
	if unread != nil {
		m.unusable = append(m.unusable, *unread)
	}
	if m.out[f.out].IsNull() {
		m.out[f.out] = f.fallback
	}
	return v, ""
}

// maxCalled bounds how many names are remembered: an account has a few.
const maxCalled = 1000

// canonicalOf is the canonical event that a platform's name means, "" for none.
func (m *mapper) canonicalOf(name string) string {
	event, known := m.called[name]
	if known {
		return event
	}
	event, ok := m.events[strings.ToLower(name)]
	if !ok && slices.Contains(canonicalEvents, name) {
		event = strings.Clone(name) // of a long line
	}
	if len(m.called) < maxCalled && len(name) <= maxName {
		m.called[strings.Clone(name)] = event
	}
	return event
}

// derive fills what follows from the other columns.
func (m *mapper) derive(rec *record) {
	if m.received >= 0 && m.out[m.received].IsNull() {
		m.out[m.received] = warehouse.Int(m.out[m.own].Micros())
	}
	if m.first >= 0 && m.out[m.first].IsNull() {
		m.out[m.first] = m.out[m.own]
	}
	if m.canonical >= 0 {
		name := m.out[m.eventName].Text()
		if to, ok := m.names[name]; ok {
			if !m.named[name] {
				m.named[strings.Clone(name)] = true
			}
			name = to
			m.out[m.eventName] = warehouse.Text(to)
		}
		m.out[m.canonical] = warehouse.Text(m.canonicalOf(name))
	}
	if m.accept >= 0 {
		source := m.out[m.source].Text()
		for _, a := range m.accepts {
			if a.actionSource == "" || a.actionSource == source {
				m.out[m.accept] = warehouse.Int(a.micros)
				break
			}
		}
	}
	m.buf = m.buf[:0]
	for _, v := range m.out[:m.words] {
		m.buf = v.AppendBinary(m.buf)
	}
	if m.shared != nil {
		m.out[m.wordsNo] = warehouse.Int(m.lately.number(m.shared, m.buf, m.out[:m.words]))
	}
	if m.consentText >= 0 {
		if said := m.consentSaid(rec); said != "" {
			m.out[m.consentText] = warehouse.Text(said)
		}
	}
}
