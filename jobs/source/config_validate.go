package source

import (
	"path"
	"reflect"
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
func (c Config) Validate(roots []string, packs Packs) []Problem {
	v := &validation{packs: packs}
	for _, name := range c.Names() {
		v.source(name, c[name], roots)
	}
	return v.problems
}

type validation struct {
	problems []Problem
	packs    Packs
}

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
	plain := slices.Contains(plainFormats, src.Format)
	known := plain || src.pack != nil || src.Format == AutoFormat
	const formats = "csv, jsonl, parquet, auto, or a mapping pack: ghostlight formats lists them"
	if src.Format == "" {
		v.add(name+".format", "format is missing", formats)
	} else if !known {
		v.problems = append(v.problems, Problem{Path: name + ".format", Message: "unknown format", Hint: formats, Got: src.Format, Known: v.formats()})
	}
	table := src.Table != ""
	if table {
		table = v.oneOf(name+".table", "table", src.Table, Tables())
	} else if plain || !known {
		v.add(name+".table", "table is missing", "one of: "+strings.Join(Tables(), ", "))
	}
	if src.Query == "" {
		v.files(name+".files", src.Files, roots)
	}
	if _, ok := parseShare(src.MaxQuarantine); !ok {
		v.add(name+".max_quarantine", "not a share", "such as 0.5% (0% to 100%)")
	}
	v.policies(name, src, roots)
	if table && known || src.Format == AutoFormat {
		v.layout(name, src)
	}
	if table {
		v.columns(name+".", src)
	}
	v.names(name, src)
}

// formats are all names that a format can have.
func (v *validation) formats() []string {
	return slices.Concat(plainFormats, []string{AutoFormat}, v.packs.Names())
}

// names checks the names of events known by an id.
func (v *validation) names(name string, src Source) {
	if len(src.Names) > 0 && src.Table != "event" && src.Format != AutoFormat {
		v.add(name+".names", "only a source of events has names", "leave them out")
	}
	for _, id := range sortedKeys(src.Names) {
		if src.Names[id] == "" || hasControl(src.Names[id]) {
			v.add(name+".names."+id, "an event needs a name", "")
		}
	}
}

// layout checks what depends on table and format together.
func (v *validation) layout(name string, src Source) {
	if src.Format == AutoFormat {
		for _, given := range []struct{ key, value string }{{"table", src.Table}, {"surface", src.Surface}, {"platform", src.Platform}} {
			if given.value != "" {
				v.add(name+"."+given.key, "format auto takes it from the pack of each file", "leave it out")
			}
		}
		if len(src.Columns) > 0 {
			v.add(name+".columns", "format auto maps the columns of each file by its pack", "leave columns out")
		}
		return
	}
	if src.pack != nil {
		if src.Table != src.pack.Table {
			v.add(name+".format", "format "+src.Format+" fills table "+src.pack.Table+", not "+src.Table, "write table: "+src.pack.Table+", or leave it out")
		}
		if len(src.Columns) > 0 {
			v.add(name+".columns", "format "+src.Format+" maps its own columns", "leave columns out, or copy the pack to packs/ and change it")
		}
	} else {
		for _, spec := range TableColumns(src.Table) {
			if _, mapped := src.Columns[spec.Name]; spec.Required && !mapped {
				v.add(name+".columns."+spec.Name, "column "+spec.Name+" of table "+src.Table+" is not mapped",
					"add it to columns: a row without it cannot be used")
			}
		}
	}
	if src.Platform != "" && src.Table != "event" && src.Table != "platform_report" {
		v.add(name+".platform", "only a source of table event has a platform", "leave it out")
	}
	if src.Table != "event" {
		if src.Surface != "" {
			v.add(name+".surface", "only a source of table event has a surface", "leave it out")
		}
		return
	}
	_, mapped := src.Columns["surface"]
	switch {
	case src.Surface != "":
		v.oneOf(name+".surface", "surface", src.Surface, Surfaces())
	case src.pack == nil && !mapped:
		v.add(name+".surface", "surface is missing", "say where the events were seen: "+strings.Join(Surfaces(), ", "))
	}
	if src.Platform != "" && !identifier.MatchString(src.Platform) {
		v.add(name+".platform", "a platform must be lower-case letters, digits and _ and begin with a letter", "")
	}
}

