package jobs

import "strings"

type position struct{ line, col int }

// document is one YAML file while it is decoded: where each path stands, and
// what is wrong with it. Paths are written as in `arms[1].share`.
type document struct {
	file     string
	at       map[string]position // where the value stands; of a collection, its key
	keys     map[string]position // where the key stands
	lost     map[string]bool     // paths whose value could not be decoded
	broken   bool                // nothing could be decoded
	problems []Problem
}

func newDocument(file string) *document {
	return &document{file: file, at: map[string]position{"": {1, 1}}, keys: map[string]position{}, lost: map[string]bool{}}
}

// add records a problem of a decoded value at the path, or at the path's
// nearest ancestor that stands in the file. Of a value that could not be
// decoded nothing more is said.
func (d *document) add(path, message, hint string) {
	if !d.inLost(path) {
		d.addAt(d.position(path), path, message, hint)
	}
}

// addKey is add for a problem of the key itself.
func (d *document) addKey(path, message, hint string) {
	at, ok := d.keys[path]
	if !ok {
		at = d.position(path)
	}
	if !d.inLost(path) {
		d.addAt(at, path, message, hint)
	}
}

// inLost tells whether the path is, or lies in, what could not be decoded.
func (d *document) inLost(path string) bool {
	for p := path; p != ""; p = parent(p) {
		if d.lost[p] {
			return true
		}
	}
	return false
}

// lose records a value that cannot be decoded.
func (d *document) lose(path, message, hint string) {
	d.addAt(d.position(path), path, message, hint)
	d.lost[path] = true
}

// sound tells whether everything at and below the path could be decoded.
func (d *document) sound(path string) bool {
	for p := range d.lost {
		if rest, ok := strings.CutPrefix(p, path); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return false
		}
	}
	return true
}

func parent(path string) string { return path[:max(strings.LastIndexAny(path, ".["), 0)] }

func (d *document) addAt(p position, path, message, hint string) {
	d.problems = append(d.problems, Problem{
		File: d.file, Line: p.line, Col: p.col, Path: path, Message: message, Hint: hint,
	})
}

// fail records a problem after which the file cannot be decoded.
func (d *document) fail(p position, message, hint string) {
	d.broken = true
	d.addAt(p, "", message, hint)
}

func (d *document) position(path string) position {
	for {
		if p, ok := d.at[path]; ok {
			return p
		}
		path = parent(path)
	}
}

// has tells whether the path stands in the file.
func (d *document) has(path string) bool { _, ok := d.at[path]; return ok }
