package source

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
)

// FuzzPack: whatever a pack says, it is either refused with problems that have a path,
// or maps or refuses every record of whatever file, and tells whether the file is its.
func FuzzPack(f *testing.F) {
	const head = "version: 1\nname: x\ntitle: x\nfacts:\n- {about: columns, source: x, evidence: assumed}\n"
	events, orders := []byte(head+`- {about: events, source: x, evidence: sample}
- {about: accepts, source: x, evidence: sample}
table: event
surface: server
layouts: [jsonl]
envelope: {list: data, refused: {unless: code=0, index: "errors[].i", any: errors}}
detect: {has: [a, $.b], every: [a], not: [c], like: {a: "[A-Z]"}}
events: {Buy: purchase}
accepts: [{oldest: 7d}]
columns: {event_name: a, occurred_at: {column: "t[k=v].u", time: any}, email_key: {column: "em[]", id: email, hash: gmail}, consent_measurement: {first: [{column: o, values: {x: denied, "*": ""}}]}}
`), []byte(head+`table: crm_order
layouts: [csv]
rows: {same: n, blank: [s], header: n, skip: {s: ^T}}
detect: {has: [n]}
columns: {order_id: n, ordered_at: {column: d, time: date, zone: Europe/Berlin}, status: {first: [{column: s, values: {paid: verified, "*": ""}}, {constant: unknown}]}, value: {column: v, unit: millicents}, customer_key: {column: c, values: {"0": ""}}}
`)
	for _, seed := range [][]byte{events, orders} {
		if p := parseAny(seed); p == nil || len(p.validate().problems) > 0 {
			f.Fatalf("a seed is no pack:\n%s", seed)
		}
	}
	f.Add(events, []byte(`{"data":[{"a":"Buy","t":[{"k":"v","u":1757203200}],"em":["x@y.zz"],"o":"x"},7]}`))
	f.Add(orders, []byte("Report\n\nn,s,d,v,c\n1,paid,2026-01-01,1.5,0\n1,,,,\n2,Total,,,\n"))
	f.Fuzz(func(t *testing.T, text, data []byte) {
		p := parseAny(text)
		if p == nil {
			return
		}
		v := p.validate()
		for _, problem := range v.problems {
			if problem.Path == "" || problem.Message == "" {
				t.Fatalf("problem without place or message: %+v", problem)
			}
		}
		if len(v.problems) > 0 {
			return
		}
		src := Source{Format: p.Name}.with(Packs{p.Name: p})
		keyer, err := NewKeyer(testSecret)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range []string{"csv", "jsonl"} {
			l, err := layoutOf("fuzz", src, File{Form: form})
			if err != nil {
				t.Fatal(err)
			}
			m, err := newMapper("fuzz", l, keyer)
			if err != nil {
				t.Fatal(err)
			}
			var r reader
			if in := strings.NewReader(string(data)); l.format == "csv" {
				r, err = newCSV(in, m.wanted, m.mayLack(l.lenient), l.rows, testFault)
			} else {
				r, err = newJSONL(in, m.wanted, l.envelope, testFault)
			}
			if err == nil {
				drain(t, r, m)
			}
			fit := p.fit(places{values: map[string][]string{}}, form)
			if fit.Fits || !utf8.ValidString(strings.Join(fit.Against, "")) {
				t.Fatalf("a file without places: %+v", fit)
			}
		}
	})
}

// parseAny decodes a pack, nil when the text is none. The parser of YAML is not what
// is tried here: packs of a workspace reach it only after its own limits.
func parseAny(text []byte) (p *Pack) {
	defer func() {
		if recover() != nil {
			p = nil
		}
	}()
	if len(text) > 1<<14 || !utf8.Valid(text) {
		return nil
	}
	p = &Pack{}
	if yaml.UnmarshalWithOptions(text, p, yaml.Strict(), yaml.CustomUnmarshaler(readColumn)) != nil {
		return nil
	}
	return p
}
