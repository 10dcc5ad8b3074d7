package jobs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzLoadWorkspace loads any four files: it must return, soon, a workspace
// or problems that each have a place and stand on one line.
func FuzzLoadWorkspace(f *testing.F) {
	files := []string{workspaceFile, eventsFile, "studies/autumn.yaml", "packs/till.yaml"}
	var good [4][]byte
	for i, name := range files {
		data, err := os.ReadFile(filepath.Join(goodConfig, name))
		if err != nil {
			f.Fatal(err)
		}
		good[i] = data
	}
	f.Add(good[0], good[1], good[2], good[3])
	paths, err := filepath.Glob("testdata/config/bad/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		seed := good
		for _, file := range archive.Files {
			for i, name := range files {
				if file.Name == name {
					seed[i] = file.Data
				}
			}
		}
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	f.Fuzz(func(t *testing.T, main, events, study, pack []byte) {
		dir := t.TempDir()
		for _, folder := range []string{studiesFolder, packsFolder} {
			if err := os.Mkdir(filepath.Join(dir, folder), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		for i, data := range [][]byte{main, events, study, pack} {
			if err := os.WriteFile(filepath.Join(dir, files[i]), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		w, err := LoadWorkspace(dir)
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("took %v", took)
		}
		if err == nil {
			if w.Hash("autumn") == "" {
				t.Error("a valid study has no hash")
			}
			return
		}
		var config *ConfigError
		if !errors.As(err, &config) || len(config.Problems) == 0 {
			t.Fatalf("got %v", err)
		}
		if lines := strings.Split(config.Error(), "\n"); len(lines) != len(config.Problems) {
			t.Errorf("%d problems on %d lines", len(config.Problems), len(lines))
		}
		for _, p := range config.Problems {
			if p.File == "" || p.Line < 1 || p.Col < 1 || p.Message == "" {
				t.Errorf("no place or message: %+v", p)
			}
		}
	})
}
