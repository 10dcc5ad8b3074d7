package jobs

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

//go:embed scaffold
var scaffold embed.FS

// Init writes a commented workspace into dir, which is made when it is missing:
// configuration, a note on the data, and JSON Schemas for editors. It returns the
// files, relative to dir.
//
// Nothing is overwritten: when one of the files is there the error is a
// *UsageError and nothing is written. After any error nothing that Init wrote is
// left.
func Init(dir string) (_ []string, err error) {
	files, err := scaffoldFiles()
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		_, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(f.path)))
		if err == nil {
			return nil, &UsageError{Problem: f.path + " is there already, and nothing is ever overwritten", Hint: "choose another folder, or move the file away"}
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("look for a workspace: %w", err)
		}
	}
	w := &scaffolding{dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.undo())
		}
	}()
	var names []string
	for _, f := range files {
		if err := w.write(f); err != nil {
			return nil, fmt.Errorf("write workspace: %w", err)
		}
		if !f.isSupport {
			names = append(names, f.path)
		}
	}
	return names, nil
}

// scaffoldFile is one file of a new workspace. A supporting one is not worth
// telling.
type scaffoldFile struct {
	path      string
	data      []byte
	isSupport bool
}

func scaffoldFiles() ([]scaffoldFile, error) {
	var files []scaffoldFile
	for _, name := range []string{workspaceFile, eventsFile, studiesFolder + "/example.yaml", "data/README.md"} {
		data, err := scaffold.ReadFile("scaffold/" + name)
		if err != nil {
			return nil, fmt.Errorf("read scaffold: %w", err)
		}
		files = append(files, scaffoldFile{path: name, data: data})
	}
	for _, name := range SchemaNames() {
		data, err := Schema(name)
		if err != nil {
			return nil, err
		}
		files = append(files, scaffoldFile{stateFolder + "/schema/" + name + ".schema.json", data, true})
	}
	// The folder holds the key: it must not be committed by accident.
	return append(files, scaffoldFile{stateFolder + "/.gitignore", []byte("*\n"), true}), nil
}

// scaffolding remembers what it made, so that it can be taken away.
type scaffolding struct {
	dir  string
	made []string
}

func (s *scaffolding) write(f scaffoldFile) error {
	if err := s.folder(path.Dir(f.path)); err != nil {
		return err
	}
	name := filepath.Join(s.dir, filepath.FromSlash(f.path))
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	s.made = append(s.made, name)
	_, err = file.Write(f.data)
	return errors.Join(err, file.Close())
}

// folder makes a folder and those above it that are missing.
func (s *scaffolding) folder(name string) error {
	full := filepath.Join(s.dir, filepath.FromSlash(name))
	if info, err := os.Stat(full); err == nil && info.IsDir() {
		return nil
	}
	mode := fs.FileMode(0o755)
	if name == stateFolder {
		mode = 0o700
	}
	if name == "." {
		if err := os.MkdirAll(full, mode); err != nil {
			return err
		}
		s.made = append(s.made, full)
		return nil
	}
	if err := s.folder(path.Dir(name)); err != nil {
		return err
	}
	if err := os.Mkdir(full, mode); err != nil {
		return err
	}
	s.made = append(s.made, full)
	return nil
}

// undo removes what was made, the last first. A folder that somebody put
// something into stays.
func (s *scaffolding) undo() error {
	var errs []error
	for _, name := range slices.Backward(s.made) {
		errs = append(errs, os.Remove(name))
	}
	return errors.Join(errs...)
}
