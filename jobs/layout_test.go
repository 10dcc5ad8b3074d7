package jobs_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport is the house's import table: a folder, and below it everything,
// may import what stands here and nothing else of ours.
var mayImport = []struct {
	folder string
	ours   []string
}{
	{"cmd/ghostlight", []string{"jobs"}},
	{"jobs/source", []string{"jobs/warehouse"}},
	{"jobs/warehouse", []string{"sql"}},
	{"jobs", []string{"jobs/source", "jobs/warehouse", "analysis", "reports"}},
	{"analysis", []string{"analysis"}},
	{"reports", []string{"analysis"}},
	{"sql", nil},
	{"fixtures/layout", []string{"fixtures"}},
	{"fixtures", nil},
}

// onlyIn names packages that one place alone may import, and why.
var onlyIn = []struct{ path, place, why string }{
	{"github.com/duckdb/", "jobs/warehouse/", "the engine is reached through the warehouse"},
	{"ghostlight/sql", "jobs/warehouse/", "the name clashes with database/sql, so one package takes the alias"},
	{"github.com/robfig/cron/", "jobs/schedule.go", "a swap of the scheduler must be one import"},
	{"github.com/go-echarts/", "reports/", "charts are made where pages are made"},
	{"gocloud.dev/", "jobs/source/", "buckets are one transport among others"},
	{"github.com/aws/", "jobs/source/", "buckets are one transport among others"},
	{"github.com/Azure/", "jobs/source/", "buckets are one transport among others"},
	{"cloud.google.com/", "jobs/source/", "buckets are one transport among others"},
	{"github.com/jackc/pgx/", "jobs/source/", "databases are one transport among others"},
	{"github.com/go-sql-driver/", "jobs/source/", "databases are one transport among others"},
}

// purelyComputed may import the standard library's pure parts and gonum only.
var forbiddenInAnalysis = []string{"os", "io/fs", "net", "database/sql", "log", "log/slog", "math/rand"}

func TestImportsPointInward(t *testing.T) {
	for _, f := range sources(t, "..") {
		if strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		for _, imported := range f.imports {
			if problem := judge(f.path, imported); problem != "" {
				t.Errorf("%s imports %s: %s", f.path, imported, problem)
			}
		}
	}
}

// TestImportTableCanFail keeps the table honest: each line is an import that
// it must refuse.
func TestImportTableCanFail(t *testing.T) {
	for _, bad := range []struct{ path, imported string }{
		{"analysis/lift/score.go", "ghostlight/jobs"},
		{"analysis/lift/score.go", "github.com/spf13/cobra"},
		{"analysis/lift/score.go", "os"},
		{"cmd/ghostlight/run.go", "ghostlight/jobs/warehouse"},
		{"jobs/source/csv.go", "ghostlight/reports"},
		{"jobs/warehouse/open.go", "ghostlight/jobs/source"},
		{"jobs/run.go", "github.com/robfig/cron/v3"},
		{"jobs/source/row.go", "github.com/duckdb/duckdb-go/v2"},
		{"jobs/load.go", "gocloud.dev/blob"},
		{"jobs/warehouse/open.go", "github.com/jackc/pgx/v5"},
		{"reports/page.go", "ghostlight/jobs"},
		{"fixtures/ad_psa.go", "ghostlight/jobs"},
		{"other/new.go", "ghostlight/jobs"},
	} {
		if judge(bad.path, bad.imported) == "" {
			t.Errorf("the table lets %s import %s", bad.path, bad.imported)
		}
	}
}

func judge(path, imported string) string {
	for _, only := range onlyIn {
		if strings.HasPrefix(imported, only.path) && !strings.HasPrefix(path, only.place) {
			return "only " + only.place + " may: " + only.why
		}
	}
	if strings.HasPrefix(path, "analysis/") {
		isStandard := !strings.Contains(strings.Split(imported, "/")[0], ".")
		switch {
		case slices.Contains(forbiddenInAnalysis, imported):
			return "analysis is pure"
		case !isStandard && !strings.HasPrefix(imported, "gonum.org/"):
			return "analysis imports the standard library and gonum only"
		}
	}
	ours, isOurs := strings.CutPrefix(imported, "ghostlight/")
	if !isOurs {
		return ""
	}
	for _, row := range mayImport {
		if !strings.HasPrefix(path, row.folder+"/") {
			continue
		}
		for _, allowed := range row.ours {
			if ours == allowed || strings.HasPrefix(ours, allowed+"/") && allowed != "jobs" {
				return ""
			}
		}
		return row.folder + " may import only " + strings.Join(row.ours, ", ")
	}
	return "this folder is not in the import table"
}

// TestHouseNames refuses the folders that hold anything and so say nothing.
func TestHouseNames(t *testing.T) {
	for _, f := range sources(t, "..") {
		for part := range strings.SplitSeq(filepath.ToSlash(filepath.Dir(f.path)), "/") {
			if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "types", "models", "internal", "pkg"}, part) {
				t.Errorf("%s lies in a folder named %s", f.path, part)
			}
		}
	}
}

type file struct {
	path    string
	imports []string
}

// sources returns the Go files below root, by their path from it.
func sources(t *testing.T, root string) []file {
	t.Helper()
	var files []file
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && path != root) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ImportsOnly)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		f := file{path: filepath.ToSlash(relative)}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			f.imports = append(f.imports, imported)
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("found %d Go files below %s", len(files), root)
	}
	return files
}
