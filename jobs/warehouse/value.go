package warehouse

import (
	"encoding/binary"
	"time"
)

// Value is one cell of a row that Go makes, NULL when it is the zero Value.
type Value struct {
	text string
	n    int64
	kind valueKind
}

type valueKind uint8

const (
	null valueKind = iota
	textValue
	intValue  // BIGINT
	flagValue // BOOLEAN: 0, 1
	dayValue  // DATE: days since 1970-01-01
)

// Text is a VARCHAR, which must be valid UTF-8. An empty text is NULL.
func Text(s string) Value {
	if s == "" {
		return Value{}
	}
	return Value{text: s, kind: textValue}
}

// Int is a BIGINT.
func Int(n int64) Value { return Value{n: n, kind: intValue} }

// Flag is a BOOLEAN.
func Flag(b bool) Value {
	if b {
		return Value{n: 1, kind: flagValue}
	}
	return Value{kind: flagValue}
}

// Day is the DATE on which t falls in its zone.
func Day(t time.Time) Value {
	y, m, d := t.Date()
	return Value{n: time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86_400, kind: dayValue}
}

// AppendBinary appends a form of v that no other value has, and that no other begins with.
func (v Value) AppendBinary(b []byte) []byte {
	switch v.kind {
	case textValue:
		b = binary.AppendUvarint(append(b, 1), uint64(len(v.text)))
		return append(b, v.text...)
	case intValue:
		return binary.AppendVarint(append(b, 2), v.n)
	case flagValue:
		return append(b, 3+byte(v.n))
	case dayValue:
		return binary.AppendVarint(append(b, 5), v.n*86_400_000_000)
	}
	return append(b, 0)
}

// IsNull tells that v is NULL.
func (v Value) IsNull() bool { return v.kind == null }

// Text is the text of a VARCHAR and empty for every other value.
func (v Value) Text() string { return v.text }

// Int is a BIGINT; ok is false for every other value.
func (v Value) Int() (n int64, ok bool) { return v.n, v.kind == intValue }

// Micros is a BIGINT as it is, and the midnight UTC of a DATE in epoch microseconds.
func (v Value) Micros() int64 {
	if v.kind == dayValue {
		return v.n * 86_400_000_000
	}
	return v.n
}

// column is the type of column that takes such a value.
func (k valueKind) column() string {
	switch k {
	case textValue:
		return "VARCHAR"
	case intValue:
		return "BIGINT"
	case flagValue:
		return "BOOLEAN"
	case dayValue:
		return "DATE"
	}
	return "NULL"
}

// kindOf is the kind of value that a type of column takes, null for none.
func kindOf(columnType string) valueKind {
	for k := textValue; k <= dayValue; k++ {
		if k.column() == columnType {
			return k
		}
	}
	return null
}
