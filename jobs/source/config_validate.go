package source

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a zone must not depend on the machine
	"unicode"
)

// Problem is one fault of the configuration. Its Path is relative to the
// section that was validated and is written as in `crm.columns.value` or
// `crm.files[0]`; the caller knows which line that is.
type Problem struct {
	Path    string
	Message string
	Hint    string
	Key     bool // the fault is the last key of Path, not its value

	// When the fault is an unknown name: what was written and what could
	// have been, from which the caller makes a hint.
	Got   string
	Known []string
}

var identifier = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// maxValues bounds `values` of a column.
const maxValues = 1000

// Validate returns every fault of the section, in the order of the sources'
// names. Files must lie below one of the roots, which are relative folders.
func (c Config) Validate(roots []string) []Problem {
	v := &validation{}
	for _, name := range c.Names() {
		v.source(name, c[name], roots)
	}
	return v.problems
}

type validation struct{ problems []Problem }

func (v *validation) add(path, message, hint string) {
	v.problems = append(v.problems, Problem{Path: path, Message: message, Hint: hint})
}

// oneOf adds a problem when got is none of the known values.
func (v *validation) oneOf(path, what, got string, known []string) bool {
	if slices.Contains(known, got) {
		return true
	}
	v.problems = append(v.problems, Problem{Path: path, Message: "unknown " + what, Got: got, Known: known})
	return false
}

func (v *validation) source(name string, src Source, roots []string) {
	if !identifier.MatchString(name) {
		v.problems = append(v.problems, Problem{Path: name, Key: true, Message: "the name of a source is not an identifier",
			Hint: "lower-case letters, digits and _, beginning with a letter, 63 at most"})
	}
	table := src.Table != ""
	if !table {
		v.add(name+".table", "table is missing", "one of: "+strings.Join(Tables(), ", "))
	} else {
		table = v.oneOf(name+".table", "table", src.Table, Tables())
	}
	format, known := FormatNamed(src.Format)
	if src.Format == "" {
		v.add(name+".format", "format is missing", "one of: "+strings.Join(formatNames(), ", "))
	} else if !known {
		v.oneOf(name+".format", "format", src.Format, formatNames())
	}
	if src.Query == "" {
		v.files(name, src.Files, roots)
	}
	if _, ok := parseShare(src.MaxQuarantine); !ok {
		v.add(name+".max_quarantine", "not a share", "such as 0.5% (0% to 100%)")
	}
	if table && known {
		v.layout(name, src, format)
	}
	if table {
		v.columns(name, src)
	}
}

// layout checks what depends on table and format together.
func (v *validation) layout(name string, src Source, format Format) {
	if format.Pack() {
		if src.Table != format.Table {
			v.add(name+".format", "format "+format.Name+" fills table "+format.Table+", not "+src.Table, "write table: "+format.Table)
		}
		if len(src.Columns) > 0 {
			v.add(name+".columns", "format "+format.Name+" maps its own columns", "leave columns out")
		}
	} else {
		for _, spec := range TableColumns(src.Table) {
			if _, mapped := src.Columns[spec.Name]; spec.Required && !mapped {
				v.add(name+".columns."+spec.Name, "column "+spec.Name+" of table "+src.Table+" is not mapped",
					"add it to columns: a row without it cannot be used")
			}
		}
	}
	if src.Table != "event" {
		if src.Surface != "" {
			v.add(name+".surface", "only a source of table event has a surface", "leave it out")
		}
		if src.Platform != "" {
			v.add(name+".platform", "only a source of table event has a platform", "leave it out")
		}
		return
	}
	_, mapped := src.Columns["surface"]
	switch {
	case src.Surface != "":
		v.oneOf(name+".surface", "surface", src.Surface, Surfaces())
	case format.Surface == "" && !mapped:
		v.add(name+".surface", "surface is missing", "say where the events were seen: "+strings.Join(Surfaces(), ", "))
	}
	if src.Platform != "" && !identifier.MatchString(src.Platform) {
		v.add(name+".platform", "a platform must be lower-case letters, digits and _ and begin with a letter", "")
	}
}

func (v *validation) files(name string, files Globs, roots []string) {
	if len(files) == 0 {
		v.add(name+".files", "files are missing", "one glob or a list, such as data/orders/*.csv")
	}
	for i, glob := range files {
		if remote(glob) { // ValidateTransport looks at it
			continue
		}
		at := name + ".files"
		if len(files) > 1 {
			at += "[" + strconv.Itoa(i) + "]"
		}
		if fault := RelativePath(glob); fault != "" {
			v.add(at, "a file pattern "+fault, "")
			continue
		}
		if _, err := path.Match(glob, ""); err != nil || strings.Contains(glob, "**") {
			v.add(at, "the file pattern is malformed", "* ? and [a-z] match within one folder; ** is not known")
			continue
		}
		if len(roots) > 0 && !slices.ContainsFunc(roots, func(root string) bool { return below(glob, root) }) {
			v.add(at, "the file pattern lies below none of the roots", "roots: "+strings.Join(roots, ", "))
		}
	}
}

