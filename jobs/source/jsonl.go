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

// jsonlReader reads one JSON object a line, of a page a list of them. What is neither is a refused
// record with its line; blank lines are counted as such.
type jsonlReader struct {
	lines lineReader
	at    linePlace // of the line that was read last
	fault func(line int64, what, hint string) error
	env   *Envelope
	lists [][]string // paths to the list of a request
	list  []string   // the one that the open request has, nil for a payload that is a list
	paths []jsonPath
	seen  []bool // which paths led to something so far
	doc   jsonDoc

	request int32    // node of the open request
	sent    delivery // of the open request
	item    int32    // next element of the open request, 0 when none is open
	ordinal int64

	objects int64     // records that were looked into
	first   linePlace // of the first of them
	keys    []string  // the names of its members
}

// newJSONL reads lines of JSON. fault makes the *FileError of this file.
func newJSONL(r io.Reader, wanted []string, env *Envelope, fault func(line int64, what, hint string) error) (*jsonlReader, error) {
	l := newLines(r, maxObject)
	if l.utf16() {
		return nil, fault(1, looksUTF16, saveUTF8)
	}
	return newDocs(l, wanted, env, fault), nil
}

const (
	looksUTF16 = "the text looks like UTF-16"
	saveUTF8   = "save it as UTF-8"
)

// newDocs reads JSON from lines.
func newDocs(lines lineReader, wanted []string, env *Envelope, fault func(line int64, what, hint string) error) *jsonlReader {
	j := &jsonlReader{lines: lines, fault: fault, seen: make([]bool, len(wanted))}
	if env != nil {
		j.env = env
		for _, list := range env.List {
			j.lists = append(j.lists, strings.Split(list, "."))
		}
	}
	for _, name := range wanted {
		j.paths = append(j.paths, newJSONPath(name))
	}
	return j
}

// merge adds what another reader of the same file saw.
func (j *jsonlReader) merge(other *jsonlReader) {
	if other.objects > 0 && (j.objects == 0 || other.first.no < j.first.no) {
		j.first, j.keys = other.first, other.keys
	}
	j.objects += other.objects
	for i, seen := range other.seen {
		j.seen[i] = j.seen[i] || seen
	}
}

// isOpen tells that the line that was read last has another record.
func (j *jsonlReader) isOpen() bool { return j.item != 0 }

func (j *jsonlReader) next(rec *record) error {
	if j.isOpen() {
		return j.element(rec)
	}
	line, err := j.lines.next()
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	if err != nil {
		return err
	}
	j.at = j.lines.place()
	rec.begin(j.at.no, j.at.at)
	trimmed := line
	if n := len(line); n == 0 || line[0] != '{' || line[n-1] != '}' {
		trimmed = bytes.TrimSpace(line)
	}
	switch {
	case len(trimmed) == 0:
		rec.blank = true
		return nil
	case j.at.no == 1 && len(trimmed) == 1 && (trimmed[0] == '{' || trimmed[0] == '['):
		return j.fault(1, "the file is one JSON text over several lines", "write one object a line (JSON Lines)")
	case j.at.long:
		rec.refuse("line is longer than 16 MiB", head(line))
		return nil
	case !utf8.Valid(line):
		rec.refuse("line is not valid UTF-8", head(line))
		return nil
	}
	rec.size = len(line)
	if rule := j.doc.parse(trimmed); rule != "" {
		rec.refuse(rule, head(line))
		return nil
	}
	switch root := j.doc.nodes[0]; {
	case root.kind == list && j.env != nil && j.env.Page && (root.first == 0 || j.doc.nodes[root.first].kind == object):
		j.request, j.list, j.sent = 0, nil, delivery{state: "unknown"}
		return j.open(rec, 0) // a page of records, as an API answers
	case root.kind != object:
		rec.refuse("line is no JSON object", head(line))
		return nil
	}
	return j.record(rec)
}

// record gives the first event of the parsed line.
func (j *jsonlReader) record(rec *record) error {
	j.request = 0
	if j.env == nil {
		j.fill(rec, 0)
		return nil
	}
	request, rule := j.unwrap()
	if rule != "" {
		rec.refuse(rule, "")
		return nil
	}
	j.request, j.list = request, nil
	at := request
	if j.doc.nodes[request].kind != list {
		at = j.listOf(request)
	}
	switch {
	case at < 0:
		at = request
	case j.doc.nodes[at].kind != object:
		return j.open(rec, at)
	}
	j.ordinal = 1
	j.fill(rec, at)
	return nil
}

// listOf finds the list of a request's events, -1 for none.
func (j *jsonlReader) listOf(request int32) int32 {
	for _, path := range j.lists {
		if at := j.doc.find(request, path); at >= 0 {
			j.list = path
			return at
		}
	}
	return -1
}

// open begins a request's list of events.
func (j *jsonlReader) open(rec *record, at int32) error {
	n := j.doc.nodes[at]
	switch {
	case n.kind != list:
		rec.refuse(j.listName()+" is no list", "")
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
	rec.begin(j.at.no, j.at.at)
	at := j.item
	j.item = j.doc.nodes[at].next
	j.ordinal++
	rec.ordinal = j.ordinal
	if j.doc.nodes[at].kind != object {
		rec.refuse("an element of "+j.listName()+" is no JSON object", "")
		return nil
	}
	j.fill(rec, at)
	return nil
}

// listName is how the list of events is called.
func (j *jsonlReader) listName() string {
	if j.list == nil {
		return "the list"
	}
	return strings.Join(j.list, ".")
}

func (j *jsonlReader) fill(rec *record, node int32) {
	if j.objects == 0 {
		j.first = j.at
		for at := j.doc.nodes[node].first; at != 0; at = j.doc.nodes[at].next {
			j.keys = append(j.keys, strings.Clone(j.doc.nodes[at].key))
		}
	}
	j.objects++
	for i := range j.paths {
		p, from := &j.paths[i], node
		if p.whole {
			from = j.request
		}
		var found bool
		if p.name[0] == '@' {
			rec.fields[i], found = j.place(p.name)
		} else {
			found = j.doc.lookUpTo(&rec.fields[i], from, p)
		}
		if found && !j.seen[i] {
			j.seen[i] = true
		}
	}
}

// place gives what the log record says of the event.
func (j *jsonlReader) place(name string) (value, bool) {
	switch name {
	case placeSent:
		return j.sent.sent, true
	case placeStatus:
		return j.sent.status, true
	case placeState:
		return value{kind: text, text: j.sent.stateOf(j.ordinal - 1)}, true
	}
	return value{}, true
}
