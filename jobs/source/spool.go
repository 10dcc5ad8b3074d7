package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// Spool is the folder in which what came from elsewhere lies while it is loaded,
// readable by its owner alone. It is made when it is first used.
type Spool struct {
	dir  string
	next int
}

// OpenSpool empties the folder of what a process that died has left in it.
func OpenSpool(dir string) (*Spool, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("resolve spool: %w", err)
	}
	if info, err := os.Lstat(abs); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("empty spool: %s is not a folder: %w", dir, fs.ErrExist)
	}
	if err := os.RemoveAll(abs); err != nil {
		return nil, fmt.Errorf("empty spool: %w", err)
	}
	return &Spool{dir: abs}, nil
}

// Dir is the absolute folder, which the warehouse may read.
func (s *Spool) Dir() string { return s.dir }

// Close removes the folder.
func (s *Spool) Close() error {
	if err := os.RemoveAll(s.dir); err != nil {
		return fmt.Errorf("remove spool: %w", err)
	}
	return nil
}

// receive stores what fetch writes and gives f with its place, size and hash.
// Nothing is left of a fetch that failed.
func (s *Spool) receive(ctx context.Context, f File, limit int64, fetch func(io.Writer) (File, error)) (_ File, err error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return File{}, fmt.Errorf("make spool: %w", err)
	}
	s.next++
	name := filepath.Join(s.dir, strconv.Itoa(s.next))
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return File{}, fmt.Errorf("make spool file: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(name))
		}
	}()
	w := &spoolWriter{ctx: ctx, file: file, sum: newContentHash(), limit: limit}
	out, err := fetch(w)
	if closeErr := file.Close(); err == nil && closeErr != nil {
		err = fmt.Errorf("write spool: %w", closeErr)
	}
	switch {
	case w.full:
		return File{}, tooLarge(f, limit)
	case w.err != nil: // of this machine, whatever the transport made of it
		return File{}, fmt.Errorf("write spool: %w", w.err)
	case err != nil:
		return File{}, err
	}
	out.spooled, out.Size = name, w.done
	w.sum.of(&out)
	return out, nil
}

func tooLarge(f File, limit int64) error {
	return &FileError{Source: f.Source, Path: f.Path, What: fmt.Sprintf("larger than %d bytes", limit), Err: ErrTooLarge,
		Hint: "if that is right, raise max_bytes of the source"}
}

// spoolWriter hashes and counts on the way to the disk, and stops at the limit.
type spoolWriter struct {
	ctx   context.Context
	file  *os.File
	sum   *contentHash
	done  int64
	limit int64
	full  bool
	err   error
}

func (w *spoolWriter) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	if w.done+int64(len(p)) > w.limit {
		w.full = true
		return 0, ErrTooLarge
	}
	n, err := w.file.Write(p)
	w.sum.Write(p[:n])
	w.done += int64(n)
	w.err = err
	return n, err
}

// release removes a spooled file. Files that were not spooled are left alone.
func (s *Spool) release(f File) error {
	if f.spooled == "" {
		return nil
	}
	if err := os.Remove(f.spooled); err != nil {
		return fmt.Errorf("remove spool file: %w", err)
	}
	return nil
}
