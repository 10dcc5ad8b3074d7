package warehouse

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Spool takes the rows of a stage one by one, in bounded memory. They go to text
// files in the engine's temporary folder, private to this user, which the engine
// reads with all its threads: several times faster than it takes single rows. The
// files are gone when the transaction ends.
type Spool struct {
	Parts   []*SpoolPart // each for one goroutine
	tx      *Tx
	name    string // of the stage
	columns []Column
}

// SpoolPart is one file of a spool.
type SpoolPart struct {
	name    string
	columns []Column
	file    *os.File
	out     *bufio.Writer
	row     []byte
	longest int
	broken  bool // some text holds the end of a line
}

// spoolPattern is how spools are named, so that what a process that was killed
// left behind is known.
const spoolPattern = "stage_*.csv"

// maxSpoolLine is the longest line that the engine reads unless told otherwise.
const maxSpoolLine = 2_000_000

// Spool opens a spool for temporary stage name with the given columns.
func (tx *Tx) Spool(name string, columns []Column, parts int) (*Spool, error) {
	if err := os.MkdirAll(tx.db.spools, 0o700); err != nil {
		return nil, failed("open spool", name, err)
	}
	s := &Spool{tx: tx, name: name, columns: columns}
	for range parts {
		file, err := os.CreateTemp(tx.db.spools, spoolPattern) // mode 0600
		if err != nil {
			return nil, failed("open spool", name, err)
		}
		tx.spools = append(tx.spools, file)
		s.Parts = append(s.Parts, &SpoolPart{name: name, columns: columns, file: file, out: bufio.NewWriterSize(file, 1<<18)})
	}
	return s, nil
}

// Append adds one row: a value for each column. It copies them.
func (s *SpoolPart) Append(values ...Value) error {
	if len(values) != len(s.columns) {
		return failed("append row", s.name, fmt.Errorf("%d values for %d columns", len(values), len(s.columns)))
	}
	b := s.row[:0]
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		switch v.kind {
		case textValue:
			b = s.text(b, v.text)
		case intValue:
			b = strconv.AppendInt(b, v.n, 10)
		case flagValue:
			b = strconv.AppendBool(b, v.n != 0)
		case dayValue:
			b = time.Unix(v.n*86_400, 0).UTC().AppendFormat(b, time.DateOnly)
		}
	}
	b = append(b, '\n')
	s.row, s.longest = b, max(s.longest, len(b))
	_, err := s.out.Write(b)
	return failed("append row", s.name, err)
}

// text writes a text, in quotes where it holds what ends a cell.
func (s *SpoolPart) text(b []byte, v string) []byte {
	quote := false
	for i := range len(v) {
		switch v[i] {
		case '\n', '\r':
			s.broken = true
			quote = true
		case ',', '"':
			quote = true
		}
	}
	if !quote {
		return append(b, v...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(v, `"`, `""`)...)
	return append(b, '"')
}

// View ends the spool and makes it temporary view <name>, which reads the file
// anew each time.
func (s *Spool) View(ctx context.Context) error { return s.make(ctx, "VIEW") }

// Table ends the spool and makes it temporary table <name>, for a stage that is
// read more than once.
func (s *Spool) Table(ctx context.Context) error { return s.make(ctx, "TABLE") }

func (s *Spool) make(ctx context.Context, kind string) error {
	var columns, files []string
	longest, broken := 0, false
	for _, part := range s.Parts {
		if err := part.out.Flush(); err != nil {
			return failed("close spool", s.name, err)
		}
		files = append(files, "'"+strings.ReplaceAll(part.file.Name(), "'", "''")+"'")
		longest, broken = max(longest, part.longest), broken || part.broken
	}
	for _, c := range s.columns {
		columns = append(columns, "'"+c.Name+"': '"+c.Type+"'")
	}
	// Threads would cut a file at ends of lines that lie inside of texts.
	more := ", parallel = " + strconv.FormatBool(!broken)
	if longest > maxSpoolLine {
		more += ", max_line_size = " + strconv.Itoa(longest+1)
	}
	query := "CREATE OR REPLACE TEMP " + kind + " " + s.name + " AS SELECT * FROM read_csv([" + strings.Join(files, ", ") +
		"], auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"', new_line = '\\n', nullstr = ''" + more +
		", columns = {" + strings.Join(columns, ", ") + "})"
	return failed("read spool", s.name, s.tx.run(ctx, query))
}

// removeSpools deletes the transaction's spools. One that cannot be deleted goes
// when the warehouse is opened next.
func (tx *Tx) removeSpools() {
	for _, file := range tx.spools {
		_ = os.Remove(file.Name())
		_ = file.Close()
	}
	tx.spools = nil
}
