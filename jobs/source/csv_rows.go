package source

import (
	"regexp"
	"slices"
	"strings"
)

// RowRules describe files in which not every line is a record.
type RowRules struct {
	// Same is a column that all rows of one record repeat, in formats that spread a record over several rows.
	Same string `yaml:"same,omitempty"`
	// Blank columns are empty in the further rows of a record.
	Blank []string `yaml:"blank,omitempty"`
	// Header is a column of the header line, in formats that begin with lines of a title.
	Header string `yaml:"header,omitempty"`
	// Skip gives for a column the regular expression of rows that are no records, such as a total. They count as blank.
	Skip map[string]string `yaml:"skip,omitempty"`
}

func (r *RowRules) check(v *validation) {
	if (r.Same == "") != (len(r.Blank) == 0) {
		v.add("rows", "same and blank belong together", "give both, or neither")
	}
	for _, column := range sortedKeys(r.Skip) {
		if _, err := regexp.Compile(r.Skip[column]); err != nil {
			v.add("rows.skip."+column, "no regular expression", "")
		}
	}
}

// csvRules are row rules with the places of their columns in one header.
type csvRules struct {
	same  int // -1 without
	blank []int
	last  string // value of same in the row before
	skip  []skipRule
}

type skipRule struct {
	at   int
	like *regexp.Regexp
}

func (c *csvRules) place(rules *RowRules, header []string) {
	if rules == nil {
		return
	}
	if rules.Same != "" {
		c.same = slices.Index(header, rules.Same)
	}
	for _, name := range rules.Blank {
		c.blank = append(c.blank, slices.Index(header, name))
	}
	for _, name := range sortedKeys(rules.Skip) {
		if at := slices.Index(header, name); at >= 0 {
			c.skip = append(c.skip, skipRule{at, regexp.MustCompile(rules.Skip[name])})
		}
	}
}

// continues tells that the row belongs to the record before it.
func (c *csvRules) continues(row []string) bool {
	if c.same < 0 {
		return false
	}
	name := row[c.same]
	again := name != "" && name == c.last
	for _, i := range c.blank {
		again = again && (i < 0 || row[i] == "")
	}
	if name != c.last {
		c.last = strings.Clone(name) // the row is overwritten
	}
	return again
}

// skips tells that the row is no record.
func (c *csvRules) skips(row []string) bool {
	for _, s := range c.skip {
		if s.like.MatchString(row[s.at]) {
			return true
		}
	}
	return false
}

// maxTitle bounds the lines of a title.
const maxTitle = 20

// passTitle reads on to the line that names the column, beginning with the line
// that was read. Without such a line it is the header that is missing.
func (c *csvReader) passTitle(column string, rec *record, err error) error {
	for range maxTitle {
		if err != nil || rec.rule != "" {
			break
		}
		if !rec.blank && slices.ContainsFunc(c.row, func(cell string) bool { return trim(cell) == column }) {
			return nil
		}
		err = c.readCells(rec)
	}
	return c.fault(1, "none of the first lines is a header with column "+column, "the line before the rows must name the columns")
}
