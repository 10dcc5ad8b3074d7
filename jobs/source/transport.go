package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/zeebo/xxh3"
)

// File is one file of a source as it was found.
type File struct {
	Source   string
	Path     string // relative to the workspace, forward slashes
	Size     int64
	Modified time.Time // as the folder or the store says; zero for what is no file
	SHA256   string    // of the bytes as they lie on disk, lower-case hex
	Form     string    // csv, jsonl or parquet, by its first bytes; of what is not local, once it was fetched
	LeftOut  error     // why the file cannot be read now, for one of several; then only Source and Path are known

	// Version of an object, as its store tells it from others of its name; of a
	// piece of a query, the rows that have its highest cursor. "" for local files.
	Version string
	// Cursor is the highest value of the cursor column in a piece of a query.
	Cursor string
	// LoadID is the file_id of the rows when the registry says that they are
	// loaded, so that nothing has to be read; 0 otherwise.
	LoadID int64

	quick   xxh3.Uint128 // of the same bytes
	spooled string       // where the bytes lie when Path is not local
}

// Roots opens files below the declared folders of a workspace and nowhere else:
// no link, no .. and no absolute path leads out of them.
type Roots struct {
	dir   string
	names []string
	roots []*os.Root
}

// OpenRoots opens the declared folders, which are relative to the workspace. A
// folder that does not exist yet is left out: its files are reported missing.
func OpenRoots(dir string, names []string) (*Roots, error) {
	workspace, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open workspace: %w", err)
	}
	defer workspace.Close()
	r := &Roots{dir: dir}
	for _, name := range names {
		root, err := workspace.OpenRoot(filepath.FromSlash(path.Clean(name)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			r.Close()
			return nil, fmt.Errorf("open root %s: %w", name, err)
		}
		r.names = append(r.names, path.Clean(name))
		r.roots = append(r.roots, root)
	}
	return r, nil
}

// Close releases the folders.
func (r *Roots) Close() error {
	var errs []error
	for _, root := range r.roots {
		errs = append(errs, root.Close())
	}
	return errors.Join(errs...)
}

// Dirs are the absolute folders that the warehouse may read.
func (r *Roots) Dirs() ([]string, error) {
	var dirs []string
	for _, name := range r.names {
		dir, err := filepath.Abs(filepath.Join(r.dir, filepath.FromSlash(name)))
		if err != nil {
			return nil, fmt.Errorf("resolve root %s: %w", name, err)
		}
		dirs = append(dirs, dir)
	}
	return dirs, nil
}

// locate splits a path or pattern into the root it lies below and the rest.
func (r *Roots) locate(p string) (*os.Root, string, bool) {
	p = path.Clean(p)
	for i, name := range r.names {
		if name == "." {
			return r.roots[i], p, true
		}
		if rest, ok := strings.CutPrefix(p, name+"/"); ok {
			return r.roots[i], rest, true
		}
	}
	return nil, "", false
}

// Find lists the files of a source in the order of their paths, each read once
// for its hash. It fails with a *FileError when a pattern that is not optional
// matches nothing, for whatever is not a regular, readable, non-empty file, and
// when a file of the manifest is missing. Of several files that a pattern matches,
// those that are still being written, that are gone by now or that are no files do
// not hold up the others: they are left out.
func (r *Roots) Find(name string, src Source) ([]File, error) {
	var files []File
	var paths []string
	wild := false
	for _, glob := range src.Files {
		matches, err := r.glob(name, glob)
		if err != nil {
			return nil, err
		}
		if len(matches) == 0 && !src.Optional {
			return nil, &FileError{Source: name, Path: glob, What: "no file matches this pattern", Err: fs.ErrNotExist,
				Hint: "put the file there, correct files of the source, or write optional: true"}
		}
		paths = append(paths, matches...)
		wild = wild || strings.ContainsAny(glob, patternMarks)
	}
	slices.Sort(paths)
	for _, p := range slices.Compact(paths) {
		f, err := r.stat(name, p, src.limit())
		if errors.Is(err, fs.ErrNotExist) && src.Optional {
			continue
		}
		if wild && mayLeaveOut(err) {
			files = append(files, File{Source: name, Path: p, LeftOut: err})
			continue
		}
		if err != nil {
			return nil, err
		}
		if f.Size == 0 && !src.Optional {
			return nil, &FileError{Source: name, Path: p, What: "the file is empty (0 bytes)",
				Hint: "deliver it again; optional: true accepts an empty file"}
		}
		files = append(files, f)
	}
	if err := someLeft(files); err != nil {
		return nil, err
	}
	return files, r.delivered(name, src, files)
}

