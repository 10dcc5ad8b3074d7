package source

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// stdinGlob in place of a file is standard input.
const stdinGlob = "-"

// defaultMaxBytes bounds a file whose source names no max_bytes.
const defaultMaxBytes = 64 << 30

// limit is the most bytes that one file may have as it is delivered.
func (s Source) limit() int64 {
	if n, ok := parseBytes(s.MaxBytes); ok && n > 0 {
		return n
	}
	return defaultMaxBytes
}

// textLimit is the most bytes that a file of that size may unpack to. Logs pack
// to a twentieth, now and then to a hundredth; a bomb to a thousandth.
func (s Source) textLimit(size int64) int64 {
	if n, ok := parseBytes(s.MaxBytes); ok && n > 0 {
		return n
	}
	return max(1<<30, 256*size)
}

// splitURL splits s3://bucket/pattern. ok is false for what is no URL at all.
func splitURL(glob string) (scheme, bucket, pattern string, ok bool) {
	scheme, rest, ok := strings.Cut(glob, "://")
	if !ok {
		return "", "", "", false
	}
	bucket, pattern, _ = strings.Cut(rest, "/")
	return scheme, bucket, pattern, true
}

// remote tells whether a pattern is for another transport than local files.
func remote(glob string) bool {
	_, _, _, isURL := splitURL(glob)
	return isURL || glob == stdinGlob
}

// ReadsStdin tells whether the source reads standard input.
func (s Source) ReadsStdin() bool { return slices.Contains(s.Files, stdinGlob) }

// StdinSource is the name of the source that reads standard input, "" without.
func (c Config) StdinSource() string {
	for _, name := range c.Names() {
		if c[name].ReadsStdin() {
			return name
		}
	}
	return ""
}

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,221}$`)

// ValidateTransport returns every fault of how the sources' files are reached,
// in the order of the sources' names.
func (c Config) ValidateTransport(connections Connections) []Problem {
	v := &validation{}
	for _, name := range c.Names() {
		src := c[name]
		if src.ReadsStdin() && len(src.Files) > 1 {
			v.add(name+".files", "standard input stands beside other files", "make it a source of its own")
		}
		if first := c.StdinSource(); src.ReadsStdin() && first != name {
			v.add(name+".files", "source "+first+" reads standard input already", "keep one of them")
		}
		v.query(name, src)
		v.urls(name, src, connections)
		v.connected(name, src, connections)
	}
	return v.problems
}

// urls checks patterns of remote files.
func (v *validation) urls(name string, src Source, connections Connections) {
	n := 0
	for i, glob := range src.Files {
		scheme, bucket, pattern, isURL := splitURL(glob)
		if !isURL {
			continue
		}
		n++
		at := name + ".files"
		if len(src.Files) > 1 {
			at += "[" + strconv.Itoa(i) + "]"
		}
		kind, known := schemes()[scheme]
		_, malformed := path.Match(pattern, "")
		switch c, ok := connections[src.Connection]; {
		case !known: // not repeated: what stands before :// may be anything
			v.add(at, "unknown scheme of a URL", "one of: "+strings.Join(sortedKeys(schemes()), ", "))
		case !bucketName.MatchString(bucket):
			v.add(at, "the bucket of the URL is malformed", "write "+scheme+"://bucket/folder/*.csv; credentials belong to the connection")
		case pattern == "" || hasControl(pattern) || malformed != nil || strings.Contains(pattern, "**"):
			v.add(at, "the file pattern is malformed", "* ? and [a-z] match within one folder; ** is not known")
		case ok && slices.Contains(connectionTypes(), c.Type) && c.Type != kind:
			v.add(at, "connection "+src.Connection+" is of type "+c.Type+", and "+scheme+":// needs "+kind, "")
		}
	}
	if n > 0 && n < len(src.Files) && !src.ReadsStdin() {
		v.add(name+".files", "local files and URLs in one source", "make two sources")
	}
}

// connected checks that a connection is named where one is needed.
func (v *validation) connected(name string, src Source, connections Connections) {
	needs := src.Query != "" || slices.ContainsFunc(src.Files, func(g string) bool { return remote(g) && g != stdinGlob })
	switch {
	case !needs && src.Connection != "":
		v.add(name+".connection", "a source of local files has no connection", "leave it out")
	case needs && src.Connection == "":
		v.add(name+".connection", "connection is missing", "name one of connections")
	case needs && v.oneOf(name+".connection", "connection", src.Connection, sortedKeys(connections)):
		if c := connections[src.Connection]; src.Query != "" && slices.Contains(connectionTypes(), c.Type) && !c.isDatabase() {
			v.add(name+".connection", "a query needs a database, and "+src.Connection+" is of type "+c.Type, "one of type postgres or mysql")
		}
	}
}

// query checks a source that asks a database.
func (v *validation) query(name string, src Source) {
	if src.Query == "" {
		if src.Cursor != "" {
			v.add(name+".cursor", "only a query has a cursor", "leave it out")
		}
		if src.CursorStart != "" {
			v.add(name+".cursor_start", "only a query has a cursor", "leave it out")
		}
		return
	}
	if len(src.Files) > 0 {
		v.add(name+".files", "both files and query are given", "keep one of them")
	}
	if src.Table == "spend" && src.Cursor != "" {
		v.add(name+".cursor", "spend of one day can come in several pieces, of which the last would replace the others", "ask for all of it: leave cursor out")
	}
	if src.Format == "jsonl" || src.Format == "parquet" {
		v.add(name+".format", "the rows of a query have columns", "write format: csv")
	}
	text, places, fault := bindCursor(src.Query, func(int) string { return "" })
	switch begin := firstWord(text); {
	case fault != "":
		v.add(name+".query", fault, "")
	case begin != "SELECT" && begin != "WITH":
		v.add(name+".query", "not a query", "it begins with SELECT or WITH")
	case src.Cursor == "" && places > 0:
		v.add(name+".cursor", "cursor is missing", "name the column whose highest value :cursor stands for")
	case src.Cursor != "" && places == 0:
		v.add(name+".query", "the query has a cursor and does not use it", "such as WHERE "+src.Cursor+" >= :cursor")
	}
	switch {
	case src.Cursor != "" && src.CursorStart == "":
		v.add(name+".cursor_start", "cursor_start is missing", "what :cursor stands for the first time, such as 2020-01-01 or 0")
	case src.Cursor == "" && src.CursorStart != "":
		v.add(name+".cursor_start", "there is no cursor to start", "name the column as cursor, or leave it out")
	}
	if hasControl(src.Cursor) || hasControl(src.CursorStart) {
		v.add(name+".cursor", "control characters are not allowed", "")
	}
}
