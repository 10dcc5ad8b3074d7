package source

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unsafe"
)

// maxNested is how deep a line may be nested, as in the standard library.
const maxNested = 10_000

// jsonMarks says what a text holds anywhere, so that its strings need not be searched for it.
type jsonMarks struct{ escapes, controls bool }

func marksOf(s string) jsonMarks {
	return jsonMarks{escapes: strings.IndexByte(s, '\\') >= 0, controls: hasControls(s)}
}

// hasControls tells that some byte is below a blank.
func hasControls(s string) bool {
	const each, high = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 { // eight at once: a byte below it borrows its high bit
		x := binary.LittleEndian.Uint64([]byte(s[i : i+8]))
		if (x-' '*each)&^x&high != 0 {
			return true
		}
	}
	for ; i < len(s); i++ {
		if s[i] < ' ' {
			return true
		}
	}
	return false
}

// parse reads one valid UTF-8 text that must be one JSON value (RFC 8259) and nothing
// else. It returns the rule that the text breaks. What is JSON is what the standard
// library says, to which a fuzz test compares it; that takes four times as long, because
// it checks a text before it takes it apart.
func (d *jsonDoc) parse(line []byte) string {
	d.nodes, d.outer = d.nodes[:0], outer{node: -1}
	_, rule := d.whole(d.own(line))
	if rule == notJSON {
		var syntax *json.SyntaxError
		var ignored json.RawMessage
		if errors.As(json.Unmarshal(line, &ignored), &syntax) {
			return notJSON + " at byte " + strconv.FormatInt(syntax.Offset, 10)
		}
	}
	return rule
}

const notJSON = "malformed JSON"

// own is the line as a text, copied unless it is released before it changes.
func (d *jsonDoc) own(line []byte) string {
	if d.fleeting {
		return unsafe.String(unsafe.SliceData(line), len(line))
	}
	d.texts = nil
	return string(line)
}

// nest parses a JSON text that a string of the line holds, and returns its node.
func (d *jsonDoc) nest(s string) (int32, string) {
	at, rule := d.whole(s)
	if rule != "" {
		return 0, rule
	}
	return at, ""
}

// whole adds the nodes of a text that is one value, and gives the first.
func (d *jsonDoc) whole(s string) (at int32, rule string) {
	d.marks, d.twice = marksOf(s), false
	at = int32(len(d.nodes))
	end := d.value(s, 0, "", 0)
	if end < 0 || blank(s, end) < len(s) {
		return at, notJSON
	}
	if d.twice {
		return at, "an object has the same key twice"
	}
	return at, ""
}

// The methods below read s from i, and give where what they read ends, -1 where it is
// no JSON.

// blank passes blanks.
func blank(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\r' || s[i] == '\t') {
		i++
	}
	return i
}

// value adds the node of a value, and those in it.
func (d *jsonDoc) value(s string, i int, key string, depth int) int {
	if i = blank(s, i); i == len(s) {
		return -1
	}
	at := int32(len(d.nodes))
	d.nodes = append(d.nodes, jsonNode{key: key, kind: text})
	end := -1
	switch s[i] {
	case '{':
		d.nodes[at].kind = object
		return d.children(s, i+1, at, '}', depth+1)
	case '[':
		d.nodes[at].kind = list
		return d.children(s, i+1, at, ']', depth+1)
	case '"':
		d.nodes[at].text, end = d.quoted(s, i)
		return end
	case 't':
		end = literal(s, i, "true")
	case 'f':
		end = literal(s, i, "false")
	case 'n':
		d.nodes[at].kind = absent
		return literal(s, i, "null")
	default:
		end = numeral(s, i)
	}
	if end > 0 {
		d.nodes[at].text = s[i:end]
	}
	return end
}

// children adds the members of an object or the elements of a list.
func (d *jsonDoc) children(s string, i int, at int32, close byte, depth int) int {
	if depth > maxNested {
		return -1
	}
	if i = blank(s, i); i < len(s) && s[i] == close {
		return i + 1
	}
	var last int32
	var keys uint64
	n, again := 0, false // some key of many may be there twice
	for {
		key := ""
		if close == '}' {
			if i = blank(s, i); i == len(s) || s[i] != '"' {
				return -1
			}
			if key, i = d.quoted(s, i); i < 0 {
				return -1
			}
			if i = blank(s, i); i == len(s) || s[i] != ':' {
				return -1
			}
			i++
			bit := keyBit(key)
			switch n++; {
			case keys&bit == 0:
				keys |= bit
			case n > fewKeys:
				again = true
			default:
				d.twice = d.twice || d.among(d.nodes[at].first, key)
			}
		}
		child := int32(len(d.nodes))
		if i = d.value(s, i, key, depth); i < 0 {
			return -1
		}
		if last == 0 {
			d.nodes[at].first = child
		} else {
			d.nodes[last].next = child
		}
		last = child
		if i = blank(s, i); i == len(s) {
			return -1
		}
		switch s[i] {
		case ',':
			i++
		case close:
			d.nodes[at].keys = keys
			d.twice = d.twice || again && d.repeats(at)
			return i + 1
		default:
			return -1
		}
	}
}

// fewKeys is of how many keys one is looked for among those before it.
const fewKeys = 32

// among tells whether a node, or one after it, has the key.
func (d *jsonDoc) among(first int32, key string) bool {
	for at := first; at != 0; at = d.nodes[at].next {
		if d.nodes[at].key == key {
			return true
		}
	}
	return false
}

// repeats tells whether an object has a key twice.
func (d *jsonDoc) repeats(at int32) bool {
	d.member = d.member[:0]
	for child := d.nodes[at].first; child != 0; child = d.nodes[child].next {
		d.member = append(d.member, d.nodes[child].key)
	}
	slices.Sort(d.member)
	for i := 1; i < len(d.member); i++ {
		if d.member[i] == d.member[i-1] {
			return true
		}
	}
	return false
}

// quoted gives a string without its quotes and escapes.
func (d *jsonDoc) quoted(s string, i int) (string, int) {
	i++
	n := strings.IndexByte(s[i:], '"')
	if n < 0 {
		return "", -1
	}
	plain := s[i : i+n]
	if d.marks.escapes && strings.IndexByte(plain, '\\') >= 0 {
		return unquoted(s, i-1)
	}
	if d.marks.controls && hasControls(plain) {
		return "", -1
	}
	return plain, i + n + 1
}

// unquoted is quoted for a string with escapes.
func unquoted(s string, i int) (out string, end int) {
	for end = i + 1; end < len(s) && s[end] != '"'; end++ {
		if s[end] == '\\' {
			end++
		}
	}
	if end >= len(s) || json.Unmarshal([]byte(s[i:end+1]), &out) != nil {
		return "", -1
	}
	return out, end + 1
}

func literal(s string, i int, word string) int {
	if strings.HasPrefix(s[i:], word) {
		return i + len(word)
	}
	return -1
}

// numeral is a number: -12.5e+3.
func numeral(s string, i int) int {
	if s[i] == '-' {
		i++
	}
	if i < len(s) && s[i] == '0' {
		i++
	} else if i = pastDigits(s, i); i < 0 {
		return -1
	}
	if i < len(s) && s[i] == '.' {
		if i = pastDigits(s, i+1); i < 0 {
			return -1
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		return pastDigits(s, i)
	}
	return i
}

// pastDigits passes one or more.
func pastDigits(s string, i int) int {
	from := i
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	if i == from {
		return -1
	}
	return i
}
