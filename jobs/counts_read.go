package jobs

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"ghostlight/jobs/source"
)

// Columns of a file of counts, and other names of them.
var (
	armColumns       = []string{"arm", "group", "variant", "cell"}
	unitsColumns     = []string{"units", "n", "users", "households"}
	convertedColumns = []string{"converters", "conversions", "converted", "x"}
)

// readCounts reads the rows that are wanted, one an arm.
func readCounts(r io.Reader, name string, where map[string]string) ([]CountsArm, error) {
	in := bufio.NewReader(r)
	if mark, _ := in.Peek(3); string(mark) == "\ufeff" {
		_, _ = in.Discard(3)
	}
	rows := csv.NewReader(in)
	header, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, countsError(name, 1, "the file is empty", "give it a heading: arm,units,converters")
	}
	if err != nil {
		return nil, csvError(name, err)
	}
	columns, err := countsColumns(header, name, where)
	if err != nil {
		return nil, err
	}
	var arms []CountsArm
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, csvError(name, err)
		}
		line, _ := rows.FieldPos(0)
		if !columns.wants(row) {
			continue
		}
		arm, err := columns.read(row, name, line)
		if err != nil {
			return nil, err
		}
		for _, other := range arms {
			if other.Name == arm.Name {
				return nil, countsError(name, line, fmt.Sprintf("the same arm as in line %d", other.line),
					"leave one row an arm: choose rows by another column with --where COLUMN=TEXT")
			}
		}
		arms = append(arms, arm)
	}
	if len(arms) < 2 {
		return nil, countsError(name, 0, plural(len(arms), "arm")+" in the rows that are taken", "two or more are compared; look at --where")
	}
	return arms, nil
}

// mostUnits is the largest count; with more, sums of them are no longer exact.
const mostUnits = 1_000_000_000_000

// countsHeader is where the columns of a file of counts stand.
type countsHeader struct {
	names                  []string
	arm, units, converters int
	where                  map[int]string
}

func countsColumns(header []string, name string, where map[string]string) (countsHeader, error) {
	c := countsHeader{where: map[int]string{}}
	for _, column := range header {
		c.names = append(c.names, strings.ToLower(strings.TrimSpace(column)))
	}
	for _, wanted := range []struct {
		to    *int
		names []string
	}{{&c.arm, armColumns}, {&c.units, unitsColumns}, {&c.converters, convertedColumns}} {
		*wanted.to = -1
		for i, column := range c.names {
			if !slices.Contains(wanted.names, column) {
				continue
			}
			if *wanted.to >= 0 {
				return c, countsError(name, 1, "two columns may be the "+wanted.names[0]+": "+c.names[*wanted.to]+" and "+column, "leave one of them, or rename the other")
			}
			*wanted.to = i
		}
		if *wanted.to < 0 {
			return c, countsError(name, 1, "no column "+wanted.names[0], "it may also be called "+strings.Join(wanted.names[1:], ", ")+"; commas stand between columns")
		}
	}
	for column, text := range where {
		i := slices.Index(c.names, strings.ToLower(column))
		if i < 0 {
			return c, &UsageError{Problem: "--where: " + name + " has no column " + strconv.Quote(column), Hint: "its columns are " + strings.Join(c.names, ", ")}
		}
		if _, twice := c.where[i]; twice {
			return c, &UsageError{Problem: "--where names column " + c.names[i] + " twice", Hint: "give it once"}
		}
		c.where[i] = text
	}
	return c, nil
}

func (c countsHeader) wants(row []string) bool {
	for i, text := range c.where {
		if strings.TrimSpace(row[i]) != text {
			return false
		}
	}
	return true
}

func (c countsHeader) read(row []string, name string, line int) (a CountsArm, err error) {
	a = CountsArm{Name: strings.TrimSpace(row[c.arm]), line: line}
	if a.Name == "" {
		return a, countsError(name, line, "the arm has no name", "fill in column "+c.names[c.arm])
	}
	for _, count := range []struct {
		to *int64
		at int
	}{{&a.Units, c.units}, {&a.Converters, c.converters}} {
		text := strings.ReplaceAll(strings.TrimSpace(row[count.at]), "_", "")
		if *count.to, err = strconv.ParseInt(text, 10, 64); errors.Is(err, strconv.ErrRange) || *count.to > mostUnits {
			return a, countsError(name, line, "column "+c.names[count.at]+" is larger than a trillion", "count units, not micros or events")
		}
		if err != nil || *count.to < 0 {
			return a, countsError(name, line, "column "+c.names[count.at]+" is no count", "a whole number from 0 on, without commas; leave out the row with --where if it is not known")
		}
	}
	if a.Converters > a.Units {
		return a, countsError(name, line, "more converters than units", "count each unit that converted once")
	}
	return a, nil
}

func countsError(name string, line int, what, hint string) error {
	return &source.FileError{Path: name, Line: int64(line), What: what, Hint: hint}
}

// csvError is what the reader says of a row, at its line.
func csvError(name string, err error) error {
	if e, ok := errors.AsType[*csv.ParseError](err); ok {
		what := e.Err.Error()
		if errors.Is(e.Err, csv.ErrFieldCount) {
			what = "another number of columns than the heading"
		}
		return countsError(name, e.Line, what, "a CSV with one row an arm")
	}
	return fmt.Errorf("read counts %s: %w", name, err)
}
