package source

import (
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"
	"time"

	"ghostlight/jobs/warehouse"
)

// set converts one value into its place of m.out, which stays NULL when the value
// is missing, and returns the rule that it breaks.
func (m *mapper) set(f *field, o *origin, v *value) (rule string) {
	switch f.Type {
	case KeyColumn:
		return m.setKey(f, o, v)
	case AgentColumn:
		m.setAgent(f, v)
		return ""
	}
	switch v.kind {
	case list:
		return "a list where one value is needed"
	case object:
		return "an object where one value is needed"
	}
	if o.made == nil || len(v.text) > maxName {
		m.out[f.out], rule = m.convert(f, o, v.text)
		return rule
	}
	made := o.made.place(v.text)
	if made.raw != v.text {
		made.raw = strings.Clone(v.text) // of a long line
		made.value, made.rule = m.convert(f, o, made.raw)
	}
	m.out[f.out] = made.value
	return made.rule
}

// maxName is the longest text that is remembered, in bytes.
const maxName = 128

// madeValues remembers what became of the values that a field met of late, each at the
// place that its length and some of its letters give.
type madeValues [64]madeValue

type madeValue struct {
	raw   string
	value warehouse.Value
	rule  string
}

func (m *madeValues) place(s string) *madeValue {
	at := uint(len(s))
	if s != "" {
		at = at*7 + uint(s[0]) + uint(s[len(s)/2])<<2 + uint(s[len(s)-1])<<1
	}
	return &m[at%uint(len(m))]
}

// convert makes the value of a column from a text, NULL when it is missing, or gives
// the rule that the text breaks.
func (m *mapper) convert(f *field, o *origin, s string) (v warehouse.Value, rule string) {
	s = trim(s)
	if s == "" {
		return v, ""
	}
	s = o.translate(strings.TrimPrefix(s, o.col.Strip))
	if s == "" || strings.HasSuffix(f.Name, "_id") && placeholder(s) {
		return v, ""
	}
	switch f.Type {
	case TimeColumn, DayColumn:
		if o.last.is(s) {
			return o.last.value, ""
		}
		us, rule := o.clock.micros(s)
		switch {
		case rule != "":
			return v, rule
		case f.Type == DayColumn:
			v = warehouse.Day(o.clock.calendarDay(us))
		case o.clock.isShownTwice(us, s):
			m.unusable = append(m.unusable, note{f.Name, ShownTwice, ""})
			return warehouse.Int(us), ""
		default:
			v = warehouse.Int(us)
		}
		o.last.keep(s, v)
		return v, ""
	case MoneyColumn:
		n, rule := m.amount(s, o.col)
		if rule != "" {
			return v, rule
		}
		return warehouse.Int(n), ""
	case CountColumn:
		n, err := strconv.ParseInt(strings.TrimSuffix(s, ".0"), 10, 64)
		if err != nil || n < 0 {
			return v, "not a count"
		}
		return warehouse.Int(n), ""
	case FlagColumn:
		switch strings.ToLower(s) {
		case "true", "t", "yes", "y", "1":
			return warehouse.Flag(true), ""
		case "false", "f", "no", "n", "0":
			return warehouse.Flag(false), ""
		}
		return v, "neither true nor false"
	case EnumColumn:
		if lower := strings.ToLower(s); !f.enum[s] && f.enum[lower] {
			s = lower
		}
		if !f.enum[s] {
			return v, "none of " + strings.Join(f.Enum, ", ")
		}
		return warehouse.Text(s), ""
	}
	if s, rule = textOf(f, s); rule != "" {
		return v, rule
	}
	return warehouse.Text(s), ""
}

// translate gives what a value of the file means to the engine. Words are the same in
// capitals: a denial is not to be lost over them.
func (o *origin) translate(s string) string {
	if to, ok := o.col.Values[s]; ok {
		return to
	}
	if o.fold != nil {
		if to, ok := o.fold[strings.ToLower(s)]; ok {
			return to
		}
	}
	if to, ok := o.col.Values[anyValue]; ok {
		return to
	}
	return s
}

// folded gives the values by what they are in lower case. Of two that differ in
// capitals only, the first in order counts where neither is met exactly.
func folded(values map[string]string) map[string]string {
	fold := map[string]string{}
	for _, from := range sortedKeys(values) {
		if _, ok := fold[strings.ToLower(from)]; !ok {
			fold[strings.ToLower(from)] = values[from]
		}
	}
	return fold
}

// textOf is a text as it is stored.
func textOf(f *field, s string) (out, rule string) {
	switch {
	case f.Name == "currency":
		return currency(s)
	case strings.IndexByte(s, 0) >= 0:
		return "", "text holds a NUL"
	}
	return s, holdsPerson(s)
}

