package source

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"time"
)

// queryTimeout bounds one statement.
const queryTimeout = 30 * time.Minute

// sampleRows are enough to see whether an answer fits its mapping.
const sampleRows = 1000

// query is the transport of a database. Its answer becomes a CSV file with a
// header, NULL and the empty text alike empty.
//
// Without a cursor the whole answer is one file, read anew by every run. With
// one, each run asks for what came since, and what it gets becomes a piece of
// its own that stays: connection#000001, #000002 and so on.
//
// With `column > :cursor` rows are lost that get the highest value after it was
// read. With `column >= :cursor` they are not: rows with the highest value come
// again with the next piece, where the engine counts them once as it does all
// repeated records. An answer that is nothing but the known rows with the
// highest value brings no piece.
type query struct {
	name   string
	src    Source
	kind   string
	dsn    Secret
	known  []File // pieces, in their order
	sample bool
}

func newQuery(name string, src Source, c Connection, secret secretReader, known []File, sample bool) (*query, error) {
	dsn, err := secret("dsn", c.DSN)
	if err != nil {
		return nil, err
	}
	q := &query{name: name, src: src, kind: c.Type, dsn: dsn, sample: sample}
	for _, f := range known {
		if f.Cursor != "" {
			q.known = append(q.known, f)
		}
	}
	return q, nil
}

func (q *query) close() error { return nil }

// list gives the known pieces and the one that is to be asked for.
func (q *query) list(context.Context) ([]File, error) {
	if q.src.Cursor == "" {
		return []File{{Source: q.name, Path: q.src.Connection + "#query"}}, nil
	}
	number := 0
	if n := len(q.known); n > 0 {
		var err error
		if number, err = strconv.Atoi(strings.TrimPrefix(path.Ext(strings.ReplaceAll(q.known[n-1].Path, "#", ".")), ".")); err != nil {
			return nil, fmt.Errorf("source %s: number of piece %s: %w", q.name, q.known[n-1].Path, err)
		}
	}
	return append(q.known[:len(q.known):len(q.known)], File{Source: q.name, Path: fmt.Sprintf("%s#%06d", q.src.Connection, number+1)}), nil
}

// last is the cursor value to go on from, and the version of its rows.
func (q *query) last() (value, version string) {
	if n := len(q.known); n > 0 {
		return q.known[n-1].Cursor, q.known[n-1].Version
	}
	return q.src.CursorStart, ""
}

func (q *query) fetch(ctx context.Context, f File, w io.Writer) (File, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout+time.Minute)
	defer cancel()
	a := &answer{csv: csv.NewWriter(w), cursorName: q.src.Cursor}
	from, version := q.last()
	ask := q.askPostgres
	if q.kind == mysqlType {
		ask = q.askMySQL
	}
	if err := ask(ctx, from, a); err != nil {
		return File{}, q.failed(f, err)
	}
	if a.csv.Flush(); a.csv.Error() != nil {
		return File{}, a.csv.Error()
	}
	if q.src.Cursor == "" {
		return f, nil
	}
	h := &a.high
	if !h.any || h.all && h.value == from && h.version() == version {
		return File{}, nil
	}
	f.Cursor, f.Version = h.value, h.version()
	return f, nil
}

// limited is the query, or its beginning.
func (q *query) limited(text string) string {
	if !q.sample {
		return text
	}
	return "SELECT * FROM (\n" + text + "\n) AS sample LIMIT " + strconv.Itoa(sampleRows)
}

// answerColumn is a column of an answer: how its values order and are written.
type answerColumn struct {
	name   string
	kind   string // as the database calls its type
	cursor cursorKind
	text   func([]byte) string
	binary bool
}

// answer writes the rows of an answer as CSV.
type answer struct {
	csv        *csv.Writer
	cursorName string
	columns    []answerColumn
	cursor     int // position of the cursor column, -1 without
	high       highest
	row        []string
}

// answerError is a fault of the answer that the query can mend.
type answerError struct{ what, hint string }

func (e *answerError) Error() string { return e.what }

