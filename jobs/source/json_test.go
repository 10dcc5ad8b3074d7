package source

import (
	"encoding/json"
	"strings"
	"testing"
)

// What is JSON is what the standard library says, whichever check is asked first.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,-0.5e+3,"x",null,true,false,{}],"b":"\u00e4\ud83d\ude00\n"}`, `[]`, ` "x" `, `01`, `1.`, `-`, `1e`, `+1`, `nul`, `tru`, `NaN`,
		"\"a\x01\"", "\"\x01\\n\"", "\"\\n\x01\"", "{\"\x01\\n\":1}", `"\x"`, `"\u12"`, `"\u+123"`, `"\`, `{"a":1,}`, `[1,]`, `{,}`, `{"a"}`, `{a:1}`, `[1 2]`, `1 2`, ``,
		"\t[1]\r\n", "\v[1]", "\u00a0[1]", `{"a":1}}`, `"` + "\u2028" + `"`, strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001), strings.Repeat("[", 200_000),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var doc jsonDoc
		got := doc.parse([]byte(s))
		if isJSON := got == "" || got == "an object has the same key twice"; isJSON != json.Valid([]byte(s)) {
			t.Errorf("%q: %q, valid is %v", s, got, json.Valid([]byte(s)))
		}
	})
}
