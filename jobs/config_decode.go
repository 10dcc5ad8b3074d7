package jobs

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// decode reads the file over the defaults that target (a pointer to a struct)
// holds. It goes on after a problem, so that all of them are found.
func (d *document) decode(data []byte, target any) {
	root := d.parse(data)
	if d.broken {
		return
	}
	if _, ok := pairs(root); !ok {
		d.fail(nodePosition(root), "keys and values are needed", "")
		return
	}
	d.bind(root, reflect.ValueOf(target).Elem(), "", position{1, 1})
}

// nodePosition is where a node begins to be read: of a mapping in block
// style that is its first key.
func nodePosition(n ast.Node) position {
	switch m := n.(type) {
	case nil:
		return position{1, 1}
	case *ast.MappingNode:
		if !m.IsFlowStyle && len(m.Values) > 0 {
			return nodePosition(m.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return nodePosition(m.Key)
	}
	return tokenPosition(n.GetToken())
}

// bind sets v from the node. at is where to point for a collection: its key.
func (d *document) bind(n ast.Node, v reflect.Value, path string, at position) {
	if n == nil || n.Type() == ast.NullType {
		d.at[path] = at
		d.lose(path, "no value is given", "leave the key out to take the default")
		return
	}
	items, isMap := pairs(n)
	list, isList := n.(*ast.SequenceNode)
	if !isMap && !isList {
		at = nodePosition(n)
	}
	d.at[path] = at
	if short, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok && !isMap && !isList {
		text, ok := scalarText(n)
		if !ok {
			d.lose(path, "a plain value is needed", "")
		} else if err := short.UnmarshalText([]byte(text)); err != nil {
			d.lose(path, err.Error(), "")
		}
		return
	}
	switch kind := v.Kind(); {
	case kind == reflect.Pointer:
		fresh := reflect.New(v.Type().Elem())
		d.bind(n, fresh.Elem(), path, at)
		v.Set(fresh)
	case kind == reflect.Struct && isMap && !scalarOnly(v):
		d.bindStruct(items, v, path)
	case kind == reflect.Map && isMap:
		d.bindMap(items, v, path)
	case kind == reflect.Slice && isList:
		fresh := reflect.MakeSlice(v.Type(), len(list.Values), len(list.Values))
		for i, item := range list.Values {
			d.bind(item, fresh.Index(i), fmt.Sprintf("%s[%d]", path, i), nodePosition(item))
		}
		v.Set(fresh)
	default:
		d.bindScalar(n, v, path)
	}
}

// scalarOnly tells whether a struct has no keys of its own, such as Time.
func scalarOnly(v reflect.Value) bool {
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("yaml") != "" {
			return false
		}
	}
	return true
}

func pairs(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}, true
	}
	return nil, false
}

func scalarText(n ast.Node) (string, bool) {
	switch s := n.(type) {
	case *ast.StringNode:
		return s.Value, true
	case *ast.LiteralNode:
		return s.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return s.GetToken().Value, true
	}
	return "", false
}

// key reads one key of a mapping; ok is false when it cannot be used.
func (d *document) key(pair *ast.MappingValueNode, path string, seen map[string]position) (name, child string, at position, ok bool) {
	at = nodePosition(pair.Key)
	name, ok = scalarText(pair.Key)
	if !ok || name == "" {
		d.addAt(at, path, "a key must be plain text", "")
		return "", "", at, false
	}
	child = name
	if path != "" {
		child = path + "." + name
	}
	if first, twice := seen[name]; twice {
		d.addAt(at, child, "the key is given twice", fmt.Sprintf("the first is at line %d", first.line))
		return "", "", at, false
	}
	seen[name], d.keys[child] = at, at
	return name, child, at, true
}

func (d *document) bindStruct(items []*ast.MappingValueNode, v reflect.Value, path string) {
	fields := map[string]int{}
	var known []string
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		fields[name] = i
		known = append(known, name)
	}
	seen := map[string]position{}
	for _, pair := range items {
		name, child, at, ok := d.key(pair, path, seen)
		if !ok {
			continue
		}
		i, ok := fields[name]
		if !ok {
			if path == "identity" || strings.HasPrefix(path, "connections.") { // a secret may have been written as a key
				d.addAt(at, path, "unknown key", didYouMean("", known))
				continue
			}
			d.addAt(at, child, "unknown key", didYouMean(name, known))
			if meant := nearest(name, known); meant != "" { // do not call it missing as well
				d.lost[strings.TrimSuffix(child, name)+meant] = true
			}
			continue
		}
		d.bind(pair.Value, v.Field(i), child, at)
	}
}

// bindMap replaces the whole map: a map given in the file is not mixed with
// the default one.
func (d *document) bindMap(items []*ast.MappingValueNode, v reflect.Value, path string) {
	fresh := reflect.MakeMapWithSize(v.Type(), len(items))
	seen := map[string]position{}
	for _, pair := range items {
		name, child, at, ok := d.key(pair, path, seen)
		if !ok {
			continue
		}
		value := reflect.New(v.Type().Elem()).Elem()
		d.bind(pair.Value, value, child, at)
		fresh.SetMapIndex(reflect.ValueOf(name), value)
	}
	v.Set(fresh)
}

func (d *document) bindScalar(n ast.Node, v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.String:
		switch n.(type) {
		case *ast.StringNode, *ast.LiteralNode:
			text, _ := scalarText(n)
			v.SetString(text)
		case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
			d.lose(path, "text is needed", "put it in quotes")
		default:
			d.lose(path, "text is needed", "")
		}
	case reflect.Bool:
		if b, ok := n.(*ast.BoolNode); ok {
			v.SetBool(b.Value)
			return
		}
		d.lose(path, "true or false is needed", "")
	case reflect.Int:
		// Only decimal digits: 010 and 1_0 mean different things to different readers.
		i, err := strconv.Atoi(n.GetToken().Value)
		if _, ok := n.(*ast.IntegerNode); !ok || err != nil || strconv.Itoa(i) != n.GetToken().Value {
			d.lose(path, "a whole number is needed", "")
			return
		}
		v.SetInt(int64(i))
	case reflect.Float64:
		f, err := strconv.ParseFloat(n.GetToken().Value, 64)
		switch n.(type) {
		case *ast.FloatNode, *ast.IntegerNode:
			if err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
				v.SetFloat(f)
				return
			}
		}
		d.lose(path, "a number is needed", "")
	case reflect.Slice:
		d.lose(path, "a list is needed", "write [a, b]")
	default:
		d.lose(path, "keys and values are needed", "")
	}
}
