package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"ghostlight/jobs/warehouse"
)

// ErrUnreachable is wrapped by the error of a store or database that does not
// answer now. The same may succeed later.
var ErrUnreachable = errors.New("cannot be reached")

// transport brings the files of one source from where they are. Local files need
// none: they are read where they lie.
type transport interface {
	// list names the files that are there now, in the order of their paths, and
	// marks those that are known to be loaded.
	list(ctx context.Context) ([]File, error)
	// fetch writes the bytes of a listed file to w. What it returns is the file
	// with what only reading it tells, or a file without a path when there is
	// nothing new.
	fetch(ctx context.Context, f File, w io.Writer) (File, error)
	close() error
}

// Intake finds the files of the sources, wherever they are, and brings those
// that are not local into the spool.
type Intake struct {
	Roots       *Roots
	Spool       *Spool
	Connections Connections
	Secrets     Secrets
	// Stdin is read by the source whose file is -. An error of its Read is passed
	// on, so that a reader can say why there is nothing to read.
	Stdin io.Reader
	// Sample brings only the beginning of a query's answer, to try it out.
	Sample bool

	stdin *File // standard input can be read once, and is kept
	open  map[string]transport
}

// Close ends all connections.
func (in *Intake) Close() error {
	var errs []error
	for _, name := range sortedKeys(in.open) {
		errs = append(errs, in.open[name].close())
	}
	in.open = nil
	return errors.Join(errs...)
}

// Find lists the files of a source in the order of their paths. known is what
// the registry holds of the source, as Known gives it.
//
// Errors are a *FileError, of which what cannot be reached now wraps
// ErrUnreachable, or a *SecretError.
func (in *Intake) Find(ctx context.Context, name string, src Source, known []File) ([]File, error) {
	if src.ReadsStdin() {
		return []File{{Source: name, Path: stdinGlob}}, nil
	}
	if src.Connection == "" {
		return in.Roots.Find(name, src)
	}
	t, err := in.transport(ctx, name, src, known)
	if err != nil {
		return nil, err
	}
	files, err := t.list(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if f.Size > src.limit() {
			return nil, tooLarge(f, src.limit())
		}
	}
	return files, nil
}

// transport opens a source's connection anew: what is known has changed.
func (in *Intake) transport(ctx context.Context, name string, src Source, known []File) (t transport, err error) {
	if old := in.open[name]; old != nil {
		delete(in.open, name)
		if err := old.close(); err != nil {
			return nil, err
		}
	}
	conn, ok := in.Connections[src.Connection]
	if !ok {
		return nil, fmt.Errorf("source %s: there is no connection %s", name, src.Connection)
	}
	secret := func(key string, ref KeyRef) (Secret, error) {
		return in.Secrets.Read("connections."+src.Connection+"."+key, ref)
	}
	if conn.isDatabase() {
		t, err = newQuery(name, src, conn, secret, known, in.Sample)
	} else {
		t, err = openObjects(ctx, name, src, conn, secret, known)
	}
	if err != nil {
		return nil, err
	}
	if in.open == nil {
		in.open = map[string]transport{}
	}
	in.open[name] = t
	return t, nil
}

// Fetch brings a file that Find gave to where it can be loaded from; call Release
// when it is loaded. A query that found nothing new gives a file without a path.
func (in *Intake) Fetch(ctx context.Context, src Source, f File) (File, error) {
	switch {
	case src.ReadsStdin():
		return in.readStdin(ctx, src, f)
	case src.Connection == "":
		return f, nil
	}
	t := in.open[f.Source]
	if t == nil {
		return File{}, fmt.Errorf("source %s: fetched before it was found", f.Source)
	}
	return in.receive(ctx, src, f, func(w io.Writer) (File, error) { return t.fetch(ctx, f, w) })
}

// receive brings a file into the spool and tells how it is laid out.
func (in *Intake) receive(ctx context.Context, src Source, f File, fetch func(io.Writer) (File, error)) (File, error) {
	f, err := in.Spool.receive(ctx, f, src.limit(), fetch)
	if err != nil {
		return File{}, err
	}
	if src.Query != "" {
		f.Form = "csv" // as the answer is written, whatever its first value begins with
		return f, nil
	}
	if f.Form, err = in.Roots.form(f); err != nil {
		return File{}, errors.Join(err, in.Spool.release(f))
	}
	return f, nil
}

// Release removes what Fetch made. Local files stay, and so does standard input,
// which the next study of the same run reads as well.
func (in *Intake) Release(f File) error {
	if in.stdin != nil && f.spooled == in.stdin.spooled {
		return nil
	}
	return in.Spool.release(f)
}

