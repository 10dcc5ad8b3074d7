package source

import (
	"strings"
	"unsafe"
)

// kind is what a value of a record is.
type kind uint8

const (
	absent kind = iota // not there, null, or empty text
	text               // one value: text, number, true or false
	list               // several texts
	object             // something nested, or a list of such
)

// value is one value of a record, as the file's author wrote it.
type value struct {
	kind kind
	text string
	list []string
}

// record is one record of a file: a CSV row, a JSON object, an event of a
// request. A reader fills and reuses it.
type record struct {
	line    int64   // physical line that it begins on, from 1; in Parquet the row's number
	offset  int64   // where the line begins in the text, -1 when the reader does not know
	ordinal int64   // place among the records of that line, from 1
	blank   bool    // an empty line
	rule    string  // why the record as a whole cannot be read
	excerpt string  // its shape, when rule is set
	fields  []value // one for each wanted column
	size    int     // bytes of text that it keeps in memory, about
	text    []byte  // what its fields are pieces of
	raw     string  // a row of CSV as it is written
	quoted  bool    // it has quotes
}

// keptText bounds the text whose memory is used again.
const keptText = 4096

// keep copies a text, valid until the record is filled again.
func (r *record) keep(b []byte) string {
	if len(b) > keptText || len(b) == 0 {
		return string(b)
	}
	r.text = append(r.text[:0], b...)
	return unsafe.String(&r.text[0], len(b))
}

func (r *record) begin(line, offset int64) {
	r.line, r.offset, r.ordinal, r.blank, r.rule, r.excerpt, r.size, r.raw = line, offset, 1, false, "", "", 0, ""
	clear(r.fields)
}

// refuse marks the record as unreadable.
func (r *record) refuse(rule, raw string) {
	r.rule, r.excerpt = rule, shape(raw)
}

// reader gives the records of a file one by one. next fills rec and returns nil,
// io.EOF after the last one, or a *FileError when the file as a whole is refused.
type reader interface {
	next(rec *record) error
}

// maxExcerptInput bounds what of a long line is looked at for its shape.
const maxExcerptInput = 256

func head[T string | []byte](b T) string {
	if len(b) > maxExcerptInput {
		b = b[:maxExcerptInput]
	}
	return string(b)
}

// nearest gives the known name that is most like got, or "" when none is near.
func nearest(got string, known []string) string {
	best, distance := "", len(got)/3+2
	for _, k := range known {
		if d := edits(strings.ToLower(got), strings.ToLower(k)); d < distance {
			best, distance = k, d
		}
	}
	return best
}

// edits is the Levenshtein distance.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
