package source

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ghostlight/jobs/warehouse"
)

// TestDeliveries: what can be wrong with how local files were delivered.
func TestDeliveries(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(*world)
		src  func(*Source)
		want string // of the error, "" for none
		is   error
		rows int64
	}{
		{name: "empty", set: func(w *world) { w.write("a.csv", "") }, want: "data/a.csv: the file is empty (0 bytes)"},
		{name: "empty and optional", set: func(w *world) { w.write("a.csv", "") }, src: func(s *Source) { s.Optional = true }},
		{name: "header only", set: func(w *world) { w.write("a.csv", exposureCSV[:strings.Index(exposureCSV, "\n")+1]) }},
		{name: "nothing matches", set: func(*world) {}, want: "data/*.csv*: no file matches this pattern", is: fs.ErrNotExist},
		{name: "outside", set: func(*world) {}, src: func(s *Source) { s.Files = Globs{"data/../../etc/*"} }, want: "no file matches"},
		{name: "bomb", set: func(w *world) {
			w.write("a.csv.gz", string(compressed(w.t.(*testing.T), false, exposureCSV+strings.Repeat("i,h,1757203200000,A,imp\n", 100_000))))
		}, src: func(s *Source) { s.MaxBytes = "1MB" }, want: "data/a.csv.gz: unpacks to more than 1000000 bytes", is: ErrTooLarge},
		{name: "many small files", set: func(w *world) {
			for i := range 100 {
				w.write(fmt.Sprintf("%03d.csv", i), fmt.Sprintf("imp,hh,ts,cr,type\ni%d,h,1757203200000,A,imp\n", i))
			}
		}, rows: 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			c.set(w)
			src := exposures("csv", "*.csv*")
			if c.src != nil {
				c.src(&src)
			}
			got, err := w.load(Config{"log": src})
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) || c.is != nil && !errors.Is(err, c.is) {
				t.Fatalf("got %v", err)
			}
			var rows int64
			for _, l := range got {
				rows += l.Loaded
			}
			if rows != c.rows {
				t.Errorf("%d rows, want %d", rows, c.rows)
			}
		})
	}
}

// TestFoundAndLost: between being found and being loaded a file grows, or goes.
// Neither leaves a row behind.
func TestFoundAndLost(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(path string) error
		is        error
	}{
		"grows": {func(path string) error {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteString("i9,h9,1757203202000,A,imp\n")
			return errors.Join(err, f.Close())
		}, ErrChanged},
		"is deleted": {os.Remove, fs.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.write("a.csv", exposureCSV)
			src := exposures("csv", "a.csv")
			roots, err := OpenRoots(w.dir, []string{"data"})
			if err != nil {
				t.Fatal(err)
			}
			defer roots.Close()
			files, err := roots.Find("log", src)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.meanwhile(filepath.Join(w.dir, "data", "a.csv")); err != nil {
				t.Fatal(err)
			}
			err = w.db.Transact(t.Context(), func(tx *warehouse.Tx) error {
				_, err := Load(t.Context(), tx, Request{Name: "log", Source: src, File: files[0], Roots: roots, Keyer: w.keyer, RunID: "r"})
				return err
			})
			if !errors.Is(err, c.is) {
				t.Errorf("got %v", err)
			}
			if err := w.db.Transact(t.Context(), func(tx *warehouse.Tx) error { return Prepare(t.Context(), tx) }); err != nil {
				t.Fatal(err)
			}
			w.equal("SELECT (SELECT count(*) FROM clean.exposure) + (SELECT count(*) FROM ops.load)", "0")
		})
	}
}

// TestSpool: what a process that died has left goes, nobody else can look in, and
// what stands in the folder's place is left alone.
func TestSpool(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "spool")
	if err := errors.Join(os.MkdirAll(filepath.Join(dir, "deep"), 0o755), os.WriteFile(filepath.Join(dir, "1"), []byte("left"), 0o644)); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSpool(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("left: %v", err)
	}
	other := filepath.Join(t.TempDir(), "other")
	if err := errors.Join(os.Mkdir(other, 0o700), os.WriteFile(filepath.Join(other, "precious"), nil, 0o600), os.Symlink(other, dir)); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSpool(dir); err == nil {
		t.Error("a link is taken for the spool")
	}
	if _, err := os.Stat(filepath.Join(other, "precious")); err != nil {
		t.Error(err)
	}
}

// TestStall: a store that sends nothing for long is given up.
func TestStall(t *testing.T) {
	called := make(chan bool, 1)
	w := watch(discard{}, func() { called <- true })
	w.timer.Reset(10 * time.Millisecond)
	if !<-called {
		t.Error("not given up")
	}
}

// What a terminal would act on is escaped where a message names a file.
func TestControlCharactersInNames(t *testing.T) {
	const name = "data/a\x1b[2Jb\n\u202ec.csv"
	for _, err := range []error{
		&FileError{Source: "log", Path: name, Line: 3, What: "bad", Hint: "mend it"},
		&DetectError{Path: name},
		&IntegrityError{Source: "log", Path: name},
		&ToleranceError{Source: "log", First: name + ": line 3: bad"},
	} {
		if said := err.Error(); !strings.Contains(said, `a\x1b[2Jb\n\u202ec.csv`) || hasControl(said) {
			t.Errorf("%T says %q", err, said)
		}
	}
	if said := (&FileError{Path: "data/a b'ü.csv", What: "bad"}).Error(); said != "data/a b'ü.csv: bad" {
		t.Errorf("an ordinary name: %q", said)
	}
}