func (in *Intake) readStdin(ctx context.Context, src Source, f File) (File, error) {
	if in.stdin != nil {
		return *in.stdin, nil
	}
	if in.Stdin == nil {
		return File{}, &FileError{Source: f.Source, Path: f.Path, What: "this command does not read standard input", Err: fs.ErrNotExist,
			Hint: "pipe the file into ghostlight run, or name a file"}
	}
	out, err := in.receive(ctx, src, f, func(w io.Writer) (File, error) {
		if _, err := io.CopyBuffer(w, struct{ io.Reader }{in.Stdin}, make([]byte, 1<<18)); err != nil {
			return f, fmt.Errorf("read standard input for source %s: %w", f.Source, err)
		}
		return f, nil
	})
	if err != nil {
		return File{}, err
	}
	if out.Size == 0 && !src.Optional {
		return File{}, errors.Join(&FileError{Source: f.Source, Path: f.Path, What: "standard input is empty (0 bytes)",
			Hint: "optional: true accepts that"}, in.Spool.release(out))
	}
	in.stdin = &out
	return out, nil
}

// Known is what the registry holds of every source, by source and in the order
// of paths: those loads that the source as it is configured now, and the key,
// would make again.
func Known(ctx context.Context, tx *warehouse.Tx, cfg Config, keyer *Keyer) (map[string][]File, error) {
	if err := Prepare(ctx, tx); err != nil {
		return nil, err
	}
	type row struct {
		ID      int64   `db:"file_id"`
		Source  string  `db:"source"`
		Path    string  `db:"path"`
		SHA256  string  `db:"sha256"`
		Bytes   int64   `db:"bytes"`
		Version *string `db:"version"`
		Cursor  *string `db:"cursor_value"`
		Pack    string  `db:"pack"`
		Written *int64  `db:"modified_us"`
	}
	rows, err := warehouse.Read[row](ctx, tx, `SELECT file_id, source, path, sha256, bytes, version, cursor_value, pack, modified_us
		FROM ops.load WHERE version IS NOT NULL ORDER BY source, path, file_id`)
	if err != nil {
		return nil, fmt.Errorf("read registry: %w", err)
	}
	known, layouts := map[string][]File{}, map[string]layout{}
	for _, r := range rows {
		src, ok := cfg[r.Source]
		if !ok {
			continue
		}
		if src.Format == AutoFormat { // what was found to fit
			if src.Format = r.Pack; src.packs[r.Pack] == nil {
				continue
			}
			src = src.with(src.packs)
		}
		l, ok := layouts[r.Source+"\x00"+src.Format]
		if !ok {
			if l, err = layoutOf(r.Source, src, File{}); err != nil {
				return nil, err
			}
			layouts[r.Source+"\x00"+src.Format] = l
		}
		f := File{Source: r.Source, Path: r.Path, Size: r.Bytes, SHA256: r.SHA256, LoadID: r.ID}
		if r.Version != nil {
			f.Version = *r.Version
		}
		if r.Cursor != nil {
			f.Cursor = *r.Cursor
		}
		if r.Written != nil && l.reads(placeFile) { // otherwise no matter
			f.Modified = time.UnixMicro(*r.Written)
		}
		if l.id(r.Source, f, keyer) == r.ID {
			known[r.Source] = append(known[r.Source], f)
		}
	}
	return known, nil
}

// stallAfter is how long a store may send nothing.
const stallAfter = 2 * time.Minute

// watched calls cancel when nothing was written to it for stallAfter.
type watched struct {
	io.Writer
	timer *time.Timer
}

func watch(w io.Writer, cancel func()) *watched {
	return &watched{w, time.AfterFunc(stallAfter, cancel)}
}

func (w *watched) Write(p []byte) (int, error) {
	w.timer.Reset(stallAfter)
	return w.Writer.Write(p)
}

// innermost is the text of the deepest cause, which has the least around it.
func innermost(err error) string {
	for {
		var next error
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			next = e.Unwrap()
		case interface{ Unwrap() []error }:
			next = e.Unwrap()[0]
		}
		if next == nil {
			return err.Error()
		}
		err = next
	}
}

// without takes secrets out of a text that came from a library, which may have
// put an address with its password into it.
func without(text string, secrets ...Secret) string {
	for _, s := range secrets {
		if s != "" {
			text = strings.ReplaceAll(text, string(s), redacted)
		}
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' }); i >= 0 {
		text = text[:i]
	}
	return text
}

func sortFiles(files []File) {
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
}
