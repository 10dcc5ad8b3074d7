package jobs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ghostlight/jobs/source"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"
)

const goodConfig = "testdata/config/good"

func loadGood(t *testing.T) *Workspace {
	t.Helper()
	w, err := LoadWorkspace(goodConfig)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestLoadWorkspace(t *testing.T) {
	w := loadGood(t)
	if got, want := w.StudyNames(), []string{"autumn", "small"}; !slices.Equal(got, want) {
		t.Errorf("studies %v, want %v", got, want)
	}
	if got, want := w.EventNames(), []string{"app_open", "purchase", "visit"}; !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
	small, err := w.Study("small")
	if err != nil {
		t.Fatal(err)
	}
	want := defaultStudy()
	want.Name, want.Title, want.Headline = "small", "small", "purchase"
	want.Period = Period{
		Start: Time{time.Date(2026, 9, 7, 4, 0, 0, 0, time.UTC)},
		End:   Time{time.Date(2026, 10, 19, 0, 0, 0, 0, time.UTC)},
	}
	want.Metrics = []Metric{{Name: "purchase", Label: "purchase", Kind: "proportion", Event: "purchase", From: []string{"crm"}}}
	want.Attribution.Event = "purchase"
	if diff := cmp.Diff(want, small); diff != "" {
		t.Errorf("small (-want +got):\n%s", diff)
	}
	autumn, err := w.Study("autumn")
	if err != nil {
		t.Fatal(err)
	}
	if a := autumn.Assignment; a == nil || len(a.Arms) != 2 || a.Arms[0] != (Arm{"treatment", "CTV ads", 0.9}) {
		t.Errorf("assignment %+v", a)
	}
}

func TestUnknownStudy(t *testing.T) {
	_, err := loadGood(t).Study("autunm")
	var unknown *UnknownStudyError
	if !errors.As(err, &unknown) || err.Error() != `unknown study "autunm", did you mean autumn?` {
		t.Errorf("got %v", err)
	}
}

var problemLine = regexp.MustCompile(`^[\w./]+:\d+:\d+: \S`)

// TestBadConfig lays the files of each txtar over the good workspace. A file
// `remove` lists what is taken away; `want` is the error, line by line.
func TestBadConfig(t *testing.T) {
	paths, err := filepath.Glob("testdata/config/bad/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no bad configurations", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			dir, want := overlay(t, archive)
			start := time.Now()
			_, err = LoadWorkspace(dir)
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("refused after %v", took)
			}
			var config *ConfigError
			if !errors.As(err, &config) {
				t.Fatalf("got %v, want a ConfigError", err)
			}
			got := config.Error() + "\n"
			for line := range strings.Lines(got) {
				if !problemLine.MatchString(line) {
					t.Errorf("no file:line:col in %q", line)
				}
			}
			if strings.Contains(got, "hunter2") {
				t.Errorf("a secret is repeated: %s", got)
			}
			if *update {
				setFile(archive, "want", got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// overlay copies the good workspace with the archive's files over it.
func overlay(t *testing.T, archive *txtar.Archive) (dir, want string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(goodConfig)); err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		switch f.Name {
		case "want":
			want = string(f.Data)
		case "remove":
			for _, name := range strings.Fields(string(f.Data)) {
				if err := os.RemoveAll(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
					t.Fatal(err)
				}
			}
		default:
			// \xff stands for a byte that is not UTF-8, which a txtar should not hold.
			data := strings.ReplaceAll(string(f.Data), `\xff`, "\xff")
			place := filepath.Join(dir, filepath.FromSlash(f.Name))
			if err := errors.Join(os.MkdirAll(filepath.Dir(place), 0o755), os.WriteFile(place, []byte(data), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir, want
}

func setFile(archive *txtar.Archive, name, text string) {
	i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == name })
	if i < 0 {
		i = len(archive.Files)
		archive.Files = append(archive.Files, txtar.File{Name: name})
	}
	archive.Files[i].Data = []byte(text)
}

func TestMissingWorkspace(t *testing.T) {
	_, err := LoadWorkspace(filepath.Join(t.TempDir(), "nowhere"))
	var config *ConfigError
	if !errors.As(err, &config) || err.Error() != "ghostlight.yaml:1:1: the file is missing, ghostlight init makes a workspace" {
		t.Errorf("got %v", err)
	}
}

// TestFilesOutside refuses links out of the workspace, folders and large files.
func TestFilesOutside(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "events.yaml")
	if err := os.WriteFile(outside, []byte("version: 1\nevents: {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, make := range map[string]func(string) error{
		"link":   func(path string) error { return os.Symlink(outside, path) },
		"folder": func(path string) error { return os.Mkdir(path, 0o755) },
		"large": func(path string) error {
			return os.WriteFile(path, []byte(strings.Repeat("# large\n", 1<<18)), 0o644)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(goodConfig)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, eventsFile)
			if err := errors.Join(os.Remove(path), make(path)); err != nil {
				t.Fatal(err)
			}
			_, err := LoadWorkspace(dir)
			var config *ConfigError
			if !errors.As(err, &config) || len(config.Problems) != 1 || config.Problems[0].File != eventsFile {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestByteOrderMarkAndCRLF(t *testing.T) {
	dir := t.TempDir()
	err := fs.WalkDir(os.DirFS(goodConfig), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return errors.Join(err, os.MkdirAll(filepath.Join(dir, path), 0o755))
		}
		data, err := os.ReadFile(filepath.Join(goodConfig, path))
		if err != nil {
			return err
		}
		text := "\ufeff" + strings.ReplaceAll(string(data), "\n", "\r\n")
		return os.WriteFile(filepath.Join(dir, path), []byte(text), 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	w, err := LoadWorkspace(dir)
	if err != nil {
		t.Fatal(err)
	}
	w.Dir = goodConfig
	if diff := cmp.Diff(loadGood(t), w, cmpopts.IgnoreUnexported(source.Source{}, source.Pack{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestQueryFile: the text of a query file stands in its place, and so counts
// towards what a report is made of.
func TestQueryFile(t *testing.T) {
	const text = "-- links\nSELECT * FROM links WHERE seen >= :cursor\n"
	hash := func(text string) string {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(goodConfig)); err != nil {
			t.Fatal(err)
		}
		main := filepath.Join(dir, workspaceFile)
		yaml, err := os.ReadFile(main)
		if err != nil {
			t.Fatal(err)
		}
		yaml = []byte(strings.Replace(string(yaml), "files: data/links/*.csv", `query: "file:queries/links.sql"`+"\n    cursor: seen\n    cursor_start: \"2026-01-01\"\n    connection: shop", 1) +
			"connections: {shop: {type: mysql, dsn: \"env:SHOP_DSN\"}}\n")
		err = errors.Join(os.WriteFile(main, yaml, 0o644), os.Mkdir(filepath.Join(dir, "queries"), 0o755),
			os.WriteFile(filepath.Join(dir, "queries", "links.sql"), []byte(text), 0o644))
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, compileSchema(t, "ghostlight"), yaml); err != nil {
			t.Error(err)
		}
		w, err := LoadWorkspace(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.Sources["links"].Query; got != text {
			t.Errorf("got %q", got)
		}
		return w.Hash(w.StudyNames()[0])
	}
	if hash(text) == hash(text+"-- changed\n") {
		t.Error("another query has the same hash")
	}
}
