package source

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"unicode"
)

// cursorName in a query stands for the highest value seen.
const cursorName = ":cursor"

// bindCursor puts mark(1), mark(2) … in place of :cursor and leaves comments
// out. places counts them; fault is the rule that the query breaks.
func bindCursor(query string, mark func(n int) string) (text string, places int, fault string) {
	var b strings.Builder
	for i := 0; i < len(query); {
		rest := query[i:]
		switch {
		case strings.HasPrefix(rest, "--"):
			n := strings.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest)
			}
			i += n
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest, "*/")
			if n < 0 {
				return "", 0, "a comment of the query is not closed"
			}
			b.WriteByte(' ')
			i += n + 2
		case strings.IndexByte("'\"`", rest[0]) >= 0:
			n := strings.IndexByte(rest[1:], rest[0])
			if n < 0 {
				return "", 0, "a quote of the query is not closed"
			}
			b.WriteString(rest[:n+2])
			i += n + 2
		case rest[0] == ';':
			return "", 0, "the query holds a semicolon: it is one statement"
		case isCursor(query, i):
			places++
			b.WriteString(mark(places))
			i += len(cursorName)
		default:
			b.WriteByte(rest[0])
			i++
		}
	}
	return b.String(), places, ""
}

func isCursor(query string, i int) bool {
	rest, ok := strings.CutPrefix(query[i:], cursorName)
	if !ok || i > 0 && query[i-1] == ':' { // a cast
		return false
	}
	return rest == "" || rest[0] != '_' && !unicode.IsLetter(rune(rest[0])) && !unicode.IsDigit(rune(rest[0]))
}

// firstWord of a query without comments, in upper case.
func firstWord(query string) string {
	query = strings.TrimLeft(query, " \t\r\n(")
	end := strings.IndexFunc(query, func(r rune) bool { return !unicode.IsLetter(r) })
	if end < 0 {
		end = len(query)
	}
	return strings.ToUpper(query[:end])
}

// cursorKind is how the values of a cursor column are ordered.
type cursorKind int

const (
	noCursor    cursorKind = iota // the type has no order that is the same everywhere
	wholeCursor                   // decimal integer of 64 bits
	textCursor                    // text of fixed width: dates and times as instantTime and localTime write them
)

var errCursor = errors.New("the cursor column holds a value that is empty or has no place in the order")

// highest follows the highest cursor value of an answer, and sums the rows that
// have it, in whatever order they come.
type highest struct {
	kind  cursorKind
	value string
	whole int64
	rows  [4]uint64
	all   bool // every row so far has the same value
	any   bool
}

// see takes the next row with its cursor value.
func (h *highest) see(value string, row []string) error {
	whole, order := int64(0), 0
	switch h.kind {
	case wholeCursor:
		var err error
		if whole, err = strconv.ParseInt(value, 10, 64); err != nil {
			return errCursor
		}
		order = compareWhole(whole, h.whole)
	case textCursor:
		if len(value) < len("2006-01-02") || value[0] < '0' || value[0] > '9' || value[4] != '-' {
			return errCursor
		}
		order = strings.Compare(value, h.value)
	}
	switch {
	case !h.any:
		h.any, h.all = true, true
		h.value, h.whole = value, whole
	case order > 0:
		h.all = false
		h.value, h.whole, h.rows = value, whole, [4]uint64{}
	case order < 0:
		h.all = false
		return nil
	}
	sum := sha256.New()
	for _, cell := range row {
		_ = binary.Write(sum, binary.BigEndian, int64(len(cell))) // a hash does not fail
		sum.Write([]byte(cell))
	}
	digest := sum.Sum(nil)
	for i := range h.rows { // sums, unlike lists, have no order
		h.rows[i] += binary.BigEndian.Uint64(digest[8*i:])
	}
	return nil
}

func compareWhole(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// version names the rows that have the highest value.
func (h *highest) version() string {
	var b []byte
	for _, n := range h.rows {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return hex.EncodeToString(b)
}
