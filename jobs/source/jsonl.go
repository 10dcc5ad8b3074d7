package source

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// maxObject bounds one line of JSON in bytes. A longer one is quarantined.
const maxObject = 16 << 20

// envelope describes lines that are a request with several events. A line whose
// List member is a list gives one record for each element; any other object is
// one record itself.
type envelope struct {
	List string `yaml:"list"`
}

// jsonPath is a dotted path. One that began with $. is looked up in the line's
// own object, the others in the record: the same thing without an envelope.
type jsonPath struct {
	whole bool
	name  string
	keys  []string
}

func newJSONPath(s string) jsonPath {
	p := jsonPath{name: s}
	rest, whole := strings.CutPrefix(s, "$.")
	p.whole, p.keys = whole, strings.Split(rest, ".")
	return p
}

// jsonlReader reads one JSON object a line. What is no object is a refused
// record with its line; blank lines are counted as such.
type jsonlReader struct {
	lines *lines
	fault func(line int64, what, hint string) error
	list  string
	paths []jsonPath
	seen  []bool // which paths led to something so far
	doc   jsonDoc

	item    int32 // next element of the open request, 0 when none is open
	ordinal int64
}

// newJSONL reads lines of JSON. fault makes the *FileError of this file.
func newJSONL(r io.Reader, wanted []string, env *envelope, fault func(line int64, what, hint string) error) (*jsonlReader, error) {
	j := &jsonlReader{lines: newLines(r, maxObject), fault: fault, seen: make([]bool, len(wanted))}
	if j.lines.utf16() {
		return nil, fault(1, "the text looks like UTF-16", "save it as UTF-8")
	}
	if env != nil {
		j.list = env.List
	}
	for _, name := range wanted {
		j.paths = append(j.paths, newJSONPath(name))
	}
	return j, nil
}

func (j *jsonlReader) next(rec *record) error {
	if j.item != 0 {
		return j.element(rec)
	}
	line, err := j.lines.next()
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	if err != nil {
		return err
	}
	rec.begin(j.lines.no)
	trimmed := bytes.TrimSpace(line)
	switch {
	case len(trimmed) == 0:
		rec.blank = true
		return nil
	case j.lines.no == 1 && len(trimmed) == 1 && (trimmed[0] == '{' || trimmed[0] == '['):
		return j.fault(1, "the file is one JSON text over several lines", "write one object a line (JSON Lines)")
	case j.lines.long:
		rec.refuse("line is longer than 16 MiB", head(line))
		return nil
	case !utf8.Valid(line):
		rec.refuse("line is not valid UTF-8", head(line))
		return nil
	}
	if rule := j.doc.parse(trimmed); rule != "" {
		rec.refuse(rule, head(line))
		return nil
	}
	if j.doc.nodes[0].kind != object {
		rec.refuse("line is no JSON object", head(line))
		return nil
	}
	if j.list != "" {
		if at := j.doc.find(0, []string{j.list}); at >= 0 {
			return j.open(rec, at)
		}
	}
	j.fill(rec, 0)
	return nil
}

// open begins a request's list of events.
func (j *jsonlReader) open(rec *record, at int32) error {
	n := j.doc.nodes[at]
	switch {
	case n.kind != list:
		rec.refuse(j.list+" is no list", "")
		return nil
	case n.first == 0:
		rec.blank = true // a request without events
		return nil
	}
	j.item, j.ordinal = n.first, 0
	return j.element(rec)
}

// element gives the next event of the open request.
func (j *jsonlReader) element(rec *record) error {
	rec.begin(j.lines.no)
	at := j.item
	j.item = j.doc.nodes[at].next
	j.ordinal++
	rec.ordinal = j.ordinal
	if j.doc.nodes[at].kind != object {
		rec.refuse("an element of "+j.list+" is no JSON object", "")
		return nil
	}
	j.fill(rec, at)
	return nil
}

func (j *jsonlReader) fill(rec *record, node int32) {
	for i, p := range j.paths {
		from := node
		if p.whole {
			from = 0
		}
		at := j.doc.find(from, p.keys)
		if at < 0 && len(p.keys) > 1 && !p.whole {
			at = j.doc.find(node, []string{p.name})
		}
		if at >= 0 {
			j.seen[i] = true
			rec.fields[i] = j.doc.read(at)
		}
	}
}
