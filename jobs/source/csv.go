package source

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxRow bounds one CSV record in bytes; a longer one is quarantined. A physical
// line is followed up to maxLine, so that its quotes are known to close.
const (
	maxRow  = 2 << 20
	maxLine = 64 << 20
)

// csvReader reads RFC 4180 rows with a header line. A row that cannot be read is
// a refused record with its line; the rows after it are unharmed. Only an
// unclosed quote refuses the file, because it hides where rows end.
type csvReader struct {
	lines  *lines
	fault  func(line int64, what, hint string) error
	header []string
	csvCells

	fleeting bool   // what a record holds is valid until that record is filled again
	buf      []byte // a record that spans lines
}

// csvCells takes rows apart, for one goroutine at a time.
type csvCells struct {
	columns int   // of the header
	slots   []int // position in the row of each wanted column, -1 when it has none
	rules   csvRules
	row     []string // cells of the current record
}

// newCSV reads the header and finds the wanted columns in it by name; those that
// mayLack says may be missing. fault makes the *FileError of this file.
func newCSV(r io.Reader, wanted []string, mayLack func(name string, has func(string) bool) bool, rules *RowRules,
	fault func(line int64, what, hint string) error) (*csvReader, error) {
	c := &csvReader{lines: newLines(r, maxLine), fault: fault, csvCells: csvCells{rules: csvRules{same: -1}}}
	if c.lines.utf16() {
		return nil, fault(1, looksUTF16, saveUTF8)
	}
	var rec record
	err := c.readCells(&rec)
	if rules != nil && rules.Header != "" {
		err = c.passTitle(rules.Header, &rec, err)
	}
	switch {
	case errors.Is(err, io.EOF):
		return nil, fault(0, "the file has no header line", "its first line must name the columns")
	case err != nil:
		return nil, err
	case rec.rule != "":
		return nil, fault(1, "the header line cannot be read: "+rec.rule, "")
	case rec.blank:
		return nil, fault(1, "the header line is blank", "its first line must name the columns")
	}
	for _, cell := range c.row {
		c.header = append(c.header, trim(cell))
	}
	for i, name := range c.header {
		if name != "" && slices.Contains(c.header[:i], name) {
			return nil, fault(1, "column "+label(name)+" is there twice in the header", "")
		}
	}
	if err := c.find(wanted, mayLack); err != nil {
		return nil, err
	}
	c.columns = len(c.header)
	c.rules.place(rules, c.header)
	return c, nil
}