// begin takes the columns and writes the header.
func (a *answer) begin(columns []answerColumn) error {
	a.columns, a.cursor, a.row = columns, -1, make([]string, len(columns))
	for i, c := range columns {
		if c.binary {
			return &answerError{"column " + label(c.name) + " is " + c.kind + ", which is not text", "leave it out, or make text of it in the query"}
		}
		if c.name == a.cursorName {
			a.cursor = i
		}
		a.row[i] = c.name
	}
	if a.cursorName != "" {
		if a.cursor < 0 {
			return &answerError{"the answer has no column " + label(a.cursorName) + ", which is the cursor", "select it"}
		}
		c := columns[a.cursor]
		if a.high.kind = c.cursor; c.cursor == noCursor {
			return &answerError{"column " + label(c.name) + " is the cursor and is " + c.kind, "a cursor is a whole number or a time"}
		}
	}
	return a.csv.Write(a.row)
}

// add writes one row; a nil cell is NULL.
func (a *answer) add(cells [][]byte) error {
	for i, cell := range cells {
		switch c := a.columns[i]; {
		case cell == nil:
			a.row[i] = ""
		case c.text != nil:
			a.row[i] = c.text(cell)
		default:
			a.row[i] = string(cell)
		}
	}
	if a.cursor >= 0 {
		if err := a.high.see(a.row[a.cursor], a.row); err != nil {
			return &answerError{err.Error(), "leave such rows out in the query"}
		}
	}
	return a.csv.Write(a.row)
}

// instantTime writes a time that the server gave in UTC as RFC 3339.
func instantTime(raw []byte) string {
	text, _ := strings.CutSuffix(string(raw), "+00")
	if s := localTime([]byte(text)); strings.Contains(s, "T") {
		return s + "Z"
	}
	return string(raw) // infinity, or before Christ: refused when it is mapped
}

// localTime writes a time without a zone: 2026-01-02T03:04:05.000000.
func localTime(raw []byte) string {
	s := string(raw)
	if len(s) < 19 || s[4] != '-' || s[10] != ' ' || strings.ContainsAny(s[19:], " BC+") {
		return s
	}
	fraction := strings.TrimPrefix(s[19:], ".")
	return s[:10] + "T" + s[11:19] + "." + (fraction + "000000")[:max(6, len(fraction))]
}

// decimal writes a float without an exponent, in the fewest digits that mean it.
func decimal(bits int) func([]byte) string {
	return func(raw []byte) string {
		f, err := strconv.ParseFloat(string(raw), bits)
		if err != nil {
			return string(raw)
		}
		return strconv.FormatFloat(f, 'f', -1, bits)
	}
}

// failed explains what went wrong with a query. What a database says may quote
// values or the connection string, so only its codes pass, and its words on the
// query's own text.
func (q *query) failed(f File, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, ErrTooLarge) {
		return err
	}
	e := &FileError{Source: q.name, Path: f.Path}
	var fault *answerError
	var said *databaseError
	switch {
	case errors.As(err, &fault):
		e.What, e.Hint = fault.what, fault.hint
	case errors.As(err, &said) && said.ofDSN:
		return &SecretError{Path: "connections." + q.src.Connection + ".dsn", Problem: said.what, Hint: said.hint}
	case errors.As(err, &said):
		e.What, e.Hint, e.Err = without(said.what, q.dsn), said.hint, said.class
	case errors.Is(err, context.DeadlineExceeded):
		e.What, e.Hint, e.Err = "the query took longer than 30 minutes", "make it faster, or ask for less with a cursor", ErrUnreachable
	default:
		e.What, e.Err = "the database "+ErrUnreachable.Error()+": "+without(innermost(err), q.dsn), ErrUnreachable
		e.Hint = "try again later; its address is in the dsn of connection " + q.src.Connection
	}
	return e
}

// databaseError is what a database said, made safe to show.
type databaseError struct {
	what, hint string
	class      error // ErrUnreachable when trying again may help
	ofDSN      bool  // only another connection string helps
}

func (e *databaseError) Error() string { return e.what }
