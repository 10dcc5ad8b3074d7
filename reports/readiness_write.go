package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Files of a readiness report.
const (
	ReadinessPage = "readiness.html"
	ReadinessJSON = "readiness.json"
)

var readinessTemplate = template.Must(template.New("readiness").Parse(readinessHTML + iconsHTML))

// chrome is what a page without scripts needs besides its content.
type chrome struct {
	Policy string
	CSS    template.CSS
}

func newChrome() chrome { return chrome{policy(), template.CSS(pageCSS)} }

// ReadinessHTML renders the readiness as one self-contained page without any script.
func ReadinessHTML(r Readiness) ([]byte, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := readinessTemplate.Execute(&b, r.page()); err != nil {
		return nil, fmt.Errorf("render readiness of study %q: %w", r.Study, err)
	}
	return b.Bytes(), nil
}

// WriteReadiness writes readiness.html and readiness.json into dir. The folder appears
// whole or not at all, and takes the place of an earlier one of the same kind; one that
// holds anything else is ErrOccupied. Nothing is written of an invalid one (ErrInvalid).
func WriteReadiness(dir string, r Readiness) error {
	page, err := ReadinessHTML(r)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("encode readiness of study %q: %w", r.Study, err)
	}
	if err := placeFolder(filepath.Clean(dir), []file{{ReadinessPage, page}, {ReadinessJSON, text.Bytes()}}); err != nil {
		return fmt.Errorf("write readiness %s: %w", dir, err)
	}
	return nil
}

// placeFolder writes files into a folder beside dir that then takes its place.
func placeFolder(dir string, files []file) error {
	parent, name := filepath.Split(dir)
	fresh, old := filepath.Join(parent, "."+name+".new"), filepath.Join(parent, "."+name+".old")
	if err := os.MkdirAll(filepath.Clean(parent), 0o755); err != nil {
		return explain(err)
	}
	if err := recoverSwap(dir, old); err != nil {
		return explain(err)
	}
	exists, err := holdsOnly(dir, files)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(fresh); err != nil {
		return explain(err)
	}
	if err := os.Mkdir(fresh, 0o755); err != nil {
		return explain(err)
	}
	for _, f := range files {
		if err := writeSynced(filepath.Join(fresh, f.Name), f.Data); err != nil {
			return explain(errors.Join(err, os.RemoveAll(fresh)))
		}
	}
	if err := syncDir(fresh); err != nil {
		return err
	}
	if exists {
		err = swap(dir, fresh, old)
	} else {
		err = os.Rename(fresh, dir)
	}
	if err != nil {
		return explain(errors.Join(err, os.RemoveAll(fresh)))
	}
	return errors.Join(syncDir(filepath.Clean(parent)), os.RemoveAll(fresh), os.RemoveAll(old))
}

// holdsOnly tells whether a folder is there, and refuses one with other files in it.
func holdsOnly(dir string, files []file) (exists bool, err error) {
	info, err := os.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, explain(err)
	case !info.IsDir():
		return false, fmt.Errorf("%w: it is no folder", ErrOccupied)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return true, explain(err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !slices.ContainsFunc(files, func(f file) bool { return f.Name == e.Name() }) {
			return true, fmt.Errorf("%w: %s in it is not part of a readiness report; move it away", ErrOccupied, e.Name())
		}
	}
	return true, nil
}