// find maps the wanted columns to positions in the header.
func (c *csvReader) find(wanted []string, mayLack func(name string, has func(string) bool) bool) error {
	var missing []string
	found := false
	has := func(name string) bool { return slices.Contains(c.header, name) }
	for _, name := range wanted {
		i := slices.Index(c.header, name)
		found = found || i >= 0
		c.slots = append(c.slots, i)
		if i < 0 && (mayLack == nil || !mayLack(name, has)) {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if !found {
		hint := "it must be a header; it has " + strconv.Itoa(len(c.header)) + " cells"
		if odd := semicolons(strings.Join(c.header, ",")); odd != "" {
			hint += "; " + odd
		}
		return c.fault(1, "the first line names none of the mapped columns ("+strings.Join(missing, ", ")+")", hint)
	}
	what := "the header has no column " + strings.Join(missing, ", ")
	if near := nearest(missing[0], c.header); near != "" {
		what += "; did you mean " + label(near) + "?"
	}
	names := make([]string, len(c.header))
	for i, name := range c.header {
		names[i] = label(name)
	}
	return c.fault(1, what, "the file has: "+strings.Join(names, ", "))
}

// label shows a column's name, or its shape when it looks like data.
func label(name string) string {
	digits := 0
	for i := range len(name) {
		if name[i] >= '0' && name[i] <= '9' {
			digits++
		}
	}
	if digits > 4 || len(name) > 60 || strings.Contains(name, "@") || strings.ContainsFunc(name, notPrintable) {
		return shape(name)
	}
	return name
}

func notPrintable(r rune) bool { return !strconv.IsPrint(r) }

func (c *csvReader) next(rec *record) error {
	for {
		if err := c.read(rec); err != nil {
			return err
		}
		if c.fill(rec) {
			return nil
		}
	}
}

// fill gives a record that was read its fields, and tells whether it is one of its own.
func (c *csvCells) fill(rec *record) bool {
	c.split(rec)
	if rec.blank || rec.rule != "" {
		return true
	}
	if len(c.row) != c.columns {
		rec.refuse("row has "+strconv.Itoa(len(c.row))+" fields, the header "+strconv.Itoa(c.columns), strings.Join(c.row, ","))
		return true
	}
	if c.rules.continues(c.row) {
		return false
	}
	if c.rules.skips(c.row) {
		rec.blank = true
		return true
	}
	for i, at := range c.slots {
		if at >= 0 && c.row[at] != "" {
			rec.fields[i] = value{kind: text, text: c.row[at]}
		}
	}
	return true
}

// uncut reads records that are yet to be filled, which can then be done by many
// goroutines, each with cells of its own.
type uncut struct{ *csvReader }

func (u uncut) next(rec *record) error { return u.read(rec) }

// clone gives cells to another goroutine.
func (c *csvCells) clone() *csvCells {
	return &csvCells{columns: c.columns, slots: c.slots, rules: c.rules}
}

// readCells gives the cells of the next record in c.row, or says why it has none.
func (c *csvReader) readCells(rec *record) error {
	err := c.read(rec)
	if err == nil {
		c.split(rec)
	}
	return err
}

// read finds the next record and gives it as it is written, or says why it cannot.
func (c *csvReader) read(rec *record) error {
	line, err := c.lines.next()
	if err != nil {
		return err
	}
	rec.begin(c.lines.no, c.lines.at)
	if len(line) == 0 {
		rec.blank = true
		return nil
	}
	long := c.lines.long
	quotes := bytes.IndexByte(line, '"') >= 0
	if quotes && !long {
		open, stray := scan(line, false)
		if open {
			if line, long, stray, err = c.gather(line, rec.line); err != nil {
				return err
			}
		}
		if stray {
			rec.refuse("stray quote", head(line))
			return nil
		}
	}
	if long || len(line) > maxRow {
		rec.refuse("row is longer than 2 MiB", head(line))
		return nil
	}
	rec.size, rec.quoted = len(line), quotes
	if c.fleeting {
		rec.raw = rec.keep(line)
	} else {
		rec.raw = string(line)
	}
	return nil
}

// gather adds the lines that an open quote spans. What exceeds the limit is read
// and dropped.
func (c *csvReader) gather(line []byte, first int64) (record []byte, long, stray bool, err error) {
	c.buf = append(c.buf[:0], line...)
	for open := true; open; {
		line, err := c.lines.next()
		if errors.Is(err, io.EOF) {
			return nil, false, false, c.fault(first, "a quote opened in the row of this line is never closed", "everything after it would be read as one value")
		}
		if err != nil {
			return nil, false, false, err
		}
		long = long || c.lines.long || len(c.buf)+len(line) >= maxRow
		if !long {
			c.buf = append(append(c.buf, '\n'), line...)
		}
		open, stray = scan(line, true)
	}
	return c.buf, long, stray, nil
}

// scan follows the quotes of one physical line. open says that the line ends
// inside a quoted field, stray that a quote stands where none may.
func scan(line []byte, inside bool) (open, stray bool) {
	for {
		if !inside {
			if len(line) > 0 && line[0] == '"' {
				inside, line = true, line[1:]
				continue
			}
			end := bytes.IndexByte(line, ',')
			cell := line
			if end >= 0 {
				cell = line[:end]
			}
			if bytes.IndexByte(cell, '"') >= 0 {
				return false, true
			}
			if end < 0 {
				return false, false
			}
			line = line[end+1:]
			continue
		}
		end := bytes.IndexByte(line, '"')
		if end < 0 {
			return true, false
		}
		line = line[end+1:]
		switch {
		case len(line) == 0:
			return false, false
		case line[0] == '"':
			line = line[1:]
		case line[0] == ',':
			inside, line = false, line[1:]
		default:
			return false, true
		}
	}
}

// split cuts a record into its cells, or says why it has none.
func (c *csvCells) split(rec *record) {
	switch {
	case rec.blank || rec.rule != "":
	case strings.IndexByte(rec.raw, 0) >= 0:
		rec.refuse("row holds a NUL byte", head(rec.raw))
	case !utf8.ValidString(rec.raw):
		rec.refuse("row is not valid UTF-8", head(rec.raw))
	default:
		c.cut(rec.raw, rec.quoted)
	}
}

// cut gives the cells of a well-formed row.
func (c *csvCells) cut(s string, quotes bool) {
	c.row = c.row[:0]
	for {
		if quotes && s != "" && s[0] == '"' {
			end := 1
			for s[end] != '"' || end+1 < len(s) && s[end+1] == '"' {
				if s[end] == '"' {
					end++
				}
				end++
			}
			c.row = append(c.row, strings.ReplaceAll(s[1:end], `""`, `"`))
			if s = s[end+1:]; s == "" {
				return
			}
			s = s[1:]
			continue
		}
		end := strings.IndexByte(s, ',')
		if end < 0 {
			c.row = append(c.row, s)
			return
		}
		c.row = append(c.row, s[:end])
		s = s[end+1:]
	}
}
