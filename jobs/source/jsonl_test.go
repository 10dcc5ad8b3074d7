package source

import (
	"encoding/json"
	"strings"
	"testing"
)

// stdMember reads member a of a line with the standard library.
func stdMember(t *testing.T, data string, line int64) value {
	t.Helper()
	s := strings.Split(data, "\n")[line-1]
	if line == 1 {
		s = strings.TrimPrefix(s, "\ufeff")
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal([]byte(s), &m); err != nil {
		t.Fatalf("line %d was read, encoding/json refuses it: %v", line, err)
	}
	return stdValue(m["a"])
}

func stdValue(raw json.RawMessage) value {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	var v any
	if len(raw) == 0 || d.Decode(&v) != nil {
		return value{}
	}
	var out value
	switch v := v.(type) {
	case nil:
	case string:
		out = value{kind: text, text: v}
	case json.Number:
		out = value{kind: text, text: v.String()}
	case bool:
		out = value{kind: text, text: map[bool]string{true: "true", false: "false"}[v]}
	case []any:
		var parts []json.RawMessage
		_ = json.Unmarshal(raw, &parts)
		out.kind = list
		for _, p := range parts {
			e := stdValue(p)
			s := strings.TrimSpace(string(p))
			switch {
			case s[0] == '{' || s[0] == '[':
				return value{kind: object}
			case s != "null":
				out.list = append(out.list, e.text)
			}
		}
		if len(out.list) == 0 {
			return value{}
		}
	default:
		out.kind = object
	}
	if out.kind == text && out.text == "" {
		return value{}
	}
	return out
}
