package reports

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// ErrNotWritable is returned when a report's folder cannot be written to.
var ErrNotWritable = errors.New("folder is not writable")

// ErrOccupied is returned when something other than this run's report stands
// where the report should go.
var ErrOccupied = errors.New("place is taken")

// Write writes the report into dir: report.html, results.json and
// tables/*.csv. Everything is written and synced to a temporary folder beside
// dir and then takes dir's place by rename, so that the report appears whole or
// not at all, also after a power loss. A report of the same run is replaced, or
// left untouched when its bytes are the same. Nothing is written when the
// report is invalid (ErrInvalid, see Validate), when dir is a symbolic link, a
// file, or holds anything but a report of the same run (ErrOccupied), or when
// the folder cannot be written to (ErrNotWritable).
//
// Two processes must not write the same dir at once; callers hold the workspace
// lock.
func Write(dir string, r Report) error {
	files, err := render(r)
	if err != nil {
		return err
	}
	dir = filepath.Clean(dir)
	if err := writeFiles(dir, r.Run.ID, files); err != nil {
		return fmt.Errorf("write report %s: %w", dir, err)
	}
	return nil
}

// render makes every file that Write writes, in the order of their names.
func render(r Report) ([]file, error) {
	r, err := whole(r)
	if err != nil {
		return nil, err
	}
	page, err := r.html()
	if err != nil {
		return nil, err
	}
	results, err := r.json()
	if err != nil {
		return nil, err
	}
	files := []file{{"report.html", page}, {"results.json", results}}
	for _, t := range r.tables() {
		f, err := t.file()
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.Name, b.Name) })
	return files, nil
}

func writeFiles(dir, run string, files []file) error {
	parent, name := filepath.Split(dir)
	if parent == "" {
		parent = "."
	}
	fresh := filepath.Join(parent, "."+name+".new")
	old := filepath.Join(parent, "."+name+".old")
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return explain(err)
	}
	if err := recoverSwap(dir, old); err != nil {
		return explain(err)
	}
	same, exists, err := compare(dir, run, files)
	if err != nil {
		return err
	}
	if same {
		return nil
	}
	if err := os.RemoveAll(fresh); err != nil {
		return explain(err)
	}
	if err := fill(fresh, files); err != nil {
		return explain(errors.Join(err, os.RemoveAll(fresh)))
	}
	if !exists {
		if err := os.Rename(fresh, dir); err != nil {
			return explain(errors.Join(err, os.RemoveAll(fresh)))
		}
		return syncDir(parent)
	}
	if err := swap(dir, fresh, old); err != nil {
		return explain(err)
	}
	if err := syncDir(parent); err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(fresh), os.RemoveAll(old))
}

// compare looks at what stands at dir: nothing, the same bytes, or an earlier
// report of the same run. Everything else is ErrOccupied, so that nobody's
// files are ever removed.
func compare(dir, run string, files []file) (same, exists bool, err error) {
	info, err := os.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, false, nil
	case err != nil:
		return false, false, explain(err)
	case info.Mode()&fs.ModeSymlink != 0:
		return false, false, fmt.Errorf("%w: it is a symbolic link; remove it or choose another output folder", ErrOccupied)
	case !info.IsDir():
		return false, false, fmt.Errorf("%w: it is a file, not a folder", ErrOccupied)
	}
	same = true
	want := map[string][]byte{}
	for _, f := range files {
		want[f.Name] = f.Data
	}
	found := 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return explain(err)
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if d.IsDir() && (name == "." || name == "tables") {
			return nil
		}
		found++
		data, known := want[name]
		if !d.Type().IsRegular() || (!known && (!strings.HasPrefix(name, "tables/") || filepath.Ext(name) != ".csv")) {
			return fmt.Errorf("%w: %s in it is not part of a report; move it away", ErrOccupied, name)
		}
		if same {
			got, err := os.ReadFile(path)
			if err != nil {
				return explain(err)
			}
			same = known && bytes.Equal(got, data)
		}
		return nil
	})
	if err != nil || found == 0 {
		return false, true, err
	}
	if same = same && found == len(files); same {
		return true, true, nil
	}
	there, err := ReadJSON(filepath.Join(dir, "results.json"))
	if err != nil {
		return false, true, fmt.Errorf("%w: the report in it cannot be read (%w); move it away", ErrOccupied, err)
	}
	if there.Run.ID != run {
		return false, true, fmt.Errorf("%w: it holds run %q, not %q", ErrOccupied, there.Run.ID, run)
	}
	return false, true, nil
}

func fill(dir string, files []file) error {
	if err := os.MkdirAll(filepath.Join(dir, "tables"), 0o755); err != nil {
		return err
	}
	for _, f := range files {
		if err := writeSynced(filepath.Join(dir, filepath.FromSlash(f.Name)), f.Data); err != nil {
			return err
		}
	}
	if err := syncDir(filepath.Join(dir, "tables")); err != nil {
		return err
	}
	return syncDir(dir)
}

func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}

// syncDir makes renames in a folder durable. File systems that cannot sync a
// folder say EINVAL or ENOTSUP; that is not an error.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return errors.Join(err, d.Close())
}

// swap puts fresh in dir's place in one step where the system can exchange two
// names, and else by two renames, which recoverSwap can finish.
func swap(dir, fresh, old string) error {
	err := exchange(fresh, dir)
	if !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	if err := os.Rename(dir, old); err != nil {
		return err
	}
	if err := os.Rename(fresh, dir); err != nil {
		return errors.Join(err, os.Rename(old, dir))
	}
	return nil
}

// recoverSwap puts the old report back after a swap by two renames was cut off
// between them, and otherwise removes what an earlier process left.
func recoverSwap(dir, old string) error {
	if _, err := os.Lstat(old); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(old, dir)
	}
	return os.RemoveAll(old)
}

// explain marks errors that come from a folder without write permission.
func explain(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("%w: %w; give this user write permission or choose another output folder", ErrNotWritable, err)
	}
	return err
}
