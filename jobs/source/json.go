package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/valyala/fastjson"
)

// jsonNode is one value of a parsed line. Members of an object and elements of a
// list are linked from first through next; 0 ends the chain, because node 0 is
// the root.
type jsonNode struct {
	key   string
	text  string // of a string (unescaped), number, true or false
	kind  kind   // absent stands for null; list also for a list of objects
	first int32
	next  int32
}

// outer is the member that a path went through last: paths come in the order of their
// first key, by and large.
type outer struct {
	node  int32 // -1: none did
	key   string
	child int32 // -1: there is none
}

// jsonDoc holds one line as a tree. It is reused from line to line.
type jsonDoc struct {
	fleeting bool // what it gives is valid until the next line, as the line is

	nodes  []jsonNode
	texts  []string // of lists
	outer  outer
	rest   string
	twice  bool // some object has a key twice
	broken bool // some string is none
	member []string
}

// parse reads one valid UTF-8 text that must be one JSON value and nothing else.
// It returns the rule that the text breaks. A library decides what JSON is; the walk
// below only finds the pieces of what passed.
func (d *jsonDoc) parse(line []byte) string {
	if !isJSON(line) || !d.walk(d.own(line)) {
		var syntax *json.SyntaxError
		var ignored json.RawMessage
		if errors.As(json.Unmarshal(line, &ignored), &syntax) {
			return "malformed JSON at byte " + strconv.FormatInt(syntax.Offset, 10)
		}
		return "malformed JSON"
	}
	if d.twice {
		return "an object has the same key twice"
	}
	return ""
}

// own is the line as a text, copied unless it is read before the next.
func (d *jsonDoc) own(line []byte) string {
	if d.fleeting {
		d.texts = d.texts[:0]
		return unsafe.String(unsafe.SliceData(line), len(line))
	}
	d.texts = nil
	return string(line)
}

// maxNested is how deep a line may be nested, as in the standard library.
const maxNested = 10_000

// isJSON tells whether a line is one JSON value. The fast check has no bound on nesting
// and lets pass control characters in a string with escapes, which unquoting refuses.
func isJSON(line []byte) bool {
	if bytes.Count(line, []byte{'['})+bytes.Count(line, []byte{'{'}) > maxNested {
		return json.Valid(line)
	}
	return fastjson.ValidateBytes(line) == nil
}

// walk takes a text apart that isJSON let pass, and tells whether its strings are.
func (d *jsonDoc) walk(s string) bool {
	d.nodes, d.rest, d.twice, d.broken, d.outer = d.nodes[:0], s, false, false, outer{node: -1}
	d.value("")
	return !d.broken
}

// nest parses a JSON text that a string of the line holds, and returns its node.
func (d *jsonDoc) nest(s string) (int32, string) {
	if !isJSON([]byte(s)) {
		return 0, "malformed JSON"
	}
	rest := d.rest
	d.rest, d.twice, d.broken = s, false, false
	at := d.value("")
	d.rest = rest
	if d.broken {
		return 0, "malformed JSON"
	}
	if d.twice {
		return 0, "an object has the same key twice"
	}
	return at, ""
}

func (d *jsonDoc) blank() {
	for d.rest != "" && (d.rest[0] == ' ' || d.rest[0] == '\t' || d.rest[0] == '\r' || d.rest[0] == '\n') {
		d.rest = d.rest[1:]
	}
}

// value reads the value that rest begins with and returns its node.
func (d *jsonDoc) value(key string) int32 {
	d.blank()
	at := int32(len(d.nodes))
	d.nodes = append(d.nodes, jsonNode{key: key})
	n := jsonNode{key: key, kind: text}
	switch d.rest[0] {
	case '{':
		n.kind, n.first = object, d.children('}')
	case '[':
		n.kind, n.first = list, d.children(']')
	case '"':
		n.text = d.quoted()
	default:
		end := 1
		for end < len(d.rest) && d.rest[end] > ' ' && d.rest[end] != ',' && d.rest[end] != ']' && d.rest[end] != '}' {
			end++
		}
		if n.text, d.rest = d.rest[:end], d.rest[end:]; n.text == "null" {
			n.text, n.kind = "", absent
		}
	}
	d.nodes[at] = n
	return at
}

// children reads the members of an object or the elements of a list and returns
// the first.
func (d *jsonDoc) children(end byte) int32 {
	d.rest = d.rest[1:]
	var first, last int32
	keys := len(d.member)
	for {
		d.blank()
		if d.rest[0] == ',' {
			d.rest = d.rest[1:]
			d.blank()
		}
		if d.rest[0] == end {
			d.rest = d.rest[1:]
			break
		}
		key := ""
		if end == '}' {
			key = d.quoted()
			d.blank()
			d.rest = d.rest[1:] // the colon
			d.member = append(d.member, key)
		}
		n := d.value(key)
		if last == 0 {
			first = n
		} else {
			d.nodes[last].next = n
		}
		last = n
	}
	d.twice = d.twice || repeats(d.member[keys:])
	d.member = d.member[:keys]
	return first
}

// repeats tells whether a text stands twice in the list, which it may sort.
func repeats(keys []string) bool {
	if len(keys) > 16 {
		slices.Sort(keys)
		for i := 1; i < len(keys); i++ {
			if keys[i] == keys[i-1] {
				return true
			}
		}
		return false
	}
	for i, k := range keys {
		if slices.Contains(keys[:i], k) {
			return true
		}
	}
	return false
}

// quoted reads the string that rest begins with.
func (d *jsonDoc) quoted() string {
	end := 1 + strings.IndexByte(d.rest[1:], '"')
	if strings.IndexByte(d.rest[1:end], '\\') < 0 {
		s := d.rest[1:end]
		d.rest = d.rest[end+1:]
		return s
	}
	for end = 1; d.rest[end] != '"'; end++ {
		if d.rest[end] == '\\' {
			end++
		}
	}
	raw := d.rest[:end+1]
	d.rest = d.rest[end+1:]
	var s string
	if json.Unmarshal([]byte(raw), &s) != nil {
		d.broken = true
	}
	return s
}

// find follows a path of keys from a node, -1 when it ends nowhere.
func (d *jsonDoc) find(node int32, path []string) int32 {
	if len(path) > 1 {
		if d.outer.node != node || d.outer.key != path[0] {
			d.outer = outer{node, path[0], d.child(node, path[0])}
		}
		node, path = d.outer.child, path[1:]
	}
	for i := 0; i < len(path) && node >= 0; i++ {
		node = d.child(node, path[i])
	}
	return node
}

// child is the member of a node, -1 for none.
func (d *jsonDoc) child(node int32, key string) int32 {
	if d.nodes[node].kind != object {
		return -1
	}
	child := d.nodes[node].first
	for child != 0 && d.nodes[child].key != key {
		child = d.nodes[child].next
	}
	if child == 0 {
		return -1
	}
	return child
}

// read gives the value of a node: a text, a list of texts, or that it is nested.
func (d *jsonDoc) read(node int32) value {
	n := d.nodes[node]
	switch n.kind {
	case text:
		if n.text == "" {
			return value{}
		}
		return value{kind: text, text: n.text}
	case list:
		from := len(d.texts)
		for child := n.first; child != 0; child = d.nodes[child].next {
			switch c := d.nodes[child]; c.kind {
			case text:
				d.texts = append(d.texts, c.text)
			case absent:
			default:
				return value{kind: object}
			}
		}
		n := len(d.texts)
		if n == from {
			return value{}
		}
		return value{kind: list, list: d.texts[from:n:n]}
	}
	return value{kind: n.kind}
}