// calendarDay is midnight UTC of the calendar day on which the instant falls in
// the clock's zone.
func (c clock) calendarDay(us int64) time.Time {
	t := time.UnixMicro(us).UTC()
	if c.zone != nil {
		t = t.In(c.zone)
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// consent sets a purpose to what one place says. Of several places, and of several
// values in one, a denial counts before a grant, and what is not known is no grant.
func (m *mapper) consent(f *field, o *origin, v *value) {
	said := v.list
	if v.kind == text && v.text != "" {
		said = []string{v.text}
	}
	for _, s := range said {
		s = trim(s)
		state := strings.ToLower(o.translate(s))
		switch {
		case state == "denied", state == "granted" && m.out[f.out].Text() != "denied":
			m.out[f.out] = warehouse.Text(state)
		case state != "" && m.out[f.out].IsNull():
			m.out[f.out] = warehouse.Text("unknown")
		}
	}
}

// maxConsentText bounds what is kept of a consent text, a TCF or GPP string above
// all.
const maxConsentText = 2000

// consentPlace is a place of the record that says something of consent.
type consentPlace struct {
	slot int
	name string
}

// consentPlaces are the places of every purpose, each once.
func (m *mapper) consentPlaces() (places []consentPlace) {
	for _, f := range m.fields {
		if f.Type != ConsentColumn {
			continue
		}
		for _, o := range f.from {
			if o.slot >= 0 && !slices.ContainsFunc(places, func(p consentPlace) bool { return p.slot == o.slot }) {
				places = append(places, consentPlace{o.slot, strings.TrimPrefix(o.col.Column, "$.")})
			}
		}
	}
	return places
}

// consentSaid is what the record says of consent, in its own words: name=value for
// every place that has one.
func (m *mapper) consentSaid(rec *record) string {
	var said []string
	for _, p := range m.consents {
		v := &rec.fields[p.slot]
		words := v.text
		if v.kind == list {
			words = strings.Join(v.list, ",")
		}
		if words != "" && holdsPerson(words) == "" {
			said = append(said, p.name+"="+words)
		}
	}
	s := strings.Join(said, " ")
	if len(s) > maxConsentText {
		s = strings.ToValidUTF8(s[:maxConsentText], "")
	}
	return s
}

// setKey keys an identifier. Of a list the first valid value takes the column;
// every other value, and every other form of a raw one, is a further identifier.
func (m *mapper) setKey(f *field, o *origin, v *value) string {
	rule, hash := o.col.ID, o.col.Hash
	kind := strings.TrimSuffix(f.Name, "_key")
	if f.Name == "id_key" {
		kind = m.out[m.linkType].Text()
	}
	if rule == ByType {
		rule = Opaque
		if kind != "" && kind != "customer" {
			rule = IDRule(kind)
		}
		hash = defaultHash(rule)
	}
	if v.kind == object {
		return "an object where an identifier is needed"
	}
	one := [1]string{v.text}
	values := v.list
	if v.kind != list {
		values = one[:]
	}
	broken := ""
	for _, raw := range values {
		if o.col.Values != nil && o.translate(trim(raw)) == "" {
			continue // what the platform writes for nobody
		}
		keys, why := m.keys(o, rule, hash, raw)
		if why != "" && broken == "" {
			broken = why
		}
		for _, key := range keys {
			if m.out[f.out].IsNull() {
				m.out[f.out] = warehouse.Text(key.ID)
			} else if m.further && m.out[f.out].Text() != key.ID {
				m.more = append(m.more, furtherID{kind, key})
			}
		}
	}
	if broken != "" && !f.Required && isUnusable(broken) {
		m.unusable = append(m.unusable, note{f.Name, broken, f.excerpt(v)})
		return ""
	}
	if !m.out[f.out].IsNull() {
		return ""
	}
	return broken
}

// A trial of so many identifiers of a column shows whether they repeat; where hardly any
// does, as of click ids, none of the next is remembered.
const (
	trial      = 1 << 15
	afterTrial = 1 << 18
)

func (m *mapper) keys(o *origin, rule IDRule, hash HashRule, raw string) ([]Key, string) {
	if !isRemembered(raw) {
		return m.keyer.make(rule, hash, raw)
	}
	if o.keyed < 0 {
		o.keyed++
		return m.keyer.make(rule, hash, raw)
	}
	if o.keyed == trial {
		if o.repeated < trial/64 {
			o.keyed = -afterTrial
		} else {
			o.keyed = 0
		}
		o.repeated = 0
	}
	if o.rules == 0 || o.col.ID == ByType {
		o.rules = m.keyer.known.rules(rule, hash)
	}
	keys, broken := m.keyer.keysUnder(o.rules, rule, hash, raw)
	o.keyed++
	if m.keyer.repeated {
		o.repeated++
	}
	return keys, broken
}

// isRemembered tells that the keys of an identifier are kept. One that has the length of a
// hash in hex is keyed again: one HMAC costs no more than finding it.
func isRemembered(raw string) bool { return len(raw) != 2*sha256.Size }

// fetchKeys asks for the memory where the identifiers of some records will be looked up,
// of all at once: one by one, most of a lookup is waiting for it.
func (m *mapper) fetchKeys(records []record) {
	known := m.keyer.known
	m.places = m.places[:0]
	for i := range m.fields {
		f := &m.fields[i]
		if f.Type != KeyColumn || f.Name == "id_key" {
			continue
		}
		for j := range f.from {
			o := &f.from[j]
			if o.slot < 0 || o.keyed < 0 || o.rules == 0 || o.col.ID == ByType { // not looked up, or nothing was yet
				continue
			}
			for k := range records {
				v := &records[k].fields[o.slot]
				raw := v.text
				if v.kind == list {
					raw = v.list[0]
				}
				if raw != "" && isRemembered(raw) {
					m.places = append(m.places, known.hash(o.rules, raw))
				}
			}
		}
	}
	m.fetched |= known.fetch(m.places)
}

// besideOf are the tables that hold what rows of a table need more than their columns
// for: further identifiers, and the words that rows share.
func besideOf(table string) (beside []string) {
	switch table {
	case "event", "crm_order", "identity_link":
		beside = append(beside, furtherTable)
	}
	if words := wordsOf(table); words != "" {
		beside = append(beside, words)
	}
	return beside
}

// furtherTable holds the further identifiers of rows.
const furtherTable = "identifier"

func (f *field) excerpt(v *value) string {
	switch {
	case v.kind == list && len(v.list) > 0:
		return shape(v.list[0])
	case f.Type == EnumColumn:
		return word(v.text)
	}
	return shape(v.text)
}