// patternMarks make a path a pattern.
const patternMarks = `*?[\`

// glob expands one pattern. A pattern without * ? [ is itself the match, so that
// opening it says precisely what is wrong with it.
func (r *Roots) glob(name, glob string) ([]string, error) {
	root, rest, ok := r.locate(glob)
	if !ok {
		return nil, nil
	}
	matches := []string{rest}
	if strings.ContainsAny(rest, patternMarks) {
		var err error
		if matches, err = fs.Glob(root.FS(), rest); err != nil {
			return nil, &FileError{Source: name, Path: glob, What: "the file pattern is malformed", Err: err}
		}
	} else if _, err := root.Lstat(filepath.FromSlash(rest)); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	prefix := strings.TrimSuffix(path.Clean(glob), rest)
	for i, m := range matches {
		matches[i] = prefix + m
	}
	return matches, nil
}

// openFound opens the bytes of a file that was found: in the spool, or below a
// root.
func (r *Roots) openFound(f File) (*os.File, fs.FileInfo, error) {
	if f.spooled == "" {
		return r.open(f.Source, f.Path)
	}
	file, err := os.Open(f.spooled)
	if err != nil {
		return nil, nil, openError(f.Source, f.Path, err)
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, nil, openError(f.Source, f.Path, err)
	}
	return file, info, nil
}

// place is the absolute path of a found file's bytes, for the warehouse.
func (r *Roots) place(f File) (string, error) {
	if f.spooled != "" {
		return f.spooled, nil
	}
	abs, err := filepath.Abs(filepath.Join(r.dir, filepath.FromSlash(f.Path)))
	if err != nil {
		return "", fmt.Errorf("resolve path: %w", err)
	}
	return abs, nil
}

// open opens a regular file below a root. It does not wait on a FIFO.
func (r *Roots) open(name, p string) (*os.File, fs.FileInfo, error) {
	root, rest, ok := r.locate(p)
	if !ok {
		return nil, nil, &FileError{Source: name, Path: p, What: "the file lies below none of the roots", Err: ErrOutside}
	}
	f, err := root.OpenFile(filepath.FromSlash(rest), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, openError(name, p, err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		what := "not a regular file"
		if info.IsDir() {
			what = "a folder, not a file"
		}
		err = &FileError{Source: name, Path: p, What: what, Err: errIrregular, Hint: "devices, pipes and folders are not read: narrow the pattern"}
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

func openError(name, p string, err error) error {
	e := &FileError{Source: name, Path: p, What: "cannot be opened", Err: err}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.What, e.Hint = "no such file", "it may have been moved while the run began"
	case errors.Is(err, fs.ErrPermission):
		e.What, e.Hint = "permission denied", "let this user read the file"
	case strings.Contains(err.Error(), "escapes"):
		e.What, e.Err = "the path leads outside the declared roots", fmt.Errorf("%w: %w", ErrOutside, err)
		e.Hint = "links must stay below their root: copy the file, or add its folder to roots"
	default:
		e.What += ": " + reason(err)
	}
	return e
}

// reason is the innermost text of a path error, without the path.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// Look opens one file, to tell what it is. Unlike those of Find it is not hashed.
func (r *Roots) Look(p string) (File, error) {
	f, info, err := r.open("", p)
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	found := File{Path: p, Size: info.Size(), Modified: info.ModTime()}
	found.Form, err = r.form(found)
	return found, err
}

// stat measures and hashes one file of at most limit bytes.
func (r *Roots) stat(name, p string, limit int64) (File, error) {
	f, info, err := r.open(name, p)
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	if info.Size() > limit {
		return File{}, tooLarge(File{Source: name, Path: p}, limit)
	}
	sum := newContentHash()
	n, err := io.CopyBuffer(struct{ io.Writer }{sum}, struct{ io.Reader }{f}, make([]byte, 1<<20))
	if err != nil {
		return File{}, &FileError{Source: name, Path: p, What: "cannot be read: " + reason(err), Err: err}
	}
	if after, err := f.Stat(); err != nil || n != info.Size() || after.Size() != n || !after.ModTime().Equal(info.ModTime()) {
		return File{}, &FileError{Source: name, Path: p, What: ErrChanged.Error(), Err: ErrChanged,
			Hint: "deliver files under another name and rename them when they are complete"}
	}
	found := File{Source: name, Path: p, Size: n, Modified: info.ModTime()}
	sum.of(&found)
	found.Form, err = r.form(found)
	return found, err
}
