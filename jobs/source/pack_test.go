package source

import (
	"testing"
)

func TestPacksDecode(t *testing.T) {
	for _, f := range Formats() {
		if !f.Pack() {
			continue
		}
		p, err := readPack(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if p.Name != f.Name || p.Table != f.Table || p.Surface != f.Surface || p.Platform != f.Platform {
			t.Errorf("pack %s says %s/%s/%s, the format list %+v", f.Name, p.Table, p.Surface, p.Platform, f)
		}
		if p.Version < 1 || p.Title == "" || p.Columns["order_id"].Column == "" {
			t.Errorf("pack %s: version, title or columns are missing", f.Name)
		}
		known := map[string]bool{}
		for _, c := range TableColumns(p.Table) {
			known[c.Name] = true
			if _, mapped := p.Columns[c.Name]; c.Required && !mapped {
				t.Errorf("pack %s does not map %s", f.Name, c.Name)
			}
		}
		for column := range p.Columns {
			if !known[column] {
				t.Errorf("pack %s maps unknown column %s", f.Name, column)
			}
		}
	}
}
