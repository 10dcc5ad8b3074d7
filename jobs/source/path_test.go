package source

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPath(t *testing.T) {
	var doc jsonDoc
	if rule := doc.parse([]byte(`{"a":{"b":1},"a.c":2,"list":[{"key":"x","v":3},{"key":"y","v":[4,5]},{"key":"z"}],"texts":["p","q"],"one":{"v":6},"none":[],"null":null}`)); rule != "" {
		t.Fatal(rule)
	}
	one := func(s string) value { return value{kind: text, text: s} }
	many := func(s ...string) value { return value{kind: list, list: s} }
	for _, c := range []struct {
		path  string
		want  value
		found bool
	}{
		{"a.b", one("1"), true},
		{"$.a.b", one("1"), true},
		{"a.c", one("2"), true},
		{"a", value{kind: object}, true},
		{"list[].v", many("3", "4", "5"), true},
		{"list[0].v", one("3"), true},
		{"list[1].v", many("4", "5"), true},
		{"list[9].v", value{}, false},
		{"list[key=x].v", one("3"), true},
		{"list[key=w].v", value{}, false},
		{"list[0]", value{kind: object}, true},
		{"texts[1]", one("q"), true},
		{"texts", many("p", "q"), true},
		{"one[].v", one("6"), true},
		{"one[0].v", one("6"), true},
		{"one[1].v", value{}, false},
		{"none[].v", value{}, false},
		{"null.v", value{}, false},
		{"null", value{}, true},
	} {
		p := newJSONPath(c.path)
		got, found := doc.lookUp(0, &p)
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(value{})); diff != "" || found != c.found {
			t.Errorf("%s: found %v (-want +got):\n%s", c.path, found, diff)
		}
	}
}