func (v *validation) files(key string, files Globs, roots []string) {
	if len(files) == 0 {
		v.add(key, "files are missing", "one glob or a list, such as data/orders/*.csv")
	}
	for i, glob := range files {
		if remote(glob) { // ValidateTransport looks at it
			continue
		}
		at := key
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
		at := name + "columns." + column
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
	if len(col.First) > 0 {
		if col.Column != "" || len(col.Join) > 0 || col.Constant != "" || col.ID != "" || col.Hash != "" || col.Time != "" || col.Zone != "" || col.Unit != "" || col.Number != "" || col.Strip != "" || len(col.Values) > 0 {
			v.add(at, "first stands beside other keys", "write them into each of its alternatives")
		}
		for i, alternative := range col.First {
			path := at + ".first[" + strconv.Itoa(i) + "]"
			if len(alternative.First) > 0 {
				v.add(path+".first", "an alternative has alternatives", "write one list")
				continue
			}
			v.column(path, alternative, spec)
		}
		return
	}
	if len(col.Join) > 0 {
		v.join(at, col, spec)
		return
	}
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
			v.oneOf(at+".unit", "money unit", string(col.Unit), []string{string(Units), string(Cents), string(Micros), string(Millicents), string(Microcents)})
		}
	}
	if col.Number != "" {
		if spec.Type != MoneyColumn {
			v.add(at+".number", spec.Name+" is not money", "leave number out")
		} else {
			v.oneOf(at+".number", "number form", string(col.Number), []string{string(CommaGroups), string(PointGroups), string(BlankGroups)})
		}
	}
	if col.Strip != "" {
		switch {
		case spec.Type != TextColumn:
			v.add(at+".strip", spec.Name+" is no text", "leave strip out")
		case col.Constant != "":
			v.add(at+".strip", "a constant has no prefix to strip", "leave strip out")
		case hasControl(col.Strip):
			v.add(at+".strip", "control characters are not allowed", "")
		}
	}
	v.hash(at, col, spec)
	v.time(at, col, spec)
	v.values(at, col, spec)
}

// join checks a value that is put together from several.
func (v *validation) join(at string, col Column, spec TableColumn) {
	alone := Column{Join: col.Join}
	if col.ID == Opaque {
		alone.ID = Opaque
	}
	nameless := func(part string) bool {
		columns := alternatives(part)
		last := len(columns) - 1
		return columns[0] == "" || hasControl(part) || last > 0 && slices.Contains(columns[:last], "")
	}
	switch {
	case !reflect.DeepEqual(col, alone):
		v.add(at, "join stands beside other keys", "leave them out, but for id: opaque")
	case spec.Type != TextColumn:
		v.add(at+".join", spec.Name+" is no text", "name one column")
	case slices.ContainsFunc(col.Join, nameless):
		v.add(at+".join", "a column without a name", "")
	}
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
	if spec.Type == AgentColumn && (col.Constant != "" || len(col.Values) > 0) {
		v.add(at, spec.Name+" is read as the file has it", "name the column of the file alone")
	}
	if spec.Type == KeyColumn {
		for _, from := range sortedKeys(col.Values) {
			if col.Values[from] != "" {
				v.add(at+".values."+from, "an identifier is not translated", `"" says that the value stands for nobody; leave others out`)
			}
		}
	}
	if spec.Type != EnumColumn && spec.Type != ConsentColumn {
		return
	}
	if col.Constant != "" {
		v.oneOf(at+".constant", spec.Name, col.Constant, spec.Enum)
	}
	for _, from := range sortedKeys(col.Values) {
		if to := col.Values[from]; to != "" { // "" is no value: the next alternative is asked
			v.oneOf(at+".values."+from, spec.Name, to, spec.Enum)
		}
	}
}

// hash checks the rule that a column's values were hashed under.
func (v *validation) hash(at string, col Column, spec TableColumn) {
	if col.Hash == "" {
		return
	}
	id := col.ID
	if id == "" {
		id = spec.rule()
	}
	switch id {
	case Email:
		v.oneOf(at+".hash", "hash rule", string(col.Hash), []string{string(Plain), string(Gmail), string(Bare), string(Untagged)})
	case Phone:
		v.oneOf(at+".hash", "hash rule", string(col.Hash), []string{string(Digits), string(Plus)})
	default:
		v.add(at+".hash", "only e-mail addresses and phone numbers are hashed under different rules", "leave hash out")
	}
}

func hasControl(s string) bool { return strings.ContainsFunc(s, unicode.IsControl) }
