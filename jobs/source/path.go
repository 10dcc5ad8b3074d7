package source

import "strings"

// Places of a record that are not written in it: what the log record around a
// request says of it, and when the file was last written.
const (
	placeSent   = "@sent_at"   // when the request was sent, by the log record
	placeStatus = "@status"    // HTTP status of the answer
	placeState  = "@state"     // accepted, refused or unknown, as the answer says
	placeFile   = "@file_time" // when the file was last written, in epoch microseconds, for events that carry no time
)

// jsonPath is a dotted path. One that began with $. is looked up in the request's
// own object, the others in the record: the same thing without an envelope. A step
// list[] goes through every element of a list, list[0] to the first (a number counts
// from 0), list[name=value] through those whose member name is the text value; either
// way the path gives all that it finds.
type jsonPath struct {
	name  string
	whole bool
	steps []step
	keys  []string // of a path without brackets
}

type step struct {
	key          string
	isList       bool
	name, equals string // of list[name=value]
	position     int    // of list[0], -1 without
}

func newJSONPath(s string) jsonPath {
	p := jsonPath{name: s}
	rest, whole := strings.CutPrefix(s, "$.")
	p.whole = whole
	plain := true
	for _, part := range splitPath(rest) {
		st := step{key: part}
		if key, inside, ok := strings.Cut(part, "["); ok && strings.HasSuffix(inside, "]") {
			st = step{key: key, isList: true}
			st.name, st.equals, _ = strings.Cut(strings.TrimSuffix(inside, "]"), "=")
			if st.position = number(st.name); st.position >= 0 {
				st.name = ""
			}
			plain = false
		}
		p.steps = append(p.steps, st)
		p.keys = append(p.keys, st.key)
	}
	if !plain {
		p.keys = nil
	}
	return p
}

// splitPath cuts at the dots outside brackets.
func splitPath(s string) []string {
	var parts []string
	depth, from := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '[':
			depth++
		case ']':
			depth--
		case '.':
			if depth == 0 {
				parts = append(parts, s[from:i])
				from = i + 1
			}
		}
	}
	return append(parts, s[from:])
}

// lookUp gives what the path leads to from a node, and whether it led anywhere.
func (d *jsonDoc) lookUp(node int32, p *jsonPath) (v value, found bool) {
	found = d.lookUpTo(&v, node, p)
	return v, found
}

// lookUpTo is lookUp into v, which is empty.
func (d *jsonDoc) lookUpTo(v *value, node int32, p *jsonPath) bool {
	if p.keys != nil {
		at := d.find(node, p.keys)
		if at < 0 && len(p.keys) > 1 && !p.whole {
			at = d.child(node, p.name) // a flat record's own dots
		}
		if at < 0 {
			return false
		}
		d.readTo(v, at)
		return true
	}
	found := d.follow(nil, node, p.steps)
	switch len(found) {
	case 0:
		return false
	case 1:
		d.readTo(v, found[0])
		return true
	}
	*v = value{kind: list}
	for _, at := range found {
		switch one := d.read(at); one.kind {
		case text:
			v.list = append(v.list, one.text)
		case list:
			v.list = append(v.list, one.list...)
		case object:
			*v = value{kind: object}
			return true
		}
	}
	if len(v.list) == 0 {
		*v = value{}
	}
	return true
}

// follow adds every node that the steps lead to.
func (d *jsonDoc) follow(found []int32, node int32, steps []step) []int32 {
	if len(steps) == 0 {
		return append(found, node)
	}
	s := steps[0]
	at := d.child(node, s.key)
	if at < 0 {
		return found
	}
	if !s.isList {
		return d.follow(found, at, steps[1:])
	}
	if d.nodes[at].kind != list && s.position > 0 {
		return found
	}
	if d.nodes[at].kind != list {
		return d.follow(found, at, steps[1:]) // one element that nobody put into a list
	}
	position := -1
	for child := d.nodes[at].first; child != 0; child = d.nodes[child].next {
		if position++; s.position >= 0 && position != s.position {
			continue
		}
		if s.name != "" {
			member := d.child(child, s.name)
			if member < 0 || d.nodes[member].text != s.equals {
				continue
			}
		}
		found = d.follow(found, child, steps[1:])
	}
	return found
}
