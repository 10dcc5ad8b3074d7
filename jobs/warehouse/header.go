package warehouse

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	sqlfiles "ghostlight/sql"
)

// File is one file of package sql: its header and its text.
type File struct {
	Path     string   // "model/touch.sql"
	Table    string   // "model.touch"; for a check, the table it checks
	Check    string   // what a file of sql/check checks; empty for a table
	Sentence string   // what one row is
	Grain    string   // the same in two words
	Key      []string // columns that are unique together and never NULL; for a check, columns that name a row
	Reads    []string // tables, stage_* included
	Params   []string // named parameters, without $
	NotNull  []string // columns never NULL beyond the key
	Raw      []string // columns stored without compression, which takes long and gains little on random digits
	Text     string   // the file as it is
}

// catalog is every file of package sql, read once.
type catalog struct {
	tables map[string]*File
	checks map[string][]*File // by table
}

var embedded = sync.OnceValues(func() (*catalog, error) { return readCatalog(sqlfiles.Files) })

// Tables returns every table file, sorted by schema (ops, clean, model, result)
// and name. It fails when a header cannot be parsed.
func Tables() ([]File, error) {
	c, err := embedded()
	if err != nil {
		return nil, err
	}
	var all []File
	for _, f := range c.tables {
		all = append(all, *f)
	}
	slices.SortFunc(all, func(a, b File) int {
		if d := schemaRank(a.Table) - schemaRank(b.Table); d != 0 {
			return d
		}
		return strings.Compare(a.Table, b.Table)
	})
	return all, nil
}

// schemas in the order in which data flows.
var schemas = []string{"ops", "clean", "model", "result"}

func schemaRank(table string) int {
	schema, _, _ := strings.Cut(table, ".")
	return slices.Index(schemas, schema)
}

func readCatalog(files fs.FS) (*catalog, error) {
	c := &catalog{tables: map[string]*File{}, checks: map[string][]*File{}}
	paths, err := fs.Glob(files, "*/*.sql")
	if err != nil {
		return nil, failed("list sql files", "", err)
	}
	for _, p := range paths {
		text, err := fs.ReadFile(files, p)
		if err != nil {
			return nil, failed("read sql file", "", err)
		}
		f, err := parseFile(p, string(text))
		if err != nil {
			return nil, failed("parse header", "", err)
		}
		if f.Check != "" {
			c.checks[f.Table] = append(c.checks[f.Table], f)
		} else {
			c.tables[f.Table] = f
		}
	}
	for table, checks := range c.checks {
		if c.tables[table] == nil {
			return nil, failed("parse header", "", fmt.Errorf("%s: no file makes table %s", checks[0].Path, table))
		}
	}
	return c, nil
}

// table finds the file of a table.
func (c *catalog) table(name string) (*File, error) {
	f := c.tables[name]
	if f == nil {
		return nil, fmt.Errorf("no file sql/%s.sql makes this table", strings.Replace(name, ".", "/", 1))
	}
	return f, nil
}

var (
	nameShape  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	tableShape = regexp.MustCompile(`^([a-z][a-z0-9_]*\.)?[a-z][a-z0-9_]*$`)
)

func parseFile(p, text string) (*File, error) {
	f := &File{Path: p, Text: text}
	if err := f.nameFromPath(); err != nil {
		return nil, err
	}
	if err := f.parseHeader(); err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	return f, nil
}

func (f *File) nameFromPath() error {
	dir, base := path.Split(f.Path)
	schema, parts := strings.TrimSuffix(dir, "/"), strings.Split(strings.TrimSuffix(base, ".sql"), ".")
	if schema == "check" && len(parts) == 3 {
		f.Table, f.Check = parts[0]+"."+parts[1], parts[2]
	} else if len(parts) == 1 {
		f.Table = schema + "." + parts[0]
	}
	if schemaRank(f.Table) < 0 || !tableShape.MatchString(f.Table) {
		return fmt.Errorf("%s: want <schema>/<table>.sql or check/<schema>.<table>.<what>.sql with schema one of %s",
			f.Path, strings.Join(schemas, ", "))
	}
	return nil
}

// parseHeader reads the comment lines that open the file: a sentence, which may
// span lines, then "name: value" lines in any order, each once.
func (f *File) parseHeader() error {
	seen := map[string]bool{}
	for line := range strings.Lines(f.Text) {
		comment, ok := strings.CutPrefix(strings.TrimSpace(line), "--")
		if !ok {
			break
		}
		comment = strings.TrimSpace(comment)
		name, value, isField := strings.Cut(comment, ":")
		if !isField || !slices.Contains(fieldNames, name) {
			if len(seen) == 0 {
				f.Sentence = strings.TrimSpace(f.Sentence + " " + comment)
			}
			continue
		}
		if seen[name] {
			return fmt.Errorf("header says %q twice", name)
		}
		seen[name] = true
		if err := f.setField(name, strings.TrimSpace(value)); err != nil {
			return err
		}
	}
	if f.Sentence == "" || !strings.HasSuffix(f.Sentence, ".") {
		return fmt.Errorf("header must open with a sentence that ends in a full stop")
	}
	for _, name := range fieldNames[:4] {
		if !seen[name] {
			return fmt.Errorf("header has no %q line", name+":")
		}
	}
	return nil
}

// fieldNames of a header; the first four are required.
var fieldNames = []string{"grain", "key", "reads", "params", "not null", "uncompressed"}

func (f *File) setField(name, value string) (err error) {
	switch name {
	case "grain":
		f.Grain = value
		if value == "" {
			err = fmt.Errorf("header line %q is empty", "grain:")
		}
	case "key":
		f.Key, err = nameList(name, value, nameShape, false)
	case "reads":
		f.Reads, err = nameList(name, value, tableShape, true)
	case "params":
		f.Params, err = nameList(name, value, nameShape, true)
	case "not null":
		f.NotNull, err = nameList(name, value, nameShape, false)
	case "uncompressed":
		f.Raw, err = nameList(name, value, nameShape, false)
	}
	return err
}

func nameList(field, value string, shape *regexp.Regexp, mayBeNone bool) ([]string, error) {
	if mayBeNone && value == "none" {
		return nil, nil
	}
	var names []string
	for name := range strings.SplitSeq(value, ",") {
		name = strings.TrimSpace(name)
		if !shape.MatchString(name) {
			return nil, fmt.Errorf("header line %q: %q is not a name", field+":", name)
		}
		if slices.Contains(names, name) {
			return nil, fmt.Errorf("header line %q: %q twice", field+":", name)
		}
		names = append(names, name)
	}
	return names, nil
}
