package source

// jsonNode is one value of a parsed line. Members of an object and elements of a
// list are linked from first through next; 0 ends the chain, because node 0 is
// the root.
type jsonNode struct {
	key   string
	text  string // of a string (unescaped), number, true or false
	keys  uint64 // of an object: the bits of its keys
	kind  kind   // absent stands for null; list also for a list of objects
	first int32
	next  int32
}

// keyBit is the bit of a key: an object without it has no such key, which is what most
// of the keys that are asked for are.
func keyBit(key string) uint64 {
	if key == "" {
		return 1
	}
	return 1 << ((7*uint(len(key)) + 3*uint(key[0]) + uint(key[len(key)-1])) % 64)
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
	fleeting bool // what it gives is valid until it is released, as the line is

	nodes  []jsonNode
	texts  []string // of lists
	outer  outer
	marks  jsonMarks
	twice  bool // some object has a key twice
	member []string
}

// release lets go of what was given while it is fleeting.
func (d *jsonDoc) release() { d.texts = d.texts[:0] }

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
	n := &d.nodes[node]
	if n.keys&keyBit(key) == 0 { // a list has none
		return -1
	}
	child := n.first
	for child != 0 && d.nodes[child].key != key {
		child = d.nodes[child].next
	}
	if child == 0 {
		return -1
	}
	return child
}

// read gives the value of a node: a text, a list of texts, or that it is nested.
func (d *jsonDoc) read(node int32) (v value) {
	d.readTo(&v, node)
	return v
}

// readTo puts the value of a node into v, which is empty.
func (d *jsonDoc) readTo(v *value, node int32) {
	switch n := &d.nodes[node]; n.kind {
	case text:
		if n.text != "" {
			v.kind, v.text = text, n.text
		}
	case list:
		from := len(d.texts)
		for child := n.first; child != 0; child = d.nodes[child].next {
			switch c := &d.nodes[child]; c.kind {
			case text:
				d.texts = append(d.texts, c.text)
			case absent:
			default:
				v.kind = object
				return
			}
		}
		if n := len(d.texts); n > from {
			v.kind, v.list = list, d.texts[from:n:n]
		}
	default:
		v.kind = n.kind
	}
}
