package source

import (
	"encoding/csv"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// FuzzCSV: what the standard library reads without complaint, this reader reads
// to the same cells; and every physical line is part of some record.
func FuzzCSV(f *testing.F) {
	f.Add("a,b\n1,2\n")
	f.Add("a,b\r\n\"1\n\",\"2\"\"\"\r\n")
	f.Add("a,b\n\"1,2\n")
	f.Add("a,b\n1\"x,2\n\n\xff,\x00\n,\n")
	f.Fuzz(func(t *testing.T, data string) {
		c := &csvReader{lines: newLines(strings.NewReader(data), maxLine), fault: testFault, csvCells: csvCells{rules: csvRules{same: -1}}}
		var got [][]string
		clean := !strings.Contains(data, "\x00") && !strings.Contains(data, "\r") && !strings.HasPrefix(data, "\ufeff")
		var rec record
		for {
			err := c.readCells(&rec)
			if err == io.EOF {
				break
			}
			if err != nil {
				if _, ok := err.(*FileError); !ok {
					t.Fatalf("error is no FileError: %v", err)
				}
				return
			}
			if rec.rule != "" {
				clean = false
			} else if !rec.blank {
				got = append(got, slices.Clone(c.row))
			}
		}
		if n := int64(strings.Count(strings.TrimSuffix(data, "\n"), "\n") + 1); data != "" && c.lines.no != n {
			t.Fatalf("%d lines read of %d", c.lines.no, n)
		}
		if !clean {
			return
		}
		std := csv.NewReader(strings.NewReader(data))
		std.FieldsPerRecord = -1
		want, err := std.ReadAll()
		if err != nil {
			t.Fatalf("accepted what encoding/csv refuses: %v", err)
		}
		if len(want)+len(got) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

func TestLongRows(t *testing.T) {
	long := strings.Repeat("x", maxRow)
	for _, middle := range []string{long + ",2\n", "\"" + long + "\n" + long + "\",2\n"} {
		r, err := newCSV(strings.NewReader("a,b\n0,0\n"+middle+"1,2\n"), []string{"a", "b"}, nil, nil, testFault)
		if err != nil {
			t.Fatal(err)
		}
		rec := record{fields: make([]value, 2)}
		var rules, first []string
		for r.next(&rec) == nil {
			rules, first = append(rules, rec.rule), append(first, rec.fields[0].text)
		}
		if want := []string{"", "row is longer than 2 MiB", ""}; !slices.Equal(rules, want) || first[0] != "0" || first[2] != "1" {
			t.Errorf("got %q, %q", rules, first)
		}
	}
}

// FuzzJSONL: a line is read exactly when the standard library calls it valid, and
// is an object; the members come out as it has them.
func FuzzJSONL(f *testing.F) {
	f.Add("{\"a\":1}\n\n{\"a\":{\"b\":[null,\"x\\n\"]}}\n")
	f.Add("{\"a\":1,\"a\":2}\n[1]\n{}{}\n{\"a\":\"\\u00e9\"}")
	f.Add("{\"a\" : -1.5e3 , \"b\":true}")
	f.Fuzz(func(t *testing.T, data string) {
		r, err := newJSONL(strings.NewReader(data), []string{"a", "a.b", "$.b"}, nil, testFault)
		if err != nil {
			return
		}
		rec := record{fields: make([]value, 3)}
		for {
			err := r.next(&rec)
			if err == io.EOF {
				break
			}
			if err != nil {
				if _, ok := err.(*FileError); !ok {
					t.Fatalf("error is no FileError: %v", err)
				}
				return
			}
			if rec.blank || rec.rule != "" {
				continue
			}
			if got, want := rec.fields[0], stdMember(t, data, rec.line); !reflect.DeepEqual(got, want) {
				t.Fatalf("line %d: got %+v, want %+v", rec.line, got, want)
			}
		}
	})
}

// TestSemicolons: a header that semicolons divide is one cell, and the hint says so.
func TestSemicolons(t *testing.T) {
	fault := func(line int64, what, hint string) error { return &FileError{Line: line, What: what, Hint: hint} }
	_, err := newCSV(strings.NewReader("id;at;state\n1;2;3\n"), []string{"id"}, nil, nil, fault)
	if err == nil || !strings.Contains(err.Error(), "it has 1 cells; it seems to be divided by semicolons") {
		t.Errorf("got %v", err)
	}
}