// RelativePath tells what is wrong with a path or pattern that must stay
// inside the workspace, as the end of a sentence; "" when nothing is.
func RelativePath(p string) string {
	switch {
	case p == "":
		return "must not be empty"
	case hasControl(p):
		return "must not hold control characters"
	case strings.Contains(p, `\`):
		return "must be written with forward slashes"
	case path.IsAbs(p) || len(p) > 1 && p[1] == ':':
		return "must be relative to the workspace"
	case slices.Contains(strings.Split(p, "/"), ".."):
		return "must not hold .."
	}
	return ""
}

// below tells whether every match of the glob lies below the folder, as far
// as the text shows: the folder's own elements must be literal in the glob.
func below(glob, root string) bool {
	glob, root = path.Clean(glob), path.Clean(root)
	return root == "." || strings.HasPrefix(glob, root+"/")
}

func (v *validation) columns(name string, src Source) {
	specs := TableColumns(src.Table)
	known := make([]string, len(specs))
	for i, spec := range specs {
		known[i] = spec.Name
	}
	for _, column := range sortedKeys(src.Columns) {
		at := name + ".columns." + column
		spec, ok := columnNamed(src.Table, column)
		if !ok {
			v.problems = append(v.problems, Problem{Path: at, Key: true,
				Message: "table " + src.Table + " has no column", Got: column, Known: known})
			continue
		}
		v.column(at, src.Columns[column], spec)
	}
}

func (v *validation) column(at string, col Column, spec TableColumn) {
	switch {
	case col.Column == "" && col.Constant == "":
		v.add(at, "neither column nor constant is given", "name the column of the file")
	case col.Column != "" && col.Constant != "":
		v.add(at, "both column and constant are given", "keep one of them")
	}
	if hasControl(col.Column) || hasControl(col.Constant) {
		v.add(at, "control characters are not allowed", "")
	}
	if col.ID != "" {
		rules := []string{string(Opaque), string(Email), string(Phone), string(IP), string(Device), string(SHA256)}
		if spec.Name == "id_key" {
			rules = append(rules, string(ByType))
		}
		if spec.Type != KeyColumn {
			v.add(at+".id", spec.Name+" is not an identifier", "leave id out")
		} else {
			v.oneOf(at+".id", "identifier rule", string(col.ID), rules)
		}
	}
	if col.Unit != "" {
		if spec.Type != MoneyColumn {
			v.add(at+".unit", spec.Name+" is not money", "leave unit out")
		} else {
			v.oneOf(at+".unit", "money unit", string(col.Unit), []string{string(Units), string(Cents), string(Micros)})
		}
	}
	v.time(at, col, spec)
	v.values(at, col, spec)
}

func (v *validation) time(at string, col Column, spec TableColumn) {
	isTime := spec.Type == TimeColumn || spec.Type == DayColumn
	if col.Time != "" {
		if !isTime {
			v.add(at+".time", spec.Name+" is not a time", "leave time out")
			return
		}
		v.oneOf(at+".time", "time format", string(col.Time),
			[]string{string(ISO), string(EpochSecond), string(EpochMilli), string(EpochMicro), string(Date), string(Any)})
	}
	if col.Zone == "" {
		return
	}
	switch _, err := time.LoadLocation(col.Zone); {
	case !isTime:
		v.add(at+".zone", spec.Name+" is not a time", "leave zone out")
	case strings.HasPrefix(string(col.Time), "epoch"):
		v.add(at+".zone", "an epoch time is UTC already", "leave zone out")
	case err != nil || col.Zone == "Local":
		v.add(at+".zone", "unknown time zone", "UTC or an IANA name such as America/New_York")
	}
}

func (v *validation) values(at string, col Column, spec TableColumn) {
	if len(col.Values) > maxValues {
		v.add(at+".values", "more than 1000 values", "")
		return
	}
	if col.Constant != "" && len(col.Values) > 0 {
		v.add(at+".values", "a constant has no values to translate", "leave values out")
	}
	if spec.Type == KeyColumn && len(col.Values) > 0 {
		v.add(at+".values", "an identifier has no values to translate", "leave values out")
	}
	if spec.Type != EnumColumn {
		return
	}
	if col.Constant != "" {
		v.oneOf(at+".constant", spec.Name, col.Constant, spec.Enum)
	}
	for _, from := range sortedKeys(col.Values) {
		v.oneOf(at+".values."+from, spec.Name, col.Values[from], spec.Enum)
	}
}

func formatNames() []string {
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
	}
	return names
}

func hasControl(s string) bool { return strings.ContainsFunc(s, unicode.IsControl) }
