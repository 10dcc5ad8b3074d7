package reports

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files and schema.json")

// golden compares got with testdata/golden/<name>. On a difference the actual
// output is left beside it as <name>.got.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		leave(t, path, got)
		t.Errorf("%s differs; see %s.got, and run: go test ./reports -update", path, path)
	}
}

func leave(t *testing.T, path string, got []byte) {
	t.Helper()
	if err := os.WriteFile(path+".got", got, 0o644); err != nil {
		t.Error(err)
	}
}

func TestGolden(t *testing.T) {
	for _, r := range []Report{sample(), mixed(), broken(), noHoldout()} {
		t.Run(r.Study, func(t *testing.T) {
			files, err := render(r)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				data := f.Data
				if f.Name == "report.html" {
					data = bytes.Replace(data, []byte(echartsJS), []byte("/* the chart library */"), 1)
					data = bytes.Replace(data, []byte(bootJS), []byte("/* boot.js */"), 1)
					data = bytes.Replace(data, []byte(pageCSS), []byte("/* page.css */"), 1)
					data = bytes.Replace(data, []byte(policy(echartsJS, bootJS)), []byte("POLICY"), 1)
					golden(t, r.Study+"/charts.json", chartsOf(t, data))
					data = cut(data, `id="report-data">`, "</script>", "charts.json")
				}
				golden(t, r.Study+"/"+filepath.Base(f.Name), data)
			}
		})
	}
}

// cut replaces what stands between two marks.
func cut(data []byte, from, to, by string) []byte {
	s := string(data)
	i := strings.Index(s, from) + len(from)
	j := i + strings.Index(s[i:], to)
	return []byte(s[:i] + by + s[j:])
}

// chartsOf is the page's chart options, indented.
func chartsOf(t *testing.T, page []byte) []byte {
	t.Helper()
	_, after, ok := bytes.Cut(page, []byte(`id="report-data">`))
	if !ok {
		t.Fatal("the page has no chart data")
	}
	block, _, _ := bytes.Cut(after, []byte("</script>"))
	var b bytes.Buffer
	if err := json.Indent(&b, block, "", " "); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), '\n')
}

func TestSameReportGivesSameBytes(t *testing.T) {
	for _, r := range []Report{sample(), mixed()} {
		one, err := render(r)
		if err != nil {
			t.Fatal(err)
		}
		two, err := render(r)
		if err != nil {
			t.Fatal(err)
		}
		for i := range one {
			if !bytes.Equal(one[i].Data, two[i].Data) {
				t.Errorf("%s differs between two renderings", one[i].Name)
			}
		}
	}
}
